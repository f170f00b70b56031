"""All rules, found by walking the package, and the choice a configuration makes among them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any, TypeVar

from attrs import evolve, frozen

from modelspec_ls import rules
from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Diagnostic, Finding, Severity

from .meta import Rule, Scope

T = TypeVar("T")
Check = Callable[[Any], Iterable[Finding]]
FORM = frozenset({"syntax", "schema"})
"""Groups about the form of a document; all others are about what it means."""


@frozen
class RuleModule:
    """A rule with its check and its documentation in Markdown."""

    rule: Rule
    check: Check
    documentation: str


@cache
def all_rules() -> tuple[RuleModule, ...]:
    """Every rule, by code."""
    found: list[RuleModule] = []
    for group in pkgutil.iter_modules(rules.__path__, f"{rules.__name__}."):
        if not group.ispkg:
            continue
        package = importlib.import_module(group.name)
        for item in pkgutil.iter_modules(package.__path__, f"{group.name}."):
            module = importlib.import_module(item.name)
            found.append(RuleModule(module.META, module.check, module.__doc__ or ""))
    return tuple(sorted(found, key=lambda m: m.rule.code))


def matches(rule: Rule | Diagnostic, word: str) -> bool:
    """Whether a word of a configuration names the rule: code, name, group or code prefix."""
    word = word.strip()
    return word.lower() in {rule.name, rule.category, "all"} or (bool(word) and rule.code.startswith(word.upper()))


def chosen(config: Config) -> tuple[RuleModule, ...]:
    """The rules that run under a configuration. A more specific word wins: a code beats its group."""
    return _chosen(config.select, config.ignore)


@lru_cache(maxsize=32)
def _chosen(select: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[RuleModule, ...]:
    config = Config(select=select, ignore=ignore)
    return tuple(m for m in all_rules() if _enabled(m.rule, config))


def asked(config: Config, scope: Scope, kind: str | None = None, *, form_only: bool = False) -> tuple[RuleModule, ...]:
    """The rules of a scope that run under a configuration, as ``suited`` picks them."""
    return _asked(config.select, config.ignore, scope, kind, form_only)


@lru_cache(maxsize=256)
def _asked(
    select: tuple[str, ...], ignore: tuple[str, ...], scope: Scope, kind: str | None, form_only: bool
) -> tuple[RuleModule, ...]:
    return suited(_chosen(select, ignore), scope, kind, form_only=form_only)


def suited(
    modules: Iterable[RuleModule], scope: Scope, kind: str | None = None, *, form_only: bool = False
) -> tuple[RuleModule, ...]:
    """Those of some rules that run with a scope; for ``document`` and ``workspace`` those on a kind.

    ``kind``: None for a document that no schema governs. ``form_only``: without the rules on what a document means.
    """
    found = [m for m in modules if m.rule.scope == scope]
    if scope == "workspace" and kind is not None:
        found = [m for m in found if m.rule.concerns(kind)]
    if scope == "document":
        found = [m for m in found if m.rule.concerns(kind) and not (form_only and m.rule.category not in FORM)]
    return tuple(found)


def speaks(rule: Rule, config: Config, name: str) -> bool:
    """Whether a rule that speaks for many runs for the one of that name."""
    return _enabled(rule, config, evolve(rule, name=name))


def _enabled(rule: Rule, config: Config, other: Rule | None = None) -> bool:
    """``other``: the same under another name, which counts too."""
    rules = (rule,) if other is None else (rule, other)
    picked = max((_weight(r, w) for r in rules for w in config.select), default=0) if config.select else 1
    dropped = max((_weight(r, w) for r in rules for w in config.ignore), default=0)
    return picked > 0 and picked >= dropped if config.select else dropped == 0


def _weight(rule: Rule | Diagnostic, word: str) -> int:
    """How exactly a word names the rule: 0 not at all, 100 exactly."""
    if not matches(rule, word):
        return 0
    if word.upper() == rule.code or word.lower() == rule.name:
        return 100
    return 2 if word.lower() == rule.category else 1 if word.lower() == "all" else len(word)


def severity(rule: Rule, config: Config, own: Severity | None) -> Severity:
    """The severity of a finding: the configuration's most exact word, else the finding's, else the rule's."""
    return word_for(rule, config.severity.items(), own or rule.severity)


def word_for(rule: Rule | Diagnostic, words: Iterable[tuple[str, T]], other: T) -> T:
    """What the most exact of some words says of a rule, the first of equals; ``other`` where none names it."""
    best: tuple[int, T] | None = None
    for word, said in words:
        weight = _weight(rule, word)
        if weight and (best is None or weight > best[0]):
            best = (weight, said)
    return best[1] if best is not None else other
