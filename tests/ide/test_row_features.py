"""Completion and hover in rows of a workspace's catalogue, and what specs see of them."""

import pytest

from ide.ide_case import Case
from modelspec_ls.analysis import check_document
from modelspec_ls.core.text import Span
from modelspec_ls.ide.completion import complete
from modelspec_ls.ide.hover import hover
from modelspec_ls.ide.memory import code_lenses, inlay_hints
from modelspec_ls.ide.memory_request import memory_fit
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot
from support.rows import ACCELERATOR, MODEL, changed, put
from support.specs import spec

MODELS = "file:///w/.modelspec/models/x.yaml"
CARDS = "file:///w/.modelspec/accelerators/x.yaml"


@pytest.mark.parametrize(
    ("uri", "text", "expected"),
    [
        (MODELS, "<|>", ["id", "parameters", "layers"]),
        (MODELS, "id: a\nparameters: 1\n<|>", ["layers", "hidden", "vocab"]),
        (MODELS, "id: a\nmoe:\n  experts: 8\n  <|>", ["expertsPerToken", "intermediate", "sharedExperts"]),
        (MODELS, "dtype: <|>", ["fp32", "tf32", "bf16"]),
        (MODELS, "tiedEmbeddings: <|>", ["true", "false"]),
        (CARDS, "<|>", ["id", "vendor", "memoryGiB"]),
        (CARDS, "vendor: <|>", ["nvidia", "amd", "intel"]),
        (CARDS, "supports:\n  - <|>", ["fp16", "bf16", "tf32"]),
    ],
)
def test_completion(uri, text, expected):
    assert Case(text, uri).labels()[:3] == expected


def test_no_spec_is_offered_where_a_row_belongs():
    assert not any("modelspec-" in item.label for item in Case("<|>", MODELS).items())


def test_the_id_of_a_built_in_accelerator_is_offered_to_be_replaced():
    assert "nvidia-l40s-48gb" in Case("id: <|>", CARDS).labels() or "nvidia-l40s" in Case("id: <|>", CARDS).labels()


def test_hover_explains_a_field():
    case = Case(MODEL.replace("kvHeads", "kv<|>Heads"), MODELS)
    found = hover(case.snapshot, MODELS, case.offset)
    assert "num_key_value_heads" in found.markdown


@pytest.fixture
def seen(tmp_path):
    """A spec in a folder with rows of its own."""
    (tmp_path / ".git").mkdir()
    put(tmp_path, MODEL)
    put(tmp_path, ACCELERATOR, kind="accelerators")
    put(tmp_path, changed(MODEL, id="acme/other", aliases=None, dtype="bf17"), name="other.yaml")

    def look(**values):
        document = Document((tmp_path / "a.modelspec.yaml").as_uri(), spec(**values))
        return Snapshot().covering(document.uri).with_document(document), document

    return look


def test_a_spec_sees_the_rows(seen):
    snapshot, document = seen(id="acme-chat", type="acme-1")
    at = document.text.index("acme-chat")
    assert "`.modelspec/models/acme.yaml:1`" in hover(snapshot, document.uri, at).markdown
    at = document.text.index("acme-1")
    assert "39.5 GiB, as the workspace states it" in hover(snapshot, document.uri, at).markdown
    (lens,) = code_lenses(snapshot, document.uri)
    assert lens.title.startswith("Memory: fits")
    hints = [hint.label for hint in inlay_hints(snapshot, document.uri, Span(0, len(document.text)))]
    assert {"acme/chat-8b", "39.5 GiB"} <= set(hints)
    assert memory_fit(snapshot, document.uri, {"accelerator": "acme-card"})["reports"][0]["ignored"] == []
    assert {d.code for d in check_document(snapshot, document.uri)}.isdisjoint({"MS201", "MS307"})


def test_own_names_are_offered_first(seen):
    snapshot, document = seen(id="x", type="y", family="llama-3.1")
    at = document.text.index("id: x") + 4
    assert complete(snapshot, document.uri, at).items[0].label == "acme-chat"
    at = document.text.index("type: y") + 6
    assert complete(snapshot, document.uri, at).items[0].label == "acme-1"


def test_a_spec_that_names_a_broken_row_is_told_where_to_look(seen):
    snapshot, document = seen(id="acme/other")
    (found,) = [d for d in check_document(snapshot, document.uri) if d.code == "MS201"]
    assert "`.modelspec/models/other.yaml` has errors" in found.message
    assert "parameter-count" not in found.message
