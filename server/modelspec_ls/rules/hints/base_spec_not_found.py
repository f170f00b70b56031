"""A base or draft model that is named by a path must be that of a spec.

## What it checks

The hints `modelspec/base-model` and `modelspec/draft-model`, where they name a model by the path of the spec that
deploys it: a path that starts with `./`, `../`, `#` or `file:`, or a file that ends in `.yaml`, `.yml` or `.json`. It
is looked up as a `specRef` is, and may end in `#name` to choose one of several specs. The file must be there and hold a
spec, which must be another one, and the models must not be made from each other in a circle. A line of base models is
followed through 64 specs.

## Why it matters

Memory and context of a fine-tune are those of the model that it was made from. Where the path leads nowhere, nothing of
that is checked.

## Bad

```yaml title="base.modelspec.yml"
metadata:
  name: base
```

```yaml
metadata:
  name: support-7b
  annotations:
    modelspec/base-model: ./base.modelspec.yaml
#                         ^^^^^^^^^^^^^^^^^^^^^ warning[base-spec-not-found]: does not exist
```

## Good

```yaml title="base.modelspec.yaml"
metadata:
  name: base
```

```yaml
metadata:
  name: support-7b
  annotations:
    modelspec/base-model: ./base.modelspec.yaml
```
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.rules.leads import (
    finding,
    found_with_doubt,
    guesses,
    looked_in,
    no_spec,
    not_fetched,
    to_guesses,
    without_folder,
    without_name,
)
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import BOTH, Rule
from modelspec_ls.rules.skeletons import creation
from modelspec_ls.workspace.entries import BASE_MODEL, HintReference
from modelspec_ls.workspace.facts import NAME
from modelspec_ls.workspace.graph import Edge
from modelspec_ls.workspace.lineage import LONGEST, line

META = Rule(
    "MS174",
    "base-spec-not-found",
    "hints",
    Severity.WARNING,
    "A base or draft model that is named by a path must be that of a spec",
    fixable=True,
    kinds=BOTH,
    scope="workspace",
    about=("metadata.annotations.modelspec/base-model", "metadata.annotations.modelspec/draft-model"),
)
_SHOWN = 8
"""Most models of a circle that are told by name."""
_WORDS = {"base-model": "base model", "draft-model": "draft model"}


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield hints whose path leads to no spec, to their own, or round in a circle."""
    for edge in ctx.graph.lineage(ctx.node.key, ctx.spec):
        outcome = edge.target.outcome
        if outcome == "missing":
            yield _missing(ctx, edge)
        elif outcome == "no-fragment":
            yield without_name(ctx, edge, Severity.WARNING)
        elif outcome == "external":
            yield not_fetched(ctx, edge)
        elif outcome == "spec":
            yield from _round(ctx, edge) or found_with_doubt(ctx, edge)
        elif message := no_spec(ctx, edge):
            yield finding(ctx, edge, message, Severity.WARNING)


def _missing(ctx: LinkedContext, edge: Edge) -> Finding:
    if not posixpath.dirname(edge.target.tried[0]):
        return without_folder(ctx, edge)
    found = guesses(ctx, edge)
    hint = f"Did you mean `{found[0][0]}`?" if found else "Correct the path, or name the model by its id."
    message = (
        f"`{edge.reference.target.text}` does not exist (looked in {looked_in(ctx, edge)}), so the {_word(edge)} "
        f"is not known. {hint}"
    )
    return finding(ctx, edge, message, Severity.WARNING, (*to_guesses(ctx, edge, found), *creation(ctx, edge)))


def _round(ctx: LinkedContext, edge: Edge) -> list[Finding]:
    """What is said of a hint that leads back to its own spec."""
    steps = list(line(ctx.graph, edge))
    ends = next((n for n, step in enumerate(steps) if step.target.node == ctx.node), None)
    if ends is None and len(steps) == LONGEST:
        message = (
            f"The {_word(edge)} is not known: base models are followed through {LONGEST} specs, and this line is "
            "longer. Name the first model by its id."
        )
        return [finding(ctx, edge, message, Severity.WARNING)]
    # A draft may well be made from the model that it drafts for.
    if ends is None or (ends and edge.reference.path() != BASE_MODEL):
        return []
    if ends == 0:
        message = f"The {_word(edge)} of this spec cannot be its own. Name that of another model, or delete the hint."
        return [finding(ctx, edge, message, Severity.WARNING)]
    way = [*(step.source for step in steps[: ends + 1]), ctx.node]
    names = [f"`{spec.title}`" for node in way if (spec := ctx.graph.spec(node)) is not None]
    if len(names) > _SHOWN:
        names[_SHOWN - 1 : -1] = ["…"]
    message = f"These models are made from each other: {' → '.join(names)}. One of them must be the first."
    related = tuple(ctx.there(node, NAME, "made from this one, too") for node in way[1:-1])
    return [Finding(message, ctx.at(edge.reference.path()), Severity.WARNING, related)]


def _word(edge: Edge) -> str:
    assert isinstance(edge.reference, HintReference)
    return _WORDS[edge.reference.hint]
