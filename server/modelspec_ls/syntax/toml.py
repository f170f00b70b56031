"""TOML with places: what the standard library reads, and where each key and value stands.

``tomllib`` gives values without places. Once it has accepted a text, a walk over its tokens finds them: the text is
known to be right, so the walk need not judge anything.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import Any, NamedTuple

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import LineIndex, Span

_MOST_PARTS = 32
"""Of one key with dots. Ours have three."""
_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"""(?!")|\'\'\'.*?\'\'\'(?!\')|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_WORD = re.compile(r"[^\s,\]}#]+(?: [\d:.+Zz-]+)?")


class Toml(NamedTuple):
    """What a text says. With a ``fault`` it says nothing."""

    values: dict[str, Any]
    keys: dict[DocPath, Span]
    """Where the last part of each key stands, that of a table included."""
    items: dict[DocPath, Span]
    """Where each value stands."""
    fault: tuple[Span, str] | None = None


def parse_toml(text: str) -> Toml:
    """Read a text; never raises."""
    tomllib = _library()
    try:
        values = tomllib.loads(text.replace("\r\n", "\n").removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        return Toml({}, {}, {}, _fault(text, str(error)))
    except (RecursionError, ValueError) as error:
        return Toml({}, {}, {}, (Span(0, 0), f"Too deep to be read: {error}."))
    walker = _Walker(text)
    try:
        walker.walk()
    except _TooDeep:
        message = f"Too deep to be read: a key has more than {_MOST_PARTS} parts."
        return Toml({}, {}, {}, (Span(walker.at, min(walker.at + 1, len(text))), message))
    return Toml(values, walker.keys, walker.items)


def _library() -> Any:
    """The reader. Imported late: most files have no settings beside them."""
    return import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")


def _fault(text: str, message: str) -> tuple[Span, str]:
    match = _AT.search(message)
    words = message[: match.start()] if match else message
    index = LineIndex(text)
    if match is None or match[1] is None:
        at = len(text.rstrip())
        return Span(max(at - 1, 0), at), f"{words}: the text ends here."
    line = min(int(match[1]), index.line_count) - 1
    start, end = index.line_span(line)
    at = min(start + max(int(match[2]) - 1, 0) + text.startswith("\ufeff", start), end)
    return Span(min(at, max(end - 1, start)), end), f"{words}."


class _TooDeep(Exception):
    """A key that would make places without end."""


class _Walker:
    """Finds the places of a text that is right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = int(text.startswith("\ufeff"))
        self.keys: dict[DocPath, Span] = {}
        self.items: dict[DocPath, Span] = {}
        self.counts: dict[DocPath, int] = {}

    def blanks(self) -> None:
        self.at = _BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]  # It matches nothing, too.

    def walk(self) -> None:
        """All statements."""
        table: DocPath = ()
        self.blanks()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                many = self.text.startswith("[[", self.at)
                self.at += 1 + many
                names = self.key(())
                table = self.resolve(names, many=many)
                self.keys.setdefault(table, self.last)
                self.at = self.text.index("]", self.at) + 1 + many
            else:
                self.pair(table)
            self.blanks()

    def resolve(self, names: tuple[str, ...], *, many: bool) -> DocPath:
        """The path of a table's header: names of lists of tables mean their last entry."""
        path: DocPath = ()
        for number, name in enumerate(names):
            path = (*path, name)
            if many and number == len(names) - 1:
                self.counts[path] = self.counts.get(path, -1) + 1
                self.keys.setdefault(path, self.last)
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def key(self, path: DocPath) -> tuple[str, ...]:
        """A key with dots; notes the place of each of its parts below ``path``."""
        names: list[str] = []
        while True:
            self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
            match = _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at)
            assert match is not None
            if len(names) >= _MOST_PARTS:
                raise _TooDeep
            names.append(_name(match[0]))
            self.last = Span(*match.span())
            self.keys.setdefault((*path, *names), self.last)
            self.at = _SPACE.match(self.text, match.end()).end()  # type: ignore[union-attr]
            if not self.text.startswith(".", self.at):
                return tuple(names)
            self.at += 1

    def pair(self, table: DocPath) -> None:
        """``key = value``."""
        path = (*table, *self.key(table))
        self.keys[path] = self.last
        self.at = self.text.index("=", self.at) + 1
        self.blanks()
        self.value(path)

    def value(self, path: DocPath) -> None:
        """Any value, with those inside it."""
        start = self.at
        first = self.text[start]
        if first == "[":
            self.at += 1
            self.blanks()
            number = 0
            while self.text[self.at] != "]":
                self.value((*path, number))
                number += 1
                self.more()
            self.at += 1
        elif first == "{":
            self.at += 1
            self.blanks()
            while self.text[self.at] != "}":
                self.pair(path)
                self.more()
            self.at += 1
        else:
            match = _STRING.match(self.text, start) or _WORD.match(self.text, start)
            assert match is not None
            self.at = match.end()
        self.items[path] = Span(start, self.at)

    def more(self) -> None:
        """What stands between two entries."""
        self.blanks()
        if self.text[self.at] == ",":
            self.at += 1
        self.blanks()


def _name(source: str) -> str:
    if source[0] not in "\"'":
        return source
    return str(next(iter(_library().loads(f"{source} = 0"))))
