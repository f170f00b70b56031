"""The accelerator should calculate in the precision by itself.

## What it checks

`fp8`, `nvfp4` and `mxfp4` on NVIDIA GPUs that can only store weights in them, and `bf16` below compute
capability 8.0 where the engine falls back to `fp16` or emulates it: a warning when `bf16` is stated,
information when it is only the checkpoint's type.

## Why it matters

It runs and saves memory, but a promise of speed that came with the format does not hold.

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: sglang
      precision: fp8
#                ^^^ information[precision-not-accelerated]: compute capability 8.0, and fp8 arithmetic needs 8.9
  runtime:
    accelerator:
      vendor: nvidia
      type: a100-80gb
      count: 1
```

```yaml
spec:
  identity:
    model:
      id: qwen2.5-1.5b-instruct
      family: qwen2.5
      task: chat-completion
      framework: sglang
      precision: bf16
#                ^^^^ warning[precision-not-accelerated]: sglang falls back to fp16
  runtime:
    accelerator:
      vendor: nvidia
      type: t4
      count: 1
```

## Good

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: sglang
      precision: fp8
  runtime:
    accelerator:
      vendor: nvidia
      type: h100
      count: 1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, InsertPairs, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.knowledge.precisions import Precision, supports
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import BOTH, MODELS, Rule
from modelspec_ls.rules.precision.precision_assumed import native_precision
from modelspec_ls.rules.precision.precision_unsupported import capability, no_fp16
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.view import ACCELERATOR, MODEL

META = Rule(
    "MS404",
    "precision-not-accelerated",
    "precision",
    Severity.INFORMATION,
    "The accelerator should calculate in the precision by itself",
    fixable=True,
    kinds=BOTH,
)

_PATH = (*MODEL, "precision")
_TYPE: DocPath = (*ACCELERATOR, "type")
_BF16_FROM = 8.0
_WITHOUT_BF16 = {
    "sglang": "falls back to fp16",
    "vllm": "falls back to fp16",
    "transformers": "emulates it, slowly",
    "pytorch": "emulates it, slowly",
}


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the precision, or on the accelerator where none is stated."""
    if ctx.kind in MODELS:
        yield from _flavors(ctx)
        return
    have, name = capability(ctx.deployment), stated(ctx, *_TYPE)
    if have is None or name is None:
        return
    precision = ctx.deployment.precision
    if precision is not None and precision.name != "bf16":
        yield from _weight_only(ctx, precision, name, have)
    elif have < _BF16_FROM:
        yield from _bf16(ctx, name, have)


def _flavors(ctx: DocumentContext) -> Iterator[Finding]:
    """Flavors of an OpenModel without bf16, for a checkpoint in bf16."""
    for flavor in ctx.open_model.flavors:
        have, reading = capability(flavor), flavor.reading
        what = _WITHOUT_BF16.get(flavor.engine_name or "")
        if have is None or reading is None or have >= _BF16_FROM or what is None or no_fp16(flavor):
            continue
        if native_precision(flavor) == "bf16":
            yield Finding(
                f"{reading[1].text} has compute capability {have}, and bf16, the checkpoint's type, needs 8.0: "
                f"{flavor.engine_name} {what}.",
                ctx.at(reading[1].path),
            )


def _weight_only(ctx: DocumentContext, precision: Precision, name: str, have: float) -> Iterator[Finding]:
    match = ctx.deployment.accelerator
    candidate = match.candidates[0] if match else None
    if candidate is None or supports(candidate, precision).level != "weight-only":
        return
    certain = ctx.deployment.engine_name in {"vllm", "sglang"}
    yield Finding(
        f"{name} has compute capability {have}, and {precision.name} arithmetic needs "
        f"{precision.full_speed_compute_capability}: {'' if certain else 'at best '}weights are stored in "
        f"{precision.name} and calculated in 16 bits. Expect the memory saving, but not the speed-up.",
        ctx.at(_PATH),
    )


def _bf16(ctx: DocumentContext, name: str, have: float) -> Iterator[Finding]:
    engine, explicit = ctx.deployment.engine_name, ctx.deployment.precision is not None
    what = _WITHOUT_BF16.get(engine or "")
    if what is None or no_fp16(ctx.deployment):
        return
    if explicit and engine != "vllm":  # vLLM refuses it: MS403.
        fix = Fix("Write `fp16`", (SetValue(ctx.at(_PATH), "fp16"),))
        yield Finding(
            f"{name} has compute capability {have}, and bf16 needs 8.0: {engine} {what}. Write `precision: fp16`.",
            ctx.at(_PATH),
            Severity.WARNING,
            fixes=(fix,),
        )
    elif ctx.find(_PATH) is None and native_precision(ctx.deployment) == "bf16":
        yield Finding(
            f"{name} has compute capability {have}, and bf16, the checkpoint's type, needs 8.0: {engine} {what}. "
            "Write `precision: fp16` if that is meant.",
            ctx.at(_TYPE),
            fixes=(Fix("Write `precision: fp16`", (InsertPairs(ctx.at(MODEL), (("precision", "fp16"),)),)),),
        )
