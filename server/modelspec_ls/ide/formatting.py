"""Formatting: indentation, spacing and blank lines. Comments, quotes, order and anchors stay.

The result is read again and compared; a text whose meaning or comments would change is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelspec_ls.core.text import LineIndex, Span, TextEdit, apply_edits
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.edit import line_end
from modelspec_ls.syntax.lookup import walk
from modelspec_ls.syntax.nodes import Alias, Mapping, Missing, Node, Scalar, Sequence, Tree
from modelspec_ls.syntax.parse import parse
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot


def format_document(
    snapshot: Snapshot, uri: str, *, step: int = 2, lines: tuple[int, int] | None = None
) -> tuple[TextEdit, ...]:
    """Edits that format a document, or only its 0-based ``lines`` from first to last; none for broken text.

    Args:
        snapshot: the state to look at.
        uri: the document.
        step: indentation per level in spaces.
        lines: restricts the edits.
    """
    document = snapshot.document(uri)
    if (
        document is None
        or document.oversized
        or document.is_settings
        or any(not p.template for p in document.tree.problems)
        or document.tree.repairs
    ):
        return ()
    if document.is_json:
        edits = list(_json_edits(document, step))
    else:
        edits = list(_Formatter(document, step).edits())
    edits = [e for e in edits if document.text[e.span.start : e.span.end] != e.new_text]
    if not edits or not _same(document, apply_edits(document.text, edits)):
        return ()
    if lines is not None:
        index = document.index
        edits = [e for e in edits if lines[0] <= index.line_of(e.span.start) and index.line_of(e.span.end) <= lines[1]]
        if not _same(document, apply_edits(document.text, edits)):
            return ()
    return tuple(edits)


def _same(document: Document, text: str) -> bool:
    """Whether the formatted text means the same and has the same comments."""
    tree = parse(text, json=document.is_json)
    if tree.problems or len(tree.documents) != len(document.tree.documents):
        return False
    before = [repr(to_data(d.root).value) for d in document.tree.documents]
    after = [repr(to_data(d.root).value) for d in tree.documents]
    return before == after and _comments(document.tree) == _comments(tree)


def _comments(tree: Tree) -> list[str]:
    """All comments of a text: what stands behind a ``#`` outside scalars."""
    spans = sorted(
        (node.start, node.end)
        for document in tree.documents
        for _, node, pair in walk(document)
        for node in ((pair.key, node) if pair else (node,))
        if isinstance(node, Scalar)
    )
    out: list[str] = []
    last = 0
    for start, end in [*spans, (len(tree.text), len(tree.text))]:
        gap = tree.text[last:start] if start >= last else ""
        out += [m[1].rstrip() for m in re.finditer(r"(?:^|(?<=\s))(#[^\r\n]*)", gap)]
        last = max(last, end)
    return out


class _Formatter:
    """Finds the new column of every line from the tree, then says what to change."""

    def __init__(self, document: Document, step: int) -> None:
        self.text = document.text
        self.index: LineIndex = document.index
        self.tree = document.tree
        self.step = step
        self.column: dict[int, int] = {}
        self.shift: dict[int, int] = {}
        self.frozen: set[int] = set()
        self.gaps: list[TextEdit] = []
        self.dropped: set[int] = set()

    def edits(self) -> Iterator[TextEdit]:
        for part in self.tree.documents:
            self.place(part.root, 0)
        yield from self.gaps
        yield from self.blank_lines()
        yield from self.indentation()

    def old_column(self, offset: int) -> int:
        return offset - self.index.starts[self.index.line_of(offset)]

    def place(self, node: Node, column: int) -> None:
        """Put a block collection at a column; scalars and flow collections move with their line."""
        if isinstance(node, Mapping) and not node.flow:
            for pair in node.pairs:
                self.line(pair.key.start, column)
                self.inside(pair.key)
                self.gap(pair.colon, pair.value)
                below = column + self.step
                self.value(pair.value, below, column)
        elif isinstance(node, Sequence) and not node.flow:
            for item in node.items:
                dash = self.dash_before(item.start)
                self.line(dash, column)
                if self.index.line_of(dash) == self.index.line_of(item.start) and not isinstance(item, Missing):
                    self.gaps.append(TextEdit(Span(dash + 1, self.properties(item)), " "))
                self.value(item, column + 2, column)
        else:
            self.inside(node)

    def value(self, node: Node, column: int, parent: int) -> None:
        if isinstance(node, (Mapping, Sequence)) and not node.flow:
            self.place(node, column)
        else:
            first = self.index.line_of(node.start)
            if node.start > self.index.starts[first] + len(self.indent_of(first)):
                self.inside(node)
            else:
                # A scalar on a line of its own below its key.
                self.line(node.start, max(column, parent + 1))
                self.inside(node)

    def indent_of(self, line: int) -> str:
        text = self.index.line_text(line)
        return text[: len(text) - len(text.lstrip(" \t"))]

    def properties(self, node: Node) -> int:
        """Where a node starts, its anchor and tag included."""
        if isinstance(node, (Alias, Missing)) or (node.anchor is None and node.tag is None):
            return node.start
        line = self.index.starts[self.index.line_of(node.start)]
        match = re.search(r"((?:[&!][^\s]*\s+)+)$", self.text[line : node.start])
        return line + match.start() if match else node.start

    def dash_before(self, offset: int) -> int:
        return self.text.rfind("-", 0, max(offset, 1))

    def line(self, offset: int, column: int) -> None:
        """The line whose content starts at the offset gets this column."""
        line = self.index.line_of(offset)
        if self.text[self.index.starts[line] : offset].strip(" \t\ufeff") or line in self.column:
            return
        self.column[line] = column
        self.shift[line] = column - self.old_column(offset)

    def inside(self, node: Node) -> None:
        """Further lines of a scalar or a flow collection keep their distance to its first line."""
        first, last = self.index.line_of(node.start), self.index.line_of(node.end)
        by = self.shift.get(first)
        if by is None:
            by = self.shift_of_line(first)
        for line in range(first + 1, last + 1):
            self.shift.setdefault(line, by)
            self.frozen.add(line)
        if isinstance(node, Scalar) and last > first:
            self.frozen.add(first)

    def shift_of_line(self, line: int) -> int:
        return self.shift.get(line, 0)

    def gap(self, colon: int, value: Node) -> None:
        """One space between a colon and a value on its line."""
        if isinstance(value, Missing):
            return
        start = self.properties(value)
        if self.index.line_of(start) == self.index.line_of(colon) and not self.text[colon:start].strip(" \t"):
            self.gaps.append(TextEdit(Span(colon, start), " "))

    def indentation(self) -> Iterator[TextEdit]:
        following: int | None = None
        edits: list[TextEdit] = []
        for line in range(self.index.line_count - 1, -1, -1):
            text = self.index.line_text(line)
            body = text.lstrip(" \t")
            start = self.index.starts[line]
            if line in self.dropped:
                continue
            if line in self.frozen and line not in self.column:
                if body:
                    now = len(text) - len(body)
                    edits.append(TextEdit(Span(start, start + now), " " * max(now + self.shift.get(line, 0), 0)))
                continue
            if not body:
                edits.append(TextEdit(Span(start, start + len(text)), ""))
                continue
            if line in self.column:
                following = line
                at = start + len(text) - len(body)
                if not text.startswith("\ufeff"):
                    edits.append(TextEdit(Span(start, at), " " * self.column[line]))
            elif body.startswith("#") and following is not None:
                now = len(text) - len(body)
                edits.append(TextEdit(Span(start, start + now), " " * self.comment_column(line, now, following)))
            elif body.startswith(("---", "...")):
                following = None
            trimmed = len(text.rstrip())
            if trimmed < len(text) and line not in self.frozen:
                edits.append(TextEdit(Span(start + trimmed, start + len(text)), ""))
        yield from edits

    def comment_column(self, line: int, now: int, following: int) -> int:
        """A comment goes with the line it is aligned to: the next one, or one above it."""
        shifted = self.column[following] - self.shift[following]
        if now >= shifted:
            return max(now + self.shift[following], 0) if now == shifted else self.above(line, now, following)
        return self.above(line, now, following)

    def above(self, line: int, now: int, following: int) -> int:
        for other in range(line - 1, -1, -1):
            if other in self.column and self.column[other] - self.shift[other] <= now:
                if self.column[other] - self.shift[other] == now:
                    return self.column[other]
                break
        return max(now + self.shift[following], 0)

    def blank_lines(self) -> Iterator[TextEdit]:
        """At most one blank line in a row, none at the start or the end, one line break at the end."""
        count = self.index.line_count
        run: list[int] = []
        for line in range(count):
            if not self.index.line_text(line).strip() and line not in self.frozen:
                run.append(line)
                continue
            keep = 0 if run and run[0] == 0 else 1
            if len(run) > keep:
                # The last blank lines go, with their line breaks; the first stays where one may.
                self.dropped.update(run[keep:])
                yield TextEdit(Span(self.index.starts[run[keep]], self.index.starts[line]), "")
            run = []
        if not run:
            at = len(self.text)
            yield TextEdit(Span(at, at), line_end(self.text))
        elif run[0] > 0:
            self.dropped.update(run)
            yield TextEdit(Span(self.index.starts[run[0]], len(self.text)), "")


def _json_edits(document: Document, step: int) -> Iterator[TextEdit]:
    """White space between JSON tokens, one pair or item per line; empty collections stay on theirs."""
    text = document.text
    eol = line_end(text)
    level, end, previous = 0, 0, ""
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+', text):
        word = token[0]
        if word in "]}":
            level -= 1
        if not previous or (previous in "[{" and word in "]}"):
            gap = ""
        elif previous in "[{," or word in "]}":
            gap = eol + " " * (level * step)
        else:
            gap = " " if previous == ":" else ""
        if not (end == 0 and text.startswith("\ufeff")):
            yield TextEdit(Span(end, token.start()), gap)
        if word in "[{":
            level += 1
        previous, end = word, token.end()
    if previous:
        yield TextEdit(Span(end, len(text)), eol)
