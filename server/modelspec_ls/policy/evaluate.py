"""What policies say of a document: every rule that is about it, with a verdict at each field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from attrs import field, frozen

from modelspec_ls.core.path import DocPath

from . import cel
from .bundle import Active, Bundle, Check, Chosen, Source
from .derived import DerivedValues
from .fields import DERIVED, values_at
from .globs import name_pattern, path_pattern
from .limits import Budget, Exhausted
from .matchers import Asked
from .model import Override, Selector


def _never(_: DocPath) -> bool:
    return False


@frozen(eq=False)
class Subject:
    """A document as policies see it. ``path``: its file, absolute, with forward slashes."""

    value: Any
    kind: str
    path: str
    name: str = ""
    labels: Mapping[str, str] = field(factory=dict)
    annotations: Mapping[str, str] = field(factory=dict)
    environment: str = ""
    derived: DerivedValues | None = None
    today: date = date.min
    skipped: Callable[[DocPath], bool] = _never
    """Whether the schema has something against what stands at a path, or would: then nothing more is said."""
    budget: Budget = field(factory=Budget)


@frozen(eq=False)
class Outcome:
    """A verdict. ``path``: where in the document. ``asked``: what did not hold, or held and must not.

    ``error``: why nothing can be said.
    """

    active: Active
    path: DocPath
    holds: bool
    check: Check | None = None
    asked: Asked | None = None
    there: bool = True
    value: Any = None
    error: str = ""


def outcomes(bundle: Bundle, subject: Subject) -> Iterator[Outcome]:
    """All verdicts on a document, those that hold too."""
    rules = [a for a in bundle.by_kind.get(subject.kind, ()) if a.rule.sort != "nothing"]
    try:
        chosen = [active for active in rules if _concerns(active, subject) and not _exempt(active, subject)]
        said = _calculated(chosen, subject)
        for active in chosen:
            if _selected_by_expression(active, said, subject):
                yield from _expression(active, said) if active.rule.expression else _fields(active, subject)
    except Exhausted:
        # Not one wrong word: what was found so far stands, what is left is not judged.
        first = rules[0]
        yield Outcome(first, (), holds=False, error="the policies ask for too much work on this document.")


def level_words(bundle: Bundle, subject: Subject) -> tuple[Override, ...]:
    """The severities that policies give built-in rules on a document, later ones stronger."""
    try:
        return tuple(
            o
            for source, o in bundle.overrides
            if _selects(Chosen(o.match, ()), source, subject, kinds=bool(o.match.kinds))
        )
    except Exhausted:
        return ()


def _concerns(active: Active, subject: Subject) -> bool:
    if not _selects(active.match, active.source, subject, kinds=True, prices=active.prices):
        return False
    exclude = active.exclude
    return exclude is None or bool(exclude.selector.expression) or not _excluded(active, exclude, subject)


def _excluded(active: Active, exclude: Chosen, subject: Subject) -> bool:
    kinds = bool(exclude.selector.kinds)
    return _selects(exclude, active.source, subject, kinds=kinds, prices=active.prices)


def _exempt(active: Active, subject: Subject) -> bool:
    return any(
        subject.today <= exemption.until and _named((exemption.name,), subject) for exemption in active.rule.exempt
    )


def _selects(
    chosen: Chosen, source: Source, subject: Subject, *, kinds: bool, prices: Mapping[str, float] | None = None
) -> bool:
    """Whether all that a selector says holds, but its expression."""
    asked = chosen.selector
    if kinds and subject.kind not in (asked.kinds or ("ModelSpec",)):
        return False
    if asked.environments and subject.environment not in asked.environments:
        return False
    if not _labelled(asked.labels, subject.labels) or not _labelled(asked.annotations, subject.annotations):
        return False
    if asked.names and not _named(asked.names, subject):
        return False
    if asked.paths and not _placed(asked, source, subject):
        return False
    return all(_all_hold(check, subject, prices or {}) for check in chosen.fields)


def _labelled(wanted: tuple[tuple[str, tuple[str, ...]], ...], there: Mapping[str, str]) -> bool:
    return all(name in there and ("*" in words or there[name] in words) for name, words in wanted)


def _named(globs: Iterable[str], subject: Subject) -> bool:
    for glob in globs:
        if glob == subject.name:
            return True
        if (
            ("*" in glob or "?" in glob)
            and (found := name_pattern(glob))
            and found.found_in(subject.name, subject.budget)
        ):
            return True
    return False


def _placed(asked: Selector, source: Source, subject: Subject) -> bool:
    top = source.folder.rstrip("/") + "/"
    if not subject.path.startswith(top):
        return False
    below = subject.path[len(top) :]
    found = (path_pattern(glob) for glob in asked.paths)
    return any(pattern.found_in(below, subject.budget) for pattern in found if pattern is not None)


def _values(check: Check, subject: Subject, prices: Mapping[str, float]) -> Iterator[tuple[DocPath, bool, Any]]:
    if check.field.derived:
        value = subject.derived.get(check.field.derived, prices) if subject.derived is not None else None
        yield DERIVED[check.field.derived].at, value is not None, value
    else:
        yield from values_at(subject.value, check.field.parts)


def _all_hold(check: Check, subject: Subject, prices: Mapping[str, float]) -> bool:
    """Whether a field of a selector is as it says, everywhere that it leads to."""
    places = list(_values(check, subject, prices))
    return all(_failing(check, there, value, subject) is None for _, there, value in places)


def _failing(check: Check, there: bool, value: Any, subject: Subject) -> Asked | None:
    """The first thing asked of a field that does not hold."""
    if not there:
        if check.optional:
            return None
        return next((asked for asked in check.asked if asked.name != "present" or asked.value), None)
    return next((asked for asked in check.asked if not asked.holds(value, subject.budget)), None)


def _fields(active: Active, subject: Subject) -> Iterator[Outcome]:
    for check in active.checks:
        places = list(_values(check, subject, active.prices))
        subject.budget.spend(len(places))
        twice = _doubled(check, places)
        for place, there, value in places:
            if subject.skipped(place):
                continue
            if active.rule.sort == "forbid":
                hit = there and all(asked.holds(value, subject.budget) for asked in check.asked)
                yield Outcome(active, place, not hit, check, check.asked[0] if hit else None, there, value)
                continue
            failing = _failing(check, there, value, subject)
            if failing is None and place in twice:
                failing = next(asked for asked in check.asked if asked.name == "uniqueIn")
            yield Outcome(active, place, failing is None, check, failing, there, value)


def _doubled(check: Check, places: list[tuple[DocPath, bool, Any]]) -> set[DocPath]:
    """The places whose value another one before has, where values must be unique."""
    if not any(asked.name == "uniqueIn" for asked in check.asked):
        return set()
    seen: set[tuple[type, Any]] = set()
    out: set[DocPath] = set()
    for place, there, value in places:
        if there and isinstance(value, (str, int, float)):
            key = type(value), value
            if key in seen:
                out.add(place)
            seen.add(key)
    return out


# ---------------------------------------------------------------------- expressions
_Said = Mapping[tuple[int, str], cel.Verdict]


def _calculated(chosen: list[Active], subject: Subject) -> _Said:
    """What every expression says, by the rule's parameters and the text; asked for all at once."""
    wanted: dict[int, tuple[Active, dict[str, None]]] = {}
    for active in chosen:
        texts = [active.rule.expression, active.match.selector.expression]
        texts.append(active.exclude.selector.expression if active.exclude is not None else "")
        for text in filter(None, texts):
            wanted.setdefault(id(active.params), (active, {}))[1][text] = None
    found: dict[tuple[int, str], cel.Verdict] = {}
    for key, (active, texts_of) in wanted.items():
        asked = list(texts_of)
        names = frozenset(
            name for name in DERIVED for text in asked if "derived" in text and name.rpartition(".")[2] in text
        )
        values = {
            "object": subject.value,
            "labels": dict(subject.labels),
            "params": dict(active.params),
            "derived": subject.derived.tree(names, active.prices) if subject.derived is not None else {},
        }
        found.update(zip(((key, text) for text in asked), cel.judge(asked, values), strict=True))
    return found


def _selected_by_expression(active: Active, said: _Said, subject: Subject) -> bool:
    """Whether the expressions of its selectors let a rule speak; one that fails lets none."""
    key = id(active.params)
    if text := active.match.selector.expression:
        verdict = said[key, text]
        if verdict.error or not verdict.holds:
            return False
    if active.exclude is not None and (text := active.exclude.selector.expression):
        verdict = said[key, text]
        return bool(not verdict.error and not (verdict.holds and _excluded(active, active.exclude, subject)))
    return True


def _expression(active: Active, said: _Said) -> Iterator[Outcome]:
    verdict = said[id(active.params), active.rule.expression]
    at = active.rule.at
    path: DocPath = () if at is None else DERIVED[at.derived].at if at.derived else ()
    if at is not None and not at.derived:
        path = tuple(
            part for part in at.parts[: at.parts.index(None) if None in at.parts else None] if part is not None
        )
    if verdict.error and cel.available():
        yield Outcome(active, path, holds=False, error=verdict.error)
    elif not verdict.error:
        yield Outcome(active, path, verdict.holds)
