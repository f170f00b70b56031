"""Environment variables that engines read, over all releases, and what a misspelt one was meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from attrs import frozen

from modelspec_ls.core.words import edit_distance
from modelspec_ls.resources import load_package_json

# Short names are all alike.
_SHORTEST = 6
_SAME_START = 3


@frozen(eq=False)
class EngineVariables:
    """What one engine reads from its environment."""

    prefix: str
    releases: str
    """Which releases the names were collected from."""
    strict: bool
    """The engine itself warns about a name with its prefix that it does not know."""
    names: frozenset[str]
    plugins: tuple[str, ...]
    """Prefixes of packages that extend the engine."""
    internal: Mapping[str, str]
    """Variables with the engine's own addresses, and which address it is."""

    def known(self, name: str) -> bool:
        """Whether a release or a plug-in may read a variable with the engine's prefix."""
        return name in self.names or name.startswith(self.plugins)


@cache
def of_engine(engine: str) -> EngineVariables | None:
    """The variables of an engine by its canonical name; None where they were not collected."""
    row = _data()["engines"].get(engine)
    if row is None:
        return None
    return EngineVariables(
        row["prefix"], row["releases"], row["strict"], frozenset(row["names"]), tuple(row["plugins"]), row["internal"]
    )


@lru_cache(maxsize=1024)
def meant(name: str, engine: str) -> str | None:
    """The variable that a misspelt name is close to: within two edits, or with one word longer or shorter.

    Names with the engine's prefix are compared with the engine's, all others with those of common libraries.
    Exact names give None.
    """
    own = of_engine(engine)
    if own is not None and name.startswith(own.prefix):
        return None if own.known(name) else _closest(name, own.names)
    common = _common()
    return None if name in common else _closest(name, common)


def _closest(name: str, known: Iterable[str]) -> str | None:
    if len(name) < _SHORTEST:
        return None
    limit = 1 if len(name) < 2 * _SHORTEST else 2
    best: tuple[int, str] | None = None
    for other in known:
        if abs(len(other) - len(name)) <= limit:
            distance = edit_distance(name, other, limit)
            # Another number is another variable, as `..._V1` is not `..._V2`.
            if distance <= limit and _digits(name) == _digits(other) and (best is None or (distance, other) < best):
                best = (distance, other)
    if best is not None:
        return best[1]
    return min((other for other in known if _one_word_apart(name, other)), default=None)


def _digits(name: str) -> str:
    return "".join(c for c in name if c.isdigit())


def _one_word_apart(a: str, b: str) -> bool:
    """Whether two names differ in one word, which starts the other, as ``LOG`` starts ``LOGGING``."""
    left, right = a.split("_"), b.split("_")
    if len(left) != len(right):
        return False
    pairs = [(x, y) for x, y in zip(left, right, strict=True) if x != y]
    if len(pairs) != 1:
        return False
    short, long = sorted(pairs[0], key=len)
    return len(short) >= _SAME_START and long.startswith(short)


@cache
def _common() -> frozenset[str]:
    return frozenset(_data()["common"]["names"])


def _data() -> Any:
    return load_package_json("knowledge/data/variables.json")
