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

from modelspec_ls.core.finding import Applicability, Finding, Fix, InsertPairs, RemovePair, SetValue, Severity
from modelspec_ls.core.path import dotted
from modelspec_ls.core.words import code_list, shorten
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import ANY, Rule
from modelspec_ls.rules.skeleton import skeleton
from modelspec_ls.rules.syntax.ambiguous_scalar import disputed
from modelspec_ls.rules.syntax.invalid_yaml import mistagged
from modelspec_ls.schema import navigate
from modelspec_ls.schema.validate import Problem, fits
from modelspec_ls.syntax.nodes import Alias, Missing, Node, Scalar, deref
from modelspec_ls.syntax.scalars import is_plain, resolve_plain

META = Rule(
    "MS103",
    "wrong-type",
    "schema",
    Severity.ERROR,
    "A value must have the type the schema wants",
    fixable=True,
    kinds=ANY,
)

_GLUED = re.compile(r"([A-Za-z_][\w-]*):\S")
# A number that JSON and both versions of YAML read alike.
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_WORDS = {
    word: source
    for source, words in (("true", "true yes on y 1 enabled"), ("false", "false no off n 0 disabled"))
    for word in words.split()
}
# By the first word of a field's unit: how people write it behind the number.
_UNITS = {
    "GB": "g gb gi gib gbs",
    "milliseconds": "ms msec msecs millisecond milliseconds",
    "seconds": "s sec secs second seconds",
    "days": "d day days",
    "tokens": "token tokens",
    "sequences": "sequence sequences",
    "cores": "core cores cpu cpus vcpu vcpus",
    "accelerators": "gpu gpus accelerator accelerators",
    "replicas": "replica replicas",
    "instances": "instance instances",
    "requests": "request requests rps",
    "US": "usd",
}


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield values of the wrong type, on the value."""
    for problem in ctx.problems:
        found = ctx.find(problem.path)
        if problem.kind != "type" or (not problem.path and found and isinstance(found.node, Missing)):
            continue  # An empty document is said by missing-required-field.
        if found is not None and isinstance(found.node, Alias) and found.node.target is None:
            continue  # An alias that leads nowhere is said already.
        node = deref(found.node) if found else None
        if isinstance(node, Scalar) and (mistagged(node) or disputed(ctx, node, problem.schema)):
            continue
        subject = f"`{dotted(problem.path)}`" if problem.path else "The document"
        advice, fixes = _way_out(ctx, problem, node)
        yield Finding(
            f"{subject} must be {navigate.type_name(problem.schema)}, got {_got(problem.value, node)}."
            + (f" {advice}" if advice else ""),
            ctx.at(problem.path),
            fixes=fixes,
        )


def _got(value: Any, node: Node | None) -> str:
    source = f" `{shorten(node.value, 40)}`" if isinstance(node, Scalar) else ""
    if value is None:
        return f"nothing (`{node.value}`)" if isinstance(node, Scalar) else "nothing"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        shown = str(value) if len(str(value)) < 25 else "too long to show"
        return f"the number {shown}"
    if isinstance(value, str):
        return f"the text{source}" if value.strip() else "an empty text"
    return "a list" if isinstance(value, list) else "a mapping"


def _way_out(ctx: DocumentContext, problem: Problem, node: Node | None) -> tuple[str, tuple[Fix, ...]]:
    wanted = navigate.main_type(problem.schema)
    value = problem.value
    if value is None:
        return _fill_in(ctx, problem)
    if isinstance(node, Scalar) and wanted == "string" and is_plain(node):
        quoted = f'"{node.value}"'
        advice = f"Quote it: {quoted}."
        if isinstance(value, float) and str(value) != node.value:
            advice += f" Unquoted, `{node.value}` is read as {value:g}."
        return advice, (_set(ctx, problem, f"Quote it: {quoted}", quoted),)
    if isinstance(node, Scalar) and wanted == "string":
        return "Remove the tag.", ()
    if isinstance(node, Scalar) and isinstance(value, str):
        return _from_text(ctx, problem, node)
    if isinstance(value, float) and wanted == "integer":
        return "Fractions are not possible here.", ()
    if wanted == "boolean":
        return "Write `true` or `false`.", ()
    if wanted == "array":
        return "Start each item with `- `.", ()
    if wanted == "object":
        return "Write `key: value` pairs without dashes.", ()
    if isinstance(value, list) and len(value) == 1:
        return "Write the value without a list around it.", ()
    return f"Write {navigate.type_name(problem.schema)}.", ()


def _from_text(ctx: DocumentContext, problem: Problem, node: Scalar) -> tuple[str, tuple[Fix, ...]]:
    """Text where something else belongs: quotes too many, a word for a boolean, a number with its unit."""
    wanted = navigate.main_type(problem.schema)
    if node.tag is not None:
        return "Remove the tag.", ()
    text = node.value.strip()
    value = resolve_plain(text)
    if wanted == "boolean" and (word := _WORDS.get(text.lower())):
        return f"Write `{word}`.", (_set(ctx, problem, f"Write {word}", word),)
    if wanted in {"integer", "number"} and isinstance(value, (int, float)) and fits(problem.schema, value):
        if not _DECIMAL.fullmatch(text):
            return f"Write the number without quotes: {value:g}.", ()
        return f"Remove the quotes: {text}.", (_set(ctx, problem, f"Remove the quotes: {text}", text),)
    if wanted in {"integer", "number"} and (number := _without_unit(text, problem.schema)):
        return f"Write the number alone: {number}.", (
            Fix(f"Write {number}", (SetValue(ctx.at(problem.path), number),)),
        )
    if wanted == "boolean":
        return "Write `true` or `false`.", ()
    if wanted == "object" and (glued := _GLUED.match(node.value)):
        return f"Put a space after `{glued[1]}:`.", ()
    if wanted == "object":
        return "Write `key: value` pairs below it.", ()
    if wanted == "array":
        return "Start each item with `- ` on a line of its own.", ()
    return "Write a number.", ()


def _fill_in(ctx: DocumentContext, problem: Problem) -> tuple[str, tuple[Fix, ...]]:
    """What to do about a value that is not there."""
    needs = navigate.required(problem.schema)
    fixes: tuple[Fix, ...] = ()
    if needs:
        insert = InsertPairs(ctx.at(problem.path), skeleton(problem.schema, needs))
        fixes = (Fix(f"Insert {code_list(needs)}", (insert,)),)
    advice = f"It needs {code_list(needs)}" if needs else "Fill it in"
    if not problem.path:
        return f"{advice}.", ()
    parent = navigate.at(ctx.schema, problem.path[:-1])
    if parent is None or problem.path[-1] in navigate.required(parent):
        return f"{advice}.", fixes
    what = "item" if isinstance(problem.path[-1], int) else "key"
    delete = Fix(f"Delete the empty {what}", (RemovePair(ctx.at(problem.path, "pair")),))
    return f"{advice}, or delete the {what}.", (*fixes, delete)


def _set(ctx: DocumentContext, problem: Problem, title: str, source: str) -> Fix:
    return Fix(title, (SetValue(ctx.at(problem.path), source),), Applicability.SAFE)


def _without_unit(text: str, schema: navigate.Schema) -> str | None:
    """The number in ``80GB`` or ``4 GPUs``, where that is the field's own unit: ``500m`` cores are not 500."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", text)
    if match is None or not _DECIMAL.fullmatch(match[1]) or not fits(schema, resolve_plain(match[1])):
        return None
    unit, _, _ = str(navigate.notes(schema).get("unit", "")).partition(" ")
    return match[1] if match[2].lower() in _UNITS.get(unit, "").split() else None
