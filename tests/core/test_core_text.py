"""Offsets and positions, line ends and edits."""

from __future__ import annotations

import pytest

from modelspec_ls.core.text import LineIndex, Position, Span, TextEdit, apply_edits, units


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("\r\n\r\n", ["", "", ""]),
        ("\n\r", ["", "", ""]),
        ("a\u2028b\u2029c\x85d\x0be\x0cf\x1cg", ["a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"]),
    ],
)
def test_lines(text, lines):
    index = LineIndex(text)
    assert [index.line_text(i) for i in range(index.line_count)] == lines


ROCKET = "a\U0001f680é\r\nx"


@pytest.mark.parametrize(
    ("encoding", "columns"),
    [("utf-8", [0, 1, 5, 7]), ("utf-16", [0, 1, 3, 4]), ("utf-32", [0, 1, 2, 3])],
)
def test_columns(encoding, columns):
    index = LineIndex(ROCKET)
    assert [index.position(i, encoding) for i in range(4)] == [(0, c) for c in columns]
    assert [index.offset(Position(0, c), encoding) for c in columns] == [0, 1, 2, 3]
    assert index.position(5, encoding) == (1, 0)
    assert units(ROCKET[:3], encoding) == columns[3]


def test_positions_outside_are_clamped():
    index = LineIndex(ROCKET)
    assert index.offset(Position(0, 99)) == 3
    assert index.offset(Position(9, 0)) == len(ROCKET)
    assert index.offset(Position(-1, 5)) == 0
    assert index.offset(Position(0, -5)) == 0
    assert index.position(4) == (0, 4)  # Inside CRLF: the line's end.
    assert index.position(-3) == (0, 0)
    assert index.position(99) == (1, 1)
    assert index.offset(Position(0, 2)) == 1  # Inside a surrogate pair: its start.
    assert index.offset(Position(0, 3), "utf-8") == 1


def test_spans():
    assert Span(2, 4).contains(2)
    assert Span(2, 4).contains(4)
    assert not Span(2, 4).contains(5)
    assert Span(2, 4).overlaps(Span(3, 9))
    assert not Span(2, 4).overlaps(Span(4, 9))
    assert Span(2, 4).overlaps(Span(4, 4))
    assert not Span(2, 4).overlaps(Span(5, 5))


def test_edits():
    edits = [TextEdit(Span(4, 5), "E"), TextEdit(Span(0, 0), ">"), TextEdit(Span(1, 3), "")]
    assert apply_edits("abcde", edits) == ">adE"
    with pytest.raises(ValueError, match="overlap"):
        apply_edits("abc", [TextEdit(Span(0, 2), ""), TextEdit(Span(1, 3), "")])
