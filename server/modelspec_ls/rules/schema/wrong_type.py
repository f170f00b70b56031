"""A value must have the type the schema wants.

## What it checks

Text where a number belongs, a number where text belongs, a list where a mapping belongs, by YAML 1.2
typing. `1.0` counts as a whole number; a boolean is never one.

## Why it matters

Labels, annotations, environment variables and versions must be text. An unquoted number or boolean in
them is the commonest mistake in a ModelSpec, and the document is rejected for it.

## Bad

```yaml
metadata:
  name: example
  version: 1.10
#          ^^^^ error[wrong-type]: must be text, got the number 1.1
spec:
  runtime:
    environment:
      variables:
        TOKENIZERS_PARALLELISM: false
#                               ^^^^^ error[wrong-type]: must be text, got the boolean false
```

## Good

```yaml
metadata:
  name: example
  version: "1.10"
spec:
  runtime:
    environment:
      variables:
        TOKENIZERS_PARALLELISM: "false"
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from modelspec_ls.core.finding import Applicability, Finding, Fix, SetValue, Severity
from modelspec_ls.core.path import dotted
from modelspec_ls.core.words import shorten
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.syntax.ambiguous_scalar import disputed
from modelspec_ls.schema import navigate
from modelspec_ls.schema.validate import Problem, fits
from modelspec_ls.syntax.nodes import Node, Scalar, deref
from modelspec_ls.syntax.scalars import is_plain, resolve_plain

META = Rule(
    "MS103",
    "wrong-type",
    "schema",
    Severity.ERROR,
    "A value must have the type the schema wants",
    fixable=True,
)

_GLUED = re.compile(r"([A-Za-z_][\w-]*):\S")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield values of the wrong type, on the value."""
    for problem in ctx.problems:
        if problem.kind != "type" or (not problem.path and problem.value is None):
            continue
        found = ctx.find(problem.path)
        node = deref(found.node) if found else None
        if isinstance(node, Scalar) and disputed(node, problem.schema):
            continue
        advice, fixes = _way_out(ctx, problem, node)
        yield Finding(
            f"`{dotted(problem.path)}` must be {navigate.type_name(problem.schema)}, got {_got(problem.value, node)}."
            + (f" {advice}" if advice else ""),
            ctx.at(problem.path),
            fixes=fixes,
        )


def _got(value: Any, node: Node | None) -> str:
    source = f" `{shorten(node.value, 40)}`" if isinstance(node, Scalar) else ""
    if value is None:
        return "nothing" if not source else f"null{source}"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        shown = str(value) if len(str(value)) < 25 else "too long to show"
        return f"the number {shown}"
    if isinstance(value, str):
        return f"the text{source}" if source else "text"
    return "a list" if isinstance(value, list) else "a mapping"


def _way_out(ctx: DocumentContext, problem: Problem, node: Node | None) -> tuple[str, tuple[Fix, ...]]:
    wanted = problem.schema.get("type")
    value = problem.value
    if isinstance(node, Scalar) and wanted == "string" and is_plain(node) and value is not None:
        quoted = f'"{node.value}"'
        advice = f"Quote it: {quoted}."
        if isinstance(value, float) and str(value) != node.value:
            advice += f" Unquoted, `{node.value}` is read as {value:g}."
        return advice, (_set(ctx, problem, f"Quote it: {quoted}", quoted),)
    if isinstance(node, Scalar) and isinstance(value, str):
        if node.style in {"'", '"'} and fits(problem.schema, resolve_plain(node.value)):
            return f"Remove the quotes: {node.value}.", (
                _set(ctx, problem, f"Remove the quotes: {node.value}", node.value),
            )
        if wanted == "object" and (glued := _GLUED.match(node.value)):
            return f"Put a space after `{glued[1]}:`.", ()
        if (number := _leading_number(node.value)) and fits(problem.schema, resolve_plain(number)):
            return f"Write the number alone: {number}.", (
                Fix(f"Write {number}", (SetValue(ctx.at(problem.path), number),)),
            )
    if isinstance(value, float) and wanted == "integer":
        return "Fractions are not possible here.", ()
    if wanted == "array" and isinstance(value, dict):
        return "Start each item with `- `.", ()
    if wanted == "object" and isinstance(value, list):
        return "Write `key: value` pairs without dashes.", ()
    if value is None and wanted in {"object", "array"}:
        return "Fill it in, or delete the key.", ()
    return "", ()


def _set(ctx: DocumentContext, problem: Problem, title: str, source: str) -> Fix:
    return Fix(title, (SetValue(ctx.at(problem.path), source),), Applicability.SAFE)


def _leading_number(text: str) -> str | None:
    """The number in ``80GB`` or ``4 GPUs``."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*[A-Za-z%]+\s*", text)
    return match[1] if match else None
