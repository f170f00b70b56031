"""Did-you-mean and small pieces of English for messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

_SEPARATORS = re.compile(r"[\s_\-]+")
LONGEST_NAME = 1_000
"""Characters of a name that are looked at: no model, card or address is longer, and patterns cost by length."""


def fold(word: str) -> str:
    """A spelling without case and separators: ``max_batch-size`` and ``maxBatchSize`` are equal."""
    return _SEPARATORS.sub("", word).casefold()


def edit_distance(a: str, b: str, limit: int = 3) -> int:
    """Damerau-Levenshtein distance (adjacent swaps count one), or ``limit + 1`` when it is larger."""
    most = limit + 1
    if abs(len(a) - len(b)) > limit:
        return most
    # What both start and end with counts for nothing: names of one team differ in a few letters.
    start, end = 0, min(len(a), len(b))
    while start < end and a[start] == b[start]:
        start += 1
    stop_a, stop_b = len(a), len(b)
    while stop_a > start and stop_b > start and a[stop_a - 1] == b[stop_b - 1]:
        stop_a, stop_b = stop_a - 1, stop_b - 1
    a, b = a[start:stop_a], b[start:stop_b]
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        # Further than ``limit`` from the diagonal nothing is within it.
        low, high = max(1, i - limit), min(len(b), i + limit)
        row = [most] * (len(b) + 1)
        row[0] = i
        for j in range(low, high + 1):
            cb = b[j - 1]
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (ca != cb))
            if i > 1 and j > 1 and ca == b[j - 2] and a[i - 2] == cb:
                cost = min(cost, before[j - 2] + 1)
            row[j] = cost
        if min(row) > limit:
            return most
        before, last = last, row
    return min(last[-1], most)


def near(word: str, choices: Iterable[str], limit: int = 2) -> str | None:
    """The choice a person most likely meant, or None: same after folding, or within ``limit`` edits.

    Short words allow fewer edits, so that ``id`` never suggests ``no``.
    """
    folded = fold(word)
    letters = frozenset(folded)
    best: tuple[float, str] | None = None
    for choice in choices:
        target = fold(choice)
        if target == folded:
            return choice
        allowed = min(limit, 0 if len(target) < 3 else 1 if len(target) < 7 else 2, max(len(folded) // 2, 1))
        # Each letter that only one of the two has takes an edit.
        if len(letters.difference(target)) > allowed or len(set(target) - letters) > allowed:
            continue
        distance = edit_distance(folded, target, allowed) if allowed else 1
        if distance > allowed or (len(folded) == len(target) < 6 and _other_start(folded, target)):
            continue
        score = distance - SequenceMatcher(None, folded, target).ratio()
        if best is None or score < best[0]:
            best = (score, choice)
    return best[1] if best else None


def _other_start(a: str, b: str) -> bool:
    """Whether another first letter makes a short word another word: ``host`` is not ``cost``."""
    return a[:1] != b[:1] and sorted(a) != sorted(b)


def join(words: Iterable[str], last: str = "and") -> str:
    """``a, b and c``."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def code_list(words: Iterable[str], last: str = "and") -> str:
    """The words in backticks, as a list in a sentence."""
    return join((f"`{w}`" for w in words), last)


def from_to(least: int, most: int) -> str:
    """``3``, ``3 to 1,200``."""
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def plural(count: int, noun: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def shorten(text: str, limit: int = 60) -> str:
    """One line of at most ``limit`` characters, for quoting user text in a message."""
    line = text if len(text) <= limit and text.isalnum() else " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
