"""What a file's references may lead to, as the words of a table: so that a file that changes knows who is concerned.

A file goes by its key. Names are ``name:x`` (a spec), ``model:x`` (an OpenModel) and ``id:x`` (of a dependency without
``specRef``). What a hint leads to is also there as ``base:`` with the key, the file that links lead to as ``real:``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .facts import FileFacts
from .references import SpecRef

ASKED = ("name:", "model:")
"""Starts of words that ask for a spec by its name."""
NAMES = (*ASKED, "id:", "base:", "real:")
"""Starts of words that are no keys."""
_BY_NAME = frozenset({"name", "model"})


def mentions_of(facts: FileFacts, candidates: Callable[[SpecRef], tuple[str, ...]]) -> set[str]:
    """All words of a file; ``candidates``: the keys that a reference may mean there."""
    out: set[str] = {f"real:{facts.real}"} if facts.real else set()
    for spec in facts.parts:
        for reference in spec.references:
            if not reference.spec_ref:
                out.add(f"id:{reference.id}")
                continue
            ref = reference.target
            if ref.kind in _BY_NAME:
                out.add(f"{ref.kind}:{ref.text}")
            out.update(candidates(ref))
        for hint in spec.lineage:
            places = candidates(hint.target)
            out.update(places, (f"base:{place}" for place in places))
    return out


def moved(table: dict[str, tuple[str, ...]], changes: Iterable[tuple[str, set[str], set[str]]]) -> None:
    """Bring some files' entries in a table of tuples up to date: their old and their new ones.

    Each tuple is made once, as many files may leave the same one.
    """
    gone: dict[str, set[str]] = {}
    come: dict[str, list[str]] = {}
    for key, old, new in changes:
        for mention in old - new:
            gone.setdefault(mention, set()).add(key)
        for mention in new - old:
            come.setdefault(mention, []).append(key)
    for mention, keys in gone.items():
        rest = tuple(k for k in table[mention] if k not in keys)
        if rest:
            table[mention] = rest
        else:
            del table[mention]
    for mention, more in come.items():
        table[mention] = (*table.get(mention, ()), *more)
