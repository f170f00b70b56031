"""The weights must not need more memory than the accelerators have.

## What it checks

The size of the weights, from the model's parameter count and the precision, against all memory of the declared
accelerators. It is an error where the model, its precision and the accelerator are known and the engine keeps all
weights on the accelerators; a warning where the engine can leave layers in host memory (transformers, llama.cpp,
Ollama), where the engine's memory rules are not known, and where the size was read from the model's name or the
precision had to be assumed. Of a type that exists in several sizes, such as `a100`, the largest is taken.

## Why it matters

Loading ends with out of memory before the first request, whatever the other settings are. The exception is vLLM's
`--cpu-offload-gb`; ignore the rule with that reason.

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
#           ^^^^^^^^^ error[weights-exceed-memory]: needs 128.5 GiB for weights
      count: 1
    batch:
      maxSequenceLengthTokens: 4096
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
      count: 2
    batch:
      maxSequenceLengthTokens: 4096
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from attrs import evolve

from modelspec_ls.core.finding import Finding, Fix, Severity
from modelspec_ls.fit.adapt import device_of
from modelspec_ls.fit.estimate import evaluate
from modelspec_ls.fit.limits import valid_counts
from modelspec_ls.knowledge import precisions
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.knowledge.engines import weight_format
from modelspec_ls.knowledge.types import Accelerator
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import (
    COUNT,
    EXCEEDS,
    PRECISION,
    SERVERS,
    TENSOR,
    TYPE,
    Judged,
    exceeding,
    finding,
    gib,
    put,
    setting,
)
from modelspec_ls.rules.meta import Rule

META = Rule(
    "MS301",
    "weights-exceed-memory",
    "memory",
    Severity.ERROR,
    "The weights must fit the accelerators' memory",
    fixable=True,
)
# Narrower formats that engines load, the widest first.
_NARROWER = {"static": ("bf16", "fp16", "bnb-nf4"), "llama.cpp": ("gguf-q8_0", "gguf-q4_k_m")}
_USUAL = ("bf16", "fp16", "fp8", "awq-int4")
# More accelerators than this are no small change.
_MANY, _TIMES = 16, 4


class Way(NamedTuple):
    """A change that makes the declaration fit, in words and as a fix."""

    words: str
    fix: Fix


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield weights that no setting can make fit, on the accelerator's type."""
    found = exceeding(ctx, "weights-exceed")
    if found is None or found.report.exceeds != "memory":
        return
    per = found.report.per_device
    if per.weights is None or per.capacity is None:
        return
    n = found.devices
    ways = ways_out(ctx, found)
    message = (
        f"{found.model} in {found.precision} needs {gib(per.weights.value * n)} for weights; "
        f"{found.on()} {'have' if n > 1 else 'has'} {gib(per.capacity.value * n)}.{offer(ways)}"
    )
    level = Severity.ERROR if found.given.engine.rule in SERVERS else Severity.WARNING
    yield finding(ctx, TYPE, message, found.level(level), tuple(way.fix for way in ways))


def offer(ways: list[Way]) -> str:
    """The ways as a sentence."""
    words = [way.words for way in ways]
    if not words:
        return ""
    return " Fits: " + (words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}") + "."


def ways_out(ctx: DocumentContext, found: Judged) -> list[Way]:
    """More accelerators, larger ones, or a narrower precision: the smallest change of each sort that fits."""
    return [way for way in (more(ctx, found), larger(ctx, found), narrower(ctx, found)) if way is not None]


def more(ctx: DocumentContext, found: Judged) -> Way | None:
    """The fewest accelerators of this sort."""
    given, count = found.given, found.report.limits.min_count
    if count is None and given.architecture is not None:
        tries = (n * given.data_parallel for n in valid_counts(given.architecture, given))
        count = next((n for n in tries if found.fits(count=n, tensor_parallel=None)), None)
    if count is None or not given.count < count <= max(_MANY, _TIMES * given.count):
        return None
    fix = setting(ctx, COUNT, count)
    if given.tensor_parallel is not None:
        tensor = count // (given.data_parallel * (given.pipeline_parallel or 1))
        fix = evolve(
            fix,
            title=f"{fix.title} and tensor parallelism to {tensor}",
            operations=(*fix.operations, put(ctx, TENSOR, f'"{tensor}"')),
        )
    return Way(found.on(count), fix)


def larger(ctx: DocumentContext, found: Judged) -> Way | None:
    """The smallest accelerator to rent from the same maker on which as many hold it."""
    own = found.accelerator
    weights = found.given.weights
    precision = precisions.find(weights.name) if weights else None
    rented = (a for a in ctx.catalogue.all_accelerators if a.vendor == own.vendor and a.instances)
    for other in sorted(rented, key=lambda a: (a.memory_gb_marketed, -a.released)):
        if other.memory_gb_marketed <= own.memory_gb_marketed:
            continue
        if precision is not None and precisions.supports(other, precision).level == "no":
            continue
        if found.fits(device=device_of(other)):
            name = short(other, ctx.catalogue)
            return Way(f"{found.given.count} x {name}", setting(ctx, TYPE, name))
    return None


def short(accelerator: Accelerator, catalogue: Catalogue) -> str:
    """An accelerator's id without its maker, where that still names it."""
    word = accelerator.id.removeprefix(f"{accelerator.vendor}-")
    return word if catalogue.find_accelerator(word).accelerator is accelerator else accelerator.id


def narrower(ctx: DocumentContext, found: Judged) -> Way | None:
    """The widest narrower precision that the accelerator supports and that fits."""
    given, own = found.given, found.given.weights
    if given.measured_weight_bytes is not None:
        return None
    bits = own.body_bits if own else 16.0
    for name in _NARROWER.get(given.engine.rule, _USUAL):
        fmt, precision = weight_format(name), precisions.find(name)
        if fmt is None or precision is None or fmt.body_bits >= bits:
            continue
        if precisions.supports(found.accelerator, precision).level in {"no", "unknown"}:
            continue
        trial = evaluate(evolve(given, weights=fmt), limits=False)
        if trial.verdict not in EXCEEDS and trial.per_device.weights is not None:
            size = gib(trial.per_device.weights.value * found.devices)
            fix = setting(ctx, PRECISION, name, "with such a checkpoint")
            return Way(f"`{name}` weights ({size})", fix)
    return None
