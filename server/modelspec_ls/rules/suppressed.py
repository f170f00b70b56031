"""What the rule on useless suppressions may look at: the suppressions of a text, and what each of them hid."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from modelspec_ls.core.config import Config
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.scopes import Scope
from modelspec_ls.workspace.suppressions import Suppression

from .meta import Rule
from .registry import all_rules, chosen, matches

if TYPE_CHECKING:
    from modelspec_ls.policy.bundle import Active

Used = set[tuple[int, int]]
"""Words that hid something: the number of the suppression, and that of the word in it."""


@frozen(eq=False)
class SuppressionContext:
    """The suppressions of one text after all rules ran. ``whole``: nothing in the text was beyond judging."""

    file: Document
    scope: Scope
    suppressions: tuple[Suppression, ...]
    used: Used
    whole: bool

    @property
    def config(self) -> Config:
        """The settings that hold for the file."""
        return self.scope.config

    def policy_rule(self, word: str) -> Active | None:
        """The rule of a policy in force that a word names."""
        policies = self.scope.policies
        return next((a for a in policies.rules if a.rule.name == word.lower()), None) if policies is not None else None

    @cached_property
    def _numbers(self) -> dict[int, int]:
        # Equal ones count as the first of them.
        first: dict[Suppression, int] = {}
        return {id(s): first.setdefault(s, n) for n, s in enumerate(self.suppressions)}

    def words(self) -> Iterator[tuple[Suppression, int, str, tuple[Rule, ...]]]:
        """Every word with the rules that it names."""
        for suppression in self.suppressions:
            for number, word in enumerate(suppression.words):
                yield suppression, number, word, rules_named(word)

    def useless(self, suppression: Suppression, number: int, rules: tuple[Rule, ...]) -> bool:
        """Whether a word certainly hides nothing. Rules across files are judged where all files are known."""
        if not self.whole or suppression.late or (self._numbers[id(suppression)], number) in self.used:
            return False
        return all(rule.scope != "workspace" for rule in rules) and all_ran(rules, self.config)


def rules_named(word: str) -> tuple[Rule, ...]:
    """The rules that a word names."""
    return tuple(module.rule for module in all_rules() if matches(module.rule, word))


def all_ran(rules: tuple[Rule, ...], config: Config) -> bool:
    """Whether all of the rules run under a configuration."""
    running = {module.rule.code for module in chosen(config)}
    return all(rule.code in running for rule in rules)
