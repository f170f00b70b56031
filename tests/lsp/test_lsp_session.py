"""The session keeps exactly the client's text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from modelspec_ls.core.finding import Severity
from modelspec_ls.core.text import LineIndex, units
from modelspec_ls.lsp.capabilities import ClientFeatures
from modelspec_ls.lsp.session import Session

TEXT = st.text(st.sampled_from("ab \n\r\t\f\x85\u2028é🤖:-"), max_size=30)


@given(TEXT, TEXT, st.sampled_from(["utf-8", "utf-16", "utf-32"]), st.data())
def test_incremental_changes(text, new, encoding, data):
    session = Session()
    session.client = ClientFeatures(encoding=encoding)
    session.open("u", text, 1, "modelspec")
    before = session.snapshot
    index = LineIndex(text)

    def spot():
        line = data.draw(st.integers(0, index.line_count - 1))
        column = data.draw(st.integers(0, len(index.line_text(line))))
        offset = index.starts[line] + column
        return offset, types.Position(line, units(index.line_text(line)[:column], encoding))

    (a, first), (b, second) = spot(), spot()
    change = types.TextDocumentContentChangePartial(types.Range(first, second), new)
    session.change(
        "u", [change, types.TextDocumentContentChangePartial(types.Range(*[types.Position(0, 0)] * 2), "^")], 2
    )
    start, end = sorted((a, b))
    document = session.snapshot.document("u")
    assert document.text == "^" + text[:start] + new + text[end:]
    assert (document.version, document.claimed) == (2, True)
    assert before.document("u").text == text


def test_unknown_documents():
    session = Session()
    empty = session.snapshot
    assert session.change("u", [types.TextDocumentContentChangeWholeDocument("x")], 1) is None
    assert session.close("u") is None
    assert session.snapshot is empty
    session.open("u", "a", 1, "yaml")
    session.open("u", "b", 1, "modelspec")
    assert session.snapshot.document("u").text == "b"
    assert session.close("u").documents == {}


@pytest.mark.parametrize(
    "options",
    [
        {"severity": {"MS201": "hint"}},
        {"modelspec": {"severity": {"MS201": "hint"}}},
        {"settings": {"severity": {"MS201": "hint"}}},
        {"settings": {"modelspec": {"severity": {"MS201": "hint"}}}},
    ],
)
def test_initial_settings(options):
    session = Session()
    assert session.initial(options) == []
    assert session.snapshot.config.severity == {"MS201": Severity.HINT}
    assert session.configure(None) == (False, [])
    assert session.configure({"ignore": ["MS2"]}) == (True, [])
    assert session.snapshot.config.severity == {"MS201": Severity.HINT}
    assert session.configure(None) == (True, [])
    changed, problems = session.configure({"ignore": 3})
    assert not changed and "`ignore`" in problems[0]
    assert Session().initial([1])
    assert Session().initial(None) == []


def test_thousands_of_changes_read_the_text_once(monkeypatch):
    """Each range is about the text that those before it left, and costs no more than its lines."""
    session = Session()
    session.open("u", "".join(f"k{n}: v\n" for n in range(20_000)), 1, "yaml")
    read = []
    monkeypatch.setattr("modelspec_ls.core.text.LineIndex", lambda text: read.append(len(text)) or LineIndex(text))
    changes = [
        types.TextDocumentContentChangePartial(
            types.Range(types.Position(2 * n, 0), types.Position(2 * n, 1)), f"new{n}:\n  x"
        )
        for n in range(5_000)
    ]
    expected = "".join(f"new{n}:\n  x{n}: v\n" for n in range(5_000))
    text = session.change("u", changes, 2).document("u").text
    assert text == expected + "".join(f"k{n}: v\n" for n in range(5_000, 20_000))
    assert sum(read) < 1_000_000
