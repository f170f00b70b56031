"""The code action that writes the other kind beside a document: the text of the command line, with its list on top."""

import pytest

from modelspec_ls.core.text import Span
from modelspec_ls.ide.code_actions import code_actions
from modelspec_ls.workspace.document import Document
from support.conversion import converted, data
from support.specs import spec
from support.workspace import opened


def actions(text, at, *more, name="x.modelspec.yaml", root="/ws", creates=True):
    own = Document(f"file://{root}/{name}", text, claimed=True)
    others = [Document(f"file://{root}/{n}", t, claimed=True) for n, t in more]
    offset = text.index(at)
    found = code_actions(
        opened(own, *others, roots=(root,)), own.uri, Span(offset, offset), refactor=True, creates=creates
    )
    return {action.title: action for action in found if action.title.startswith("Convert to a")}


def test_a_new_file_with_the_list_on_top():
    text = spec("operations:\n  serving: {port: 8000}\n")
    ((title, action),) = actions(text, "kind").items()
    assert title == "Convert to an OpenModel: `example.openmodel.yaml`"
    assert action.kind == "refactor.rewrite" and action.edits == ()
    (file,) = action.creates
    assert file.uri == "file:///ws/example.openmodel.yaml"
    assert file.text.startswith(
        "# Converted from x.modelspec.yaml. Delete these lines once they are read.\n# Left out:\n#   spec.operations "
    )
    assert file.text.endswith("\n\n" + converted(text, "OpenModel").text)
    assert data(file.text) == data(converted(text, "OpenModel").text)


def test_the_other_way_round_says_how_much_is_to_fill_in():
    text = converted(spec(), "OpenModel").text.replace("    piqc.ai/framework: transformers\n", "")
    assert list(actions(text, "kind", name="models.yaml")) == [
        "Convert to a ModelSpec: `example.modelspec.yaml`, 1 value to fill in"
    ]


def test_only_the_document_at_the_cursor_with_what_the_file_says_of_it():
    model = converted(spec(), "OpenModel").text.replace("    piqc.ai/framework: transformers\n", "")
    claim = "---\napiVersion: inference.llmaz.io/v1alpha1\nkind: Playground\nspec: {modelClaim: {modelName: example}}\n"
    text = f"{model.replace('name: example', 'name: first')}---\n{model}{claim}"
    ((_, action),) = actions(text[text.index("---") :], "kind", name="models.yaml").items()
    (action,) = [a for t, a in actions(text, "kind: Playground", name="m.yaml").items()] or [action]
    assert data(action.creates[0].text)["spec"]["identity"]["model"]["framework"] == "vllm"


@pytest.mark.parametrize("at", ["kind", "metadata", "spec"])
def test_on_top_keys(at):
    assert actions(spec(), at)


@pytest.mark.parametrize("at", ["qwen3-8b", "identity", "vendor"])
def test_not_further_down(at):
    assert not actions(spec(), at)


def test_not_where_nothing_can_be_made():
    assert not actions(spec(), "kind", creates=False)
    assert not actions(spec(), "kind", ("example.openmodel.yaml", "a: b"))
    assert not actions(spec() + "broken: [\n", "kind")
    assert not actions("apiVersion: v1\nkind: ConfigMap\n", "kind", name="c.yaml")


def test_not_over_a_file(tmp_path):
    (tmp_path / "example.openmodel.yaml").write_text("mine")
    assert not actions(spec(), "kind", root=tmp_path.as_posix())
