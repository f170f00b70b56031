"""Artifact addresses must be complete and of a known kind.

## What it checks

`modelUri` and `tokenizerUri`: scheme, the parts that the scheme needs, spaces and wildcards, downloads
without encryption, credentials. A repository without scheme is understood, with a hint to add `hf://`.

## Why it matters

The schema takes any text. A wrong address is found when the first replica tries to load the model.

## Bad

```yaml
spec:
  identity:
    model:
      id: llama-3.1-8b-instruct
      family: llama-3.1
      task: chat-completion
      framework: transformers
      artifacts:
        modelUri: huggingface://meta-llama/Llama-3.1-8B-Instruct
#                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[invalid-artifact-uri]: usually written `hf://`
        tokenizerUri: hf://llama
#                     ^^^^^^^^^^ warning[invalid-artifact-uri]: Expected `hf://[models/]namespace/name
```

## Good

```yaml
spec:
  identity:
    model:
      id: llama-3.1-8b-instruct
      family: llama-3.1
      task: chat-completion
      framework: transformers
      artifacts:
        modelUri: hf://meta-llama/Llama-3.1-8B-Instruct@0123456789abcdef0123456789abcdef01234567
        tokenizerUri: s3://acme-models/llama-3.1-8b-instruct/v3/
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from modelspec_ls.core.finding import Applicability, Finding, Fix, SetValue, Severity
from modelspec_ls.core.words import LONGEST_NAME, near, shorten
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.resources import load_package_json
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.pinning import SCHEME
from modelspec_ls.spec.view import MODEL

META = Rule(
    "MS207",
    "invalid-artifact-uri",
    "identity",
    Severity.WARNING,
    "Artifact addresses must be complete and of a known kind",
    fixable=True,
    about=("spec.identity.model.artifacts",),
)

REPOSITORY = re.compile(r"(?:models/)?[\w.-]+/[\w.-]+(?:[@:][^/\s]+)?(?:/[^\s]*)?")
_BARE = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(?:@[\w./-]+)?")
_PAGE = re.compile(
    r"(?:www\.)?(?:huggingface\.co|hf\.co)/([\w.-]+/[\w.-]+?)/?(?:(?:tree|blob)/([^/?#]+))?/?(?:[?#].*)?"
)
_CREDENTIALS = re.compile(r"[^/@:\s]*:[^/\s]+@")
_FILE = re.compile(r"\.(?:gguf|safetensors|bin|json|onnx|plan|engine|pt|model)$", re.IGNORECASE)
# What has to stand behind the scheme first.
_FIRST_PART = {"s3": "bucket", "gs": "bucket", "az": "container", "oss": "bucket", "pvc": "claim", "oci": "repository"}
_ONE_SLASH = frozenset({"models", "file", "dbfs", "runs"})


class _Fault(NamedTuple):
    reason: str
    better: str | None = None
    severity: Severity = Severity.WARNING


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding per address, on the value."""
    for key in ("modelUri", "tokenizerUri"):
        path = (*MODEL, "artifacts", key)
        uri = stated(ctx, *path)
        fault = _fault(uri) if uri else None
        if uri is None or fault is None:
            continue
        fix = (SetValue(ctx.at(path), fault.better),) if fault.better else ()
        fixes = (Fix(f"Write `{_CREDENTIALS.sub('…@', fault.better or '')}`", fix, Applicability.SAFE),) if fix else ()
        shown = shorten(_CREDENTIALS.sub("…@", uri[:LONGEST_NAME]), 80)
        stop = "" if fault.reason.endswith("?") else "."
        yield Finding(f"`{shown}`: {fault.reason}{stop}{_expected(uri)}", ctx.at(path), fault.severity, fixes=fixes)


def _fault(uri: str) -> _Fault | None:
    if re.search(r"\s", uri):
        return _Fault("it contains a space", uri.strip() if not re.search(r"\s", uri.strip()) else None)
    if "*" in uri:
        return _Fault("it contains a wildcard, but must name one place")
    match = SCHEME.fullmatch(uri)
    if match is None:
        return _without_scheme(uri)
    scheme, slashes, rest = match[1].lower(), match[2], match[3]
    known = _known(scheme)
    if known is None:
        return _unknown(scheme, slashes, rest)
    if len(slashes) < 2 and scheme not in _ONE_SLASH:
        return _Fault(f"`{scheme}:` needs two slashes", f"{scheme}://{rest}" if rest else None)
    if scheme != "hf" and _CREDENTIALS.match(rest):
        return _Fault("it contains credentials that everybody with the spec can read; take them from a secret")
    return _incomplete(scheme, rest)


def _incomplete(scheme: str, rest: str) -> _Fault | None:
    if scheme in {"http", "https"}:
        page = _PAGE.fullmatch(rest)
        if page and not page[1].startswith(("datasets/", "spaces/", "docs/", "api/")):
            return _Fault("this is a web page about the model", f"hf://{page[1]}{f'@{page[2]}' if page[2] else ''}")
        if scheme == "http":
            return _Fault("the download is not encrypted, so weights can be exchanged on the way; use `https://`")
    if scheme == "hf" and not REPOSITORY.fullmatch(rest):
        return _Fault("it lacks the namespace or the name of the repository")
    part = _FIRST_PART.get("gs" if scheme == "gcs" else scheme)
    if part and not rest.partition("/")[0]:
        return _Fault(f"it lacks the {part}")
    return None


def _without_scheme(uri: str) -> _Fault | None:
    if uri.startswith("/") or re.match(r"[A-Za-z]:\\", uri):
        return None
    if _BARE.fullmatch(uri) and not _FILE.search(uri):
        return _Fault(
            "a repository without scheme is read as one on the Hugging Face Hub", f"hf://{uri}", Severity.HINT
        )
    if uri.startswith(("./", "../", "~")):
        return _Fault("a relative path depends on where the engine starts; write `file:///` and the whole path")
    if "/" not in uri and not _FILE.search(uri):
        return _Fault("it is neither a repository (`hf://namespace/name`) nor a path nor a storage address")
    return None


def _unknown(scheme: str, slashes: str, rest: str) -> _Fault | None:
    if len(slashes) < 2 or scheme in _table()["others"]:
        return None
    usual = _table()["aliases"].get(scheme)
    if usual:
        return _Fault(f"`{scheme}://` is usually written `{usual}://`", f"{usual}://{rest}")
    words = vocabulary("uriScheme")
    guess = near(scheme, (t.value for t in words.terms)) if words and len(scheme) > 3 else None
    if guess:
        return _Fault(f"`{scheme}://` is not a known scheme; did you mean `{guess}://`?", f"{guess}://{rest}")
    return _Fault(f"`{scheme}://` is not a known scheme", severity=Severity.INFORMATION)


def _expected(uri: str) -> str:
    """The form of the scheme, where that helps."""
    match = SCHEME.fullmatch(uri)
    scheme = match[1].lower() if match else ""
    form = _known(_table()["aliases"].get(scheme, scheme))
    return f" Expected `{form}`." if form and scheme not in {"http", "https"} else ""


def _known(scheme: str) -> str | None:
    """The form that addresses of a known scheme have."""
    words = vocabulary("uriScheme")
    term = words.find(scheme) if words else None
    return str(term.facts["form"]) if term else None


def _table() -> Any:
    return load_package_json("knowledge/data/support.json")["schemes"]
