"""Where nodes start and end. In the tables, single angle quotation marks stand around each scalar."""

from __future__ import annotations

import re

import pytest

from modelspec_ls.core.text import Span
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.lookup import walk
from modelspec_ls.syntax.nodes import Alias, Mapping, Missing, Pair, Scalar, Sequence, span_of
from modelspec_ls.syntax.parse import parse


def marked(text: str, *, json: bool = False) -> str:
    """The text with the marks around every scalar and alias, and with two of them at every empty value."""
    tree = parse(text, json=json)
    assert [p.message for p in tree.problems] == []
    spans = []
    for document in tree.documents:
        stack: list = [document.root]
        while stack:
            node = stack.pop()
            if isinstance(node, Mapping):
                stack.extend(part for pair in node.pairs for part in (pair.key, pair.value))
            elif isinstance(node, Sequence):
                stack.extend(node.items)
            else:
                spans.append(span_of(node))
    out = text
    for start, end in sorted(spans, reverse=True):
        out = f"{out[:start]}‹{out[start:end]}›{out[end:]}"
    return out


@pytest.mark.parametrize(
    "want",
    [
        # Empty values stand right after their colon or dash.
        "‹a›:‹›\n‹b›:‹› \n‹c›:‹› # comment\n‹d›: ‹~›\n",
        "‹a›:‹›\n\n\n# comment\n‹b›: ‹1›\n",
        "-‹› \n-‹›\n-‹› # comment\n# comment\n- ‹x›\n-‹›",
        "‹a›: {‹b›:‹› , ‹c›: ‹1›}\n",
        # Block scalars without their trailing blank lines.
        "‹a›: ‹|\n  x\n  y›\n\n\n‹b›: ‹>-\n  z›\n\n‹c›: ‹|+\n  k›\n\n",
        "- ‹|2\n    x›\n- ‹y›\n",
        "‹a›: ‹|›\n‹b›: ‹1›\n",
        # Plain and quoted scalars on several lines.
        "‹a›: ‹one\n  two\n  three› # comment\n‹b›: ‹1›",
        "‹a›: ‹\"one\n  two\"›\n‹b›: ‹'it''s'›\n",
        # Anchors and tags do not belong to the scalar; aliases do.
        "‹a›: &x ‹1›\n‹b›: !!str ‹2›\n‹c›: !t &y ‹3›\n‹d›: ‹*x›\n",
        "‹a›: &x # comment\n  ‹b›: ‹1›\n‹c›:\n  ‹<<›: ‹*x›\n",
        "‹a›: &x‹›\n‹b›: !!str‹›\n‹c›: [&r ‹p›, !u ‹q›, &s {}]\n",
        "‹a›: !<tag:x,2000:y> ‹z›\n",
        # Complex keys.
        "? ‹a›\n: ‹b›\n? [‹x›, ‹y›]\n: ‹c›\n? ‹d›‹›\n",
        # Flow style, with space before the colon or none after it.
        '{‹"a"›:‹1›,‹"b"› : [‹true›,‹null›]}',
        "‹a›: [‹1›, {‹b›: ‹2›}, ‹c›: ‹d›]\n",
        "‹a› : ‹1›\n",
        # Lists in lists, and level with their key.
        "- - ‹a›\n  - ‹b›\n-\n  ‹c›: ‹d›\n‹›"[:-2],
        "‹a›:\n- ‹b›: ‹1›\n  ‹c›: ‹2›\n-\n  ‹d›: ‹3›\n",
        # Comments and quotes.
        '‹a›: ‹x#y› # comment\n‹b›: ‹"x # y"› # comment\n',
        # Characters of two and four bytes, line ends, a byte order mark.
        "‹a›: ‹é\U0001f600 x›\n‹b\U0001f600›: ‹1›",
        "‹a›:\r\n  ‹b›: ‹1›\r\n  ‹c›: ‹|\r\n    t›\r\n\r\n‹d›: ‹x\r\n   y›\r\n",
        "‹a›: ‹1›\r‹b›:‹›\r",
        "\ufeff‹a›: ‹1›\n‹b›: ‹2›",
        "‹a›: ‹x\u2028y›\n‹b›: ‹x\u0085y›\n",
        # Streams.
        "# comment\n---\n‹a›: ‹1›\n...\n# comment\n---\n‹b›: ‹2›\n--- ‹c›\n",
    ],
)  # fmt: skip
def test_scalars(want):
    assert marked(re.sub("[‹›]", "", want)) == want


@pytest.mark.parametrize(
    "want",
    [
        '{‹"a"›:\t‹"\\ud83d\\ude00b"›,\n\t‹"c"›: [‹1›,\t‹2›]}',
        '\ufeff{\n\t‹"a"›: {‹"b"›: ‹null›}\n}\n',
        '{‹"a\\/b"›: ‹"\\u00e9"›}',
    ],
)
def test_json(want):
    assert marked(re.sub("[‹›]", "", want), json=True) == want


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        ('{"a": "\\\\ud83d"}', {"a": "\\ud83d"}),
        ('{"a": "\\ud83d"}', {"a": "\ufffd"}),
        ('{"a":\t[1,\t2]}', {"a": [1, 2]}),
        ('{"a": "\x7f"}', {"a": " "}),
    ],
)
def test_json_values(text, value):
    tree = parse(text, json=True)
    assert tree.problems == ()
    assert to_data(tree.documents[0].root).value == value


@pytest.mark.parametrize(
    ("text", "says", "at"),
    [
        ('{"a": 1,}', "illegal trailing comma", 7),
        ('{"a": 1 "b": 2}', "expecting ',' delimiter", 8),
        ("{'a': 1}", "strings need double quotes", 1),
        ("a: 1", "expecting value", 0),
        ("", "expecting value", 0),
        ('\ufeff{"a": x}', "expecting value", 7),
    ],
)
def test_json_errors(text, says, at):
    (problem,) = parse(text, json=True).problems
    assert problem.span.start == at or says == "illegal trailing comma"
    assert "Not JSON: " in problem.message
    if says != "illegal trailing comma":  # Worded differently before Python 3.13.
        assert says in problem.message


def spans(text: str) -> dict:
    (document,) = parse(text).documents
    return {path: span_of(node) for path, node, _ in walk(document)}


def test_collections():
    found = spans("a: &x\n  b: [1, 2]\n  c:\n    - d: {e: 1}\n      f: 2\n    -\ng: 3\n")
    assert found[()] == (0, 60)
    assert found["a",] == (8, 55)
    assert found["a", "b"] == (11, 17)
    assert found["a", "c"] == (27, 55)
    assert found["a", "c", 0] == (29, 49)
    assert found["a", "c", 1] == (55, 55)


def test_colons():
    (document,) = parse("a : 1\nb:\n'c':  2\n? d\n: 4\n? e\n").documents
    assert isinstance(document.root, Mapping)
    colons = [pair.colon for pair in document.root.pairs]
    assert colons == [3, 8, 13, 20, 28]


def test_pair_without_value_reaches_its_colon():
    pair = Pair(Scalar(0, 1, "a", "", None, None), Missing(2, 2), 2)
    assert pair.span == Span(0, 2)


def test_documents():
    text = "# c\nx: 1\n---\na: 1\n...\n# d\n---\nb: 2\n---\n"
    found = [(text[d.start : d.end], d.explicit) for d in parse(text).documents]
    assert found == [
        ("# c\nx: 1\n", False),
        ("---\na: 1\n...\n# d\n", True),
        ("---\nb: 2\n", True),
        ("---\n", True),
    ]
    assert [d.start for d in parse("%YAML 1.2\n---\na: 1\n").documents] == [10]
    assert [(d.start, d.end, d.root) for d in parse("").documents] == [(0, 0, Missing(0, 0))]
    assert [(d.start, d.end, d.root) for d in parse("# c\n").documents] == [(0, 4, Missing(0, 0))]


def test_aliases():
    (document,) = parse("a: &x {b: 1}\nc: *x\nd: *nothing\ne: &y [*y]\n").documents
    nodes = {path: node for path, node, _ in walk(document)}
    assert isinstance(nodes["c",], Alias)
    assert nodes["c",].target is nodes["a",]
    assert nodes["d",].target is None
    assert nodes["e", 0].target is None  # Its own ancestor.
    assert to_data(document.root).value == {"a": {"b": 1}, "c": {"b": 1}, "d": None, "e": [None]}


def test_positions_survive_a_repair():
    text = "a: 1\n b: 2\nlist: [x, y\nkey word\nc:3\nd: {e: 1}\n"
    tree = parse(text)
    (document,) = tree.documents
    seen = {text[n.start : n.end] for _, n, _ in walk(document) if isinstance(n, Scalar)}
    assert {"1", "x", "y", "word", "3"} <= seen
    keys = {text[pair.key.start : pair.key.end] for _, _, pair in walk(document) if pair}
    assert {"a", "b", "list", "key", "c", "d", "e"} <= keys
