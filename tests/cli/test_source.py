"""One source line on a terminal: marks stand under what they mean, nothing is obeyed, nothing is too wide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelspec_ls.cli.render.source import cells, excerpt, safe


@pytest.mark.parametrize(
    "line, token, shown, indent, width",
    [
        ("  count: two", "two", "  count: two", 9, 3),
        ("\tcount:\ttwo", "two", "    count:  two", 12, 3),
        ("字: 値段 x", "値段", "字: 値段 x", 4, 4),
        ("e\u0301te\u0301: x", "x", "e\u0301te\u0301: x", 5, 1),
        ("😀😀: x", "x", "😀😀: x", 6, 1),
        ("a: \x1b[31mred", "red", "a: ␛[31mred", 8, 3),
        ("\ufeffa: 1", "1", "a: 1", 3, 1),
        ("字\tx", "x", "字  x", 4, 1),
    ],
)
def test_marks_stand_under_the_token(line, token, shown, indent, width):
    start = line.index(token)
    assert excerpt(line, start, start + len(token), 80) == (shown, indent, width)


@pytest.mark.parametrize(
    "start, end, expected",
    [
        (0, 1, ("0123456789012345678…", 0, 1)),
        (18, 19, ("0123456789012345678…", 18, 1)),
        (30, 33, ("…567890123456789012…", 6, 3)),
        (30, 99, ("…567890123456789012…", 6, 13)),
        (49, 50, ("…1234567890123456789", 19, 1)),
        (50, 50, ("…234567890123456789", 19, 1)),
    ],
)
def test_long_lines_are_cut_around_the_span(start, end, expected):
    line = "0123456789" * 5
    shown, indent, width = excerpt(line, start, end, 20)
    assert (shown.rstrip(), indent, width) == expected


def test_one_huge_line_costs_little():
    line = '{"a":"' + "日" * 4_000_000 + '"}'
    shown, indent, width = excerpt(line, 2_000_000, 2_000_001, 40)
    assert shown.startswith("…") and shown.endswith("…") and width == 2 and cells(shown) <= 40 and indent < 38


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 20), st.integers(20, 60))
def test_always_fits_and_never_commands(line, start, length, room):
    start = min(start, len(line))
    end = min(start + length, len(line))
    shown, indent, width = excerpt(line, start, end, room)
    assert cells(shown) <= room
    assert width >= 1 and indent + width <= room
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e\u2028" for c in shown)


def test_safe_shows_controls():
    assert safe("a\x1b[2J\n\x7f\x9b\u202eb") == "a␛[2J␊␡��b"
    assert safe("plain [bold]text[/] é") == "plain [bold]text[/] é"
