"""The bare verdict of a schema as one function, for the documents that have no error: most of them.

Ten times faster than the validator, which is asked only for what is wrong. A schema with a keyword that is not known
here has no such function.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], bool]

_NOTES = frozenset({"$id", "$schema", "title", "description", "default", "examples", "x-modelspec", "$comment"})
_KNOWN = _NOTES | {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "pattern",
}  # fmt: skip


_MANY_ITEMS = 32
"""Items of longer lists are remembered by what they are, not by what they hold: values must not be changed."""
_MOST_KNOWN = 4096


def _integer(value: Any) -> bool:
    return (type(value) is int) or (type(value) is float and value.is_integer())


_TYPES: dict[str, Check] = {
    "string": lambda v: isinstance(v, str),
    "integer": _integer,
    "number": lambda v: type(v) is int or type(v) is float,
    "boolean": lambda v: v is True or v is False,
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "null": lambda v: v is None,
}


def compiled(schema: Any) -> Check | None:
    """A function that says whether a JSON-like value is valid; None where the schema says more than is known here."""
    if isinstance(schema, dict) and schema.keys() <= _NOTES:
        return lambda _: True
    if not isinstance(schema, dict) or not schema.keys() <= _KNOWN:
        return None
    kinds: list[Any] = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")]
    if not kinds or not all(kind in _TYPES for kind in kinds):
        return None
    checks = [_any_of([_TYPES[kind] for kind in kinds])]
    for word in ("enum", "const"):
        if word in schema:
            choices = schema[word] if word == "enum" else [schema[word]]
            if not all(isinstance(choice, str) for choice in choices):
                return None
            checks.append(frozenset(choices).__contains__)
    checks += _bounds(schema)
    for part in (_object(schema), _array(schema)):
        if part is None:
            return None
        checks += part
    if len(checks) == 1:
        return checks[0]
    first, *rest = checks

    # Loops, not `all`: this runs for every value of every text.
    def valid(value: Any) -> bool:
        if not first(value):
            return False
        for check in rest:  # noqa: SIM110
            if not check(value):
                return False
        return True

    return valid


def _any_of(checks: list[Check]) -> Check:
    return checks[0] if len(checks) == 1 else lambda value: any(check(value) for check in checks)


def _bounds(schema: Any) -> list[Check]:
    out: list[Check] = []
    if (low := schema.get("minimum")) is not None:
        out.append(lambda v: v >= low)
    if (high := schema.get("maximum")) is not None:
        out.append(lambda v: v <= high)
    if (above := schema.get("exclusiveMinimum")) is not None:
        out.append(lambda v: v > above)
    if (below := schema.get("exclusiveMaximum")) is not None:
        out.append(lambda v: v < below)
    if (pattern := schema.get("pattern")) is not None:
        search = re.compile(pattern).search
        out.append(lambda v: not isinstance(v, str) or search(v) is not None)
    if (fewest := schema.get("minItems")) is not None:
        out.append(lambda v: len(v) >= fewest)
    if (most := schema.get("maxItems")) is not None:
        out.append(lambda v: len(v) <= most)
    return out


def _object(schema: Any) -> list[Check] | None:
    if not schema.keys() & {"properties", "required", "additionalProperties"}:
        return []
    if schema["type"] != "object":
        return None
    known: dict[str, Check] = {}
    for name, below in schema.get("properties", {}).items():
        check = compiled(below)
        if check is None:
            return None
        known[name] = check
    needed = frozenset(schema.get("required", ()))
    rest = schema.get("additionalProperties", True)
    other: Check | None = (lambda _: True) if rest is True else (lambda _: False) if rest is False else compiled(rest)
    if other is None:
        return None

    def valid(value: Any) -> bool:
        if not needed <= value.keys():
            return False
        for name, item in value.items():  # noqa: SIM110
            if not known.get(name, other)(item):
                return False
        return True

    return [valid]


def _array(schema: Any) -> list[Check] | None:
    if "items" not in schema:
        return []
    check = compiled(schema["items"])
    if schema["type"] != "array" or check is None:
        return None

    def valid(value: Any) -> bool:
        if len(value) > _MANY_ITEMS:
            return all_valid(value)
        for item in value:  # noqa: SIM110
            if not check(item):
                return False
        return True

    # Items of long lists are the same objects as before, if their text is (``syntax.data.survey``).
    known: dict[int, Any] = {}

    def all_valid(value: Any) -> bool:
        for item in value:
            if known.get(id(item), known) is item:
                continue
            if not check(item):
                return False
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known[id(item)] = item
        return True

    return [valid]
