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
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.workspace.facts import NAME
from modelspec_ls.workspace.graph import Edge

META = Rule(
    "MS803",
    "dependency-cycle",
    "pipeline",
    Severity.ERROR,
    "Specs must not depend on each other in a circle",
    fixable=True,
    scope="workspace",
)
_LONGEST = 12


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield every dependency of this spec that closes a circle."""
    for edge in ctx.edges:
        circle = ctx.graph.cycle(edge)
        if not circle:
            continue
        required = all(step.reference.required for step in circle)
        if edge.target.node == edge.source:
            message = f"`{ctx.spec.title}` depends on itself. Remove this dependency, or name another spec."
        else:
            way = " → ".join([ctx.spec.title, *(_name(step) for step in _shortened(circle)[:-1]), ctx.spec.title])
            message = f"Circular dependency: {way}. Remove one of them."
        level = Severity.ERROR if required else Severity.WARNING
        related = tuple(_related(ctx, step) for step in circle[1:_LONGEST])
        title = f"Break the circle: remove the dependency `{edge.reference.id}`"
        fix = Fix(title, (RemovePair(ctx.at(edge.reference.path())),))
        yield Finding(message, ctx.at(edge.reference.path("specRef")), level, related, (fix,))


def _name(edge: Edge | None) -> str:
    if edge is None or edge.target.spec is None:
        return "…"
    return edge.target.spec.title


def _shortened(circle: tuple[Edge, ...]) -> list[Edge | None]:
    if len(circle) <= _LONGEST:
        return list(circle)
    half = _LONGEST // 2
    return [*circle[:half], None, *circle[-half:]]


def _related(ctx: LinkedContext, edge: Edge) -> Related:
    path = edge.reference.path("specRef")
    source = ctx.graph.spec(edge.source)
    name = source.title if source else ""
    path = path if source and path in source.marks else NAME
    return ctx.there(edge.source, path, f"`{name}` depends on `{_name(edge)}`")
