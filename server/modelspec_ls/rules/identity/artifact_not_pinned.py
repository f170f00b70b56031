"""Artifact addresses should be fixed to one version.

## What it checks

Hub repositories without revision, or with a branch for one; OCI references without digest whose tag is
`latest` or missing; object paths with a part `latest`. In production also object paths with nothing in
them that looks like a version. Weights and tokenizer in one repository are reported once.

## Why it matters

A moving reference loads other weights after the next restart, and a rollback brings nothing back.

## Bad

```yaml
spec:
  identity:
    model:
      id: meta-llama-3-8b-instruct
      family: llama3
      task: chat-completion
      framework: transformers
      precision: bf16
      artifacts:
        modelUri: hf://meta-llama/Meta-Llama-3-8B-Instruct
#                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ information[artifact-not-pinned]: follows the moving `main`
```

## Good

```yaml
spec:
  identity:
    model:
      id: meta-llama-3-8b-instruct
      family: llama3
      task: chat-completion
      framework: transformers
      artifacts:
        modelUri: s3://acme-models/meta-llama-3-8b-instruct/weights-v3/
        tokenizerUri: hf://meta-llama/Meta-Llama-3-8B-Instruct@0123456789abcdef0123456789abcdef01234567
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.core.words import shorten
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.identity.invalid_artifact_uri import SCHEME
from modelspec_ls.rules.meta import BOTH, MODELS, Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.openmodel import HUB, MODEL_ID
from modelspec_ls.spec.view import MODEL

META = Rule(
    "MS209",
    "artifact-not-pinned",
    "identity",
    Severity.INFORMATION,
    "Artifact addresses should be fixed to one version",
    kinds=BOTH,
)

_HUB = re.compile(r"(?:models/)?([\w.-]+/[\w.-]+)(?:[@:]([^/\s]+))?(?:/[^\s]*)?")
_BARE = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(?:@[\w.-]+)?")
_BRANCHES = frozenset({"main", "master", "head", "latest"})
_STORES = frozenset({"s3", "gs", "gcs", "az", "abfs", "abfss", "as", "oss"})
_VERSION = re.compile(
    r"^\d+(?:\.\d+)*$|(?:^|[-_.@=])(?:v\d+|rev\w*|version\w*|(?:step|epoch|checkpoint|ckpt|build|run)[-_]?\d+|"
    r"\d{4}-?\d{2}(?:-?\d{2})?|(?=[0-9a-f]*\d)[0-9a-f]{7,64})(?=[-_.@]|$)",
    re.IGNORECASE,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield one finding per distinct moving reference."""
    if ctx.kind in MODELS:
        yield from _of_hub(ctx)
        return
    seen: set[str] = set()
    for key in ("modelUri", "tokenizerUri"):
        path = (*MODEL, "artifacts", key)
        uri = stated(ctx, *path)
        place, moving = _moving(uri, production=ctx.view.production) if uri else ("", None)
        if uri is None or moving is None or place in seen:
            continue
        seen.add(place)
        yield Finding(f"`{shorten(uri, 80)}` {moving}, so that a re-deploy loads the same files.", ctx.at(path))


def _of_hub(ctx: DocumentContext) -> Iterator[Finding]:
    """The revision of an OpenModel's repository. A hint: most clusters follow the branch on purpose."""
    model, revision = stated(ctx, *MODEL_ID), ctx.view.text(*HUB, "revision")
    if model is None or revision.state == "invalid" or (revision.value or "main").lower() not in _BRANCHES:
        return
    said = f"`revision: {revision.value}` is" if revision.value else "Without `revision` it is the branch `main`,"
    message = f"{said} a branch, which moves; state a commit, so that every node loads the same files."
    if not revision.value:
        message = f"{said} which moves; state a commit, so that every node loads the same files."
    yield Finding(message, ctx.at(revision.path if revision.value else MODEL_ID), Severity.HINT)


def _moving(uri: str, *, production: bool) -> tuple[str, str | None]:
    """The repository or place, and what makes it move; None where it is fixed or nothing is known."""
    match = SCHEME.fullmatch(uri)
    if match is None:
        return _hub(uri) if _BARE.fullmatch(uri) else (uri, None)
    scheme, rest = match[1].lower(), match[3]
    if scheme == "hf":
        return _hub(rest)
    if scheme.partition("+")[0] == "oci":
        return _image(rest)
    if scheme in _STORES:
        return rest.rstrip("/"), _path(rest, production=production)
    return rest, None


def _hub(rest: str) -> tuple[str, str | None]:
    match = _HUB.fullmatch(rest)
    if match is None:
        return rest, None
    revision = match[2] or "main"
    moving = f"follows the moving `{revision}`; pin a commit (`@<commit>`)" if revision.lower() in _BRANCHES else None
    return match[1].lower(), moving


def _image(rest: str) -> tuple[str, str | None]:
    name, _, digest = rest.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2] or "latest"
    if digest or tag.lower() not in _BRANCHES:
        return rest, None
    return rest, f"follows the moving tag `{tag}`; pin a digest (`@sha256:…`)"


def _path(rest: str, *, production: bool) -> str | None:
    parts = [part for part in rest.partition("/")[2].split("/") if part]
    moving = next((part for part in parts if part.lower() in {"latest", "current"}), None)
    if moving:
        return f"goes by `{moving}`, which is replaced in place; name a version"
    if production and parts and not any(_VERSION.search(part) for part in parts):
        return "has no part that looks like a version, and the spec says production; add one, such as `v1`"
    return None
