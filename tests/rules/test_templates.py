"""What a template fills in is not judged; all around it is."""

from pathlib import Path

import pytest

from modelspec_ls.analysis import check_document
from modelspec_ls.syntax.lookup import scalars
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot
from support.specs import spec
from support.workspace import folder

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.modelspec.yaml"))


def check(text):
    document = Document("file:///x/a.modelspec.yaml", text)
    return {(f.code, f.pointer) for f in check_document(Snapshot().with_document(document), document.uri)}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name[:2])
def test_no_value_is_judged_that_is_filled_in_later(path):
    text = path.read_text(encoding="utf-8")
    before = check(text)
    root = Document("file:///x/a.modelspec.yaml", text).tree.documents[0]
    for place, node in scalars(root, lambda node: node.style not in {"|", ">"}):
        if place and place[0] not in {"apiVersion", "kind"}:
            found = check(f"{text[: node.start]}${{X}}{text[node.end :]}")
            assert {code for code, _ in found - before} <= {"MS001"}, place


def test_what_stands_beside_it_is_judged():
    entry = "pipeline:\n  dependencies:\n    - id: e\n      role: ${ROLE}\n      specRef: ./gone.modelspec.yaml\n"
    text = spec(entry, id="meta-llama/Llama-3.3-70B-Instruct", framework="vllm", type="l4")
    files = {"a.modelspec.yaml": text.replace("name: example", "name: ${NAME}")}
    files["b.modelspec.yaml"] = files["a.modelspec.yaml"]
    snapshot = folder(files, "/ws")
    codes = {f.code for f in check_document(snapshot, "file:///ws/a.modelspec.yaml")}
    assert {"MS301", "MS801"} <= codes and "MS154" not in codes
