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
from modelspec_ls.core.path import DocPath, dotted
from modelspec_ls.core.words import code_list
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import ANY, Rule
from modelspec_ls.rules.wording import holder
from modelspec_ls.schema import navigate
from modelspec_ls.schema.validate import Problem
from modelspec_ls.syntax.nodes import Mapping, Missing

META = Rule(
    "MS102", "unknown-field", "schema", Severity.ERROR, "Only fields that the schema knows", fixable=True, kinds=ANY
)

_ANNOTATIONS = ("metadata", "annotations")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield one finding per key that the closed schema does not allow."""
    for problem in ctx.problems:
        if problem.kind == "unknown" and not _orphaned(ctx, problem.path):
            yield Finding(_message(ctx, problem), ctx.at(problem.path, "key"), fixes=tuple(_fixes(ctx, problem)))


def _orphaned(ctx: DocumentContext, path: DocPath) -> bool:
    """Whether a line above the key in its mapping was dropped as unreadable: it may have been the key's parent."""
    parent, pair = ctx.find(path[:-1]), ctx.find(path)
    if not ctx.tree.repairs or parent is None or pair is None or pair.pair is None:
        return False
    start, end = parent.node.start, pair.pair.key.start
    return any(r.dropped and start <= r.span.start < end for r in ctx.tree.repairs)


def _message(ctx: DocumentContext, problem: Problem) -> str:
    key, parent = problem.path[-1], problem.path[:-1]
    where = holder(parent, ctx.noun)
    if problem.near and ctx.find((*parent, problem.near)):
        return f"`{key}` is not a field of {where}, and `{problem.near}` is there already. Delete one of the two."
    if problem.near:
        return f"`{key}` is not a field of {where}. Did you mean `{problem.near}`?"
    if problem.elsewhere is not None:
        return f"`{key}` is not a field of {where}; it belongs under `{_home(problem.elsewhere, parent)}`."
    allowed = code_list(navigate.properties(problem.schema))
    return f"`{key}` is not a field of {where}. Allowed here: {allowed}."


def _fixes(ctx: DocumentContext, problem: Problem) -> Iterator[Fix]:
    place = ctx.at(problem.path, "pair")
    key, parent = str(problem.path[-1]), problem.path[:-1]
    home = (*parent, problem.near) if problem.near else problem.elsewhere
    vacant = home is not None and ctx.find(home) is None
    if problem.near and vacant:
        yield Fix(f"Rename to `{problem.near}`", (RenameKey(place, problem.near),), Applicability.SAFE)
    elif home is not None and vacant and _movable(ctx, home, parent):
        yield Fix(f"Move to `{_home(home, parent)}`", (MovePair(place, home),))
    elif home is None and isinstance(problem.value, str) and ctx.is_spec:
        note = (*_ANNOTATIONS, key)
        if ctx.find(note) is None and _movable(ctx, note, parent):
            yield Fix("Move to `metadata.annotations`", (MovePair(place, note),))
    if not (vacant and home is not None and _required(ctx, home)):
        yield Fix(f"Delete `{key}`", (RemovePair(place),))


def _required(ctx: DocumentContext, path: DocPath) -> bool:
    """Whether a field is missing where it belongs: then its misplaced text is needed."""
    schema, found = navigate.at(ctx.schema, path[:-1]), ctx.find(path[:-1])
    if schema is None or found is None:
        return False
    return isinstance(found.node, Missing) or path[-1] in navigate.required(schema)


def _shared(target: DocPath, parent: DocPath) -> int:
    """How many leading parts the two paths have in common."""
    pairs = enumerate(zip(target, parent, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(target), len(parent)))


def _home(target: DocPath, parent: DocPath) -> str:
    """Where a key belongs. An item of a list that the key does not stand in has no number."""
    full, shared = dotted(target[:-1]), _shared(target, parent)
    head = len(dotted(target[:shared])) if shared else 0
    return full[:head] + full[head:].replace("[0]", "[]")


def _movable(ctx: DocumentContext, target: DocPath, parent: DocPath) -> bool:
    """Whether the target's nearest existing parent can take a block pair. Other lists have no single right place."""
    source = ctx.find(parent)
    if ctx.tree.json or (source is not None and isinstance(source.node, Mapping) and source.node.flow):
        return False
    if any(isinstance(part, int) for part in target[_shared(target, parent) :]):
        return False
    base = target[:-1]
    while base and ctx.find(base) is None:
        base = base[:-1]
    found = ctx.find(base)
    return found is not None and isinstance(found.node, (Mapping, Missing))
