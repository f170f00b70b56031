"""The address of a model must be one that llmaz accepts.

## What it checks

The form of `source.uri`, as llmaz does when the object is created: exactly one `://`; one of the protocols `oss`, `s3`,
`gcs`, `host`, `ollama` and `oci`, which only the newest releases know; for `oss` a
bucket with its endpoint and a path, for `s3` and `gcs` a bucket and a path.

## Why it matters

llmaz refuses the object. Other tools spell some protocols differently: `gs` is `gcs` here, and there is no `hf`.

## Bad

```yaml
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3-8b
spec:
  familyName: qwen3
  source:
    uri: gs://models/qwen3-8b
#        ^^^^^^^^^^^^^^^^^^^^ error[invalid-source-uri]: does not know the protocol `gs`
```

## Good

```yaml
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3-8b
spec:
  familyName: qwen3
  source:
    uri: gcs://models/qwen3-8b
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from json import dumps
from typing import NamedTuple

from modelspec_ls.core.finding import Applicability, Finding, Fix, RenameKey, SetValue, Severity
from modelspec_ls.core.words import code_list, near, shorten
from modelspec_ls.knowledge import llmaz
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import MODELS, Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.openmodel import HUB, URI
from modelspec_ls.syntax.edit import yaml_text
from modelspec_ls.syntax.nodes import Scalar, deref
from modelspec_ls.syntax.scalars import resolve

META = Rule(
    "OM103",
    "invalid-source-uri",
    "openmodel",
    Severity.ERROR,
    "The address of a model must be one that llmaz accepts",
    fixable=True,
    kinds=MODELS,
)
_HUBS = {"hf": "", "huggingface": "", "modelscope": "ModelScope", "ms": "ModelScope"}
_REPOSITORY = re.compile(r"(?:models/)?([\w.-]+/[\w.-]+?)(?:[@:]([^/\s]+))?(?:/(?!tree/|blob/)([^\s?#]+))?/?")
_PAGE = re.compile(r"(?:www\.)?(?:huggingface\.co|hf\.co)/([\w.-]+/[\w.-]+?)/?(?:tree/([^/?#]+)/?)?(?:[?#].*)?")


class _Fault(NamedTuple):
    reason: str
    better: str | None = None
    hub: Mapping[str, str] | None = None
    """The fields of ``modelHub`` that mean the same."""


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the address."""
    found = ctx.find(URI)
    node = deref(found.node) if found else None
    if not isinstance(node, Scalar) or not isinstance(resolve(node), str):
        return
    if node.value.strip() and stated(ctx, *URI) is None:
        return  # Still to be filled in.
    fault = fault_of(node.value)
    if fault is None:
        return
    fixes: list[Fix] = []
    if fault.better:
        fixes.append(Fix(f"Write `{fault.better}`", (SetValue(ctx.at(URI), fault.better),), Applicability.SAFE))
    if fault.hub and ctx.find(HUB) is None:
        operations = (
            RenameKey(ctx.at(URI, "pair"), "modelHub"),
            SetValue(ctx.at(URI), _flow(fault.hub, json=ctx.tree.json)),
        )
        fixes.append(Fix("Write it as `modelHub`", operations, Applicability.SAFE))
    stop = "" if fault.reason.endswith("?") else "."
    yield Finding(f"llmaz refuses `{shorten(node.value, 80)}`: {fault.reason}{stop}", ctx.at(URI), fixes=tuple(fixes))


def fault_of(uri: str) -> _Fault | None:
    """What llmaz would say against an address; None where it accepts it."""
    parts = uri.split("://")
    forms = llmaz.forms()
    if len(parts) != 2:
        return _Fault(f"an address has one `://`. Write one of {code_list(forms.values(), 'or')}")
    protocol, address = parts[0].lower(), parts[1]
    if protocol not in forms:
        return _unknown(protocol, parts[0], address)
    form = forms[protocol]
    if protocol == "oss":
        _, dot, rest = address.partition(".")
        if not dot or "/" not in rest:
            return _Fault(f"the bucket with its endpoint, or the path, is missing. Write `{form}`")
    elif protocol in {"s3", "gcs"} and "/" not in address:
        return _Fault(f"the path in the bucket is missing. Write `{form}`")
    return None


def _unknown(protocol: str, written: str, address: str) -> _Fault:
    reason = f"it does not know the protocol `{shorten(written, 30)}`"
    if protocol in _HUBS and (match := _REPOSITORY.fullmatch(address)):
        return _Fault(
            f"{reason}. Models of a hub stand under `modelHub`", hub=_hub(_HUBS[protocol], match[1], match[2], match[3])
        )
    if protocol in {"http", "https"} and (match := _PAGE.fullmatch(address)):
        return _Fault(
            "this is a web page. Models of a hub stand under `modelHub`", hub=_hub("", match[1], match[2], None)
        )
    meant = llmaz.protocol_meant(protocol)
    if meant:
        better = f"{meant}://{address}"
        return _Fault(f"{reason}. Write `{llmaz.forms()[meant]}`", better if fault_of(better) is None else None)
    guess = near(protocol, llmaz.forms()) if len(protocol) > 2 else None
    if guess:
        better = f"{guess}://{address}"
        return _Fault(f"{reason}. Did you mean `{guess}`?", better if fault_of(better) is None else None)
    return _Fault(f"{reason}. It takes {code_list(llmaz.forms(), 'and')}")


def _hub(name: str, model: str, revision: str | None, file: str | None) -> Mapping[str, str]:
    file = file if file and not name and file.lower().endswith(".gguf") else None
    stated = (("name", name), ("modelID", model), ("filename", file), ("revision", revision))
    return {key: value for key, value in stated if value}


def _flow(fields: Mapping[str, str], *, json: bool) -> str:
    """A mapping in one line."""
    if json:
        return dumps(dict(fields))
    return "{" + ", ".join(f"{key}: {yaml_text(value)}" for key, value in fields.items()) + "}"
