"""Dependencies and steps must have names of their own.

## What it checks

That no two dependencies of a spec share an `id`, and no two steps of `preprocess` or of `postprocess` a `name`. The
same spec under two ids with one role is information, however the two references are written.

## Why it matters

Ids and names are what other tools key on: the second entry replaces the first in most of them.

## Bad

```yaml
spec:
  pipeline:
    dependencies:
      - id: guardrail
        role: guardrail
      - id: guardrail
#           ^^^^^^^^^ warning[duplicate-pipeline-entry]: `guardrail` is already used
        role: postprocess
```

## Good

```yaml
spec:
  pipeline:
    dependencies:
      - id: input-guardrail
        role: guardrail
      - id: output-guardrail
        role: guardrail
```
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain, count

from modelspec_ls.core.finding import Finding, Fix, Related, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.workspace.entries import Reference
from modelspec_ls.workspace.facts import steps_path
from modelspec_ls.workspace.graph import Edge, Node

META = Rule(
    "MS804",
    "duplicate-pipeline-entry",
    "pipeline",
    Severity.WARNING,
    "Dependencies and steps must have names of their own",
    fixable=True,
    scope="workspace",
)


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield entries whose name, or whose target, stands further up already."""
    if len(ctx.spec.references) > 1:
        yield from _ids(ctx)
        yield from _targets(ctx)
    for step in ctx.spec.repeated:
        path = steps_path(step.section, step.index, "name")
        first = steps_path(step.section, step.first, "name")
        yield _repeated(ctx, path, first, step.name, step.type, step.names)


def _ids(ctx: LinkedContext) -> Iterator[Finding]:
    references = ctx.spec.references
    first: dict[str, Reference] = {}
    taken = {reference.id for reference in references}
    for reference in references:
        if reference.id and first.setdefault(reference.id, reference) is not reference:
            where, there = reference.path("id"), first[reference.id].path("id")
            yield _repeated(ctx, where, there, reference.id, reference.role, taken)


def _targets(ctx: LinkedContext) -> Iterator[Finding]:
    seen: dict[tuple[Node | str, str], Reference] = {}
    for edge in ctx.edges:
        reference = edge.reference
        if not reference.spec_ref or not reference.role:
            continue
        first = seen.setdefault((_end(edge), reference.role), reference)
        if first is not reference and first.id != reference.id:
            other = "" if first.spec_ref == reference.spec_ref else f" as `{first.spec_ref}`"
            message = (
                f"`{reference.spec_ref}` is already used as {reference.role}, by `{first.id or None}`{other}. One "
                "entry is enough unless it is called twice."
            )
            there = Related(ctx.at(first.path("specRef")), "the first use")
            yield Finding(message, ctx.at(reference.path("specRef")), Severity.INFORMATION, (there,))


def _end(edge: Edge) -> Node | str:
    """What two entries have in common that mean the same: the spec, else what is written."""
    return edge.target.node or edge.reference.spec_ref


def _repeated(
    ctx: LinkedContext, path: DocPath, first: DocPath, name: str, word: str, taken: Collection[str]
) -> Finding:
    return Finding(
        f"`{name}` is already used on line {ctx.spec.mark(first).line + 1}. Give each entry a name of its own.",
        ctx.at(path),
        related=(Related(ctx.at(first), "the first use"),),
        fixes=_rename(ctx, path, name, word, taken),
    )


def _rename(ctx: LinkedContext, path: DocPath, name: str, word: str, taken: Collection[str]) -> tuple[Fix, ...]:
    tries = [f"{name}-{word.replace('_', '-')}"] if word else []
    new = next(n for n in chain(tries, (f"{name}-{i}" for i in count(2))) if n not in taken)
    if not all(c.isalnum() or c in "-_." for c in new):
        return ()
    return (Fix(f"Rename it to `{new}`", (SetValue(ctx.at(path), new),)),)
