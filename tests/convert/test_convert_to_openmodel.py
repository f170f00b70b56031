"""A ModelSpec as an OpenModel: what goes where, what llmaz would refuse, and what is said about the rest."""

import re

import pytest

from support.conversion import converted, data, findings, notes
from support.specs import spec

HUB = "spec.source.modelHub.modelID"
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def artifacts(uri):
    return spec().replace(
        "      framework: transformers\n", f"      framework: vllm\n      artifacts: {{modelUri: '{uri}'}}\n"
    )


def source(uri):
    return data(converted(artifacts(uri), "OpenModel").text)["spec"]["source"]


@pytest.mark.parametrize(
    ("uri", "hub"),
    [
        ("hf://a/b", {"modelID": "a/b"}),
        ("hf://models/a/b@main", {"modelID": "a/b", "revision": "main"}),
        ("hf://a/b@refs/pr/3", {"modelID": "a/b", "revision": "refs/pr/3"}),
        ("hf://a/b@feature%2Fx", {"modelID": "a/b", "revision": "feature/x"}),
        ("hf://a/b@v1/x-q4_k_m.gguf", {"modelID": "a/b", "filename": "x-q4_k_m.gguf", "revision": "v1"}),
        ("hf://a/b:v1", {"modelID": "a/b", "revision": "v1"}),
        ("hf://a/b/folder/", {"modelID": "a/b"}),
        ("hf://gpt2", {"modelID": "gpt2"}),
        ("a/b", {"modelID": "a/b"}),
        ("https://huggingface.co/a/b/blob/main/x.gguf", {"modelID": "a/b", "filename": "x.gguf", "revision": "main"}),
        ("modelscope://a/b@v1", {"name": "ModelScope", "modelID": "a/b", "revision": "v1"}),
        ("ms://a/b/x.gguf", {"name": "ModelScope", "modelID": "a/b"}),
    ],
)
def test_repositories(uri, hub):
    assert source(uri) == {"modelHub": hub}


@pytest.mark.parametrize(
    ("uri", "there"),
    [
        ("s3://b/p/v1/", "s3://b/p/v1/"),
        ("gs://b/p", "gcs://b/p"),
        ("gcs://b/p", "gcs://b/p"),
        ("oss://b.endpoint/p", "oss://b.endpoint/p"),
        ("file:///m/x", "host:///m/x"),
        ("/m/x", "host:///m/x"),
        ("ollama://llama3.3:70b", "ollama://llama3.3:70b"),
    ],
)
def test_addresses(uri, there):
    assert source(uri) == {"uri": there}


@pytest.mark.parametrize(
    "uri", ["pvc://claim/x", "az://c/p", "s3://bucket", "oss://bucket/p", "./x", "https://host/x", "a://b://c", "x y z"]
)
def test_what_llmaz_cannot_load_is_a_placeholder_and_listed(uri):
    found = converted(artifacts(uri), "OpenModel")
    assert data(found.text)["spec"]["source"] == {"modelHub": {"modelID": "<namespace/name>"}}
    assert f"unknown {HUB}" in notes(found)
    (lost,) = [n for n in found.results[0].notes if n.kind == "lost" and n.path[-1] == "modelUri"]
    assert lost.value == uri and lost.reason
    assert any(line.startswith("warning MS107") for line in findings(found.text))


def test_the_repository_of_a_known_id_is_looked_up_and_said_to_be():
    found = converted(spec(), "OpenModel")
    assert data(found.text)["spec"]["source"]["modelHub"]["modelID"] == "Qwen/Qwen3-8B"
    assert f"found {HUB}" in notes(found)
    assert "# From the catalogue: the ModelSpec does not say where the weights are.\n      modelID" in found.text
    assert f"unknown {HUB}" in notes(converted(spec(id="our-own-model"), "OpenModel"))


@pytest.mark.parametrize(
    ("name", "slug"), [("qwen2-0.5b", "qwen2-0-5b"), ("Chat_Bot", "chat-bot"), ("x" * 70, "x" * 63), ("é", "e")]
)
def test_a_name_that_llmaz_refuses_is_changed_and_listed(name, slug):
    found = converted(spec(name=f'"{name}"'), "OpenModel")
    assert found.results[0].name == slug and LABEL.fullmatch(slug)
    assert notes(found, "changed")[0] == "metadata.name"
    assert not [line for line in findings(found.text) if line.startswith("error")]


def test_a_name_of_which_nothing_can_stay_is_a_placeholder():
    assert "unknown metadata.name" in notes(converted(spec(name='"日本"'), "OpenModel"))


def test_a_family_becomes_a_label():
    found = converted(spec(family='"Llama 3 (chat)"'), "OpenModel")
    assert data(found.text)["spec"]["familyName"] == "Llama-3-chat"
    assert notes(found, "changed") == ["spec.identity.model.family"]


def test_labels_that_kubernetes_refuses_become_annotations():
    text = spec(metadata='labels: {ok: "1", team: "a b", "no key": x, llmaz.io/model-family-name: y, number: 3}\n')
    found = converted(text, "OpenModel")
    metadata = data(found.text)["metadata"]
    assert metadata["labels"] == {"ok": "1"} and metadata["annotations"]["team"] == "a b"
    assert notes(found, "changed") == ["metadata.labels.team"]
    for key in ("no key", "llmaz.io/model-family-name", "number"):
        assert f"metadata.labels.{key}" in notes(found, "lost")


@pytest.mark.parametrize(
    ("vendor", "kind", "resource"),
    [
        ("nvidia", "l40s", "nvidia.com/gpu"),
        ("amd", "mi300x", "amd.com/gpu"),
        ("intel", "gaudi2", "habana.ai/gaudi"),
        ("google", "tpu-v5e", "google.com/tpu"),
        ("aws", "trainium2", "aws.amazon.com/neuron"),
        ("huawei", "ascend-910b", "huawei.com/Ascend910"),
        ("nvidia", "a100-mig-1g.10gb", "nvidia.com/mig-1g.10gb"),
        ("nvidia", "something-new", "nvidia.com/gpu"),
    ],
)
def test_accelerators(vendor, kind, resource):
    found = converted(spec(vendor=vendor, type=kind, count=2), "OpenModel")
    assert data(found.text)["spec"]["inferenceConfig"]["flavors"] == [{"name": kind, "limits": {resource: 2}}]


@pytest.mark.parametrize("vendor", ["apple", "cpu", "intel", "acme"])
def test_accelerators_without_a_resource_are_listed(vendor):
    found = converted(spec(vendor=vendor, type="unheard-of"), "OpenModel")
    assert data(found.text)["spec"]["inferenceConfig"]["flavors"] == [{"name": "unheard-of"}]
    assert [p for p in notes(found, "lost") if "accelerator" in p] == [
        "spec.runtime.accelerator.vendor", "spec.runtime.accelerator.count",
    ]  # fmt: skip


def test_groups_of_devices():
    hints = 'annotations: {modelspec/tensor-parallel-size: "2", modelspec/pipeline-parallel-size: "4"}\n'
    flavors = data(converted(spec(metadata=hints, count=8), "OpenModel").text)["spec"]["inferenceConfig"]["flavors"]
    assert flavors == [{"name": "l40s", "limits": {"nvidia.com/gpu": 2}, "params": {"TP": "2", "PP": "4"}}]
    # Four stages of six devices are none.
    odd = converted(spec(metadata=hints, count=6), "OpenModel")
    assert data(odd.text)["spec"]["inferenceConfig"]["flavors"][0]["limits"] == {"nvidia.com/gpu": 6}
    assert notes(odd, "lost") == ["metadata.annotations.modelspec/pipeline-parallel-size"]


def test_sections_without_a_place_are_listed_as_a_whole():
    text = spec("operations:\n  scaling: {minReplicas: 1}\n  serving: {port: 8000}\npipeline: {dependencies: []}\n")
    found = converted(text, "OpenModel")
    (lost,) = [n for n in found.results[0].notes if n.kind == "lost"]
    assert lost.path == ("spec", "operations")
    assert lost.value == {"scaling": {"minReplicas": 1}, "serving": {"port": 8000}}


def test_what_is_wrong_in_the_source_is_said_to_be():
    text = spec(below_spec="nonsense: 1\n", count='"two"').replace("family: qwen3", "family: 3")
    reasons = {".".join(map(str, n.path)): n.reason for n in converted(text, "OpenModel").results[0].notes}
    assert reasons["spec.nonsense"] == "no field of a ModelSpec"
    assert reasons["spec.identity.model.family"] == "it should be text"
    assert reasons["spec.runtime.accelerator.count"] == "it should be a whole number"


def test_a_repeated_key_is_listed():
    found = converted(spec().replace("  name: example\n", "  name: first\n  name: example\n"), "OpenModel")
    assert found.results[0].name == "example" and "lost metadata.name" in notes(found)


def test_comments_stay_with_their_fields():
    text = """\
# Header.

# Second.
apiVersion: piqc.ai/v1alpha1 # beside
kind: ModelSpec
metadata: # of metadata
  # of the name
  name: example # beside the name
  labels:
    # of a label
    team: x
spec:
  identity:
    model:
      id: qwen3-8b
      # of the family
      family: qwen3
      task: chat-completion  # the task
      framework: transformers
      artifacts:
        # of the address
        modelUri: hf://Qwen/Qwen3-8B  # where
  runtime:
    # of the accelerator
    accelerator:
      vendor: nvidia  # the vendor
      type: "l40s # 48"  # the type
      # of the count
      count: 1
    resources:
      # gone
      cpuCores: 1
"""
    found = converted(text, "OpenModel")
    assert (
        found.text
        == """\
# Header.

# Second.
apiVersion: llmaz.io/v1alpha1  # beside
kind: OpenModel
metadata:  # of metadata
  # of the name
  name: example  # beside the name
  labels:
    # of a label
    team: x
  annotations:
    piqc.ai/task: chat-completion  # the task
    piqc.ai/framework: transformers
spec:
  # of the family
  familyName: qwen3
  source:
    modelHub:
      # of the address
      modelID: Qwen/Qwen3-8B  # where
  inferenceConfig:
    # of the accelerator
    flavors:
      - name: "l40s # 48"  # the type
        limits:
          # the vendor
          # of the count
          nvidia.com/gpu: 1
"""
    )
    (note,) = [n for n in found.results[0].notes if not n.path]
    assert note.reason == "1 of 16 lines of comments belong to what is left out"


@pytest.mark.parametrize("before", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_stay_and_a_byte_order_mark_does_not(before, end):
    text = before + spec(name="größe", metadata="# Kommentar 日本\nlabels: {a: b}\n").replace("\n", end)
    found = converted(text, "OpenModel").text
    assert found.count("\n") == found.count(end) and not found.startswith("\ufeff")
    assert "# Kommentar 日本" in found and found.startswith("apiVersion: llmaz.io")


def test_anchors_aliases_and_merge_keys_are_written_out():
    text = spec(metadata="labels: &l {team: x}\nannotations:\n  <<: *l\n  note: &n yes or no\n  more: *n\n")
    metadata = data(converted(text, "OpenModel").text)["metadata"]
    assert metadata["labels"] == {"team": "x"}
    assert {k: metadata["annotations"][k] for k in ("team", "note", "more")} == {
        "team": "x", "note": "yes or no", "more": "yes or no",
    }  # fmt: skip


def test_json_is_converted_to_yaml():
    import json

    value = data(spec())
    found = converted(json.dumps(value), "OpenModel", name="x.modelspec.json")
    assert data(found.text)["spec"]["familyName"] == "qwen3"


def test_every_spec_of_a_stream_is_converted_and_the_rest_listed():
    text = f"{spec(name='one')}---\n{spec(name='two')}---\napiVersion: v1\nkind: ConfigMap\n---\n"
    found = converted(text, "OpenModel")
    assert [(r.number, r.name) for r in found.results] == [(0, "one"), (1, "two")]
    assert found.text.count("\n---\n") == 1
    assert [(left.number, left.kind) for left in found.left_out] == [(2, "ConfigMap")]
    assert [r.name for r in converted(text, "OpenModel", only=1).results] == ["two"]


def test_why_a_document_is_left_out():
    scan = "apiVersion: modelspec.paralleliq.ai/v1\nkind: ModelSpec\nmetadata: {name: s}\n"
    there = converted(spec(), "OpenModel").text
    found = converted(f"{spec()}---\n{scan}---\n{there}", "OpenModel")
    assert [left.reason for left in found.left_out] == [
        "it is the result of a scan, not a specification", "it is an OpenModel already",
    ]  # fmt: skip
