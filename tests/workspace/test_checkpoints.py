"""Where a spec's checkpoint is looked for, and what the checks make of it."""

import pytest

from modelspec_ls.analysis import check_document
from modelspec_ls.knowledge.catalogue import BUILT_IN
from modelspec_ls.spec.view import SpecView
from modelspec_ls.workspace.checkpoints import Query, query_of, read
from modelspec_ls.workspace.deployments import deployment_in, looking_around
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot
from support.checkpoints import PARAMETERS, write_checkpoint
from support.specs import spec

QWEN = "Qwen/Qwen3-8B"


def text(uri=None, **values):
    found = spec(**values)
    if uri is None:
        return found
    line = "      framework: transformers\n"
    return found.replace(line, f"{line}      artifacts:\n        modelUri: {uri}\n")


def query(uri=None, name="file:///specs/a.modelspec.yaml", **values):
    document = Document(name, text(uri, **values))
    return query_of(SpecView(document.tree.documents[0]), name, BUILT_IN)


@pytest.mark.parametrize(
    ("uri", "values", "expected"),
    [
        (None, {}, (None, "", QWEN, None)),
        (None, {"id": "somebody/Qwen3-8B-AWQ"}, None),
        (None, {"id": "no-such-model"}, None),
        ("hf://Qwen/Qwen3-8B@v1", {}, (None, "", QWEN, "v1")),
        ("hf://acme/Qwen3-8B-finetuned", {}, (None, "", "acme/Qwen3-8B-finetuned", None)),
        ("s3://bucket/Qwen3-8B", {}, None),
        ("./weights", {}, ("./weights", "/specs", QWEN, None)),
        ("file:///models/x", {}, ("file:///models/x", "/specs", None, None)),
    ],
)
def test_where_to_look(uri, values, expected):
    found = query(uri, **values)
    assert (found and tuple(found)) == expected


def test_a_text_without_a_place_has_no_checkpoint():
    assert query("./weights", name="untitled:1") is None


def judged(folder, uri, **values):
    document = Document((folder / "a.modelspec.yaml").as_uri(), text(uri, **values))
    snapshot = looking_around(Snapshot().with_document(document), document)
    return snapshot, document


def codes(snapshot, document):
    return [d.code for d in check_document(snapshot, document.uri)]


def test_the_files_win_over_the_catalogue(tmp_path):
    write_checkpoint(tmp_path / "weights")
    snapshot, document = judged(tmp_path, "./weights")
    assert deployment_in(snapshot, document, 0).grade == "checkpoint"
    assert deployment_in(snapshot, document, 0).architecture.parameters == PARAMETERS
    assert "MS210" not in codes(snapshot, document)


def test_a_checkpoint_beside_the_spec_that_cannot_be_read_is_said_once(tmp_path):
    write_checkpoint(tmp_path / "weights")
    (tmp_path / "weights" / "model.safetensors").write_bytes(b"too short")
    snapshot, document = judged(tmp_path, "./weights")
    (found,) = [d for d in check_document(snapshot, document.uri) if d.code == "MS210"]
    assert "`model.safetensors`" in found.message
    assert found.pointer.endswith("modelUri")
    assert deployment_in(snapshot, document, 0).grade == "exact"


def test_a_path_that_is_not_there(tmp_path):
    assert "MS210" in codes(*judged(tmp_path, "./weights"))
    assert "MS210" not in codes(*judged(tmp_path, "file:///models/in-the-container"))


def test_the_cache_of_the_hub(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    folder = tmp_path / "models--acme--tuned"
    write_checkpoint(folder / "snapshots" / "abc")
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("abc", encoding="utf-8")
    snapshot, document = judged(tmp_path, "hf://acme/tuned", id="tuned")
    assert deployment_in(snapshot, document, 0).architecture.parameters == PARAMETERS
    (folder / "snapshots" / "abc" / "model.safetensors").unlink()
    # Half a download is nobody's mistake in the spec.
    assert "MS210" not in codes(*judged(tmp_path, "hf://acme/tuned", id="tuned"))


def test_it_is_read_again_only_when_files_differ(tmp_path):
    write_checkpoint(tmp_path / "weights")
    asked = Query("./weights", str(tmp_path), None)
    first = read(asked)
    assert read(asked, first) is first
    write_checkpoint(tmp_path / "weights", num_hidden_layers=12)
    assert read(asked, first).facts.architecture.layers == 12
