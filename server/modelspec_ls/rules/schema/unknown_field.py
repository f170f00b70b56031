"""Only fields that the schema knows.

## What it checks

Keys that ModelSpec does not have at their place: misspelt, in the wrong section, or simply unknown.

## Why it matters

Every object of ModelSpec v0.1 is closed: one unknown key rejects the document. What tools need beyond
the schema belongs in `metadata.annotations`.

## Bad

```yaml
spec:
  runtime:
    batch:
      max_batch_size: 8
#     ^^^^^^^^^^^^^^ error[unknown-field]: Did you mean `maxBatchSize`?
  governance:
    owner: ml-platform
#   ^^^^^ error[unknown-field]: belongs under `spec.governance.compliance.governance`
```

## Good

```yaml
spec:
  runtime:
    batch:
      maxBatchSize: 8
  governance:
    compliance:
      governance:
        owner: ml-platform
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, MovePair, RemovePair, RenameKey, Severity
from modelspec_ls.core.path import DocPath, dotted, last_key
from modelspec_ls.core.words import code_list
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.schema import navigate
from modelspec_ls.schema.validate import Problem
from modelspec_ls.syntax.nodes import Mapping

META = Rule("MS102", "unknown-field", "schema", Severity.ERROR, "Only fields that the schema knows", fixable=True)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield one finding per key that the closed schema does not allow."""
    for problem in ctx.problems:
        if problem.kind == "unknown":
            yield Finding(_message(problem), ctx.at(problem.path, "key"), fixes=tuple(_fixes(ctx, problem)))


def _message(problem: Problem) -> str:
    key, parent = problem.path[-1], problem.path[:-1]
    where = f"`{last_key(parent)}`" if parent else "a ModelSpec"
    if problem.near:
        return f"`{key}` is not a field of {where}. Did you mean `{problem.near}`?"
    if problem.elsewhere is not None:
        return f"`{key}` is not a field of {where}; it belongs under `{dotted(problem.elsewhere[:-1])}`."
    allowed = code_list(navigate.properties(problem.schema))
    return f"`{key}` is not a field of {where}. Allowed here: {allowed}."


def _fixes(ctx: DocumentContext, problem: Problem) -> Iterator[Fix]:
    place = ctx.at(problem.path, "pair")
    parent = ctx.find(problem.path[:-1])
    if problem.near and parent is not None:
        taken = ctx.find((*problem.path[:-1], problem.near)) is not None
        if not taken:
            yield Fix(f"Rename to `{problem.near}`", (RenameKey(place, problem.near),), Applicability.SAFE)
    target = problem.elsewhere
    if target is not None and _movable(ctx, problem.path, target):
        yield Fix(f"Move to `{dotted(target[:-1])}`", (MovePair(place, target),))
    yield Fix(f"Delete `{problem.path[-1]}`", (RemovePair(place),))


def _movable(ctx: DocumentContext, source: DocPath, target: DocPath) -> bool:
    """Whether the target's nearest existing parent can take a pair. Lists have no single right place."""
    if any(isinstance(part, int) for part in target) or ctx.find(target) is not None:
        return False
    base = target[:-1]
    while base and ctx.find(base) is None:
        base = base[:-1]
    found = ctx.find(base)
    return found is not None and isinstance(found.node, Mapping) and not found.node.flow and base != source[:-1]
