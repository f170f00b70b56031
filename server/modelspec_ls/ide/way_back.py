"""What is remembered of moves, so that moving back gives the same bytes.

A move remembers the references that it rewrote, and those that it left as they were though the plain way back would
not: such as one that led nowhere, and leads to the file that has moved there.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from attrs import evolve, frozen

from modelspec_ls.workspace.references import folders_above

_MOVES = 50
"""So many moves are remembered."""
_FEW = 100
"""So many of the files and folders of a move are asked whether it takes another one back."""


class Lead(NamedTuple):
    """Where a reference leads: a file's key, or the one where none is; without a key to nothing certain."""

    key: str
    there: bool


class Place(NamedTuple):
    """A reference after a move: its file's key, where it stands in it, and its source."""

    key: str
    document: int
    entry: int
    source: str


class Before(NamedTuple):
    """A reference before a move: its source, what that says, and where it led. ``since``: where it leads after it."""

    source: str
    text: str
    lead: Lead
    since: Lead


@frozen
class Past:
    """A move that was made: the renames that take it back, and how references were.

    ``open``: it neither took the last open one back, nor was it taken back.
    """

    back: Mapping[str, str]
    before: Mapping[Place, Before]
    open: bool = True


Memory = tuple[Past, ...]
"""The moves of a session, the last one first."""


def remembered(memory: Memory, past: Past, renames: Mapping[str, str]) -> Memory:
    """A memory with one more move."""
    last = _last(memory)
    if last is not None and last.back == renames:
        memory = tuple(evolve(some, open=False) if some is last else some for some in memory)
        past = evolve(past, open=False)
    return (past, *memory[: _MOVES - 1])


def taken_back(memory: Memory, renames: Mapping[str, str]) -> Memory:
    """The move that a move is the reverse of, the last open one before others; else those it takes back in part."""
    last = _last(memory)
    some = memory if last is None else (last, *memory)
    whole = next((past for past in some if past.back == renames), None)
    return (whole,) if whole is not None else tuple(past for past in memory if _partly(past.back, renames))


def _last(memory: Memory) -> Past | None:
    return next((past for past in memory if past.open), None)


def _partly(back: Mapping[str, str], renames: Mapping[str, str]) -> bool:
    """Whether something goes back, be it with its folder."""
    return any(
        new_key(some, old) == new
        for some, others in ((back, renames), (renames, back))
        for old, new in islice(others.items(), _FEW)
    )


def new_key(renames: Mapping[str, str], key: str) -> str:
    """The key that a file or folder gets."""
    found = [old for old in (key, *folders_above(key)) if old in renames]
    if not found:
        return key
    # Where a folder and something in it get other names, the first that was named counts.
    old = found[0] if len(found) == 1 else next(old for old in renames if old in found)
    return renames[old] + key[len(old) :]
