"""Open and closed vocabularies of string fields, with aliases."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import field, frozen

from modelspec_ls.resources import load_package_json


@frozen
class Term:
    """One value: its canonical spelling, what it means, and what else is known about it."""

    value: str
    description: str
    aliases: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(factory=dict)


@frozen
class Vocabulary:
    """The values of a field. ``open``: other values are allowed."""

    name: str
    open: bool
    source: str
    terms: tuple[Term, ...]

    def find(self, word: str) -> Term | None:
        """The term of a spelling or alias, without regard to case."""
        return _by_spelling(self.name).get(word.casefold())


@cache
def _all() -> dict[str, Vocabulary]:
    data = load_package_json("knowledge/data/vocabularies.json")
    return {name: _vocabulary(name, row) for name, row in data["vocabularies"].items()}


def _vocabulary(name: str, row: Mapping[str, Any]) -> Vocabulary:
    known = {"value", "description", "aliases"}
    terms = tuple(
        Term(v["value"], v["description"], tuple(v["aliases"]), {k: x for k, x in v.items() if k not in known})
        for v in row["values"]
    )
    return Vocabulary(name, row["open"], row["source"], terms)


@cache
def _by_spelling(name: str) -> dict[str, Term]:
    found: dict[str, Term] = {}
    for term in _all()[name].terms:
        for spelling in (term.value, *term.aliases):
            found.setdefault(spelling.casefold(), term)
    return found


def vocabulary(name: str) -> Vocabulary | None:
    """The vocabulary of that name, as fields name it in the schema's ``x-modelspec``."""
    return _all().get(name)
