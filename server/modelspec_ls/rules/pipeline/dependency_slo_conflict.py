"""A dependency must promise what its caller counts on.

## What it checks

Against the spec that `specRef` leads to: that its own `targetLatencyMsP95` is not above the `maxLatencyMs` allowed
here, and its `targetRps` not below the rate promised here. A required dependency with a latency limit that may scale
to zero replicas is information.

## Why it matters

The callee keeps its promise and the caller breaks its own.

## Bad

```yaml title="guardrail.modelspec.yaml"
metadata:
  name: guardrail
spec:
  identity:
    model:
      id: llama-guard-3-8b
      family: llama-guard
      task: moderation
      framework: vllm
  runtime:
    batch:
      maxSequenceLengthTokens: 4096
  operations:
    scaling:
      targetLatencyMsP95: 120
```

```yaml
spec:
  pipeline:
    dependencies:
      - id: guardrail
        role: guardrail
        specRef: ./guardrail.modelspec.yaml
        interface:
          maxLatencyMs: 50
#                       ^^ warning[dependency-slo-conflict]: promises 120 ms
```

## Good

```yaml title="guardrail.modelspec.yaml"
metadata:
  name: guardrail
spec:
  identity:
    model:
      id: llama-guard-3-8b
      family: llama-guard
      task: moderation
      framework: vllm
  runtime:
    batch:
      maxSequenceLengthTokens: 4096
  operations:
    scaling:
      targetLatencyMsP95: 40
```

```yaml
spec:
  pipeline:
    dependencies:
      - id: guardrail
        role: guardrail
        specRef: ./guardrail.modelspec.yaml
        interface:
          maxLatencyMs: 50
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.workspace.facts import LATENCY, MIN_REPLICAS, RPS, SpecFacts
from modelspec_ls.workspace.graph import Edge

META = Rule(
    "MS806",
    "dependency-slo-conflict",
    "pipeline",
    Severity.WARNING,
    "A dependency must promise what its caller counts on",
    fixable=True,
    scope="workspace",
    about=("spec.pipeline.dependencies",),
)


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield promises of dependencies that fall short of what is counted on here."""
    for edge, spec in ctx.resolved:
        yield from _latency(ctx, edge, spec)
        yield from _rate(ctx, edge, spec)
        yield from _zero(ctx, edge, spec)


def _latency(ctx: LinkedContext, edge: Edge, spec: SpecFacts) -> Iterator[Finding]:
    allowed, promised = edge.reference.max_latency_ms, spec.target_latency_ms
    if allowed is None or promised is None or promised <= allowed:
        return
    path = edge.reference.path("interface", "maxLatencyMs")
    message = (
        f"`{edge.reference.id}` is budgeted {allowed:g} ms here, but its own spec promises {promised:g} ms (P95, "
        f"{_where(ctx, edge, LATENCY)}). Allow {promised:g} ms, or tighten the promise there."
    )
    fix = Fix(f"Set `maxLatencyMs: {promised:g}`", (SetValue(ctx.at(path), f"{promised:g}"),))
    yield _finding(ctx, edge, path, message, LATENCY, "what it promises", fixes=(fix,))


def _rate(ctx: LinkedContext, edge: Edge, spec: SpecFacts) -> Iterator[Finding]:
    mine, theirs = ctx.spec.target_rps, spec.target_rps
    if mine is None or theirs is None or theirs >= mine or not edge.reference.required:
        return
    message = (
        f"`{edge.reference.id}` is specified for {theirs:g} requests per second ({_where(ctx, edge, RPS)}), this spec "
        f"for {mine:g}, and every request needs it. Raise its rate, or lower this one."
    )
    path = edge.reference.path("specRef")
    yield _finding(ctx, edge, path, message, RPS, "the rate it is specified for")


def _zero(ctx: LinkedContext, edge: Edge, spec: SpecFacts) -> Iterator[Finding]:
    if spec.min_replicas != 0 or not edge.reference.required or edge.reference.max_latency_ms is None:
        return
    message = (
        f"`{edge.reference.id}` may scale to zero replicas ({_where(ctx, edge, MIN_REPLICAS)}): the first request then "
        f"waits for it to load, not {edge.reference.max_latency_ms:g} ms."
    )
    path = edge.reference.path("interface", "maxLatencyMs")
    yield _finding(ctx, edge, path, message, MIN_REPLICAS, "its fewest replicas", Severity.INFORMATION)


def _where(ctx: LinkedContext, edge: Edge, path: DocPath) -> str:
    assert edge.target.node is not None
    return ctx.place(edge.target.node, path)


def _finding(
    ctx: LinkedContext,
    edge: Edge,
    at: DocPath,
    message: str,
    there: DocPath,
    what: str,
    level: Severity | None = None,
    fixes: tuple[Fix, ...] = (),
) -> Finding:
    assert edge.target.node is not None
    return Finding(message, ctx.at(at), level, (ctx.there(edge.target.node, there, what),), fixes)
