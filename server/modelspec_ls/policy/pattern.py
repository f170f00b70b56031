"""Regular expressions in time linear in the text: a set of states goes over it once, and nothing is ever tried twice.

The syntax is RE2's without what needs a look around: no references back, no look-ahead, no word boundaries. Python's
own engine could run for years on ``(a+)+$``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from attrs import define, field

from .limits import LONGEST_MATCHED, LONGEST_PATTERN, Budget

_MOST_STATES = 400
_MOST_REPEATS = 100
_MOST_KEPT = 4_000
_DEEPEST = 30
_END = 0x10FFFF
_CLASSES = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 10), (12, 13), (32, 32)),
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}

Ranges = tuple[tuple[int, int], ...]


class PatternError(ValueError):
    """What is wrong with a pattern, and at which character."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class _State(NamedTuple):
    """One step: takes a character (``ranges``), or goes on for free. ``kind``: char, split, start, end or match."""

    kind: str
    ranges: Ranges = ()
    to: tuple[int, ...] = ()


@define
class Pattern:
    """A compiled pattern."""

    source: str
    _states: list[_State]
    _first: int
    _next: dict[tuple[frozenset[int], str], frozenset[int]] = field(factory=dict)
    _known: dict[str, bool] = field(factory=dict)

    def found_in(self, text: str, budget: Budget) -> bool:
        """Whether some part of the text matches. Too long a text has none.

        Raises:
            Exhausted: the document's budget is used up.
        """
        known = self._known.get(text)
        if known is None:
            if len(self._known) > _MOST_KEPT:
                self._known.clear()
            known = self._known[text] = len(text) <= LONGEST_MATCHED and self._run(text, budget)
        return known

    def _run(self, text: str, budget: Budget) -> bool:
        again = self._closure((self._first,), at_start=False, at_end=False)
        now = self._closure((self._first,), at_start=True, at_end=False)
        for char in text:
            if self._matches(now):
                return True
            key = now, char
            following = self._next.get(key)
            if following is None:
                budget.spend(len(now) + 1)
                if len(self._next) > _MOST_KEPT:
                    self._next.clear()
                following = self._next[key] = self._step(now, ord(char)) | again
            now = following
        if not text:
            return self._matches(self._closure((self._first,), at_start=True, at_end=True))
        return self._matches(self._closure(tuple(now), at_start=False, at_end=True))

    def _matches(self, states: frozenset[int]) -> bool:
        return any(self._states[n].kind == "match" for n in states)

    def _step(self, states: frozenset[int], code: int) -> frozenset[int]:
        hit = [
            self._states[n].to[0]
            for n in states
            if self._states[n].kind == "char" and any(low <= code <= high for low, high in self._states[n].ranges)
        ]
        return self._closure(tuple(hit), at_start=False, at_end=False)

    def _closure(self, states: tuple[int, ...], *, at_start: bool, at_end: bool) -> frozenset[int]:
        seen: set[int] = set()
        stack = list(states)
        while stack:
            number = stack.pop()
            if number in seen:
                continue
            seen.add(number)
            state = self._states[number]
            if state.kind == "split" or (state.kind == "start" and at_start) or (state.kind == "end" and at_end):
                stack.extend(state.to)
        return frozenset(seen)


@lru_cache(maxsize=512)
def pattern(source: str) -> Pattern:
    """Compile a pattern.

    Raises:
        PatternError: it is none, or needs what cannot be bounded.
    """
    if len(source) > LONGEST_PATTERN:
        raise PatternError(f"a pattern may have {LONGEST_PATTERN} characters, this one has {len(source):,}", 0)
    reader = _Reader(source)
    tree = reader.alternatives(0)
    if reader.at < len(source):
        raise PatternError("a `)` without its `(`", reader.at)
    builder = _Builder()
    builder.states.append(_State("match"))
    return Pattern(source, builder.states, builder.build(tree, 0))


# Trees: ("char", ranges) ("cat", [..]) ("alt", [..]) ("repeat", tree, low, high or -1) ("start",) ("end",)
_Tree = tuple[Any, ...]


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.fold = False

    def peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise PatternError("the pattern ends too early", max(self.at - 1, 0))
        self.at += 1
        return char

    def alternatives(self, depth: int) -> _Tree:
        if depth > _DEEPEST:
            raise PatternError("the groups are nested too deep", self.at)
        branches = [self.sequence(depth)]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.sequence(depth))
        return branches[0] if len(branches) == 1 else ("alt", branches)

    def sequence(self, depth: int) -> _Tree:
        items: list[_Tree] = []
        while self.peek() and self.peek() not in "|)":
            items.append(self.repeated(self.atom(depth)))
        return ("cat", items)

    def repeated(self, tree: _Tree) -> _Tree:
        while self.peek() and self.peek() in "*+?{":
            start = self.at
            char = self.take()
            if char == "{":
                bounds = self.bounds()
                if bounds is None:  # As in RE2, a brace that counts nothing is a brace.
                    self.at = start + 1
                    return ("cat", [tree, self.char("{")])
                low, high = bounds
                if high != -1 and high < low:
                    raise PatternError(f"{{{low},{high}}} counts backwards", start)
                if max(low, high) > _MOST_REPEATS:
                    raise PatternError(f"at most {_MOST_REPEATS} repeats may be counted", start)
            else:
                low, high = {"*": (0, -1), "+": (1, -1), "?": (0, 1)}[char]
            if self.peek() == "?":  # Lazy or not makes no difference to whether it matches.
                self.at += 1
            elif self.peek() == "+":
                raise PatternError("possessive repeats are not supported", self.at)
            tree = ("repeat", tree, low, high)
        return tree

    def bounds(self) -> tuple[int, int] | None:
        end = self.source.find("}", self.at)
        body = self.source[self.at : end] if end >= 0 else ""
        low, comma, high = body.partition(",")
        numbers = [low] if not high else [low, high]
        if end < 0 or not all(n.isascii() and n.isdigit() and len(n) < 6 for n in numbers):
            return None
        self.at = end + 1
        return int(low), (int(high) if high else -1) if comma else int(low)

    def atom(self, depth: int) -> _Tree:
        start = self.at
        char = self.take()
        if char == "(":
            return self.group(depth, start)
        if char == "[":
            return ("char", self.set(start))
        if char == ".":
            return ("char", ((0, 9), (11, _END)))
        if char == "^":
            return ("start",)
        if char == "$":
            return ("end",)
        if char == "\\":
            return self.escape(start)
        if char in "*+?":
            raise PatternError(f"nothing stands before `{char}` that could repeat", start)
        return self.char(char)

    def char(self, char: str) -> _Tree:
        return ("char", self.folded(((ord(char), ord(char)),)))

    def folded(self, ranges: Ranges) -> Ranges:
        if not self.fold:
            return ranges
        out = list(ranges)
        for low, high in ranges:
            for first, last, shift in ((65, 90, 32), (97, 122, -32)):
                if low <= last and high >= first:
                    out.append((max(low, first) + shift, min(high, last) + shift))
        return tuple(out)

    def group(self, depth: int, start: int) -> _Tree:
        outer = self.fold
        if self.source.startswith("?", self.at):
            if self.source.startswith("?:", self.at):
                self.at += 2
            elif self.source.startswith(("?P<", "?<"), self.at) and self.source[self.at + 2 : self.at + 3] not in "=!":
                end = self.source.find(">", self.at)
                if end < 0:
                    raise PatternError("the group's name has no end", start)
                self.at = end + 1
            elif self.source.startswith("?i)", self.at):
                self.at += 3
                self.fold = True
                return ("cat", [])
            elif self.source.startswith("?i:", self.at):
                self.at += 3
                self.fold = True
            else:
                raise PatternError("only `(…)`, `(?:…)`, `(?i)` and named groups are supported", start)
        tree = self.alternatives(depth + 1)
        if self.peek() != ")":
            raise PatternError("a `(` without its `)`", start)
        self.at += 1
        self.fold = outer
        return tree

    def escape(self, start: int) -> _Tree:
        char = self.take()
        if char.lower() in _CLASSES:
            ranges = _CLASSES[char.lower()]
            return ("char", _negated(ranges) if char.isupper() else ranges)
        if char == "A":
            return ("start",)
        if char == "z":
            return ("end",)
        return self.char(self.literal(char, start))

    def literal(self, char: str, start: int) -> str:
        """The character that an escape stands for."""
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char.isascii() and char.isalnum():
            raise PatternError(f"`\\{char}` is not supported", start)
        return char

    def set(self, start: int) -> Ranges:
        negate = self.peek() == "^"
        self.at += negate
        ranges: list[tuple[int, int]] = []
        first = True
        while first or self.peek() != "]":
            if not self.peek():
                raise PatternError("a `[` without its `]`", start)
            first = False
            low = self.member(ranges)
            if low is None:
                continue
            if self.peek() == "-" and self.source[self.at + 1 : self.at + 2] not in {"]", ""}:
                self.at += 1
                high = self.member(ranges)
                if high is None or high < low:
                    raise PatternError("a range must go from a lower to a higher character", start)
                ranges.append((low, high))
            else:
                ranges.append((low, low))
        self.at += 1
        found = self.folded(tuple(ranges))
        return _negated(found) if negate else found

    def member(self, ranges: list[tuple[int, int]]) -> int | None:
        """One character of a set; None for a class, which is added."""
        start = self.at
        char = self.take()
        if char == "[" and self.peek() == ":":
            raise PatternError("write `\\d`, `\\w` or a range in place of a named class", start)
        if char != "\\":
            return ord(char)
        char = self.take()
        if char.lower() in _CLASSES:
            found = _CLASSES[char.lower()]
            ranges.extend(_negated(found) if char.isupper() else found)
            return None
        return ord(self.literal(char, start))


def _negated(ranges: Ranges) -> Ranges:
    out: list[tuple[int, int]] = []
    at = 0
    for low, high in sorted(ranges):
        if low > at:
            out.append((at, low - 1))
        at = max(at, high + 1)
    if at <= _END:
        out.append((at, _END))
    return tuple(out)


class _Builder:
    """Makes states from the back: each part knows where it goes on."""

    def __init__(self) -> None:
        self.states: list[_State] = []

    def add(self, state: _State) -> int:
        if len(self.states) >= _MOST_STATES:
            raise PatternError(f"the pattern is too large: it needs more than {_MOST_STATES} states", 0)
        self.states.append(state)
        return len(self.states) - 1

    def build(self, tree: _Tree, to: int) -> int:
        kind = tree[0]
        if kind == "char":
            return self.add(_State("char", tree[1], (to,)))
        if kind in {"start", "end"}:
            return self.add(_State(str(kind), (), (to,)))
        if kind == "cat":
            for item in reversed(tree[1]):
                to = self.build(item, to)
            return to
        if kind == "alt":
            return self.add(_State("split", (), tuple(self.build(item, to) for item in tree[1])))
        _, inner, low, high = tree
        return self.repeat(inner, low, high, to)

    def repeat(self, inner: _Tree, low: int, high: int, to: int) -> int:
        if high == -1:
            loop = self.add(_State("split"))
            body = self.build(inner, loop)
            self.states[loop] = _State("split", (), (body, to))
            to = loop
        else:
            for _ in range(high - low):
                to = self.add(_State("split", (), (self.build(inner, to), to)))
        for _ in range(low):
            to = self.build(inner, to)
        return to
