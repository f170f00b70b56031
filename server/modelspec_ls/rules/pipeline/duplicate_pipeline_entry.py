"""Dependencies and steps must have names of their own.

## What it checks

That no two dependencies of a spec share an `id`, and no two steps of `preprocess` or of `postprocess` a `name`. The
same `specRef` under two ids with one role is information.

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

from collections.abc import Iterator, Sequence

from modelspec_ls.core.finding import Finding, Fix, Related, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.workspace.facts import DEPENDENCIES, Reference

META = Rule(
    "MS804",
    "duplicate-pipeline-entry",
    "pipeline",
    Severity.WARNING,
    "Dependencies and steps must have names of their own",
    fixable=True,
    about=("spec.pipeline",),
)
_STEPS: tuple[DocPath, ...] = (
    ("spec", "pipeline", "preprocess", "steps"),
    ("spec", "pipeline", "postprocess", "steps"),
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield entries whose name, or whose target, stands further up already."""
    references = ctx.facts.references
    yield from _repeated(ctx, DEPENDENCIES, [r.id for r in references], "id", "role")
    for path in _STEPS:
        names = [ctx.view.text(*path, index, "name").value for index in range(ctx.view.length(*path))]
        yield from _repeated(ctx, path, names, "name", "type")
    seen: dict[tuple[str, str], Reference] = {}
    for reference in references:
        if not reference.spec_ref or not reference.role:
            continue
        first = seen.setdefault((reference.spec_ref, reference.role), reference)
        if first is not reference and first.id != reference.id:
            message = (
                f"`{reference.spec_ref}` is already used as {reference.role}, by `{first.id or None}`. One entry is "
                "enough unless it is called twice."
            )
            there = Related(ctx.at(first.path("specRef")), "the first use")
            yield Finding(message, ctx.at(reference.path("specRef")), Severity.INFORMATION, (there,))


def _repeated(ctx: DocumentContext, path: DocPath, names: Sequence[str | None], key: str, by: str) -> Iterator[Finding]:
    places: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        if name:
            places.setdefault(name, []).append(index)
    for name, indexes in places.items():
        for index in indexes[1:]:
            where = ctx.find((*path, indexes[0], key))
            line = ctx.file.index.line_of(where.node.start) + 1 if where else 0
            yield Finding(
                f"`{name}` is already used on line {line}. Give each entry a name of its own.",
                ctx.at((*path, index, key)),
                related=(Related(ctx.at((*path, indexes[0], key)), "the first use"),),
                fixes=_rename(ctx, path, index, key, name, by, places),
            )


def _rename(
    ctx: DocumentContext, path: DocPath, index: int, key: str, name: str, by: str, taken: dict[str, list[int]]
) -> tuple[Fix, ...]:
    word = ctx.view.text(*path, index, by).value
    tries = [f"{name}-{word.replace('_', '-')}"] if word else []
    new = next(n for n in [*tries, *(f"{name}-{i}" for i in range(2, len(taken) + 100))] if n not in taken)
    if not all(c.isalnum() or c in "-_." for c in new):
        return ()
    return (Fix(f"Rename it to `{new}`", (SetValue(ctx.at((*path, index, key)), new),)),)
