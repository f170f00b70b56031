"""The session keeps exactly the client's text."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from modelspec_ls.core.finding import Severity
from modelspec_ls.core.text import LineIndex, units
from modelspec_ls.lsp.capabilities import ClientFeatures
from modelspec_ls.lsp.indexing import index_folders
from modelspec_ls.lsp.publish import Publisher
from modelspec_ls.lsp.session import Session
from modelspec_ls.lsp.workspace import WorkspaceReports
from modelspec_ls.workspace.deployments import deployment_in
from support.specs import MINIMAL

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


def made_from(base, model="acme-llm"):
    hint = f"  annotations: {{modelspec/base-model: {base}}}\n" if base else ""
    return MINIMAL.replace("qwen3-8b", model).replace("spec:", f"{hint}spec:", 1)


def test_saving_looks_again_at_the_whole_line_of_base_models(tmp_path):
    """Nobody watches what lies beyond the folders."""
    root = tmp_path.resolve()
    (root / "ws").mkdir()
    low, top = root / "ws" / "low.modelspec.yaml", root / "top.modelspec.yaml"
    (root / "middle.modelspec.yaml").write_text(made_from("./top.modelspec.yaml"), encoding="utf-8")
    session = Session()
    session.folders = [str(root / "ws")]
    session.open(low.as_uri(), made_from("../middle.modelspec.yaml"), 1, "yaml")
    found = []
    for model in ("", "qwen3-32b", "qwen3-8b"):
        if model:
            top.write_text(made_from("", model), encoding="utf-8")
        session.look_again(low.as_posix())
        snapshot = session.snapshot
        deployed = deployment_in(snapshot, snapshot.documents[low.as_uri()], 0).model
        found.append(deployed.id if deployed else None)
    assert found == [None, "Qwen/Qwen3-32B", "Qwen/Qwen3-8B"]


async def serving(root):
    """A server without its wire that has read a folder."""
    session = Session()
    session.folders = [str(root)]
    reports = WorkspaceReports(session)
    publisher = Publisher(session, lambda _: None, lambda: None, lambda: None)
    publisher.on_change = reports.touched
    await index_folders(session, lambda _: None, lambda: None)
    return session, reports, publisher


async def test_fine_tunes_are_looked_at_again_only_where_their_base_is_another(tmp_path, monkeypatch):
    root = tmp_path.resolve()
    base, low = root / "base.modelspec.yaml", root / "low.modelspec.yaml"
    texts = {base: made_from("", "qwen3-32b"), low: made_from("./base.modelspec.yaml")}
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")
    session, reports, publisher = await serving(root)
    session.open(base.as_uri(), texts[base], 0, "yaml")
    looked = []
    real = WorkspaceReports._examined

    def examined(self, document, around):
        looked.append(document.key)
        return real(self, document, around)

    monkeypatch.setattr(WorkspaceReports, "_examined", examined)

    async def codes(text):
        looked.clear()
        session.change(base.as_uri(), [types.TextDocumentContentChangeWholeDocument(text)], 1)
        while publisher.publish_next():
            pass
        items = await reports.report({}, None)
        return len(looked), {d.code for item in items if item.uri == low.as_uri() for d in item.items}

    assert "MS301" in (await codes(texts[base]))[1]
    assert await codes(f"# Lines move.\n{texts[base]}") == (0, (await codes(texts[base]))[1])
    again, said = await codes(made_from("", "qwen3-8b"))
    assert again == 1 and "MS301" not in said
    again, said = await codes("")
    assert again == 1 and {"MS174", "MS201"} & said


async def test_a_base_that_changes_while_the_disk_is_looked_at(tmp_path, monkeypatch):
    root = tmp_path.resolve()
    base, low = root / "base.modelspec.yaml", root / "low.modelspec.yaml"
    base.write_text(made_from("", "qwen3-32b"), encoding="utf-8")
    uri = "framework: transformers\n      artifacts: {modelUri: ./weights}"
    low.write_text(made_from("./base.modelspec.yaml").replace("framework: transformers", uri), encoding="utf-8")
    session, reports, publisher = await serving(root)

    async def aside(work, *given):
        done = work(*given)
        session.open(base.as_uri(), made_from("", "qwen3-8b"), 1, "yaml")
        while publisher.publish_next():
            pass
        return done

    monkeypatch.setattr(asyncio, "to_thread", aside)
    items = await reports.report({}, None)
    assert "MS301" not in {d.code for item in items if item.uri == low.as_uri() for d in item.items}


def test_views_of_fine_tunes_are_asked_for_again_once_their_base_is_another(tmp_path):
    """Lenses and inlay hints tell memory, which no diagnostic need change."""
    root = tmp_path.resolve()
    base, low = root / "base.modelspec.yaml", root / "low.modelspec.yaml"
    session, asked = Session(), []
    session.folders = [str(root)]
    publisher = Publisher(session, lambda _: None, lambda: None, lambda: None)
    publisher.on_lines = lambda: asked.append(1)
    session.open(low.as_uri(), made_from("./base.modelspec.yaml"), 1, "yaml")
    session.open(base.as_uri(), made_from("", "qwen3-0.6b"), 1, "yaml")
    counts = []
    for text in (None, f"# Lines move.\n{made_from('', 'qwen3-0.6b')}", made_from("", "qwen3-1.7b"), ""):
        if text is not None:
            session.change(base.as_uri(), [types.TextDocumentContentChangeWholeDocument(text)], 2)
        while publisher.publish_next():
            pass
        counts.append(len(asked))
    assert counts == [1, 1, 2, 3]
