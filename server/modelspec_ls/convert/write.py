"""A new YAML text from an ordered structure with comments, laid out as ``modelspec fmt`` would leave it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from modelspec_ls.core.path import DocPath
from modelspec_ls.syntax.scalars import Date, resolve_plain, resolve_yaml11

from .comments import Comments

_STEP = 2
_PLAIN = re.compile(r"[^\W_][\w./~+-]*(?:[ :@][\w./~+@-]+)*")
_BARRED = "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff\\ufeff\\ufffe\\uffff"
"""Characters that only stand in double quotes, as escapes."""
# What a double-quoted text must not hold as it is: JSON lets these stand, YAML does not or reads a line break.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# Lines that a block scalar holds unchanged: nothing at their edges, nothing that is no text.
_LITERAL_LINE = re.compile(rf"(?!\s)[^{_BARRED}]*(?<!\s)|")
_ONE_LINE = re.compile(f"[^{_BARRED}]*")
_LONGEST_PLAIN = 1000


class Cell:
    """A value with its comments. Numbers for keys make a list."""

    def __init__(self) -> None:
        self.value: Any = None
        self.cells: dict[str | int, Cell] = {}
        self.comments = Comments()


class Draft:
    """A document in the making: keys stand in the order in which they are put."""

    def __init__(self) -> None:
        self.root = Cell()

    def put(self, path: DocPath, value: Any, comments: Comments = Comments()) -> None:  # noqa: B008 - immutable
        """Set a scalar, a mapping or a list."""
        cell = self._at(path)
        cell.comments = cell.comments + comments
        cell.cells = {}
        if isinstance(value, dict) and value:
            for key, item in value.items():
                self.put((*path, key), item)
        elif isinstance(value, list) and value:
            for number, item in enumerate(value):
                self.put((*path, number), item)
        else:
            cell.value = value

    def comment(self, path: DocPath, comments: Comments) -> None:
        """Add comments to a key that is there, before its own."""
        cell = self._at(path)
        cell.comments = comments + cell.comments

    def has(self, path: DocPath) -> bool:
        """Whether the key is there."""
        cell = self.root
        for part in path:
            if part not in cell.cells:
                return False
            cell = cell.cells[part]
        return True

    def value(self, path: DocPath) -> Any:
        """The scalar at a path; None for anything else."""
        return self._at(path).value if self.has(path) else None

    def text(self, line_end: str = "\n") -> str:
        """The document, without a separator before it."""
        lines = list(_lines(self.root, 0))
        while lines and not lines[0]:
            lines.pop(0)
        return "".join(f"{line}{line_end}" for line in lines)

    def _at(self, path: DocPath) -> Cell:
        cell = self.root
        for part in path:
            cell = cell.cells.setdefault(part, Cell())
        return cell


def _lines(cell: Cell, column: int) -> Iterator[str]:
    """The lines of a mapping or a list that starts at a column."""
    for key, item in cell.cells.items():
        yield from (f"{' ' * column}{line}" if line else "" for line in item.comments.above)
        beside = f"  {item.comments.beside}" if item.comments.beside else ""
        if isinstance(key, int):
            yield from _item(item, column, beside)
            continue
        head = f"{' ' * column}{key_source(key)}:"
        if item.cells:
            yield head + beside
            yield from _lines(item, column + _STEP)
        else:
            first, *rest = source(item.value)
            yield f"{head} {first}{beside}"
            yield from (f"{' ' * (column + _STEP)}{line}" if line else "" for line in rest)


def _item(item: Cell, column: int, beside: str) -> Iterator[str]:
    """An item of a list, its first key on the line of the dash."""
    dash = f"{' ' * column}- "
    if not item.cells:
        first, *rest = source(item.value)
        yield f"{dash}{first}{beside}"
        yield from (f"{' ' * (column + _STEP)}{line}" if line else "" for line in rest)
        return
    fresh = True
    for line in _lines(item, column + _STEP):
        if fresh and line.strip() and not line.lstrip().startswith("#"):
            yield dash + line.lstrip() + beside
            fresh = False
        elif fresh:
            # Comments of the first key stand above the dash.
            yield line[_STEP:]
        else:
            yield line


def key_source(key: str) -> str:
    """A key as YAML."""
    return source(key)[0] if "\n" not in key else quoted(key)


def source(value: Any) -> tuple[str, ...]:
    """A value as YAML: one line, or the header of a block scalar and its lines."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool) or value is None:
        return ({True: "true", False: "false", None: "null"}[value],)
    if isinstance(value, dict):
        return ("{}",)
    if isinstance(value, list):
        return ("[]",)
    return (_float(value) if isinstance(value, float) else repr(value),)


def _float(value: float) -> str:
    """A number that both versions of YAML read as one: older ones want a point in it."""
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    digits, exponent, power = repr(value).partition("e")
    return f"{digits}{'' if '.' in digits else '.0'}{exponent}{power}"


def _text(value: str) -> tuple[str, ...]:
    if "\n" in value:
        lines = value.split("\n")
        ended = not lines[-1]
        body = lines[:-1] if ended else lines
        if body[0] and body[-1] and all(_LITERAL_LINE.fullmatch(line) for line in body):
            return ("|" if ended else "|-", *body)
    elif len(value) <= _LONGEST_PLAIN and _PLAIN.fullmatch(value) and resolve_plain(value) == value:
        read = resolve_yaml11(value)
        if read == value and not isinstance(read, Date):
            return (value,)
    if '"' in value and "'" not in value and _ONE_LINE.fullmatch(value):
        return (f"'{value}'",)
    return (quoted(value),)


def quoted(value: str) -> str:
    """A text in double quotes."""
    return _ESCAPED.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(value, ensure_ascii=False))
