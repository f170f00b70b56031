"""When diagnostics are sent, and when not."""

import pytest

from modelspec_ls import analysis
from modelspec_ls.core.finding import Diagnostic, Severity
from modelspec_ls.core.text import Span

URI = "file:///a.modelspec.yaml"
PULL = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}}
PUSH = {"textDocument": {"publishDiagnostics": {"versionSupport": True}}}


@pytest.fixture
def checks(monkeypatch):
    """Finds every ``x`` of a text; the list counts the checks."""
    seen = []

    def check(snapshot, uri):
        text = snapshot.document(uri).text
        seen.append(text)
        at = [i for i, c in enumerate(text) if c == "x" and "MS9" not in snapshot.config.ignore]
        return tuple(Diagnostic("MS999", "x", "test", Severity.ERROR, "an x", Span(i, i + 1), "", 0) for i in at)

    monkeypatch.setattr(analysis, "check_document", check)
    return seen


async def test_changes_that_wait_are_taken_together(talk, checks):
    await talk.start(PUSH)
    talk.open(text="a")
    for version in range(2, 30):
        talk.change("x" * version, version)
    await talk.settle()
    assert checks == ["x" * 29]
    (only,) = talk.published
    assert only["version"] == 29 and len(only["diagnostics"]) == 29


async def test_only_changes_are_published(talk, checks):
    await talk.start(PUSH)
    versions = []
    for version, text in enumerate(["a", "b", "xb", "xb", "xc", "c", "d"], 1):
        if version == 1:
            talk.open(text=text)
        else:
            talk.change(text, version)
        await talk.settle()
        versions = [p["version"] for p in talk.published]
    # Markers move while one types, so a list is repeated for a new version; an empty one is not.
    assert versions == [1, 3, 4, 5, 6]
    talk.send("textDocument/didSave", {"textDocument": {"uri": URI}}, notify=True)
    await talk.settle()
    assert len(talk.published) == 5


async def test_close_clears_what_is_shown(talk, checks):
    await talk.start()
    talk.open(text="x")
    talk.open("file:///clean", text="a")
    await talk.settle()
    for uri in (URI, "file:///clean"):
        talk.send("textDocument/didClose", {"textDocument": {"uri": uri}}, notify=True)
    await talk.settle()
    assert talk.published[-1] == {"uri": URI, "diagnostics": []}
    assert len(talk.published) == 3
    assert "version" not in talk.published[0]
    talk.open(text="x")
    talk.send("textDocument/didClose", {"textDocument": {"uri": URI}}, notify=True)
    await talk.settle()
    assert len(talk.published) == 3


async def test_never_pushed_to_a_client_that_asks(talk, checks):
    await talk.start(PULL)
    talk.open(text="x")
    await talk.settle()
    assert checks == []
    ask = {"textDocument": {"uri": URI}}
    full = (await talk.request("textDocument/diagnostic", ask))["result"]
    assert len(full["items"]) == 1
    again = await talk.request("textDocument/diagnostic", ask | {"previousResultId": full["resultId"]})
    assert again["result"]["kind"] == "unchanged"
    talk.change(" x", 2)
    moved = await talk.request("textDocument/diagnostic", ask | {"previousResultId": full["resultId"]})
    assert moved["result"]["kind"] == "full"
    talk.send("workspace/didChangeConfiguration", {"settings": {"modelspec": {"ignore": ["MS9"]}}}, notify=True)
    changed = {"changes": [{"uri": "file:///other.modelspec.yaml", "type": 2}, {"uri": URI, "type": 2}]}
    talk.send("workspace/didChangeWatchedFiles", changed, notify=True)
    talk.send("workspace/didChangeWatchedFiles", {"changes": [{"uri": URI, "type": 2}]}, notify=True)
    await talk.settle()
    assert len([m for m in talk.sent if m.get("method") == "workspace/diagnostic/refresh"]) == 1
    assert talk.published == []


async def test_settings_recheck_everything_open(talk, checks):
    await talk.start()
    talk.open(text="x")
    talk.open("file:///b", text="x")
    await talk.settle()
    for _ in range(2):
        talk.send("workspace/didChangeConfiguration", {"settings": {"modelspec": {"ignore": ["MS9"]}}}, notify=True)
    await talk.settle()
    assert [p["diagnostics"] for p in talk.published[2:]] == [[], []]
    # Settings of others are not ours.
    talk.send("workspace/didChangeConfiguration", {"settings": {"editor": {"select": 1}}}, notify=True)
    await talk.settle()
    assert len(talk.published) == 6
    assert not [m for m in talk.sent if m.get("method") == "window/showMessage"]
