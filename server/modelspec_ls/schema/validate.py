"""Validate a plain value and sort the errors into what a person did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import near

from .navigate import Schema, notes, places_of, properties, schema_for
from .quick import Check, compiled

ProblemKind = Literal["missing", "unknown", "type", "choice", "range"]
RANGE = frozenset(
    {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "maxItems",
        "minItems",
        "pattern",
        "maxLength",
        "minLength",
        "format",
    }
)


MAX_UNKNOWN = 200
"""Most unknown keys of one mapping that are reported: beyond that it is another kind of document."""


class Problem(NamedTuple):
    """One schema error.

    ``path`` leads to the value; for ``missing`` to the parent and for ``unknown`` to the key itself.
    ``names`` are the missing names. ``near`` is the sibling a typo meant, ``elsewhere`` the path at
    which a misplaced key belongs.
    """

    kind: ProblemKind
    path: DocPath
    value: Any
    schema: Schema
    keyword: str
    names: tuple[str, ...] = ()
    near: str | None = None
    elsewhere: DocPath | None = None


@cache
def _validator(kind: str) -> Any:
    # Imported late: it takes a tenth of a second, which completion and hover do not need.
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415

    extend: Any = validators.extend
    return extend(Draft202012Validator, {"properties": _in_properties, "items": _in_items})(schema_for(kind))


# The validator goes only where a quick look finds something wrong: one mistake in ten thousand lines costs little.
def _in_properties(validator: Any, known: Mapping[str, Any], value: Any, _schema: Schema) -> Iterator[Any]:
    if isinstance(value, dict):
        for name, below in known.items():
            if name in value and not _surely(below, value[name]):
                yield from validator.descend(value[name], below, path=name, schema_path=name)


def _in_items(validator: Any, below: Schema, value: Any, _schema: Schema) -> Iterator[Any]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            if not _surely(below, item):
                yield from validator.descend(item, below, path=number)


def _surely(schema: Schema, value: Any) -> bool:
    """Whether a value is valid for certain."""
    kept = _looks.get(id(schema))
    if kept is None:
        # The schema is kept with its look, so that no other one gets its id.
        kept = _looks[id(schema)] = schema, compiled(schema)
    return kept[1] is not None and kept[1](value)


_looks: dict[int, tuple[Schema, Check | None]] = {}


@cache
def _quick(kind: str) -> Check | None:
    return compiled(schema_for(kind))


def is_valid(kind: str, value: Any) -> bool:
    """The bare verdict."""
    return bool(_validator(kind).is_valid(value))


def fits(schema: Schema, value: Any) -> bool:
    """Whether a scalar satisfies a subschema."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    return bool(Draft202012Validator(schema).is_valid(value))


def validate(kind: str, value: Any) -> tuple[Problem, ...]:
    """All schema errors of a value, one per cause: a typo of a required key is not also a missing key."""
    quick = _quick(kind)
    if quick is not None and quick(value):
        return ()
    found = [p for error in _validator(kind).iter_errors(value) for p in _problems(kind, error)]
    return tuple(_one_cause(found))


def _problems(kind: str, error: Any) -> Iterator[Problem]:
    path: DocPath = tuple(error.absolute_path)
    schema: Schema = error.schema
    keyword: str = error.validator
    value = error.instance
    if keyword == "required":
        # The validator reports each missing name; the first stands for all.
        missing = tuple(name for name in properties(schema) if name in error.validator_value and name not in value)
        stated_otherwise = notes(schema).get("instead", {})
        if error.message.startswith(repr(missing[0])):
            missing = tuple(name for name in missing if stated_otherwise.get(name) not in value)
        else:
            missing = ()
        if missing:
            yield Problem("missing", path, value, schema, keyword, names=missing)
    elif keyword == "additionalProperties":
        unknown = [name for name in value if name not in properties(schema)]
        for name in unknown[:MAX_UNKNOWN]:
            yield _unknown(kind, path, name, value, schema)
    elif keyword == "type":
        yield Problem("type", path, value, schema, keyword)
    elif keyword in {"enum", "const"}:
        yield Problem("choice", path, value, schema, keyword)
    elif keyword in RANGE:
        yield Problem("range", path, value, schema, keyword)


def _unknown(kind: str, path: DocPath, name: str, value: Any, schema: Schema) -> Problem:
    allowed = properties(schema)
    guess = _renamed(name, allowed) or near(name, (n for n in allowed if n not in value)) or near(name, allowed)
    return Problem(
        "unknown",
        (*path, name),
        value.get(name),
        schema,
        "additionalProperties",
        near=guess,
        elsewhere=None if guess else _home(kind, path, name),
    )


def _renamed(name: str, allowed: Schema) -> str | None:
    """The field that had this name in an earlier release of its format."""
    return next((field for field, below in allowed.items() if name in notes(below).get("formerly", ())), None)


def _home(kind: str, path: DocPath, name: str) -> DocPath | None:
    """Where a misplaced key belongs: the place that shares most of the path; None if several do equally."""
    places = [_in_items_of(path, p) for p in places_of(kind, name)]
    scored = sorted(((-_shared(p, path), len(p), p) for p in places if p[:-1] != path), key=lambda s: s[:2])
    if not scored or (len(scored) > 1 and scored[0][:2] == scored[1][:2]):
        return None
    return scored[0][2]


def _in_items_of(path: DocPath, place: DocPath) -> DocPath:
    """The place with the path's own list indexes, as far as both run through the same lists."""
    out: list[str | int] = []
    same = True
    for i, part in enumerate(place):
        own = path[i] if same and i < len(path) else None
        out.append(own if isinstance(part, int) and isinstance(own, int) else part)
        same = same and own == out[-1]
    return tuple(out)


def _shared(a: DocPath, b: DocPath) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


def _one_cause(problems: list[Problem]) -> Iterator[Problem]:
    unknown = [p for p in problems if p.kind == "unknown"]
    excused = {(*p.path[:-1], p.near) for p in unknown if p.near} | {p.elsewhere for p in unknown if p.elsewhere}
    emptied = {p.elsewhere[:-1] for p in unknown if p.elsewhere}
    wrong_const = {p.path for p in problems if p.keyword == "const"}
    wrong_type = {p.path for p in problems if p.kind == "type"} - wrong_const
    for problem in problems:
        if problem.kind == "missing":
            names = tuple(n for n in problem.names if (*problem.path, n) not in excused)
            if names:
                yield problem._replace(names=names)
        elif problem.kind == "type" and problem.path in wrong_const:
            continue  # The one possible value says the type too.
        elif problem.kind == "type" and problem.value is None and problem.path in emptied:
            continue  # What it holds stands beside it, not indented.
        elif problem.kind in {"range", "choice"} and problem.path in wrong_type:
            continue
        else:
            yield problem
