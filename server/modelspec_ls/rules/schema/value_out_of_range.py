"""A number must lie in the range the schema allows.

## What it checks

Ports (1 to 65535), counts and sizes (at least 1), times, prices and days (not negative). In an OpenModel the number of
flavors (at most 8), the quantities of `limits` and the form of `createdAt`.

## Why it matters

The schema rejects the value; the right one cannot be guessed.

## Bad

```yaml
spec:
  operations:
    serving:
      port: 80000
#           ^^^^^ error[value-out-of-range]: must be from 1 to 65535
```

## Good

```yaml
spec:
  operations:
    serving:
      port: 8000
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.core.path import dotted
from modelspec_ls.core.words import shorten
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import ANY, Rule
from modelspec_ls.rules.syntax.ambiguous_scalar import disputed
from modelspec_ls.schema.navigate import Schema, notes
from modelspec_ls.schema.validate import RANGE, Problem
from modelspec_ls.syntax.nodes import Scalar, deref

META = Rule(
    "MS105",
    "value-out-of-range",
    "schema",
    Severity.ERROR,
    "A number must lie in the range the schema allows",
    kinds=ANY,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield values out of range, on the value."""
    for problem in ctx.problems:
        if problem.kind != "range":
            continue
        found = ctx.find(problem.path)
        node = deref(found.node) if found else None
        if isinstance(node, Scalar) and disputed(ctx, node, problem.schema):
            continue
        yield Finding(
            _message(problem),
            ctx.at(problem.path),
        )


def _message(problem: Problem) -> str:
    name, value = dotted(problem.path), problem.value
    if problem.keyword == "maxItems":
        return f"`{name}` has {len(value)} items; at most {problem.schema['maxItems']} are allowed."
    if isinstance(value, str):
        return f"`{name}` is `{shorten(value)}`; it must be {constraint(problem.schema)}."
    return f"`{name}` is {_shown(value)}; it must be {constraint(problem.schema)}."


def _shown(value: float) -> str:
    text = str(value)
    return text if len(text) < 25 else f"about {float(value):.3g}" if abs(value) < 1e308 else "too large a number"


def constraint(schema: Schema) -> str:
    """The allowed range in words."""
    form = notes(schema).get("form")
    if form is not None:
        return str(form)
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"from {low} to {high}"
    above = schema.get("exclusiveMinimum")
    if above is not None:
        return f"more than {above}"
    if low == 0:
        return "0 or more"
    if low is not None:
        return f"at least {low}"
    if high is not None:
        return f"at most {high}"
    return "as the schema says: " + ", ".join(f"{k} {v}" for k, v in schema.items() if k in RANGE)
