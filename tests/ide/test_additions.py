"""A part that a file does not have is added to it, and files that are there are not made again."""

import pytest

from modelspec_ls.core.text import Span, apply_edits
from modelspec_ls.ide.code_actions import code_actions
from support.specs import spec
from support.workspace import folder

ROOT = "/nowhere/ws"


def caller(ref):
    return spec(
        f"pipeline:\n  dependencies:\n    - id: dep\n      role: reranker\n      specRef: {ref}\n", name="caller"
    )


def actions(files, name="a.modelspec.yaml"):
    snapshot = folder(files, ROOT)
    at = files[name].index("specRef: ") + 9
    return code_actions(snapshot, f"file://{ROOT}/{name}", Span(at, at), creates=True)


@pytest.mark.parametrize("there", [spec(name="one"), spec(name="one").rstrip(), spec(name="one").replace("\n", "\r\n")])
def test_a_part_is_added(there):
    files = {"a.modelspec.yaml": caller("./b.modelspec.yaml#two"), "b.modelspec.yaml": there}
    (action,) = (action for action in actions(files) if action.title.startswith("Add"))
    assert action.title == "Add a spec called `two` to `b.modelspec.yaml`" and not action.edits
    (file,) = action.files
    assert file.uri == f"file://{ROOT}/b.modelspec.yaml"
    text = apply_edits(there, list(file.edits))
    assert text.startswith(there) and ("\r\n" in there) == ("\r\n" in text.removeprefix(there))
    after = folder({**files, "b.modelspec.yaml": text}, ROOT)
    assert [found.name for _, found in after.graph.nodes()] == ["caller", "one", "two"]
    assert not [action for action in actions({**files, "b.modelspec.yaml": text}) if action.title.startswith("Add")]


def test_a_part_of_the_same_file():
    files = {"a.modelspec.yaml": caller("'#two'")}
    (action,) = (action for action in actions(files) if action.title.startswith("Add"))
    text = apply_edits(files["a.modelspec.yaml"], list(action.files[0].edits))
    assert [found.name for _, found in folder({"a.modelspec.yaml": text}, ROOT).graph.nodes()] == ["caller", "two"]


def test_json_holds_one_document():
    files = {"a.modelspec.yaml": caller("./b.json#two"), "b.json": '{"kind": "ModelSpec", "metadata": {"name": "one"}}'}
    assert not [action for action in actions(files) if action.title.startswith("Add")]


def test_a_file_that_is_there_is_not_made(tmp_path):
    """It may be unreadable as a spec, so that nothing knows it."""
    text = caller("embedder")
    snapshot = folder({"a.modelspec.yaml": text}, tmp_path.as_posix())
    at = text.index("specRef: ") + 9

    def made():
        found = code_actions(snapshot, f"file://{tmp_path.as_posix()}/a.modelspec.yaml", Span(at, at), creates=True)
        return [action.title for action in found if action.creates and action.title.startswith("Create")]

    assert made() == ["Create `./embedder.modelspec.yaml`"]
    (tmp_path / "embedder.modelspec.yaml").write_text("kind: [", encoding="utf-8")
    assert made() == []


@pytest.mark.parametrize(("other", "name"), [("else", "dep"), ("dep", "new")])
def test_a_new_file_does_not_take_a_name_that_is_taken(other, name):
    files = {"a.modelspec.yaml": caller("./new.modelspec.yaml"), "b.modelspec.yaml": spec(name=other)}
    (action,) = (action for action in actions(files) if action.title.startswith("Create"))
    assert f"\n  name: {name}\n" in action.creates[0].text
