"""Actions that keep findings quiet, and refactorings: each does what it says and nothing else."""

import pytest
import yaml

from modelspec_ls.analysis import check_document
from modelspec_ls.core.config import Config
from modelspec_ls.core.text import Span, apply_edits
from modelspec_ls.ide.code_actions import code_actions
from modelspec_ls.ide.quiet import ignoring, suppressing
from modelspec_ls.ide.refactor import source_actions
from modelspec_ls.syntax.toml import parse_toml
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot
from support.specs import diagnose, spec
from support.workspace import opened


def document(text, name="x.modelspec.yaml", root="/ws"):
    return Document(f"file://{root}/{name}", text, claimed=True)


def actions(text, at, name="x.modelspec.yaml", root="/ws", snapshot=None, **more):
    doc = document(text, name, root)
    snapshot = snapshot or opened(doc, roots=(root,))
    offset = text.index(at)
    found = code_actions(snapshot, doc.uri, Span(offset, offset), refactor=True, creates=True, **more)
    return {action.title: action for action in found}


def done(text, action):
    return apply_edits(text, action.edits)


# Suppressing

PLACES = {
    "a scalar": spec(count="two"),
    "in flow style": spec()
    .replace("      vendor: nvidia\n      type: l40s\n      count: 1\n", "")
    .replace("accelerator:", "accelerator: {vendor: nvidia, type: l40s, count: two}"),
    "a list item": spec("pipeline:\n  dependencies:\n    - id: 3\n      role: guardrail\n      specRef: ./a.yaml\n"),
    "the first line": spec().replace("apiVersion: piqc.ai/v1alpha1", "apiVersion: 3"),
    "with CRLF": spec(count="two").replace("\n", "\r\n"),
    "below a block text": spec(count="two").replace("name: example\n", "name: |\n    example\n"),
    "JSON": None,
}


@pytest.mark.parametrize("place", PLACES)
def test_every_finding_can_be_suppressed_where_it_stands(place):
    text, name = PLACES[place], "x.modelspec.yaml"
    if text is None:
        import json

        text, name = json.dumps(yaml.safe_load(spec(count="two")), indent=2), "x.modelspec.json"
    before = diagnose(text, name, Config())
    assert before
    for finding in before:
        edits = suppressing(document(text, name), finding)
        assert edits, finding
        after = apply_edits(text, edits)
        found = diagnose(after, name, Config())
        left = [d for d in found if (d.code, d.pointer, d.message) == (finding.code, finding.pointer, finding.message)]
        assert not left, after
        assert not [d for d in found if d.code in {"MS001", "MS002", "MS172"}], after


def test_a_second_finding_of_the_line_joins_the_comment():
    text = spec(count="two  # modelspec-ignore: MS104 later")
    (finding,) = [d for d in diagnose(text, config=Config()) if d.code == "MS103"]
    assert "# modelspec-ignore: MS104, MS103 later" in apply_edits(text, suppressing(document(text), finding))


def test_actions_per_finding():
    text = spec(count="two")
    titles = actions(text, "two")
    assert "Suppress MS103 here with a reason" in titles
    assert "Turn MS103 off in a new modelspec.toml" in titles
    assert "Open the page of MS103 wrong-type" not in titles
    assert "Open the page of MS103 wrong-type" in actions(text, "two", pages=True)
    assert actions(text, "two", fixes=False) == {}


def test_all_of_a_rule():
    text = spec().replace("family:", "famly:").replace("vendor:", "vendr:").replace("count: 1", "count: '1'")
    action = actions(text, "famly")["Fix all 2 of MS102 unknown-field in this file"]
    assert done(text, action) == spec().replace("count: 1", "count: '1'")


# Turning off


@pytest.mark.parametrize(
    "before",
    [
        "", "# About.\n", "ignore = []\n", 'ignore = ["a"]\n', "ignore = [\n  'a',  # why\n  'b',\n]\n",
        'select = ["all"]\n', '[severity]\nMS1 = "error"\n', "# About.\n[prices]\nl4 = 1\n", "ignore = ['a',]",
    ],
)  # fmt: skip
def test_a_rule_is_added_to_the_settings(before):
    edit = ignoring("/ws/modelspec.toml", before, "wrong-type")
    after = apply_edits(before, (edit,))
    old, new = parse_toml(before), parse_toml(after)
    assert new.fault is None
    assert new.values.pop("ignore") == [*old.values.pop("ignore", []), "wrong-type"]
    assert new.values == old.values
    assert all(line in after for line in before.split("\n") if line.startswith("#"))


def test_a_rule_is_added_to_the_project_file():
    before = '[project]\nname = "x"\n[tool.modelspec]\nselect = ["all"]\n[tool.modelspec.prices]\nl4 = 1\n'
    after = apply_edits(before, (ignoring("/ws/pyproject.toml", before, "wrong-type"),))
    assert parse_toml(after).values["tool"]["modelspec"]["ignore"] == ["wrong-type"]
    assert ignoring("/ws/pyproject.toml", "[tool.modelspec.prices]\nl4 = 1\n", "wrong-type") is None


@pytest.mark.parametrize("broken", ["ignore = [", "ignore = 3\n"])
def test_broken_settings_are_left_alone(broken):
    assert ignoring("/ws/modelspec.toml", broken, "wrong-type") is None


def test_turning_off_edits_the_nearest_settings(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "modelspec.toml").write_text('ignore = ["MS4"]\n')
    doc = document(spec(count="two"), root=tmp_path.as_posix())
    snapshot = Snapshot().covering(doc.uri).with_document(doc)
    action = actions(doc.text, "two", root=tmp_path.as_posix(), snapshot=snapshot)["Turn MS103 off in modelspec.toml"]
    (file,) = action.files
    assert file.uri == (tmp_path / "modelspec.toml").as_uri()
    assert apply_edits(file.index.text, file.edits) == 'ignore = ["MS4", "wrong-type"]\n'


@pytest.mark.parametrize("uri", ["file:c:/x.modelspec.yaml", "file:///c:/x.yaml", "file:////x.yaml", "file:///x.yaml"])
def test_turning_off_at_the_top_of_a_disk(uri):
    doc = Document(uri, spec(count="two"), claimed=True)
    found = code_actions(opened(doc, roots=()), uri, Span(0, len(doc.text)), creates=True)
    (action,) = (a for a in found if a.title == "Turn MS103 off in a new modelspec.toml")
    assert action.creates[0].uri.endswith("/modelspec.toml")


@pytest.mark.parametrize("uri", ["file://", "file:x.modelspec.yaml"])
def test_nothing_is_made_beside_what_lies_nowhere(uri):
    doc = Document(uri, spec(count="two"), claimed=True)
    found = code_actions(opened(doc, roots=()), uri, Span(0, len(doc.text)), creates=True)
    assert found and not any(a.creates for a in found)


# Refactorings


def test_convert_precision():
    text = spec(framework="vllm").replace("      framework: vllm\n", "      framework: vllm\n      precision: bf16\n")
    offers = [title for title in actions(text, "bf16") if title.startswith("Convert to ")]
    assert [t.split()[2] for t in offers] == ["fp16", "fp8", "int8", "int4"]
    fp8 = next(t for t in offers if "fp8" in t)
    assert "weights 15.3 → " in fp8 and "GiB per device" in fp8
    assert done(text, actions(text, "bf16")[fp8]) == text.replace("bf16", "fp8")
    assert not [t for t in actions(text, "family") if t.startswith("Convert")]


def test_split():
    second = spec().replace("name: example", "name: second")
    text = f"# Head.\n{spec()}---\n# About the second.\n{second}"
    action = actions(text, "kind")["Split into 2 files"]
    (file,) = action.creates
    assert file.uri == "file:///ws/second.modelspec.yaml" and file.text == f"# About the second.\n{second}"
    assert done(text, action) == f"# Head.\n{spec()}"


@pytest.mark.parametrize("name", ["Not a name", "x"])
def test_no_split_into_files_without_a_name_or_over_an_open_one(name):
    text = f"{spec()}---\n{spec().replace('name: example', f'name: {name}')}"
    assert "Split into 2 files" not in actions(text, "kind")


def test_extract_a_document_that_is_depended_on():
    entry = (
        "pipeline:\n  dependencies:\n    - id: embedder\n      role: input\n      specRef: ./x.modelspec.yaml#other\n"
    )
    other = spec().replace("name: example", "name: other")
    text = f"{spec(entry)}---\n{other}"
    action = actions(text, "embedder")["Move `embedder` to `embedder.modelspec.yaml`"]
    (file,) = action.creates
    assert (file.uri, file.text) == ("file:///ws/embedder.modelspec.yaml", other)
    assert done(text, action) == spec(entry.replace("./x.modelspec.yaml#other", "./embedder.modelspec.yaml"))
    assert "Split into 2 files" not in actions(text, "kind")


def test_create_a_spec_for_an_entry_without_one():
    entry = "pipeline:\n  dependencies:\n    - id: embedder\n      role: input\n"
    text = spec(entry)
    action = actions(text, "embedder")["Create `embedder.modelspec.yaml` for `embedder`"]
    after = done(text, action)
    assert yaml.safe_load(after)["spec"]["pipeline"]["dependencies"][0]["specRef"] == "./embedder.modelspec.yaml"
    assert "name: embedder" in action.creates[0].text


def sort(text, name="x.modelspec.yaml"):
    found = list(source_actions(document(text, name)))
    return done(text, found[0]) if found else text


def test_sort_sections():
    text = (
        "# The head stays on top.\nkind: ModelSpec\napiVersion: piqc.ai/v1alpha1\n\n"
        "spec:\n  # Cards.\n  runtime:\n    accelerator:\n      count: 1  # one\n      # Maker.\n      vendor: nvidia\n"
        "      type: l40s\n  identity:\n    model:\n      framework: vllm\n      task: chat-completion\n"
        "      id: qwen3-8b\n      family: qwen3\nmetadata:\n  name: x\n"
    )
    after = sort(text)
    assert yaml.safe_load(after) == yaml.safe_load(text)
    assert list(yaml.safe_load(after)) == ["apiVersion", "kind", "metadata", "spec"]
    assert list(yaml.safe_load(after)["spec"]) == ["identity", "runtime"]
    assert list(yaml.safe_load(after)["spec"]["runtime"]["accelerator"]) == ["vendor", "type", "count"]
    assert "      # Maker.\n      vendor: nvidia\n" in after and "  # Cards.\n  runtime:\n" in after
    assert after.startswith("# The head stays on top.\napiVersion:")
    assert sort(after) == after


@pytest.mark.parametrize(
    "text", [spec(), spec().replace("\n", "\r\n"), spec().rstrip("\n"), "a: &x 1\n" + spec() + "b: *x\n", "a: [\n"]
)
def test_what_is_sorted_or_cannot_be_stays(text):
    assert sort(text) == text


def test_sorting_keeps_line_ends_and_a_missing_last_one():
    text = "kind: ModelSpec\napiVersion: piqc.ai/v1alpha1"
    assert sort(text) == "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec"
    assert sort(text.replace("\n", "\r\n")) == "apiVersion: piqc.ai/v1alpha1\r\nkind: ModelSpec"


def test_production_sections():
    text = spec()
    (action,) = [a for t, a in actions(text, "metadata").items() if t.startswith("Add what production")]
    after = done(text, action)
    data = yaml.safe_load(after)
    assert data["metadata"]["labels"]["environment"] == "prod"
    assert set(data["spec"]["operations"]) == {"serving", "scaling", "observability"}
    assert data["spec"]["governance"]["compliance"] and data["spec"]["runtime"]["batch"]
    assert diagnose(after) == ()
    assert not [t for t in actions(after, "metadata") if t.startswith("Add what production")]
    for key, value in yaml.safe_load(text)["spec"].items():
        assert value.items() <= data["spec"][key].items()


def test_check_document_is_unchanged_by_asking():
    doc = document(spec(count="two"))
    snapshot = opened(doc, roots=("/ws",))
    before = check_document(snapshot, doc.uri)
    actions(doc.text, "two")
    assert check_document(snapshot, doc.uri) == before
