"""What may be asked of a field: each matcher with what it takes, what it suits, and how it judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from attrs import frozen

from modelspec_ls.core.words import join, shorten

from .fields import FieldPath
from .limits import Budget
from .pattern import pattern

Same = Callable[[Any, Any], bool]
"""Whether two values mean the same at a field."""


@frozen
class Matcher:
    """``takes``: the sort of its argument. ``suits``: JSON types of fields that it can judge; empty for all."""

    takes: str
    suits: frozenset[str]
    words: str
    """What it asks for, with ``{}`` for the argument."""


_TEXT = frozenset({"string"})
_NUMBERS = frozenset({"number", "integer"})
_HOLDERS = frozenset({"array", "object"})
_SCALARS = frozenset({"string", "number", "integer", "boolean"})
MATCHERS: Mapping[str, Matcher] = MappingProxyType(
    {
        "present": Matcher("boolean", frozenset(), "a value"),
        "equals": Matcher("value", frozenset(), "{}"),
        "in": Matcher("values", _SCALARS, "one of {}"),
        "notIn": Matcher("values", _SCALARS, "none of {}"),
        "min": Matcher("number", _NUMBERS, "at least {}"),
        "max": Matcher("number", _NUMBERS, "at most {}"),
        "matches": Matcher("pattern", _TEXT, "a text that matches `{}`"),
        "startsWith": Matcher("texts", _TEXT, "a text that starts with {}"),
        "endsWith": Matcher("texts", _TEXT, "a text that ends with {}"),
        "minItems": Matcher("count", _HOLDERS, "at least {} entries"),
        "maxItems": Matcher("count", _HOLDERS, "at most {} entries"),
        "uniqueIn": Matcher("word", _SCALARS, "a value that no other element has"),
    }
)
OPTIONAL = "optional"


@frozen
class Asked:
    """One matcher with its argument, ready to judge."""

    name: str
    value: Any
    _holds: Callable[[Any, Budget], bool]

    def holds(self, value: Any, budget: Budget) -> bool:
        """Whether a value that is there satisfies it.

        Raises:
            Exhausted: the document's budget is used up.
        """
        budget.spend()
        return self._holds(value, budget)

    @property
    def expected(self) -> str:
        """The argument in words, for messages: ``14``, ``l4, l40s or h100``."""
        if self.name == "present":
            return "a value" if self.value else "no value"
        many = isinstance(self.value, list)
        words = [shown(item) for item in (self.value[:20] if many else [self.value])]
        if many and len(self.value) > 20:
            words.append("…")
        return ", ".join(words) if self.name in {"in", "notIn"} else join(words, "or")

    @property
    def sentence(self) -> str:
        """What it asks for: ``at most 14``."""
        if self.name == "present":
            return self.expected
        quoted = (
            self.expected if self.name in {"min", "max", "minItems", "maxItems", "matches"} else _quoted(self.value)
        )
        return MATCHERS[self.name].words.format(quoted)


def _quoted(value: Any) -> str:
    items = value if isinstance(value, list) else [value]
    words = [f"`{shown(item)}`" for item in items[:20]] + ["…"] * (len(items) > 20)
    return join(words, "or")


def shown(value: Any) -> str:
    """A value in a message, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}" if value.is_integer() else f"{round(value, 2):g}"
    if isinstance(value, dict):
        return "a section"
    return f"{len(value)} entries" if isinstance(value, list) else shorten(str(value))


def fault(name: str, value: Any, field: FieldPath | None) -> str | None:
    """What is wrong with a matcher's argument, as the end of "``min`` …"; None where it is right."""
    known = MATCHERS[name]
    takes = known.takes
    if field is not None and field.type and known.suits and field.type not in known.suits:
        return f"cannot judge `{field.text}`, which is {_ARTICLE.get(field.type, 'something else')}"
    if takes == "boolean":
        return None if isinstance(value, bool) else "must be true or false"
    if takes == "word":
        if field is not None and not field.many:
            return "needs a path with `[]`, whose elements it compares"
        return None if value == "document" else "must be `document`"
    if takes == "number":
        return None if _is_number(value) else "must be a number"
    if takes == "count":
        right = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return None if right else "must be a whole number, 0 or more"
    if takes == "pattern":
        return None if isinstance(value, str) else "must be a text"
    if takes == "texts":
        texts = value if isinstance(value, list) else [value]
        return None if texts and all(isinstance(t, str) and t for t in texts) else "must be a text or a list of texts"
    if takes == "values":
        if not isinstance(value, list) or not value:
            return "must be a list of values, or `$params.NAME` with one"
        return next((reason for item in value if (reason := _misfit(item, field))), None)
    return _misfit(value, field)


_ARTICLE = {
    "string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": "a list", "object": "a section",
}  # fmt: skip


def _misfit(value: Any, field: FieldPath | None) -> str | None:
    """Why a value can never be that of a field."""
    if field is None or not field.type:
        return None
    right = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": _is_number(value) and float(value).is_integer(),
        "number": _is_number(value),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }.get(field.type, True)
    if not right:
        return f"says `{shown(value)}`, but `{field.text}` is {_ARTICLE[field.type]}"
    choices = field.schema.get("enum")
    if choices is not None and value not in choices:
        return f"says `{shown(value)}`, but `{field.text}` can only be {join(choices, 'or')}"
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -(10**15) <= value <= 10**15


def asked(name: str, value: Any, same: Same) -> Asked:
    """A matcher whose argument has no fault. ``same``: what counts as equal at the field.

    Raises:
        PatternError: ``matches`` with a pattern that is none.
    """
    if name == "matches":
        compiled = pattern(value)
        return Asked(name, value, lambda v, budget: isinstance(v, str) and compiled.found_in(v, budget))
    if name in {"in", "notIn"}:
        return Asked(name, value, _among(value, same) if name == "in" else _without(value, same))
    if name in {"startsWith", "endsWith"}:
        ends = tuple(value) if isinstance(value, list) else (value,)
        start = name == "startsWith"
        return Asked(
            name, value, lambda v, _: isinstance(v, str) and (v.startswith(ends) if start else v.endswith(ends))
        )
    plain: dict[str, Callable[[Any], bool]] = {
        "present": lambda _: value is True,
        "equals": lambda v: same(v, value),
        "min": lambda v: _is_number(v) and v >= value,
        "max": lambda v: _is_number(v) and v <= value,
        "minItems": lambda v: isinstance(v, (list, dict)) and len(v) >= value,
        "maxItems": lambda v: isinstance(v, (list, dict)) and len(v) <= value,
        "uniqueIn": lambda _: True,
    }
    judge = plain[name]
    return Asked(name, value, lambda v, _: judge(v))


def _among(values: list[Any], same: Same) -> Callable[[Any, Budget], bool]:
    """Exact words by a table; what else they may mean one by one."""
    exact = frozenset(v for v in values if isinstance(v, str))

    def holds(value: Any, budget: Budget) -> bool:
        if isinstance(value, str) and value in exact:
            return True
        budget.spend(len(values))
        return any(same(value, item) for item in values)

    return holds


def _without(values: list[Any], same: Same) -> Callable[[Any, Budget], bool]:
    among = _among(values, same)
    return lambda value, budget: not among(value, budget)


def equal(a: Any, b: Any) -> bool:
    """Equality of JSON values: ``1`` is ``1.0`` and is not ``true``."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equal(v, b[k]) for k, v in a.items())
    return bool(a == b)
