"""Offset to position and back is the identity, in every encoding and with every kind of line end."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from modelspec_ls.core.text import LineBuffer, LineIndex, Position

PIECES = [
    "\n",
    "\r",
    "\r\n",
    "a",
    "\t",
    "é",
    "e\u0301",
    "\U0001f680",
    "\U0001f469\u200d\U0001f4bb",
    "\u2028",
    "\x85",
    "\x0c",
    "\ud800",
]
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=30).map("".join)
encodings = st.sampled_from(["utf-8", "utf-16", "utf-32"])


@given(texts, encodings)
def test_round_trip(text, encoding):
    index = LineIndex(text)
    for offset in range(len(text) + 1):
        inside_crlf = text[offset - 1 : offset + 1] == "\r\n" and offset > 0
        back = index.offset(index.position(offset, encoding), encoding)
        assert back == (offset - 1 if inside_crlf else offset)


@given(texts, encodings)
def test_positions_grow_with_offsets(text, encoding):
    index = LineIndex(text)
    positions = [index.position(i, encoding) for i in range(len(text) + 1)]
    assert positions == sorted(positions)


@given(texts, st.integers(-2, 40), st.integers(-2, 60), encodings)
def test_any_position_has_an_offset(text, line, character, encoding):
    index = LineIndex(text)
    offset = index.offset(Position(line, character), encoding)
    assert 0 <= offset <= len(text)
    if 0 <= line < index.line_count:
        start, end = index.line_span(line)
        assert start <= offset <= end
        assert index.position(offset, encoding).character <= max(character, 0)


positions = st.builds(Position, st.integers(-1, 12), st.integers(-1, 12))


@given(texts, st.lists(st.tuples(positions, positions, texts), max_size=8), encodings)
def test_changes_one_after_another(text, changes, encoding):
    """Each is about the text that those before it left."""
    buffer = LineBuffer(text)
    for start, end, new in changes:
        index = LineIndex(text)
        first, last = sorted(index.offset(position, encoding) for position in (start, end))
        text = text[:first] + new + text[last:]
        buffer.replace(start, end, new, encoding)
        assert buffer.text == text


@given(texts)
def test_lines_are_those_of_the_protocol(text):
    index = LineIndex(text)
    assert [index.line_text(i) for i in range(index.line_count)] == re.split("\r\n|\r|\n", text)
