"""Specs must not depend on each other in a circle.

## What it checks

That no chain of dependencies leads back to this spec, itself included. It is an error where every dependency on the
way is required, a warning where one of them is optional. Each spec of the circle shows the whole way.

## Why it matters

None of them can be started first, and a request may go round for ever.

## Bad

```yaml title="other.modelspec.yaml"
metadata:
  name: other
spec:
  pipeline:
    dependencies:
      - id: example
        role: custom
        specRef: ./spec.modelspec.yaml
```

```yaml
metadata:
  name: example
spec:
  pipeline:
    dependencies:
      - id: other
        role: custom
        specRef: ./other.modelspec.yaml
#                ^^^^^^^^^^^^^^^^^^^^^^ error[dependency-cycle]: example → other → example
```

## Good

```yaml title="other.modelspec.yaml"
metadata:
  name: other
```

```yaml
metadata:
  name: example
spec:
  pipeline:
    dependencies:
      - id: other
        role: custom
        specRef: ./other.modelspec.yaml
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, Related, RemovePair, Severity
from modelspec_ls.core.words import join
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.workspace.entries import DEPENDENCIES, Reference
from modelspec_ls.workspace.facts import NAME
from modelspec_ls.workspace.graph import Edge, Node

META = Rule(
    "MS803",
    "dependency-cycle",
    "pipeline",
    Severity.ERROR,
    "Specs must not depend on each other in a circle",
    fixable=True,
    scope="workspace",
    about=("spec.pipeline.dependencies",),
)
_LONGEST = 12


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield every dependency of this spec that closes a circle."""
    ways: dict[Node | None, list[Reference]] = {}
    for edge in ctx.edges:
        ways.setdefault(edge.target.node, []).append(edge.reference)
    for edge in ctx.edges:
        circle = ctx.graph.cycle(edge)
        if not circle:
            continue
        required = all(step.reference.required for step in circle)
        if edge.target.node == edge.source:
            message = f"`{ctx.spec.title}` depends on itself. Remove this dependency, or name another spec."
        elif len(circle) == 1:
            many, required = len(ctx.graph.component(edge.source)), False
            message = (
                f"Circular dependency: {ctx.spec.title} → {_name(edge)} is part of a circle among {many} specs. Remove "
                "one of its dependencies."
            )
        else:
            way = " → ".join([ctx.spec.title, *_shortened(circle), ctx.spec.title])
            message = f"Circular dependency: {way}. Remove one of them."
        level = Severity.ERROR if required else Severity.WARNING
        related = tuple(_related(ctx, step) for step in circle[1:_LONGEST])
        same = ways[edge.target.node]
        # Of very many that lead the same way the first has the fix for all.
        fixes = (_break(ctx, same),) if len(same) <= _LONGEST or edge.reference is same[0] else ()
        yield Finding(message, ctx.at(edge.reference.path("specRef")), level, related, fixes)


def _break(ctx: LinkedContext, same: list[Reference]) -> Fix:
    """Remove all entries that lead to the same spec."""
    # A list without entries is none.
    paths = [reference.path() for reference in same] if len(same) < len(ctx.edges) else [DEPENDENCIES]
    names = [f"`{reference.id}`" for reference in same[:_LONGEST]]
    more = [f"{len(same) - _LONGEST} more"] if len(same) > _LONGEST else []
    what = f"the dependenc{'y' if len(same) == 1 else 'ies'} {join([*names, *more])}"
    return Fix(f"Break the circle: remove {what}", tuple(RemovePair(ctx.at(path)) for path in paths))


def _name(edge: Edge) -> str:
    return edge.target.spec.title if edge.target.spec is not None else "…"


def _shortened(circle: tuple[Edge, ...]) -> list[str]:
    """The names on the way; of a long one those at its ends, with the number of the others."""
    names = [_name(step) for step in circle[:-1]]
    if len(names) <= _LONGEST:
        return names
    half = _LONGEST // 2
    return [*names[:half], f"… {len(names) - 2 * half} more …", *names[-half:]]


def _related(ctx: LinkedContext, edge: Edge) -> Related:
    path = edge.reference.path("specRef")
    source = ctx.graph.spec(edge.source)
    name = source.title if source else ""
    path = path if source and path in source.marks else NAME
    return ctx.there(edge.source, path, f"`{name}` depends on `{_name(edge)}`")
