"""One sequence of the stated length must fit the KV cache.

## What it checks

The cache of a single sequence of `maxSequenceLengthTokens` against what weights, activations and overhead leave
free. It fires where one sequence does not fit even if every estimate is at its favourable end. A warning; an error
where it would not fit if weights and cache had all memory to themselves, on an engine that takes its cache at
start-up (vLLM, SGLang, TensorRT-LLM, NIM); where the type of the cache is not stated, one byte per element is granted
for that.

## Why it matters

vLLM refuses to start: the model's max seq len is larger than the number of tokens that the KV cache can hold.

## Bad

```yaml
spec:
  identity:
    model:
      id: llama-3.1-8b-instruct
      family: llama-3.1
      task: chat-completion
      framework: vllm
      precision: bf16
  runtime:
    accelerator:
      vendor: nvidia
      type: l4
      count: 1
    batch:
      maxSequenceLengthTokens: 131072
#                              ^^^^^^ error[sequence-exceeds-kv-cache]: needs 16.0 GiB of KV cache
```

## Good

```yaml
spec:
  identity:
    model:
      id: llama-3.1-8b-instruct
      family: llama-3.1
      task: chat-completion
      framework: vllm
      precision: bf16
  runtime:
    accelerator:
      vendor: nvidia
      type: l4
      count: 1
    batch:
      maxSequenceLengthTokens: 16384
```
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.fit.estimate import evaluate
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import (
    KV_DTYPE,
    PREALLOCATING,
    SEQUENCE,
    Judged,
    exceeding,
    finding,
    gib,
    setting,
)
from modelspec_ls.rules.meta import Rule

from .weights_exceed_memory import Way, larger, more, offer

META = Rule(
    "MS303",
    "sequence-exceeds-kv-cache",
    "memory",
    Severity.WARNING,
    "One sequence of the stated length must fit the KV cache",
    fixable=True,
)
_FP8_CAPABILITY = 8.9
_STEP = 1024


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield a length that not even one sequence can have, on the length."""
    found = exceeding(ctx, "sequence-exceeds")
    if found is None:
        return
    per, tokens = found.report.per_device, found.given.sequence
    if per.weights is None or per.kv_need is None or per.kv_available is None or tokens is None:
        return
    n, one = found.devices, per.kv_need.value / _resident(found)
    possible = [shorter(ctx, found, batch=1), compact(ctx, found, batch=1), more(ctx, found), larger(ctx, found)]
    ways = [way for way in possible if way is not None]
    message = (
        f"One sequence of {tokens} tokens needs {gib(one * n)} of KV cache; {found.on()} "
        f"{'have' if n > 1 else 'has'} {gib(max(0.0, per.kv_available.value) * n)} free after "
        f"{gib(per.weights.value * n)} of weights.{offer(ways)}"
    )
    level = Severity.ERROR if _hopeless(found, one) else Severity.WARNING
    yield finding(ctx, SEQUENCE, message, found.level(level), tuple(way.fix for way in ways))


def _resident(found: Judged) -> int:
    """Sequences of one replica that the need was counted for."""
    return max(1, -(-(found.given.batch or 1) // found.report.data_parallel))


def _hopeless(found: Judged, one: float) -> bool:
    """Whether no setting of the engine helps: all memory for weights and cache, the cache as small as it gets."""
    per, given = found.report.per_device, found.given
    if given.engine.rule not in PREALLOCATING or per.capacity is None or per.weights is None:
        return False
    least = one if given.kv_dtype not in {None, "auto"} else min(one, _smallest(found))
    return least > per.capacity.high - per.weights.low


def _smallest(found: Judged) -> float:
    report = evaluate(evolve(found.given, kv_dtype="fp8"), limits=False)
    return report.per_device.kv_need.value / _resident(found) if report.per_device.kv_need else 0.0


def shorter(ctx: DocumentContext, found: Judged, batch: int | None = None) -> Way | None:
    """The longest sequence that fits, in whole steps of 1024 where there are any."""
    length = longest(found, batch)
    if length is None:
        return None
    return Way(f"`maxSequenceLengthTokens: {length}`", setting(ctx, SEQUENCE, length))


def longest(found: Judged, batch: int | None = None) -> int | None:
    """Longest sequence that fits for a number of sequences, rounded down; None where there is none."""
    trial = evolve(found.given, batch=batch or found.given.batch)
    limit = evaluate(trial).limits.max_sequence_length
    if not limit:
        return None
    context = trial.architecture.context if trial.architecture else None
    length = limit if limit == context or limit < _STEP else limit // _STEP * _STEP
    fits = found.fits(batch=trial.batch, sequence=length)
    return length if fits and length >= 1 else None


def compact(ctx: DocumentContext, found: Judged, batch: int | None = None) -> Way | None:
    """The same with the cache in fp8, where the hardware has it and more fits that way."""
    capability = found.accelerator.compute_capability or 0.0
    if found.given.kv_dtype is not None or capability < _FP8_CAPABILITY or found.given.engine.rule not in PREALLOCATING:
        return None
    sequence = found.given.sequence
    if found.fits(batch=batch or found.given.batch, kv_dtype="fp8"):
        return Way(f"{sequence} tokens with the cache in fp8", setting(ctx, KV_DTYPE, "fp8"))
    return None
