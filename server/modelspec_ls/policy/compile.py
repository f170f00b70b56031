"""A policy's plain value to rules, with all that is wrong beyond its schema. Never raises, whatever the value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from modelspec_ls.core.finding import Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import near

from . import cel, matchers
from .fields import DERIVED, FieldPath, field, guess, subjects, written
from .limits import LONGEST_EXPRESSION, MOST_FIELDS, MOST_RULES
from .model import Case, Exemption, Flaw, Override, Policy, Requirement, Rule, Selector, Sort
from .pattern import PatternError, pattern

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_WEB = ("https://", "http://")
_HOLE = re.compile(r"\{([^{}]*)\}")
_HOLES = ("value", "expected", "path", "name", "policy", "rule")
_SORTS: tuple[Sort, ...] = ("require", "forbid", "expression")
PARAMS = "$params."


def compiled(value: Any, wrong: Iterable[DocPath] = ()) -> Policy:
    """Read a policy. ``wrong``: the paths of what its schema does not accept; a rule around one is not in force."""
    reader = _Reader(tuple(wrong))
    return reader.policy(value)


def is_parameter(value: Any) -> bool:
    """Whether an argument stands for a parameter."""
    return isinstance(value, str) and value.startswith(PARAMS)


def day(value: Any) -> date | None:
    """A date as ``2027-03-31``."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


class _Reader:
    def __init__(self, wrong: tuple[DocPath, ...]) -> None:
        self.wrong = wrong
        self.flaws: list[Flaw] = []
        self.params: Mapping[str, Any] = {}
        self.told = False
        """Whether it was said that expressions cannot be evaluated here."""

    def flaw(self, path: DocPath, message: str, **more: Any) -> None:
        self.flaws.append(Flaw(path, message, **more))

    def policy(self, value: Any) -> Policy:
        top, spec = _map(value), _map(_map(value).get("spec"))
        meta = _map(top.get("metadata"))
        if any(path in {(), ("apiVersion",), ("kind",), ("spec",)} and path for path in self.wrong):
            return Policy(name=_text(meta.get("name")))
        self.params = _map(spec.get("params"))
        return Policy(
            name=_text(meta.get("name")),
            description=_text(meta.get("description")),
            extends=tuple(
                (("spec", "extends", n), name) for n, name in enumerate(_list(spec.get("extends"))) if _text(name)
            ),
            params=self.params,
            prices={k: float(v) for k, v in _map(spec.get("prices")).items() if _positive(v)},
            rules=tuple(self.rules(spec.get("rules"))),
            overrides=tuple(self.overrides(spec.get("overrides"))),
            cases=tuple(self.cases(spec.get("tests"))),
            flaws=tuple(self.flaws),
        )

    # ------------------------------------------------------------------ rules
    def rules(self, value: Any) -> Iterator[Rule]:
        seen: dict[str, int] = {}
        for number, item in enumerate(_list(value)):
            path: DocPath = ("spec", "rules", number)
            if number == MOST_RULES:
                self.flaw(path, f"Only the first {MOST_RULES:,} rules of a file are in force; split the policy.")
                return
            if not isinstance(item, dict) or not _text(item.get("name")):
                continue
            before = len(self.flaws)
            rule = self.rule(item, path)
            if rule.name in seen:
                first = seen[rule.name] + 1
                message = f"Rule {first} has the name `{rule.name}` already; only one of a name counts. Choose another."
                self.flaw((*path, "name"), message)
            seen.setdefault(rule.name, number)
            errors = any(flaw.severity is Severity.ERROR for flaw in self.flaws[before:])
            under = any(wrong[: len(path)] == path for wrong in self.wrong)
            yield _broken(rule) if errors or under else rule

    def rule(self, item: Mapping[str, Any], path: DocPath) -> Rule:
        name = _text(item.get("name"))
        if not _NAME.fullmatch(name):
            better = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()).strip("-")
            self.flaw(
                (*path, "name"),
                f"`{matchers.shown(name)}` is no name of a rule: use lower-case words with hyphens.",
                guess=better if _NAME.fullmatch(better) else None,
            )
        match = self.selector(item.get("match"), (*path, "match"))
        kinds = match.kinds or ("ModelSpec",)
        sorts: list[Sort] = [sort for sort in _SORTS if sort in item]
        if len(sorts) > 1:
            self.flaw(
                (*path, sorts[1]),
                f"A rule has one of `require`, `forbid` and `expression`; this one has `{sorts[0]}` already. "
                "Make two rules.",
                part="key",
            )
        sort: Sort = sorts[0] if sorts else "nothing"
        listed = sort in {"require", "forbid"}
        expression = item.get("expression") if sort == "expression" else None
        if isinstance(expression, str):
            self.expression(expression, (*path, "expression"))
        word, docs = item.get("severity"), _text(item.get("docs"))
        rule = Rule(
            name=name,
            path=path,
            severity=_severity(word),
            stated=isinstance(word, str),
            sort=sort,
            match=match,
            exclude=self.selector(item["exclude"], (*path, "exclude")) if "exclude" in item else None,
            requirements=tuple(self.fields(item[sort], (*path, sort), kinds)) if listed else (),
            expression=expression if isinstance(expression, str) else "",
            expression_path=(*path, "expression"),
            at=self.known(item.get("at"), (*path, "at"), kinds) if isinstance(item.get("at"), str) else None,
            message=_text(item.get("message")),
            description=_text(item.get("description")),
            docs=docs if docs.startswith(_WEB) else "",
            fix=self.fix(item.get("fix"), (*path, "fix"), kinds),
            suppressible=item.get("suppressible") is not False,
            exempt=tuple(self.exempt(item.get("exempt"), (*path, "exempt"))),
        )
        if listed and not rule.requirements and not _map(item[sort]):
            self.flaw((*path, sort), f"`{sort}` names no field, so that nothing is asked for.", part="key")
        if docs and not rule.docs:  # Editors open it, and some would run `command:`.
            self.flaw((*path, "docs"), "`docs` must be an address that starts with `https://`.")
        if rule.message:
            self.message(rule.message, (*path, "message"))
        return rule

    def fields(self, value: Any, path: DocPath, kinds: tuple[str, ...]) -> Iterator[Requirement]:
        for number, (text, matched) in enumerate(_map(value).items()):
            here = (*path, text)
            if number == MOST_FIELDS:
                self.flaw(here, f"At most {MOST_FIELDS} fields may stand here; make a second rule.", part="key")
                return
            found = self.known(text, here, kinds, part="key")
            names = [name for name in _map(matched) if name in matchers.MATCHERS]
            if isinstance(matched, dict) and not names and not any(w[: len(here)] == here for w in self.wrong):
                self.flaw(here, f"Nothing is asked of `{text}`; write a matcher such as `present: true`.", part="key")
            if found is None:
                continue
            for name in names:
                self.argument(name, matched[name], found, (*here, name))
            pairs = tuple((name, matched[name]) for name in names)
            yield Requirement(found, pairs, _map(matched).get(matchers.OPTIONAL) is True, here)

    def argument(self, name: str, value: Any, found: FieldPath, path: DocPath) -> None:
        items = [((*path, n), item) for n, item in enumerate(value)] if isinstance(value, list) else []
        for place, item in items:
            if is_parameter(item):
                self.flaw(place, "A parameter stands for a whole argument; it cannot be one value of a list.")
                return
        if is_parameter(value):
            return  # Judged where its value is known.
        if reason := matchers.fault(name, value, found):
            place = path
            for at, item in items:
                # The one value of a list that is wrong, rather than the whole list.
                if name in {"in", "notIn"} and matchers.fault(name, [item], found) == reason:
                    place = at
                    break
            self.flaw(place, f"`{name}` {reason}.")
        elif name == "matches":
            try:
                pattern(value)
            except PatternError as error:
                self.flaw(path, f"`matches`: {error}.", at=error.at)

    def known(self, text: Any, path: DocPath, kinds: tuple[str, ...], part: str = "value") -> FieldPath | None:
        if not isinstance(text, str):
            return None
        found = field(text, kinds)
        if found is None:
            best = guess(text, kinds)
            noun = "value that is derived" if text.startswith("derived.") else f"{' or '.join(kinds)} field"
            hint = f"did you mean `{best}`?" if best else "paths start with `metadata.`, `spec.` or `derived.`."
            self.flaw(path, f"`{matchers.shown(text)}` is not a {noun}; {hint}", part=part, guess=best, sure=True)
        return found

    def fix(self, value: Any, path: DocPath, kinds: tuple[str, ...]) -> str | Mapping[str, Any]:
        if value is None or value in ("set", "remove", "none"):
            return value or ""
        if isinstance(value, dict) and value:
            for text in value:
                found = self.known(text, (*path, text), kinds, part="key")
                if found is not None and (found.derived or found.many):
                    self.flaw((*path, text), f"`{text}` is no field that can be written.", part="key")
            return value
        self.flaw(path, "`fix` must be `set`, `remove`, `none`, or fields with the values to write.")
        return ""

    def exempt(self, value: Any, path: DocPath) -> Iterator[Exemption]:
        for number, item in enumerate(_list(value)):
            until = _map(item).get("until")
            found = day(until)
            if found is not None and _text(item.get("name")):
                yield Exemption(_text(item.get("name")), found, _text(item.get("reason")))
            elif isinstance(until, str):
                self.flaw((*path, number, "until"), f"`{matchers.shown(until)}` is no date; write it as 2027-03-31.")

    # ------------------------------------------------------------------ selectors
    def selector(self, value: Any, path: DocPath) -> Selector:
        item = _map(value)
        kinds = self.words(item.get("kinds"))
        for number, kind in enumerate(_list(item.get("kinds"))):
            if isinstance(kind, str) and kind not in subjects():
                best = near(kind, subjects())
                hint = f"did you mean `{best}`?" if best else f"there is {' and '.join(subjects())}."
                self.flaw((*path, "kinds", number), f"No documents of kind `{kind}` are judged; {hint}", guess=best)
        known = tuple(kind for kind in kinds if kind in subjects())
        expression = item.get("expression")
        if isinstance(expression, str):
            self.expression(expression, (*path, "expression"))
        return Selector(
            labels=tuple(self.labels(item.get("labels"), (*path, "labels"))),
            annotations=tuple(self.labels(item.get("annotations"), (*path, "annotations"))),
            names=self.words(item.get("names")),
            paths=self.words(item.get("paths")),
            kinds=known,
            environments=self.words(item.get("environments")),
            fields=tuple(self.fields(item.get("fields"), (*path, "fields"), known or ("ModelSpec",))),
            expression=expression if isinstance(expression, str) else "",
        )

    def labels(self, value: Any, path: DocPath) -> Iterator[tuple[str, tuple[str, ...]]]:
        for name, wanted in _map(value).items():
            words = wanted if isinstance(wanted, list) else [wanted]
            if words and all(isinstance(word, str) for word in words):
                yield name, tuple(words)
            else:
                self.flaw((*path, name), f'`{name}` needs a text, a list of texts, or `"*"` for any: labels are texts.')

    @staticmethod
    def words(value: Any) -> tuple[str, ...]:
        return tuple(word for word in _list(value) if isinstance(word, str))

    def expression(self, text: str, path: DocPath) -> None:
        if len(text) > LONGEST_EXPRESSION:
            self.flaw(path, f"An expression may have {LONGEST_EXPRESSION:,} characters; this one has {len(text):,}.")
        elif not cel.available():
            message = (
                "Expressions need the extra `policy`, which is not installed here; what has one is not in force: "
                "`pip install 'modelspec-language-server[policy]'`."
            )
            if not self.told:
                self.flaw(path, message, severity=Severity.INFORMATION)
            self.told = True
        elif (problem := cel.problem_of(text)) is not None:
            self.flaw(path, f"The expression does not compile: {problem.message}", at=problem.at)

    def message(self, text: str, path: DocPath) -> None:
        for hole in _HOLE.finditer(text):
            name = hole[1]
            known = name in _HOLES or name.removeprefix("derived.") in DERIVED or name.startswith("params.")
            if not known:
                choices = (*_HOLES, *(f"derived.{n}" for n in DERIVED), *(f"params.{n}" for n in self.params))
                best = near(name, choices)
                hint = f"did you mean `{{{best}}}`?" if best else "the usual ones are `{value}` and `{expected}`."
                self.flaw(
                    path, f"Nothing is known as `{{{name}}}` in messages; {hint}", severity=Severity.WARNING,
                    at=hole.start(), guess=text.replace(hole[0], f"{{{best}}}") if best else None,
                )  # fmt: skip

    # ------------------------------------------------------------------ the rest
    def overrides(self, value: Any) -> Iterator[Override]:
        for number, item in enumerate(_list(value)):
            path: DocPath = ("spec", "overrides", number)
            match = self.selector(_map(item).get("match"), (*path, "match"))
            words = tuple(
                (str(word), _severity(level))
                for word, level in _map(_map(item).get("rules")).items()
                if isinstance(level, str) and (level == "off" or _severity(level, None) is not None)
            )
            if words and not any(wrong[: len((*path, "match"))] == (*path, "match") for wrong in self.wrong):
                yield Override(match, words)

    def cases(self, value: Any) -> Iterator[Case]:
        for number, item in enumerate(_list(value)):
            path: DocPath = ("spec", "tests", number)
            entry = _map(item)
            document, file = entry.get("document"), _text(entry.get("file"))
            if not isinstance(item, dict) or not isinstance(entry.get("expect"), list):
                continue
            if isinstance(document, dict) == bool(file):
                self.flaw(path, "A test needs one of `document` and `file`.", part="key")
                continue
            today = day(entry.get("today"))
            if entry.get("today") is not None and today is None:
                self.flaw((*path, "today"), "`today` must be a date such as 2027-03-31.")
            yield Case(
                _text(entry.get("name")), path, document if isinstance(document, dict) else None, file, today,
                self.words(entry.get("expect")),
            )  # fmt: skip


def _broken(rule: Rule) -> Rule:
    return Rule(rule.name, rule.path, severity=None, stated=True, broken=True, description=rule.description)


def _severity(word: Any, other: Severity | None = Severity.WARNING) -> Severity | None:
    if word == "off":
        return None
    try:
        return Severity.parse(word) if isinstance(word, str) and word.islower() else other
    except KeyError:
        return other


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 10**15


__all__ = ["PARAMS", "compiled", "day", "is_parameter", "written"]
