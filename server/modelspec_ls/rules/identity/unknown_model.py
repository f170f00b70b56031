"""The model should be one that the catalogue knows.

## What it checks

That `modelUri` or `id` leads to a model of the catalogue, or that the hint `modelspec/parameter-count`
says how large the model is. A size in the name, as in `acme-13b`, counts for the weights only.

## Why it matters

Memory, context and latency all follow from the model's shape. Without it none of them is checked, and
silence would look like approval.

## Bad

```yaml
spec:
  identity:
    model:
      id: example-llm
#         ^^^^^^^^^^^ information[unknown-model]: is not in the model catalogue
      family: example
      task: chat-completion
      framework: transformers
```

```yaml
spec:
  identity:
    model:
      id: acme-13b
#         ^^^^^^^^ information[unknown-model]: its name says 13B parameters
      family: acme
      task: chat-completion
      framework: transformers
```

## Good

```yaml
metadata:
  name: example
  annotations:
    modelspec/parameter-count: "13B"
spec:
  identity:
    model:
      id: acme-13b
      family: acme
      task: chat-completion
      framework: transformers
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, InsertPairs, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import shorten
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import BOTH, MODELS, Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.rules.wording import broken
from modelspec_ls.spec.hints import PREFIX
from modelspec_ls.spec.openmodel import MODEL_ID
from modelspec_ls.spec.view import ANNOTATIONS, MODEL
from modelspec_ls.syntax.nodes import Mapping, Missing, deref

META = Rule(
    "MS201",
    "unknown-model",
    "identity",
    Severity.INFORMATION,
    "The model should be one that the catalogue knows",
    fixable=True,
    kinds=BOTH,
)

_HINT = f"{PREFIX}parameter-count"


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the id."""
    path, address = _places(ctx)
    name = stated(ctx, *path)
    deployment = ctx.deployment
    if name is None or deployment.model is not None or deployment.hints.parameters is not None:
        return
    if deployment.inherited is not None:
        return
    found = deployment.resolution
    size = found[0].size_from_name if found else None
    shown = f"`{shorten(name)}` is not in the model catalogue"
    if look := broken(ctx, "Model", name):
        text = f"{shown}, so memory fit and context limits are not checked. {look}"
    elif size:
        text = (
            f"{shown}; its name says {_count(size)} parameters, enough to estimate the weights, but not KV cache and "
            f"context. State `{_HINT}` and `{PREFIX}architecture`, add a row below `.modelspec/models/`, or point "
            f"{address} at a known repository."
        )
    else:
        text = (
            f"{shown}, so memory fit and context limits are not checked. State `{_HINT}` (and "
            f"`{PREFIX}architecture` for the KV cache), add a row below `.modelspec/models/`, or point "
            f"{address} at a known repository."
        )
    yield Finding(text, ctx.at(path), fixes=tuple(_fixes(ctx, size)))


def _places(ctx: DocumentContext) -> tuple[DocPath, str]:
    """Where the model is named, and what else may point at a known one."""
    if ctx.kind not in MODELS:
        return (*MODEL, "id"), "`artifacts.modelUri`"
    origin = ctx.open_model.origin
    return origin.path if origin else MODEL_ID, f"`{PREFIX}base-model`"


def _fixes(ctx: DocumentContext, size: int | None) -> Iterator[Fix]:
    own, path = ctx.deployment.id_resolution, _places(ctx)[0]
    for known in own.suggestion if own else ():
        yield Fix(f"Write `{known}`", (SetValue(ctx.at(path), known),))
    if size is None:
        return
    value = _count(size)
    title = f"State `{_HINT}: {value}`"
    annotations = ctx.find(ANNOTATIONS)
    if annotations is None:
        yield Fix(title, (InsertPairs(ctx.at(("metadata",)), (("annotations", f"\n  {_HINT}: {value}"),)),))
    elif isinstance(deref(annotations.node), (Mapping, Missing)) and ctx.find((*ANNOTATIONS, _HINT)) is None:
        yield Fix(title, (InsertPairs(ctx.at(ANNOTATIONS), ((_HINT, value),)),))


def _count(parameters: int) -> str:
    """``13B``, ``1.5B`` or ``135M``, as the hint is written."""
    scale, unit = (10**9, "B") if parameters >= 10**9 else (10**6, "M")
    return f"{parameters / scale:.2f}".rstrip("0").rstrip(".") + unit
