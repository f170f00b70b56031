"""What plain scalars mean in YAML 1.2, and in YAML 1.1 as PyYAML reads it."""

from __future__ import annotations

import math
from datetime import date, datetime
from itertools import product

import pytest
import yaml

from modelspec_ls.syntax.nodes import Missing, Scalar
from modelspec_ls.syntax.scalars import Date, known_tag, resolve, resolve_plain, resolve_yaml11


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nUll", "nUll"),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("tRue", "tRue"),
        ("yes", "yes"), ("on", "on"), ("No", "No"), ("y", "y"),
        ("0", 0), ("-1", -1), ("+12", 12), ("007", 7), ("0o17", 15), ("0x1F", 31), ("0b11", "0b11"), ("1_000", "1_000"),
        ("1.5", 1.5), ("-.5", -0.5), ("1.", 1.0), ("1e3", 1000.0), ("+1.5E-2", 0.015), ("1:30", "1:30"), (".", "."),
        (".inf", math.inf), ("-.INF", -math.inf), ("+.Inf", math.inf), ("2026-01-01", "2026-01-01"), ("1.2.3", "1.2.3"),
        ("-", "-"), ("+", "+"), ("0x", "0x"), ("1e", "1e"), ("e1", "e1"), ("٣", "٣"), ("1" * 5000, math.inf),
    ],
)  # fmt: skip
def test_core_schema(text, value):
    got = resolve_plain(text)
    assert got == value
    assert type(got) is type(value)


def test_not_a_number():
    for text in (".nan", ".NaN", ".NAN"):
        for read in (resolve_plain, resolve_yaml11):
            value = read(text)
            assert isinstance(value, float)
            assert math.isnan(value)
    assert resolve_plain(".nAn") == ".nAn"


TAG = "tag:yaml.org,2002:"


@pytest.mark.parametrize(
    ("text", "style", "tag", "value"),
    [
        ("1", "", None, 1), ("1", '"', None, "1"), ("1", "'", None, "1"), ("1", "|", None, "1"),
        ("1", "", TAG + "str", "1"), ("1", '"', TAG + "int", 1), ("true", "", TAG + "bool", True),
        ("1", "", "!mine", "1"), ("1", "", "!", "1"),
    ],
)  # fmt: skip
def test_tags_and_styles(text, style, tag, value):
    assert resolve(Scalar(0, 1, text, style, None, tag)) == value
    assert known_tag(tag) == (tag != "!mine")


def test_empty():
    assert resolve(Missing(0, 0)) is None
    assert resolve(Missing(0, 0, None, TAG + "str")) == ""


def pyyaml(text: str):
    try:
        value = yaml.safe_load(text)
    except ValueError:  # The 30th of February: no text, but no date that can be built either.
        return Date(text)
    return Date(text) if isinstance(value, (date, datetime)) else value


SIGNS = ("", "-", "+")
WORDS = ["yes", "no", "on", "off", "true", "false", "null", "y", "n"]
TEXTS = [
    *(form(word) for word in WORDS for form in (str, str.upper, str.capitalize, str.title, str.swapcase)),
    *("".join(p) for p in product(SIGNS, ["0", "7", "08", "010", "0o10", "0b101", "0b2"])),
    *("".join(p) for p in product(SIGNS, ["0x1f", "0xg", "1_000", "12_", "_1"])),
    *("".join(p) for p in product(SIGNS, ["1", "10", "0", "1_0", ""], [".", ".5", ".5_1", ""], ["", "e3", "e+3"])),
    *("".join(p) for p in product(SIGNS, ["1:30", "190:20:30", "1:60", "1:5", "01:30", "1:2:3.5", "1:30.", "1:3a"])),
    *("".join(p) for p in product(SIGNS, [".inf", ".Inf", ".INF", ".iNf"])),
    *("2026-01-01", "2026-1-1", "2026-13-01", "26-01-01", "2026-01-01T10:00:00Z", "2026-01-01 10:00:00"),
    *("2026-1-1 1:00:00", "2026-01-01T10:00", "2026-01-01t10:00:00.5+02:00", "2026-02-30", "2026-01-01-x"),
    *("=", "<<", "~", "a", "1a", "v1", "1.2.3", "1e3", "0.", "00", "0_7", "0x_f", "0b_1", "+.5", "..", ".5.5"),
]  # fmt: skip


@pytest.mark.parametrize("text", sorted(set(TEXTS) - {"", "=", "<<", "-", "+"}))
def test_yaml_11_is_what_pyyaml_reads(text):
    want, got = pyyaml(text), resolve_yaml11(text)
    if isinstance(want, float) and math.isnan(want):
        want, got = str(want), str(got)
    assert got == want
    assert type(got) is type(want), (got, want)
