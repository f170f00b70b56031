"""A latency target must leave time for an answer.

## What it checks

How many tokens can be written within `targetLatencyMsP95`, where each takes at least the time to read the weights it
uses from memory once. Fewer than 16 are pointed out, less than one is a warning. For models that write tokens, on
accelerators whose bandwidth is known, without a draft model. Quiet where `modelspec/slo` states a time to first token.

## Why it matters

A whole answer cannot be faster than memory bandwidth allows. A target that small usually means the time to the first
token, which ModelSpec has no field for.

## Bad

```yaml
spec:
  identity:
    model:
      id: llama-2-70b-chat
      family: llama-2
      task: chat-completion
      framework: vllm
      precision: fp16
  runtime:
    accelerator:
      vendor: nvidia
      type: a100-80gb
      count: 4
    batch:
      maxSequenceLengthTokens: 4096
  operations:
    scaling:
      targetLatencyMsP95: 100
#                         ^^^ information[latency-target-implausible]: 100 ms allow at most 5 output tokens
```

## Good

```yaml
spec:
  identity:
    model:
      id: llama-2-70b-chat
      family: llama-2
      task: chat-completion
      framework: vllm
      precision: fp16
  runtime:
    accelerator:
      vendor: nvidia
      type: a100-80gb
      count: 4
    batch:
      maxSequenceLengthTokens: 4096
  operations:
    scaling:
      targetLatencyMsP95: 6000
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, Severity
from modelspec_ls.core.words import plural
from modelspec_ls.knowledge.conventions import threshold
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import setting
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import generates, number, pace
from modelspec_ls.rules.statements import absent
from modelspec_ls.spec.view import ANNOTATIONS

from .scale_to_zero_cold_start import TARGET

META = Rule(
    "MS707",
    "latency-target-implausible",
    "scaling",
    Severity.INFORMATION,
    "A latency target must leave time for an answer",
    fixable=True,
    about=("spec.operations.scaling",),
)
_SLO = (*ANNOTATIONS, "modelspec/slo")
_FIRST = "ttft-ms-p95"


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the target."""
    target = ctx.view.number(*TARGET).value
    if not target or target < 0 or _FIRST in ctx.hints.slo or not generates(ctx):
        return
    speed = pace(ctx)
    if speed is None:
        return
    tokens = target / 1000 / speed.token_seconds
    if tokens >= threshold("fewTokens"):
        return
    name, count = ctx.view.text("spec", "runtime", "accelerator", "type").value, ctx.deployment.count
    allow = f"at most {plural(int(tokens), 'output token')}" if tokens >= 1 else "not even one output token"
    message = (
        f"{number(target)} ms allow {allow} on {count} x {name} ({speed.token_seconds * 1000:.1f} ms per token from "
        "memory bandwidth alone). If this is the time to the first token, say so in an annotation."
    )
    level = Severity.INFORMATION if tokens >= 1 else Severity.WARNING
    yield Finding(message, ctx.at(TARGET), level, fixes=tuple(_fixes(ctx, target)))


def _fixes(ctx: DocumentContext, target: float) -> Iterator[Fix]:
    stated = ctx.view.text(*_SLO)
    if any(problem.path == _SLO for problem in ctx.hints.problems):
        return
    if absent(ctx, _SLO) or stated.value:
        before = f"{stated.value.strip()}," if stated.value else ""
        yield setting(ctx, _SLO, f"{before}{_FIRST}={number(target)}")
