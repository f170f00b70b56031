"""The model must be divisible over the accelerators.

## What it checks

The number of attention heads must be a multiple of the tensor-parallel size, which is the annotation
`modelspec/tensor-parallel-size` (then an error) or, for vLLM, SGLang, TGI and TensorRT-LLM, taken to be the count
over pipeline and data parallelism (then a warning). `count` must be a multiple of all stated sizes together, and there
cannot be more pipeline stages than layers. More ranks than KV heads are worth an information: each head is then kept
several times.

## Why it matters

vLLM refuses to start: the total number of attention heads must be divisible by the tensor parallel size.

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen2.5-7b-instruct
      family: qwen2.5
      task: chat-completion
      framework: vllm
      precision: bf16
  runtime:
    accelerator:
      vendor: nvidia
      type: l40s
      count: 8
#            ^ warning[invalid-parallelism]: 28 attention heads
    batch:
      maxSequenceLengthTokens: 4096
```

## Good

```yaml
spec:
  identity:
    model:
      id: qwen2.5-7b-instruct
      family: qwen2.5
      task: chat-completion
      framework: vllm
      precision: bf16
  runtime:
    accelerator:
      vendor: nvidia
      type: l40s
      count: 4
    batch:
      maxSequenceLengthTokens: 4096
```
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from modelspec_ls.core.finding import Finding, Fix, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.fit.inputs import Architecture
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import COUNT, DATA, PIPELINE, PREALLOCATING, SERVERS, TENSOR, finding, judged, setting
from modelspec_ls.rules.meta import Rule

META = Rule(
    "MS306",
    "invalid-parallelism",
    "memory",
    Severity.WARNING,
    "The model must be divisible over the accelerators",
    fixable=True,
)
_NODE = 8


@frozen
class _Split:
    """How the accelerators are shared out; ``tensor`` None: not by layers' width."""

    count: int
    tensor: int | None
    pipeline: int
    data: int
    stated: tuple[DocPath, ...]


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield sizes that do not divide, on the hint that states them or the count."""
    split = _split(ctx)
    if split is None:
        return
    together = (ctx.hints.tensor_parallel or 1) * split.pipeline * split.data
    if split.stated and split.count % together:
        yield _uneven(ctx, split, together)
        return
    shape = ctx.deployment.architecture
    if shape is None:
        return
    sure = Severity.ERROR if ctx.deployment.grade != "name" else Severity.WARNING
    if shape.layers and split.pipeline > shape.layers:
        message = f"{_model(ctx)} has {shape.layers} layers, too few for {split.pipeline} pipeline stages."
        yield finding(ctx, PIPELINE, message, sure)
        return
    if not split.tensor or split.tensor == 1 or not shape.heads:
        return
    kv = _kv_heads(shape)
    at = TENSOR if TENSOR in split.stated else COUNT
    level = sure if at == TENSOR and ctx.deployment.engine.rule in SERVERS else Severity.WARNING
    if shape.heads % split.tensor:
        yield _undivided(ctx, split, shape, at, level, f"{shape.heads} attention heads, not divisible")
    elif kv and kv % split.tensor and split.tensor % kv:
        yield _undivided(ctx, split, shape, at, level, f"{kv} KV heads, neither divisible by nor a divisor of")
    elif kv and split.tensor > kv:
        message = (
            f"{_model(ctx)} has {kv} KV head{'s' * (kv > 1)}: tensor parallelism over {split.tensor} keeps each of "
            f"them {split.tensor // kv} times, and the KV cache with it. The memory estimate counts that."
        )
        yield finding(ctx, at, message, Severity.INFORMATION)


def _split(ctx: DocumentContext) -> _Split | None:
    """The sizes; None where one of them is invalid."""
    if ctx.deployment.count is None:
        return None
    hints, sizes = ctx.hints, (TENSOR, PIPELINE, DATA)
    if any(problem.path in sizes or problem.fix_key in {path[-1] for path in sizes} for problem in hints.problems):
        return None
    values = (hints.tensor_parallel, hints.pipeline_parallel, hints.data_parallel)
    stated = tuple(path for path, value in zip(sizes, values, strict=True) if value is not None)
    pipeline, data = hints.pipeline_parallel or 1, hints.data_parallel or 1
    tensor = hints.tensor_parallel
    if tensor is None and ctx.deployment.engine.rule in SERVERS:
        tensor = ctx.deployment.count // (pipeline * data)
    return _Split(ctx.deployment.count, tensor, pipeline, data, stated)


def _kv_heads(shape: Architecture) -> int | None:
    """KV heads that ranks share out; none for latent attention."""
    own = shape.kv is not None and shape.kv.kind == "attention" and not shape.latent_width
    return shape.kv_heads if own else None


def _model(ctx: DocumentContext) -> str:
    model = ctx.deployment.model
    return model.id.rpartition("/")[2] if model else "The model"


def _uneven(ctx: DocumentContext, split: _Split, together: int) -> Finding:
    names = " x ".join(f"`{str(path[-1]).partition('/')[2]}`" for path in split.stated)
    message = f"`count: {split.count}` is not a multiple of {names} = {together}: accelerators are missing or idle."
    count = -(-split.count // together) * together
    return finding(ctx, split.stated[0], message, Severity.ERROR, (setting(ctx, COUNT, count),))


def _undivided(
    ctx: DocumentContext, split: _Split, shape: Architecture, at: DocPath, level: Severity, what: str
) -> Finding:
    # No size above the number of heads divides it, however many accelerators somebody writes.
    limit = min(max(_NODE, split.tensor or 1), shape.heads or _NODE)
    sizes = [size for size in range(1, limit + 1) if _divides(shape, size)]
    listed = ", ".join(map(str, sizes))
    fixes = tuple(_fixes(ctx, split, shape, sizes, at))
    more = "; or state `modelspec/pipeline-parallel-size`" if PIPELINE not in split.stated else ""
    by = "" if what.endswith("of") else " by"
    message = f"{_model(ctx)} has {what}{by} {split.tensor}. Valid tensor-parallel sizes up to {limit}: {listed}{more}."
    return finding(ctx, at, message, level, fixes)


def _divides(shape: Architecture, size: int) -> bool:
    kv = _kv_heads(shape)
    shared = not kv or not kv % size or not size % kv
    return shared and not (shape.heads or 0) % size and not (shape.intermediate or 0) % size


def _fixes(ctx: DocumentContext, split: _Split, shape: Architecture, sizes: list[int], at: DocPath) -> Iterator[Fix]:
    """The nearest valid sizes on which the model still fits, and pipeline stages over the same count."""
    found, tensor, others = judged(ctx), split.tensor or 1, split.pipeline * split.data
    if at == TENSOR:
        best = max((size for size in sizes if size < tensor and not split.count % (size * others)), default=None)
        if best is not None:
            yield setting(ctx, TENSOR, best)
        return
    for size in (max(s for s in sizes if s < tensor), next((s for s in sizes if s > tensor), None)):
        if size is not None and (found is None or found.fits(count=size * others, tensor_parallel=None)):
            yield setting(ctx, COUNT, size * others)
    if PIPELINE in split.stated or ctx.deployment.engine.rule not in PREALLOCATING:
        return
    best = max((size for size in sizes if size < tensor and not tensor % size), default=1)
    stages = tensor // best
    if not shape.layers or stages <= shape.layers:
        yield setting(ctx, PIPELINE, stages)
