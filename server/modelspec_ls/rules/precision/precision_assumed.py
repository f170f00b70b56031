"""The precision should be stated.

## What it checks

A spec without `precision`, or with one that leaves it to the engine, for a model whose checkpoint the
catalogue knows.

## Why it matters

The number format is the largest factor in memory. Engines take what the checkpoint contains, so it
changes when somebody uploads another one.

## Bad

```yaml
spec:
  identity:
    model:
#   ^^^^^ information[precision-assumed]: assuming the checkpoint's native bf16
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
```

## Good

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
      precision: bf16
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, InsertPairs, SetValue, Severity
from modelspec_ls.knowledge import precisions
from modelspec_ls.knowledge.types import Model
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.view import MODEL

META = Rule(
    "MS402", "precision-assumed", "precision", Severity.INFORMATION, "The precision should be stated", fixable=True
)

_PATH = (*MODEL, "precision")
_PACKED = {
    ("awq", 4): "awq-int4",
    ("gptq", 4): "gptq-int4",
    ("gptq", 8): "int8-weight-only",
    ("mxfp4", 4): "mxfp4",
    ("modelopt", 4): "nvfp4",
    ("modelopt", 8): "fp8",
    ("fp8", 8): "fp8",
    ("fbgemm_fp8", 8): "fp8",
    ("compressed-tensors", 4): "int4",
}


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the model or on the precision that says nothing."""
    text = stated(ctx, *_PATH)
    found = precisions.find(text) if text else None
    open_choice = found is not None and found.bytes_per_parameter is None
    if not (open_choice or ctx.find(_PATH) is None):
        return
    native = native_precision(ctx.deployment)
    if native is None:
        return
    report = ctx.deployment.report
    size = report.weights_total_gib if report else None
    weights = f" ({size:.1f} GiB of weights)" if size else ""
    # Engines load a checkpoint in 32 bits as 16 unless told to do otherwise.
    level = Applicability.SUGGEST if open_choice or native == "fp32" else Applicability.SAFE
    if open_choice:
        said, where = f"`precision: {text}` leaves the choice to the engine", ctx.at(_PATH)
        operation: SetValue | InsertPairs = SetValue(where, native)
    else:
        said, where = "No precision stated", ctx.at(MODEL, "key")
        operation = InsertPairs(ctx.at(MODEL), (("precision", native),))
    yield Finding(
        f"{said}: assuming the checkpoint's native {native}{weights}. Write `precision: {native}` to make it part of "
        "the contract.",
        where,
        fixes=(Fix(f"Write `precision: {native}`", (operation,), level),) if _runs(ctx.deployment, native) else (),
    )


def _runs(deployment: Deployment, name: str) -> bool:
    """Whether the precision may be stated: what engines replace when it is only assumed, they may refuse then."""
    match, precision = deployment.accelerator, precisions.find(name)
    return not match or not precision or all(precisions.supports(c, precision).level != "no" for c in match.candidates)


def native_precision(deployment: Deployment) -> str | None:
    """What the checkpoint is stored in: by its name, else by the catalogue. None where that is not certain."""
    found = deployment.resolution
    if found is None or found[0].model is None:
        return None
    resolution = found[0]
    if resolution.precision or resolution.format:
        return resolution.precision
    return stored(found[0].model)


def stored(model: Model) -> str | None:
    """What the catalogue's checkpoint is stored in; None for mixtures."""
    packed = model.quantization
    if packed is None:
        return model.native_dtype
    return None if packed.expert_bits else _PACKED.get((packed.method, packed.bits))
