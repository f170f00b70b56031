"""What a verdict says to a person, and what would settle it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from modelspec_ls.core.path import DocPath, dotted
from modelspec_ls.core.words import join

from .evaluate import Outcome, Subject
from .fields import field
from .limits import Budget, Exhausted
from .matchers import Asked, shown
from .model import Rule, Selector

_HOLE = re.compile(r"\{([^{}]*)\}")
_LONGEST = 600


def message(outcome: Outcome, subject: Subject) -> str:
    """The finding's message: the rule's own, else one with the value and what is asked for."""
    active, asked = outcome.active, outcome.asked
    if outcome.error:
        return f"`{active.rule.name}` of policy `{active.source.name}` cannot be judged here: {outcome.error}"
    if active.rule.message:
        return _HOLE.sub(lambda hole: _filled(hole, outcome, subject), active.rule.message)[:_LONGEST]
    if asked is None or outcome.check is None:
        return f"`{active.rule.name}` of policy `{active.source.name}` does not hold: {active.rule.expression}"
    what = f"`{_field(outcome)}`"
    if active.rule.sort == "forbid":
        return f"{what} is {_value(outcome)}, which policy `{active.source.name}` forbids."
    if not outcome.there:
        noun = "is not known" if outcome.check.field.derived else "is missing"
        return f"{what} {noun}; policy `{active.source.name}` asks for {_sentence(outcome.check.asked)}."
    return f"{what} is {_value(outcome)}; policy `{active.source.name}` asks for {asked.sentence}."


def _sentence(asked: tuple[Asked, ...]) -> str:
    words = [one.sentence for one in asked if one.name != "present" or len(asked) == 1]
    return join(words)


def _field(outcome: Outcome) -> str:
    assert outcome.check is not None
    return outcome.check.field.text if outcome.check.field.derived else dotted(outcome.path)


def _value(outcome: Outcome) -> str:
    return f"`{shown(outcome.value)}`" if isinstance(outcome.value, str) else shown(outcome.value)


def _filled(hole: re.Match[str], outcome: Outcome, subject: Subject) -> str:
    name, active = hole[1], outcome.active
    if name.startswith("derived."):
        value = subject.derived.get(name.removeprefix("derived."), active.prices) if subject.derived else None
        return "unknown" if value is None else shown(value)
    if name.startswith("params."):
        found = active.params.get(name.removeprefix("params."))
        return ", ".join(map(shown, found)) if isinstance(found, list) else shown(found)
    words: Mapping[str, str] = {
        "value": shown(outcome.value),
        "expected": outcome.asked.expected if outcome.asked is not None else "",
        "path": dotted(outcome.path),
        "name": subject.name,
        "policy": active.source.name,
        "rule": active.rule.name,
    }
    return words.get(name, hole[0])


def remedies(outcome: Outcome) -> list[tuple[DocPath, Any]] | None:
    """Fields with the values to write; an empty list for a field to take away; None where there is no one way."""
    fix, asked, check = outcome.active.rule.fix, outcome.asked, outcome.check
    if outcome.error or fix == "none":
        return None
    if isinstance(fix, Mapping):
        found = [(field(str(text), outcome.active.rule.match.kinds or ("ModelSpec",)), v) for text, v in fix.items()]
        return [(f.schema_path, value) for f, value in found if f is not None and not f.derived and not f.many] or None
    if check is None or check.field.derived or asked is None:
        return None
    forbidden = outcome.active.rule.sort == "forbid"
    absent = asked.name == "present" and asked.value is False
    if fix == "remove" or (absent and not forbidden):
        return [] if outcome.there else None
    if forbidden:
        return None
    return None if (value := _settling(check.asked, check.field.type)) is None else [(outcome.path, value)]


def _settling(asked: tuple[Asked, ...], kind: str) -> Any:
    """The one value, or the nearest one, that all that is asked is content with; None where there is none."""
    by_name = {one.name: one.value for one in asked}
    single = by_name.get("equals")
    if single is None and isinstance(by_name.get("in"), list) and len(by_name["in"]) == 1:
        single = by_name["in"][0]
    value = single if single is not None else by_name.get("min", by_name.get("max"))
    if value is None or isinstance(value, (dict, list)):
        return None
    if kind == "integer" and isinstance(value, float):
        value = int(value) if value.is_integer() or ("max" in by_name and "min" not in by_name) else int(value) + 1
    try:
        return value if all(one.holds(value, Budget()) for one in asked) else None
    except Exhausted:
        return None


def selection(rule: Rule) -> str:
    """Which documents a rule is about, in words."""
    about = _selected(rule.match) or "every document"
    exclude = _selected(rule.exclude) if rule.exclude is not None else ""
    kinds = " or ".join(rule.match.kinds or ("ModelSpec",))
    return f"{kinds}: {about}" + (f", but not {exclude}" if exclude else "")


def _selected(selector: Selector) -> str:
    parts = [
        *(f"label `{name}` {_any(words)}" for name, words in selector.labels),
        *(f"annotation `{name}` {_any(words)}" for name, words in selector.annotations),
        *([f"named {_or(selector.names)}"] if selector.names else []),
        *([f"in {_or(selector.paths)}"] if selector.paths else []),
        *([f"running in {_or(selector.environments)}"] if selector.environments else []),
        *(f"`{requirement.field.text}` as asked" for requirement in selector.fields),
        *([f"`{selector.expression}`"] if selector.expression else []),
    ]
    return " and ".join(parts)


def _any(words: tuple[str, ...]) -> str:
    return "is set" if "*" in words else f"is {_or(words)}"


def _or(words: tuple[str, ...]) -> str:
    return join((f"`{word}`" for word in words), "or")
