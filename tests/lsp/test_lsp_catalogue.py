"""Rows and checkpoints in a running server: open buffers first, files when they change, disks aside."""

import pytest

from support.checkpoints import write_checkpoint
from support.rows import MODEL, changed, put
from support.specs import spec
from support.talk import until


@pytest.fixture
def root(tmp_path):
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.fixture
def uri(root):
    return (root / "a.modelspec.yaml").as_uri()


async def told(talk, uri, code, *, there):
    """Wait until the last word about a document has a finding of this rule, or has none."""

    def found():
        last = next((p for p in reversed(talk.published) if p["uri"] == uri), {"diagnostics": []})
        return "".join(d["message"] for d in last["diagnostics"] if d["code"] == code)

    await until(lambda: bool(found()) == there)
    return found()


def watched(talk, path, kind=2):
    changes = [{"uri": path.as_uri(), "type": kind}]
    talk.send("workspace/didChangeWatchedFiles", {"changes": changes}, notify=True)


async def test_typing_in_a_row_checks_the_open_specs_again(talk, root, uri):
    path = put(root, MODEL)
    await talk.start()
    talk.open(uri, spec(id="acme-chat"))
    talk.open(path.as_uri(), MODEL, language="yaml")
    await told(talk, uri, "MS201", there=False)
    talk.change(changed(MODEL, layers='"32"'), 2, path.as_uri())
    assert ".modelspec/models/acme.yaml" in await told(talk, uri, "MS201", there=True)
    await told(talk, path.as_uri(), "MS103", there=True)
    talk.change(MODEL, 3, path.as_uri())
    await told(talk, uri, "MS201", there=False)


async def test_closing_a_row_goes_back_to_its_file(talk, root, uri):
    path = put(root, MODEL)
    await talk.start()
    talk.open(uri, spec(id="acme-chat"))
    talk.open(path.as_uri(), changed(MODEL, id="other/model", aliases=None), language="yaml")
    await told(talk, uri, "MS201", there=True)
    talk.send("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}}, notify=True)
    await told(talk, uri, "MS201", there=False)


async def test_rows_that_come_and_go_on_disk(talk, root, uri):
    await talk.start()
    talk.open(uri, spec(id="acme-chat"))
    await told(talk, uri, "MS201", there=True)
    path = put(root, MODEL)
    watched(talk, path, 1)
    await told(talk, uri, "MS201", there=False)
    path.unlink()
    watched(talk, path, 3)
    await told(talk, uri, "MS201", there=True)


async def test_a_checkpoint_is_read_aside_and_looked_at_again(talk, root, uri):
    text = spec(id="acme/none").replace(
        "      framework: transformers\n", "      framework: transformers\n      artifacts: {modelUri: ./weights}\n"
    )
    await talk.start()
    talk.open(uri, text)
    await told(talk, uri, "MS210", there=True)
    write_checkpoint(root / "weights")
    watched(talk, root / "weights" / "model.safetensors", 1)
    await told(talk, uri, "MS210", there=False)
    (root / "weights" / "model.safetensors").write_bytes(b"")
    talk.send("textDocument/didSave", {"textDocument": {"uri": uri}}, notify=True)
    assert "model.safetensors" in await told(talk, uri, "MS210", there=True)


async def test_lenses_are_asked_for_again(talk, root, uri):
    path = put(root, MODEL)
    support = {"refreshSupport": True}
    await talk.start({"workspace": {"codeLens": support, "inlayHint": support, "diagnostics": support}})
    talk.open(uri, spec(id="acme-chat"))
    talk.open(path.as_uri(), MODEL, language="yaml")
    await talk.settle()
    talk.sent.clear()
    talk.change(changed(MODEL, contextLength=1), 2, path.as_uri())
    await talk.settle()
    asked = {m.get("method") for m in talk.sent}
    assert {"workspace/codeLens/refresh", "workspace/inlayHint/refresh"} <= asked
