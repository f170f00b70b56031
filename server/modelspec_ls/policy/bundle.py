"""All policies that hold for a folder, put together: which rules are in force, with their parameters filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen

from modelspec_ls.core.finding import Severity
from modelspec_ls.core.text import Mark
from modelspec_ls.core.words import near
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.knowledge.vocabularies import vocabulary

from . import matchers
from .compile import PARAMS, is_parameter
from .fields import FieldPath
from .matchers import Asked, equal
from .model import Flaw, Override, Policy, Requirement, Rule, Selector
from .pattern import PatternError

_MOST_RULES = 2_000
_MOST_KEPT = 10_000
_TYPE = "spec.runtime.accelerator.type"


@frozen(eq=False)
class Source:
    """A policy with where it stands. ``marks``: the lines of its rules, by their number in the file."""

    path: str
    policy: Policy
    marks: Mapping[tuple[str | int, ...], Mark]
    folder: str
    """Where its patterns for paths start."""

    @property
    def name(self) -> str:
        """What its findings call it."""
        return self.policy.name or self.path.rpartition("/")[2]


@frozen(eq=False)
class Check:
    """One field of a rule with what is asked of it, ready to judge."""

    field: FieldPath
    asked: tuple[Asked, ...]
    optional: bool

    @property
    def sentence(self) -> str:
        """All that is asked, in words."""
        return " and ".join(one.sentence for one in self.asked)


@frozen(eq=False)
class Chosen:
    """A selector with its fields ready to judge."""

    selector: Selector
    fields: tuple[Check, ...]


@frozen(eq=False)
class Active:
    """A rule in force."""

    rule: Rule
    severity: Severity
    source: Source
    params: Mapping[str, Any]
    prices: Mapping[str, float]
    match: Chosen
    exclude: Chosen | None
    checks: tuple[Check, ...]

    @property
    def mark(self) -> Mark:
        """Where the rule stands in its file."""
        return self.source.marks.get(self.rule.path, Mark(0, 0, 0))


@frozen(eq=False)
class Group:
    """A policy with those that it extends, the weakest first; parameters and prices hold for all of them."""

    sources: tuple[Source, ...]

    @cached_property
    def params(self) -> Mapping[str, Any]:
        """Parameters, those of later files over those of earlier ones."""
        return {k: v for source in self.sources for k, v in source.policy.params.items()}


@frozen(eq=False)
class Bundle:
    """The policies of a folder, the weakest group first. One object as long as nothing of it changes."""

    groups: tuple[Group, ...]
    catalogue: Catalogue
    settings_prices: Mapping[str, float] = field(factory=dict)
    _meanings: dict[tuple[str, str], bool] = field(init=False, factory=dict, repr=False)

    @cached_property
    def rules(self) -> tuple[Active, ...]:
        """The rules in force: of those with the same name the last one."""
        found: dict[str, Active | None] = {}
        for group in self.groups:
            prices = self._prices(group)
            for source in group.sources:
                for rule in source.policy.rules:
                    found[rule.name] = self._active(rule, source, group.params, prices, found.get(rule.name))
        return tuple(active for active in found.values() if active is not None)[:_MOST_RULES]

    @cached_property
    def overrides(self) -> tuple[tuple[Source, Override], ...]:
        """Severities of built-in rules; later ones count."""
        return tuple((s, o) for group in self.groups for s in group.sources for o in s.policy.overrides)

    @cached_property
    def by_kind(self) -> Mapping[str, tuple[Active, ...]]:
        """The rules in force by the kind of document that they are about."""
        found: dict[str, list[Active]] = {}
        for active in self.rules:
            for kind in active.rule.match.kinds or ("ModelSpec",):
                found.setdefault(kind, []).append(active)
        return {kind: tuple(rules) for kind, rules in found.items()}

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all rules, in force or not."""
        return frozenset(r.name for group in self.groups for s in group.sources for r in s.policy.rules)

    @cached_property
    def dated(self) -> bool:
        """Whether the day makes a difference."""
        return any(active.rule.exempt for active in self.rules)

    @cached_property
    def calculates(self) -> bool:
        """Whether some rule has an expression."""
        chosen = (c.selector for a in self.rules for c in (a.match, a.exclude) if c is not None)
        return any(a.rule.expression for a in self.rules) or any(c.expression for c in chosen)

    def _prices(self, group: Group) -> Mapping[str, float]:
        own = {k: v for source in group.sources for k, v in source.policy.prices.items()}
        found: dict[str, float] = {}
        for table in (self.settings_prices, own):
            for name, price in table.items():
                match = self.catalogue.find_accelerator(name)
                if match.accelerator is not None and not match.ambiguous:
                    found[match.accelerator.id] = price
        return found

    def _active(
        self, rule: Rule, source: Source, params: Mapping[str, Any], prices: Mapping[str, float], earlier: Active | None
    ) -> Active | None:
        if rule.sort == "nothing" and earlier is not None and not rule.broken:
            # Only the severity of a rule that somebody else wrote.
            severity = rule.severity if rule.stated else earlier.severity
            return None if severity is None else evolve(earlier, severity=severity)
        if rule.severity is None or rule.sort == "nothing":
            return None
        try:
            return Active(
                rule=rule,
                severity=rule.severity,
                source=source,
                params=params,
                prices=prices,
                match=self._chosen(rule.match, params),
                exclude=self._chosen(rule.exclude, params) if rule.exclude is not None else None,
                checks=tuple(self._check(r, params) for r in rule.requirements),
            )
        except (_Unusable, PatternError):
            return None  # Said in the policy.

    def _chosen(self, selector: Selector, params: Mapping[str, Any]) -> Chosen:
        return Chosen(selector, tuple(self._check(r, params) for r in selector.fields))

    def _check(self, requirement: Requirement, params: Mapping[str, Any]) -> Check:
        same = self._same(requirement.field)
        asked: list[Asked] = []
        for name, written in requirement.matchers:
            value = written
            if is_parameter(written):
                key = written.removeprefix(PARAMS)
                if key not in params or matchers.fault(name, params[key], requirement.field):
                    raise _Unusable
                value = params[key]
            asked.append(matchers.asked(name, value, same))
        return Check(requirement.field, tuple(asked), requirement.optional)

    def _same(self, path: FieldPath) -> Callable[[Any, Any], bool]:
        """What counts as equal at a field: other names of the same accelerator, engine or known value too."""
        if path.text == _TYPE:
            return lambda a, b: equal(a, b) or self._same_accelerator(a, b)
        words = vocabulary(path.vocabulary)
        if words is None:
            return equal

        def same(a: Any, b: Any) -> bool:
            if equal(a, b):
                return True
            if not isinstance(a, str) or not isinstance(b, str):
                return False
            one, other = words.find(a), words.find(b)
            return one is not None and other is not None and one.value == other.value

        return same

    def _same_accelerator(self, said: Any, listed: Any) -> bool:
        """Whether all that the document may mean is among what the policy's word may mean."""
        if not isinstance(said, str) or not isinstance(listed, str):
            return False
        key = said, listed
        if key not in self._meanings:
            if len(self._meanings) > _MOST_KEPT:
                self._meanings.clear()
            self._meanings[key] = self._means(said, listed)
        return self._meanings[key]

    def _means(self, said: str, listed: str) -> bool:
        one, other = self.catalogue.find_accelerator(said), self.catalogue.find_accelerator(listed)
        if one.accelerator is None or other.accelerator is None:
            return said.casefold() == listed.casefold()
        meant = {card.id for card in one.candidates or (one.accelerator,)}
        return meant <= {card.id for card in other.candidates or (other.accelerator,)}


class _Unusable(Exception):
    """A parameter that is not there, or does not suit."""


def parameter_flaws(policy: Policy, params: Mapping[str, Any]) -> Iterator[Flaw]:
    """What is wrong with the parameters that a policy's rules name, all of its group known."""
    for rule in policy.rules:
        selectors = (s for s in (rule.match, rule.exclude) if s is not None)
        for requirement in (*rule.requirements, *(r for s in selectors for r in s.fields)):
            yield from _of_requirement(requirement, params)


def _of_requirement(requirement: Requirement, params: Mapping[str, Any]) -> Iterator[Flaw]:
    for name, value in requirement.matchers:
        if not is_parameter(value):
            continue
        key = value.removeprefix(PARAMS)
        path = (*requirement.path, name)
        if key not in params:
            best = near(key, params)
            hint = f"did you mean `{PARAMS}{best}`?" if best else "`params` has no such entry, nor has what it extends."
            yield Flaw(path, f"There is no parameter `{key}`; {hint}", guess=f"{PARAMS}{best}" if best else None)
        elif reason := matchers.fault(name, params[key], requirement.field):
            yield Flaw(path, f"`{name}` {reason} (the value of `{value}`).")


def bundle(groups: Iterable[Group], catalogue: Catalogue, prices: Mapping[str, float] | None = None) -> Bundle | None:
    """The policies of a folder; None where there are none."""
    found = tuple(groups)
    return Bundle(found, catalogue, prices or {}) if found else None
