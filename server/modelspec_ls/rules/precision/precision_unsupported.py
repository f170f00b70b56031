"""The engine must be able to use the precision on the accelerator.

## What it checks

Stated precisions that vLLM refuses: `bf16` below compute capability 8.0, `fp8`, `awq-int4` and `nvfp4`
below 7.5, and `fp16` for model families that overflow in it (Gemma 2 and 3, GLM-4, PLaMo 2).

## Why it matters

The engine stops with an error as soon as it starts.

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen2.5-1.5b-instruct
      family: qwen2.5
      task: chat-completion
      framework: vllm
      precision: bf16
#                ^^^^ error[precision-unsupported]: bf16 needs 8.0
  runtime:
    accelerator:
      vendor: nvidia
      type: t4
      count: 1
    batch:
      maxSequenceLengthTokens: 4096
```

## Good

```yaml
spec:
  identity:
    model:
      id: qwen2.5-1.5b-instruct
      family: qwen2.5
      task: chat-completion
      framework: vllm
      precision: fp16
  runtime:
    accelerator:
      vendor: nvidia
      type: t4
      count: 1
    batch:
      maxSequenceLengthTokens: 4096
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelspec_ls.core.finding import Applicability, Finding, Fix, Related, SetValue, Severity
from modelspec_ls.resources import load_package_json
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.view import ACCELERATOR, MODEL

META = Rule(
    "MS403",
    "precision-unsupported",
    "precision",
    Severity.ERROR,
    "The engine must be able to use the precision on the accelerator",
    fixable=True,
    about=("spec.identity.model.precision",),
)

_PATH = (*MODEL, "precision")
_BF16_FROM = 8.0


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the precision."""
    deployment = ctx.deployment
    precision, engine = deployment.precision, deployment.engine_name
    if precision is None or engine is None or stated(ctx, *_PATH) is None:
        return
    have = capability(deployment)
    need = _table()["minComputeCapability"].get(engine, {}).get(precision.name)
    if have is not None and need is not None and have < need:
        yield _too_old(ctx, engine, precision.name, have, need)
    elif precision.name == "fp16" and no_fp16(deployment):
        model = deployment.model
        safe = have is not None and have >= _BF16_FROM
        fix = Fix("Write `bf16`", (SetValue(ctx.at(_PATH), "bf16"),), Applicability.SAFE)
        yield Finding(
            f"{engine} does not run {model.id if model else 'this model'} in fp16: values of this family overflow in "
            "it. Use `bf16`" + ("." if safe else " on an accelerator with compute capability 8.0 or more."),
            ctx.at(_PATH),
            fixes=(fix,) if safe else (),
        )


def _too_old(ctx: DocumentContext, engine: str, precision: str, have: float, need: float) -> Finding:
    fp16 = precision == "bf16" and not no_fp16(ctx.deployment)
    other = _table()["accelerators"][str(need)]
    name = stated(ctx, *ACCELERATOR, "type")
    advice = f"Use `fp16`, or an accelerator such as {other}." if fp16 else f"Use an accelerator such as {other}."
    fix = Fix("Write `fp16`", (SetValue(ctx.at(_PATH), "fp16"),), Applicability.SAFE)
    return Finding(
        f"{engine} cannot run {precision} on {name}: it has compute capability {have}, {precision} needs {need}. "
        + advice,
        ctx.at(_PATH),
        related=(Related(ctx.at((*ACCELERATOR, "type")), f"compute capability {have}"),),
        fixes=(fix,) if fp16 else (),
    )


def capability(deployment: Deployment) -> float | None:
    """The NVIDIA compute capability, where everything that the accelerator's name may mean has the same."""
    match = deployment.accelerator
    if match is None:
        return None
    found = {candidate.compute_capability for candidate in match.candidates}
    return found.pop() if len(found) == 1 else None


def no_fp16(deployment: Deployment) -> bool:
    """Whether the engine refuses to run the model in fp16."""
    model, engine = deployment.model, deployment.engine_name
    return model is not None and model.model_type in _table()["noFp16"].get(engine, ())


def _table() -> Any:
    return load_package_json("knowledge/data/support.json")["precisions"]
