"""What dependencies may take must leave time for the model.

## What it checks

With a `targetLatencyMsP95`: the `maxLatencyMs` of the required dependencies that a request passes through (roles
`input`, `guardrail`, `reranker` and `postprocess`), one after the other. An entry without `maxLatencyMs` counts with
what its own spec promises. It is a warning where their sum reaches the target, and information where it takes more
than half.

## Why it matters

Stages add up. When the helpers may take all of the time that was promised, the model has none left.

## Bad

```yaml
spec:
  operations:
    scaling:
      targetLatencyMsP95: 200
#                         ^^^ warning[dependency-latency-over-budget]: may take 230 of the 200 ms
  pipeline:
    dependencies:
      - id: embedder
        role: input
        interface:
          maxLatencyMs: 150
      - id: reranker
        role: reranker
        interface:
          maxLatencyMs: 80
```

## Good

```yaml
spec:
  operations:
    scaling:
      targetLatencyMsP95: 800
  pipeline:
    dependencies:
      - id: embedder
        role: input
        interface:
          maxLatencyMs: 60
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Related, Severity
from modelspec_ls.core.words import join
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.workspace.entries import DEPENDENCIES
from modelspec_ls.workspace.facts import LATENCY
from modelspec_ls.workspace.graph import Edge
from modelspec_ls.workspace.latency import stage

META = Rule(
    "MS805",
    "dependency-latency-over-budget",
    "pipeline",
    Severity.WARNING,
    "What dependencies may take must leave time for the model",
    scope="workspace",
    about=("spec.pipeline.dependencies",),
)
_SHOWN = 5


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield a target that the dependencies use up, on the target."""
    target = ctx.spec.target_latency_ms
    if not target:
        return
    stages = [(edge, taken) for edge in ctx.edges if (taken := stage(ctx.graph, edge)) is not None]
    total = sum(taken for _, taken in stages)
    if total <= target / 2:
        return
    stages.sort(key=lambda stage: -stage[1])
    words = join(f"`{edge.reference.id}` {taken:g}" for edge, taken in stages[:_SHOWN])
    more = f" and {len(stages) - _SHOWN} more" if len(stages) > _SHOWN else ""
    over = total >= target
    rest = "nothing is left for the model" if over else f"{target - total:g} ms remain for the model"
    message = (
        f"Required dependencies may take {total:g} of the {target:g} ms target ({words}{more}): {rest}. "
        "Lower their `maxLatencyMs`, call them side by side, or raise the target."
    )
    level = Severity.WARNING if over else Severity.INFORMATION
    yield Finding(message, ctx.at(LATENCY), level, tuple(_related(ctx, edge, taken) for edge, taken in stages[:_SHOWN]))


def _related(ctx: LinkedContext, edge: Edge, taken: float) -> Related:
    reference, node = edge.reference, edge.target.node
    spec = edge.target.spec
    if reference.max_latency_ms is None and node is not None and spec is not None:
        if spec.target_latency_ms is not None:
            return ctx.there(node, LATENCY, f"`{reference.id}` promises {taken:g} ms")
        return ctx.there(node, DEPENDENCIES, f"what `{reference.id}` depends on may take {taken:g} ms")
    return Related(ctx.at(reference.path("interface", "maxLatencyMs")), f"`{reference.id}` may take {taken:g} ms")
