"""OpenModels in the editor, and what claims them: completion, hover, lenses, navigation, renaming."""

import pytest

from modelspec_ls.core.text import apply_edits
from modelspec_ls.ide.completion import complete
from modelspec_ls.ide.flavors import flavor_at, flavor_hints, flavor_lenses, flavor_view
from modelspec_ls.ide.formatting import format_document
from modelspec_ls.ide.hover import hover
from modelspec_ls.ide.links import document_links
from modelspec_ls.ide.memory_request import memory_fit
from modelspec_ls.ide.navigation import definition, references
from modelspec_ls.ide.pipeline import lenses
from modelspec_ls.ide.rename import prepare_rename, rename
from modelspec_ls.ide.results import Refusal
from modelspec_ls.ide.symbols import document_symbols
from modelspec_ls.ide.workspace_symbols import workspace_symbols
from modelspec_ls.workspace.deployments import flavors_in
from modelspec_ls.workspace.document import Document
from support.llmaz import HUB, claiming, open_model, playground
from support.specs import spec
from support.workspace import folder

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n"
GPU = "limits: {nvidia.com/gpu: 1}"
HEAD = "apiVersion: llmaz.io/v1alpha1\nkind: OpenModel\nmetadata:\n  name: qwen3-8b\nspec:\n"
SOURCE = f"{HEAD}  familyName: qwen3\n  source:\n    modelHub:\n      modelID: Qwen/Qwen3-8B\n"
FLAVORS = f"{SOURCE}  inferenceConfig:\n    flavors:\n"
MODEL = open_model(HUB, f"name: l40s, {GPU}", f"name: t4, {GPU}")


def uri(name):
    return f"file:///ws/{name}"


def offers(text, name="m.yaml", **beside):
    offset = text.index("<|>")
    files = {name: text.replace("<|>", ""), **{f"{stem}.yaml": other for stem, other in beside.items()}}
    return complete(folder(files), uri(name), offset).items


def labels(text, name="m.yaml", **beside):
    return [item.label for item in offers(text, name, **beside) if item.kind != "snippet"]


@pytest.mark.parametrize(
    "text, first",
    [
        (f"{HEAD}  <|>", ["familyName", "source", "inferenceConfig", "ownedBy", "createdAt"]),
        (f"{HEAD}  source:\n    modelHub:\n      <|>", ["modelID", "name", "filename"]),
        (f"{HEAD}  source:\n    modelHub:\n      name: <|>", ["Huggingface", "ModelScope"]),
        (f"{HEAD}  source:\n    modelHub:\n      modelID: qwen3-8b<|>", ["Qwen/Qwen3-8B"]),
        (f"{HEAD}  source:\n    uri: <|>", ["oss://", "s3://", "gcs://", "host:///"]),
        (f"{SOURCE}      revision: <|>", ["main"]),
        (SOURCE.replace("familyName: qwen3", "familyName: <|>"), ["qwen3"]),
        (SOURCE.replace("name: qwen3-8b", "name: <|>"), ["qwen3-8b"]),
        (f"{FLAVORS}      - name: l40s\n        <|>", ["limits", "nodeSelector", "params"]),
        (f"{FLAVORS}      - name: l40s\n        limits:\n          <|>", ["nvidia.com/gpu"]),
        (f"{FLAVORS}      - name: l40s\n        limits:\n          nvidia.com/gpu: <|>", ["1", "2", "4", "8"]),
        (f"{FLAVORS}      - name: l40s\n        params:\n          <|>", ["TP", "PP", "INSTANCE-TYPE"]),
        (f"{FLAVORS}      - name: l40s\n        nodeSelector:\n          nvidia.com/gpu.product: <|>", ["NVIDIA-L4"]),
        ("apiVersion: llmaz.io/v1alpha1\nkind: <|>\n", ["OpenModel"]),
        ("apiVersion: llmaz.io/v1alpha1\nkind: Open<|>\nmetadata:\n  name: a\n", ["OpenModel"]),
        ("metadata:\n  name: a\nspec: {}\nkind: <|>\n", ["ModelSpec", "OpenModel"]),
        (HEAD.replace("  name: qwen3-8b\n", "  <|>\n"), ["name", "labels", "annotations", "namespace"]),
    ],
)
def test_completion(text, first):
    assert labels(text)[: len(first)] == first


def test_what_the_cluster_writes_is_not_offered():
    assert not {"uid", "managedFields", "status"} & {
        *labels(f"{HEAD.replace('spec:', '  <|>')}"),
        *labels(f"{SOURCE}<|>"),
    }


def test_values_are_written_as_the_schema_wants_them():
    text = f"{FLAVORS}      - name: l40s\n        params:\n          TP: <|>\n"
    item = next(i for i in offers(text) if i.label == "2")
    assert item.plain == '"2"'
    text = f"{FLAVORS}      - name: l40s\n        limits:\n          <|>\n"
    item = next(i for i in offers(text) if i.label == "nvidia.com/gpu")
    assert item.plain == "nvidia.com/gpu: 1"


CLAIM = "apiVersion: inference.llmaz.io/v1alpha1\nkind: Playground\nmetadata:\n  name: chat\nspec:\n"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("  modelClaim:\n    modelName: <|>\n", ["qwen3-8b", "other"]),
        ("  modelClaims:\n    models:\n      - name: <|>\n", ["qwen3-8b", "other"]),
        ("  modelClaims:\n    models:\n      - name: qwen3-8b\n        role: <|>\n", ["main", "draft"]),
        ("  modelClaim:\n    modelName: qwen3-8b\n    inferenceFlavors:\n      - <|>\n", ["l40s", "t4"]),
        ("  modelClaim:\n    modelName: qwen3-8b\n    inferenceFlavors: [t4, <|>]\n", ["l40s"]),
        ("  modelClaim:\n    <|>\n", []),
        ("  backendRuntimeConfig:\n    backendName: <|>\n", []),
        ("  <|>\n", []),
    ],
)
def test_completion_in_claims(text, expected):
    offset = (CLAIM + text).index("<|>")
    others = {"play.yaml": (CLAIM + text).replace("<|>", ""), "m.yaml": MODEL, "far/o.yaml": open_model(name="other")}
    assert [i.label for i in complete(folder(others), uri("play.yaml"), offset).items] == expected


def said(text, mark, name="m.yaml", **beside):
    files = {name: text, **{f"{stem}.yaml": other for stem, other in beside.items()}}
    found = hover(folder(files), uri(name), text.index(mark) + 1)
    return found.markdown if found else ""


@pytest.mark.parametrize(
    "mark, words",
    [
        ("familyName", "Family of the model"),
        ("Qwen/Qwen3-8B", "Qwen/Qwen3-8B"),
        ("l40s", "NVIDIA L40S"),
        ("l40s", "Memory fit"),
        ("limits", "Accelerators of one replica"),
        ("nvidia.com/gpu", "Whole NVIDIA GPUs"),
        ("flavors", "flavor `t4`: Memory: the weights do not fit"),
        ("namespace", "OM108"),
    ],
)
def test_hover(mark, words):
    text = MODEL.replace("metadata:\n", "metadata:\n  namespace: x\n")
    assert words in said(text, mark)


def test_hover_on_a_claim():
    text = said(claiming("qwen3-8b", "t4"), "qwen3-8b", "play.yaml", m=MODEL)
    assert "**qwen3-8b**" in text and "flavor `l40s`: Memory: 15" in text and "m.yaml" in text
    assert "Flavor `t4` of **qwen3-8b**" in said(claiming("qwen3-8b", "t4"), "t4", "play.yaml", m=MODEL)
    assert said(claiming("qwen3-8b"), "chat", "play.yaml", m=MODEL) == ""
    assert said(claiming("gone"), "gone", "play.yaml") == ""


def test_hover_on_a_dependency():
    pipeline = "pipeline:\n  dependencies:\n    - id: embedder\n      role: input\n      specRef: ./m.yaml\n"
    text = said(spec(pipeline), "./m.yaml", "x.modelspec.yaml", m=MODEL)
    assert "Kind: `OpenModel`" in text and "flavor `t4`" in text


def test_lenses_and_hints():
    snapshot = folder({"m.yaml": MODEL, "play.yaml": claiming("qwen3-8b")})
    document = snapshot.document(uri("m.yaml"))
    found = list(flavor_lenses(snapshot, document, 0))
    assert [lens.title.split(",")[0] for lens in found] == [
        "Memory: 15.3 GiB of weights in 40.9 GiB per device",
        "Memory: the weights do not fit",
    ]
    assert [document.text[lens.span.start :].startswith("{name") for lens in found] == [True, True]
    assert [hint.label for hint in flavor_hints(snapshot, document, 0)] == ["44.5 GiB", "14.6 GiB"]
    assert [lens.title for lens in lenses(snapshot, uri("m.yaml"))] == ["Used by 1 Playground"]


def test_no_lens_on_repaired_text():
    text = MODEL.replace("limits: {nvidia.com/gpu: 1}},", "limits: {nvidia.com/gpu: 1", 1) + "x\n"
    snapshot = folder({"m.yaml": text})
    list(flavor_lenses(snapshot, snapshot.document(uri("m.yaml")), 0))


def test_memory_request_names_flavors():
    found = memory_fit(folder({"m.yaml": MODEL}), uri("m.yaml"), {"engine": "sglang"})
    assert [(r["name"], r["flavor"], r["verdict"], r["ignored"]) for r in found["reports"]] == [
        ("qwen3-8b", "l40s", "fits", []),
        ("qwen3-8b", "t4", "weights-exceed", []),
    ]


def test_views_are_one_per_flavor():
    snapshot = folder({"m.yaml": f"{SERVICE}---\n{MODEL}"})
    document = snapshot.document(uri("m.yaml"))
    views = [flavor_view(flavor, 1) for flavor in flavors_in(snapshot, document, 1)]
    assert [(v["name"], v["tone"], v["label"].split(" ")[0]) for v in views] == [
        ("qwen3-8b, flavor l40s", "good", "Fits"),
        ("qwen3-8b, flavor t4", "bad", "Weights"),
    ]
    assert views[0]["parts"] and not views[0]["controls"]
    assert flavor_at(snapshot, document, 1, document.text.index("t4")) == views[1]["document"]
    assert flavor_at(snapshot, document, 1, document.text.index("familyName")) == views[0]["document"]
    nothing = folder({"m.yaml": open_model(HUB, "name: x")})
    (view,) = (flavor_view(f, 0) for f in flavors_in(nothing, nothing.document(uri("m.yaml")), 0))
    assert view["missing"][0]["fact"] == "the accelerator"


def test_a_flavor_is_not_blamed_for_a_length_that_nobody_states():
    source = "modelHub: {modelID: meta-llama/Llama-3.1-8B-Instruct}"
    snapshot = folder({"m.yaml": open_model(source, f"name: a10, {GPU}", name="llama-3-1-8b", family="llama3")})
    report = memory_fit(snapshot, uri("m.yaml"), {})["reports"][0]
    assert report["verdict"] == "tight"
    assert (report["tone"], report["label"]) == ("good", "Weights fit")
    assert "less than the model's context of 131,072" in report["summary"]
    asked = memory_fit(snapshot, uri("m.yaml"), {"sequence": 131072})["reports"][0]
    assert asked["tone"] == "bad" and asked["verdict"] == "sequence-exceeds"


def test_outline_and_symbols():
    snapshot = folder({"m.yaml": f"{MODEL}---\n{claiming('qwen3-8b')}", "play.yaml": claiming("qwen3-8b")})
    assert [s.name for s in document_symbols(snapshot, uri("m.yaml"))] == ["qwen3-8b", "chat"]
    assert document_symbols(snapshot, uri("play.yaml"))
    assert [s.name for s in workspace_symbols(snapshot, "qwen3")] == ["qwen3-8b", "Qwen/Qwen3-8B"]


def test_links():
    text = open_model("modelHub: {name: ModelScope, modelID: Qwen/Qwen3-8B}")
    assert [link.target for link in document_links(folder({"m.yaml": text}), uri("m.yaml"))] == [
        "https://modelscope.cn/models/Qwen/Qwen3-8B"
    ]
    found = document_links(folder({"m.yaml": MODEL}), uri("m.yaml"))
    assert found[0].target.startswith("https://huggingface.co/Qwen/Qwen3-8B/tree/9c925d64")


def test_formatting_keeps_the_other_documents():
    text = f"{MODEL.replace('  source: ', '  source:   ')}---\n# a comment\n{claiming('qwen3-8b')}"
    edits = format_document(folder({"m.yaml": text}), uri("m.yaml"))
    assert "  source: {" in apply_edits(text, list(edits))


def places(found):
    return [(p.uri.rpartition("/")[2], p.mark.line) for p in found]


FILES = {
    "m.yaml": MODEL,
    "play.yaml": claiming("qwen3-8b", "l40s"),
    "svc.yaml": playground(
        "modelClaims:\n  models:\n    - name: qwen3-8b\n    - name: small\n      role: draft\n"
        "  inferenceFlavors: [l40s]",
        kind="Service",
    ),
    "small.yaml": open_model(name="small"),
    "x.modelspec.yaml": spec("pipeline:\n  dependencies:\n    - id: llm\n      role: input\n      specRef: qwen3-8b\n"),
}


def at(name, mark, files=FILES):
    return folder(files), uri(name), files[name].index(mark) + 1


def test_definition():
    assert places(definition(*at("play.yaml", "qwen3-8b"))) == [("m.yaml", 3)]
    assert places(definition(*at("play.yaml", "l40s"))) == [("m.yaml", 9)]
    assert places(definition(*at("svc.yaml", "small"))) == [("small.yaml", 3)]
    assert places(definition(*at("x.modelspec.yaml", "specRef: qwen3"))) == [("m.yaml", 3)]
    assert definition(*at("play.yaml", "chat")) == ()


def test_references():
    users = [("play.yaml", 6), ("svc.yaml", 7), ("x.modelspec.yaml", 20)]
    assert places(references(*at("m.yaml", "qwen3-8b"), declaration=False)) == users
    assert places(references(*at("play.yaml", "qwen3-8b"), declaration=True)) == [("m.yaml", 3), *users]
    assert places(references(*at("m.yaml", "l40s"), declaration=False)) == [("play.yaml", 8), ("svc.yaml", 10)]


def renamed(name, mark, new, files=FILES):
    found = rename(*at(name, mark, files), new)
    if isinstance(found, Refusal):
        return found.message
    return {f.uri.rpartition("/")[2]: apply_edits(files[f.uri.rpartition("/")[2]], list(f.edits)) for f in found}


@pytest.mark.parametrize("name", ["m.yaml", "play.yaml"])
def test_rename_a_model(name):
    after = renamed(name, "qwen3-8b", "qwen3-8b-v2")
    assert set(after) == {"m.yaml", "play.yaml", "svc.yaml", "x.modelspec.yaml"}
    assert all("qwen3-8b-v2" in text for text in after.values())
    back = renamed(name, "qwen3-8b-v2", "qwen3-8b", {**FILES, **after})
    assert {**FILES, **back} == FILES


@pytest.mark.parametrize("name", ["m.yaml", "play.yaml", "svc.yaml"])
def test_rename_a_flavor(name):
    after = renamed(name, "l40s", "l40s-48gb")
    assert set(after) == {"m.yaml", "play.yaml", "svc.yaml"}
    assert renamed(name, "l40s-48gb", "l40s", {**FILES, **after}) == {k: FILES[k] for k in after}


def test_renames_that_are_refused():
    assert "cannot be the name of an OpenModel" in renamed("m.yaml", "qwen3-8b", "qwen3.8b")
    assert "is the name of another" in renamed("m.yaml", "qwen3-8b", "small")
    assert "is another flavor" in renamed("m.yaml", "l40s", "t4")
    assert prepare_rename(*at("play.yaml", "chat")) is None


def test_a_model_may_bear_the_name_of_a_spec():
    files = {**FILES, "y.modelspec.yaml": spec(name="qwen3-8b")}
    # A dependency means the spec, a claim the model.
    assert places(definition(*at("x.modelspec.yaml", "specRef: qwen3", files))) == [("y.modelspec.yaml", 3)]
    assert places(definition(*at("play.yaml", "qwen3-8b", files))) == [("m.yaml", 3)]


def test_other_objects_are_left_in_peace():
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  modelName: qwen3-8b\n"
    snapshot = folder({"d.yaml": text, "m.yaml": MODEL})
    assert hover(snapshot, uri("d.yaml"), text.index("qwen3")) is None
    assert document_symbols(snapshot, uri("d.yaml")) == ()
    assert definition(snapshot, uri("d.yaml"), text.index("name: a") + 6) == ()
    both = f"{MODEL}---\n{text}"
    snapshot = folder({"m.yaml": both})
    assert definition(snapshot, uri("m.yaml"), both.index("name: a\n") + 6) == ()
    assert prepare_rename(snapshot, uri("m.yaml"), both.index("name: a\n") + 6) is None


def test_an_empty_file_of_any_name():
    document = Document("file:///ws/new.yaml", "")
    snapshot = folder({}).with_document(document)
    found = [i.label for i in complete(snapshot, document.uri, 0).items if i.kind == "snippet"]
    assert "openmodel-hub" in found and "modelspec-00-minimal" in found
