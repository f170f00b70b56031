"""What one walk over a document tells beside its value: whether there is anything to look for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelspec_ls.syntax import data
from modelspec_ls.syntax.data import Traits, survey, to_data
from modelspec_ls.syntax.lookup import scalars, walk
from modelspec_ls.syntax.nodes import Scalar
from modelspec_ls.syntax.parse import parse
from modelspec_ls.syntax.scalars import read_plain, resolve_plain, resolve_yaml11, same_value


def traits(text: str) -> Traits:
    return survey(parse(text).documents[0].root).traits


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a: 1\nb: two\n", Traits(repeats=False, disputed=False, blank=False)),
        ("a: 1\na: 2\n", Traits(repeats=True, disputed=False, blank=False)),
        ("x: [{a: 1, a: 2}]\n", Traits(repeats=True, disputed=False, blank=False)),
        ("a: yes\n", Traits(repeats=False, disputed=True, blank=False)),
        ("no: 1\n", Traits(repeats=False, disputed=True, blank=False)),
        ("a: +.5\n", Traits(repeats=False, disputed=True, blank=False)),
        ('a: "yes"\n', Traits(repeats=False, disputed=False, blank=False)),
        ("a: ' '\n", Traits(repeats=False, disputed=False, blank=True)),
        ("a: |\nb: 1\n", Traits(repeats=False, disputed=False, blank=True)),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", Traits(repeats=True, disputed=True, blank=True)),
    ],
)
def test_traits(text, expected):
    assert traits(text) == expected


@given(st.text(alphabet="0123456789+-._eExobyYnNoOtTrRuUeE~=<:T Z", max_size=8))
def test_a_plain_scalar_is_read_once_for_both_versions(text):
    value, disputed = read_plain(text)
    assert same_value(value, resolve_plain(text)) or value != value  # noqa: PLR0124 - not a number
    assert disputed == (text in {"=", "<<"} or not same_value(resolve_plain(text), resolve_yaml11(text)))


def test_scalars_are_those_of_a_walk():
    document = parse("a: 1\nb:\n  - c: 2\n    d: x\n  - e\n? [f]\n: g\nh: *i\n").documents[0]
    walked = [(path, node) for path, node, _ in walk(document) if isinstance(node, Scalar)]
    assert scalars(document, lambda _: True) == walked
    assert [path for path, _ in scalars(document, lambda node: node.value == "x")] == [("b", 0, "d")]


def test_the_value_is_the_same():
    root = parse("a: [1, yes, 'x']\nb: &x {c: 1}\nd: *x\n").documents[0].root
    assert survey(root).data == to_data(root)


def test_merge_keys_in_each_other_are_read_once_each(monkeypatch):
    """Else each level would double the work: forty would never end."""
    visits = []
    read = data._Converter.mapping
    monkeypatch.setattr(data._Converter, "mapping", lambda self, node: visits.append(node) or read(self, node))
    levels = 40
    text = "a: &a {x: 1}\nb: " + "{<<: *a, k: " * levels + "1" + "}" * levels + "\n"
    found = survey(parse(text).documents[0].root)
    assert found.data.depth > levels
    assert len(visits) == levels + 2
