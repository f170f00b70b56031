"""The precision must be that of the weights.

## What it checks

`precision` against the width that the name of the artifact or the id states (`-awq`, `-int4`, `-fp8`,
`.Q4_K_M.gguf` …). A precision wider than the checkpoint's own is information. Names of 16-bit weights
say nothing: engines can quantise while loading.

## Why it matters

The estimate of memory would be wrong by a factor of two to four, and so would everybody's who reads it.

## Bad

```yaml
spec:
  identity:
    model:
      id: llama-3-70b-instruct
      family: llama3
      task: chat-completion
      framework: transformers
      precision: fp16
#                ^^^^ warning[quantization-mismatch]: names 4-bit weights (awq-int4)
      artifacts:
        modelUri: hf://casperhansen/llama-3-70b-instruct-awq@v1
  runtime:
    accelerator:
      vendor: nvidia
      type: h100
      count: 4
```

## Good

```yaml
spec:
  identity:
    model:
      id: llama-3-70b-instruct
      family: llama3
      task: chat-completion
      framework: transformers
      precision: awq-int4
      artifacts:
        modelUri: hf://casperhansen/llama-3-70b-instruct-awq@v1
  runtime:
    accelerator:
      vendor: nvidia
      type: h100
      count: 4
```
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from modelspec_ls.core.finding import Applicability, Finding, Fix, Related, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import shorten
from modelspec_ls.fit.estimate import evaluate
from modelspec_ls.knowledge import precisions
from modelspec_ls.knowledge.engines import weight_format
from modelspec_ls.knowledge.match import Resolution
from modelspec_ls.knowledge.precisions import Precision
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.precision.precision_assumed import stored
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.view import MODEL

META = Rule(
    "MS405",
    "quantization-mismatch",
    "precision",
    Severity.WARNING,
    "The precision must be that of the weights",
    fixable=True,
    about=("spec.identity.model.precision",),
)

_PATH = (*MODEL, "precision")
_FULL = 16
# transformers widens GGUF files to full precision while loading.
_WIDENS_GGUF = frozenset({"transformers", "pytorch"})


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the precision."""
    precision = ctx.deployment.precision
    if precision is None or precision.bits is None or stated(ctx, *_PATH) is None:
        return
    for path, found in _named(ctx):
        if found.bits is None:
            continue
        if found.bits < _FULL and found.bits != precision.bits and not _widened(ctx, found):
            yield _differs(ctx, path, found, found.bits, precision)
        return
    yield from _wider(ctx, precision)


def _named(ctx: DocumentContext) -> Iterator[tuple[DocPath, Resolution]]:
    """The statements whose names may tell the packing, the more particular first."""
    deployment = ctx.deployment
    uri, name = (*MODEL, "artifacts", "modelUri"), (*MODEL, "id")
    for path, found in ((uri, deployment.uri_resolution), (name, deployment.id_resolution)):
        if found is not None and stated(ctx, *path):
            yield path, found


def _widened(ctx: DocumentContext, found: Resolution) -> bool:
    return found.format == "gguf" and ctx.deployment.engine_name in _WIDENS_GGUF


def _differs(ctx: DocumentContext, path: DocPath, found: Resolution, bits: float, precision: Precision) -> Finding:
    name = stated(ctx, *path) or ""
    kind = f" ({found.precision or found.format})" if found.precision or found.format else ""
    fix = (SetValue(ctx.at(_PATH), found.precision),) if found.precision else ()
    return Finding(
        f"`{shorten(name)}` names {bits:g}-bit weights{kind}, but `precision: {stated(ctx, *_PATH)}` means "
        f"{precision.bits}-bit{_sizes(ctx, found.precision, precision.name)}. State the precision of the weights.",
        ctx.at(_PATH),
        related=(Related(ctx.at(path), f"{bits:g}-bit weights"),),
        fixes=(Fix(f"Write `{found.precision}`", fix, Applicability.SAFE),) if fix else (),
    )


def _wider(ctx: DocumentContext, precision: Precision) -> Iterator[Finding]:
    """Loading in more bits than are stored is possible, but seldom meant."""
    found = ctx.deployment.resolution
    if found is None or found[0].model is None or found[0].grade not in {"exact", "alias"}:
        return
    native = precisions.find(stored(found[0].model) or "")
    if native is None or native.bits is None or precision.bits is None or precision.bits <= native.bits:
        return
    fix = Fix(f"Write `{native.name}`", (SetValue(ctx.at(_PATH), native.name),))
    yield Finding(
        f"{found[0].model.id} is stored in {native.name}; {precision.name} makes the weights "
        f"{precision.bits / native.bits:g} times as large{_sizes(ctx, native.name, precision.name)} and adds nothing.",
        ctx.at(_PATH),
        Severity.INFORMATION,
        fixes=(fix,),
    )


def _sizes(ctx: DocumentContext, real: str | None, said: str) -> str:
    """The weights either way, where both can be worked out."""
    sizes = [_gib(ctx, name) for name in (real, said)]
    return f" ({sizes[0]:.1f} against {sizes[1]:.1f} GiB of weights)" if sizes[0] and sizes[1] else ""


def _gib(ctx: DocumentContext, precision: str | None) -> float | None:
    given, form = ctx.deployment.given, weight_format(precision) if precision else None
    if given is None or form is None or given.measured_weight_bytes:
        return None
    return evaluate(evolve(given, weights=form), limits=False).weights_total_gib
