"""An OpenModel as a ModelSpec: what goes where, what a Playground adds, and what is left to fill in."""

import json

import pytest

from support.conversion import converted, data, findings, notes

MODEL = """\
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3
spec:
  familyName: qwen3
  source:
    modelHub:
      modelID: Qwen/Qwen3-8B
  inferenceConfig:
    flavors:
      - name: l40s
        limits:
          nvidia.com/gpu: 1
"""
PLAYGROUND = """\
---
apiVersion: inference.llmaz.io/v1alpha1
kind: Playground
metadata:
  name: p
spec:
  modelClaim:
    modelName: qwen3
"""
IDENTITY = "spec.identity.model"
ACCELERATOR = "spec.runtime.accelerator"


def model(text=MODEL, **options):
    return data(converted(text, "ModelSpec", **options).text)["spec"]["identity"]["model"]


def hub(lines):
    return MODEL.replace("      modelID: Qwen/Qwen3-8B\n", "".join(f"      {line}\n" for line in lines))


def flavors(value):
    head, _, _ = MODEL.partition("    flavors:")
    return f"{head}    flavors: {json.dumps(value)}\n"


def accelerator(value):
    found = converted(flavors(value), "ModelSpec")
    return found, data(found.text)["spec"]["runtime"]["accelerator"]


def test_a_model_without_playground():
    found = converted(MODEL, "ModelSpec")
    assert data(found.text) == {
        "apiVersion": "piqc.ai/v1alpha1",
        "kind": "ModelSpec",
        "metadata": {"name": "qwen3"},
        "spec": {
            "identity": {
                "model": {
                    "id": "qwen3-8b",
                    "family": "qwen3",
                    "task": "text-generation",
                    "framework": "<framework>",
                    "artifacts": {"modelUri": "hf://Qwen/Qwen3-8B"},
                }
            },
            "runtime": {"accelerator": {"vendor": "nvidia", "type": "l40s", "count": 1}},
        },
    }
    assert notes(found) == [
        f"unknown {IDENTITY}.framework", f"found {IDENTITY}.id", f"found {IDENTITY}.task",
    ]  # fmt: skip
    assert [line for line in findings(found.text) if line.startswith("error")] == []
    assert "warning MS107 /spec/identity/model/framework" in findings(found.text)


@pytest.mark.parametrize(
    ("lines", "uri"),
    [
        (["modelID: a/b", "revision: main"], "hf://a/b@main"),
        (["modelID: a/b", "revision: refs/pr/1"], "hf://a/b@refs%2Fpr%2F1"),
        (["modelID: a/b", "filename: x-q5_k_m.gguf", "revision: v1"], "hf://a/b@v1/x-q5_k_m.gguf"),
        (["name: ModelScope", "modelID: a/b"], "modelscope://a/b"),
        (["modelID: gpt2"], "hf://gpt2"),
    ],
)
def test_repositories(lines, uri):
    assert model(hub(lines))["artifacts"]["modelUri"] == uri


def test_what_no_address_can_say_is_listed():
    found = converted(hub(["modelID: gpt2", "filename: x.gguf"]), "ModelSpec")
    assert "lost spec.source.modelHub.filename" in notes(found)
    found = converted(hub(["modelID: odd id/x"]), "ModelSpec")
    assert "artifacts" not in data(found.text)["spec"]["identity"]["model"]
    assert "lost spec.source.modelHub.modelID" in notes(found)


@pytest.mark.parametrize(
    ("uri", "there"),
    [("s3://b/p", "s3://b/p"), ("gcs://b/p", "gs://b/p"), ("host:///m/qwen3-8b", "file:///m/qwen3-8b"), ("x://y", "x://y")],
)  # fmt: skip
def test_addresses(uri, there):
    text = MODEL.replace("    modelHub:\n      modelID: Qwen/Qwen3-8B\n", f"    uri: {uri}\n")
    assert model(text)["artifacts"]["modelUri"] == there


def test_beside_a_repository_the_address_is_listed():
    text = MODEL.replace("  source:\n", "  source:\n    uri: s3://b/p\n")
    found = converted(text, "ModelSpec")
    assert "lost spec.source.uri" in notes(found)
    assert data(found.text)["spec"]["identity"]["model"]["artifacts"]["modelUri"] == "hf://Qwen/Qwen3-8B"


@pytest.mark.parametrize(
    ("lines", "precision"),
    [
        (["modelID: a/b-GGUF", "filename: b-q5_k_m.gguf"], "gguf-q5_k_m"),
        (["modelID: TheBloke/Llama-2-7B-Chat-GPTQ"], "gptq-int4"),
        (["modelID: Qwen/Qwen3-8B"], None),
    ],
)
def test_precision_by_the_name_of_the_weights(lines, precision):
    assert model(hub(lines)).get("precision") == precision


def test_what_the_catalogue_does_not_know_is_left_to_fill_in():
    found = converted(hub(["modelID: us/our-model"]), "ModelSpec")
    assert f"unknown {IDENTITY}.task" in notes(found)
    assert "      # Not in the OpenModel: what callers use the model for, such as chat-completion.\n" in found.text


@pytest.mark.parametrize(
    ("backend", "framework"),
    [("llamacpp", "llama.cpp"), ("vllm", "vllm"), ("tgi", "tgi"), ("our-own", "our-own"), (None, "vllm")],
)  # fmt: skip
def test_the_engine_of_the_playground(backend, framework):
    config = f"  backendRuntimeConfig: {{backendName: {backend}}}\n" if backend else ""
    found = converted(MODEL + PLAYGROUND + config, "ModelSpec")
    assert data(found.text)["spec"]["identity"]["model"]["framework"] == framework
    assert f"found {IDENTITY}.framework" in notes(found)
    assert [(left.number, left.kind) for left in found.left_out] == [(1, "Playground")]
    assert ("unknown spec.runtime.batch.maxSequenceLengthTokens" in notes(found)) == (framework == "vllm")


def test_the_longest_sequence_of_the_playground():
    config = "  backendRuntimeConfig: {args: [--max-model-len, '8192']}\n"
    found = converted(MODEL + PLAYGROUND + config, "ModelSpec")
    assert data(found.text)["spec"]["runtime"]["batch"] == {"maxSequenceLengthTokens": 8192}
    assert notes(found, "unknown") == []
    assert [line for line in findings(found.text) if line.startswith("error")] == []


def test_playgrounds_that_disagree():
    other = PLAYGROUND + "  backendRuntimeConfig: {backendName: sglang}\n"
    found = converted(MODEL + PLAYGROUND + other, "ModelSpec")
    (note,) = [n for n in found.results[0].notes if n.path[-1] == "framework"]
    assert note.kind == "unknown" and "vllm and sglang" in note.reason


def test_a_playground_for_another_model_says_nothing():
    assert model(MODEL + PLAYGROUND.replace("modelName: qwen3", "modelName: other"))["framework"] == "<framework>"


def test_a_draft_model():
    draft = MODEL.replace("name: qwen3\n", "name: small\n").replace("Qwen3-8B", "Qwen3-0.6B")
    claims = "  modelClaims:\n    models: [{name: qwen3}, {name: small, role: draft}]\n"
    stream = f"{MODEL}---\n{draft}{PLAYGROUND.partition('  modelClaim:')[0]}{claims}"
    first, second = converted(stream, "ModelSpec").results
    text = converted(stream, "ModelSpec").text
    assert data(text)["metadata"]["annotations"] == {"modelspec/draft-model": "Qwen/Qwen3-0.6B"}
    assert "annotations" not in data(text, 1)["metadata"]
    assert first.name == "qwen3" and second.name == "small"
    alone = converted(stream.replace("name: small\n", "name: else\n"), "ModelSpec")
    assert any("which is not in the file" in n.reason for n in alone.results[0].notes)


@pytest.mark.parametrize(
    ("flavor", "there"),
    [
        ({"name": "t4", "limits": {"nvidia.com/gpu": "2"}}, ("nvidia", "t4", 2)),
        ({"name": "h100", "limits": {"nvidia.com/gpu": 2}, "params": {"TP": "2", "PP": "4"}}, ("nvidia", "h100", 8)),
        ({"name": "pool-l4-x2", "limits": {"nvidia.com/gpu": 2}}, ("nvidia", "nvidia-l4", 2)),
        (
            {"name": "big", "limits": {"nvidia.com/gpu": 1}, "nodeSelector": {"nvidia.com/gpu.product": "Tesla-T4"}},
            ("nvidia", "nvidia-t4", 1),
        ),
        (
            {"name": "big", "limits": {"nvidia.com/gpu": 8}, "params": {"INSTANCE-TYPE": "p5.48xlarge"}},
            ("nvidia", "nvidia-h100-sxm-80gb", 8),
        ),
        ({"name": "gaudi2", "limits": {"habana.ai/gaudi": 1}}, ("intel", "gaudi2", 1)),
        ({"name": "a100-mig-1g.10gb", "limits": {"nvidia.com/mig-1g.10gb": 1}}, ("nvidia", "a100-mig-1g.10gb", 1)),
        ({"name": "own-words", "limits": {"nvidia.com/gpu": 1}}, ("nvidia", "own-words", 1)),
    ],
)  # fmt: skip
def test_flavors(flavor, there):
    _, found = accelerator([flavor])
    assert (found["vendor"], found["type"], found["count"]) == there


@pytest.mark.parametrize(
    ("flavor", "unknown"),
    [
        ({"name": "own-words"}, ["vendor", "count"]),
        ({"name": "l40s"}, ["count"]),
        ({"name": "l40s", "limits": {"nvidia.com/gpu": "500m"}}, ["count"]),
        ({"name": "l40s", "limits": {"nvidia.com/gpu": 1, "amd.com/gpu": 1}}, ["count"]),
        ({"name": "l40s", "limits": {"nvidia.com/gpu.shared": 1}}, ["count"]),
    ],
)
def test_flavors_that_do_not_say_all(flavor, unknown):
    found, value = accelerator([flavor])
    assert [k for k, v in value.items() if str(v).startswith("<")] == unknown
    assert notes(found, "unknown") == [f"{IDENTITY}.framework", *(f"{ACCELERATOR}.{key}" for key in unknown)]


def test_without_flavors_the_accelerator_is_left_to_fill_in():
    found = converted(MODEL.partition("  inferenceConfig")[0], "ModelSpec")
    assert notes(found, "unknown")[1:] == [f"{ACCELERATOR}.{key}" for key in ("vendor", "type", "count")]
    errors = [line for line in findings(found.text) if line.startswith("error")]
    assert errors == ["error MS103 /spec/runtime/accelerator/count"]


def test_further_flavors_are_kept_and_come_back():
    value = [{"name": "t4", "limits": {"nvidia.com/gpu": 1}}, {"name": "l4", "nodeSelector": {"zone": "a"}}]
    found, first = accelerator(value)
    assert first["type"] == "t4" and notes(found, "kept") == ["spec.inferenceConfig.flavors"]
    back = data(converted(found.text, "OpenModel").text)
    assert back["spec"]["inferenceConfig"]["flavors"] == value
    # An edit to the accelerator counts, and leaves the others alone.
    edited = converted(found.text.replace("count: 1", "count: 2"), "OpenModel")
    value[0]["limits"]["nvidia.com/gpu"] = 2
    assert data(edited.text)["spec"]["inferenceConfig"]["flavors"] == value
    assert notes(edited, "changed") == ["metadata.annotations.llmaz.io/flavors"]


def test_flavors_come_back_although_nobody_filled_in_the_accelerator():
    value = [{"name": "<accelerator>"}, {"name": "l4", "limits": {"nvidia.com/gpu": 1}}]
    found, first = accelerator(value)
    assert first["type"] == "<accelerator>"
    back = data(converted(found.text, "OpenModel").text)
    assert back["spec"]["inferenceConfig"]["flavors"] == value


def test_what_the_cluster_writes_is_listed():
    text = MODEL.replace("  name: qwen3\n", "  name: qwen3\n  namespace: x\n  uid: abc\n  generation: 2\n")
    text += "  ownedBy: llmaz\nstatus: {conditions: [{type: Ready}]}\n"
    found = converted(text, "ModelSpec")
    assert set(notes(found, "lost")) == {
        "metadata.namespace",
        "metadata.uid",
        "metadata.generation",
        "spec.ownedBy",
        "status",
    }
    assert "governance" not in data(found.text)["spec"]


def test_owner_and_time():
    text = MODEL + "  ownedBy: team-x\n  createdAt: 2024-05-21T10:00:00Z\n"
    value = data(converted(text, "ModelSpec").text)
    assert value["spec"]["governance"]["compliance"]["governance"]["owner"] == "team-x"
    assert value["metadata"]["annotations"] == {"llmaz.io/created-at": "2024-05-21T10:00:00Z"}
    assert (
        data(converted(converted(text, "ModelSpec").text, "OpenModel").text)["spec"]["createdAt"]
        == "2024-05-21T10:00:00Z"
    )


def test_comments_stay_with_their_fields():
    text = """\
# Header.
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3 # the name
spec:
  # of the family
  familyName: qwen3
  # where from
  source:
    modelHub:
      # the repository
      modelID: Qwen/Qwen3-8B # id
      revision: main # moves
  inferenceConfig:
    # cheap ones
    flavors:
      # first
      - name: l40s # type
        limits:
          nvidia.com/gpu: 1 # one
      # second
      - name: l4
"""
    assert (
        converted(text, "ModelSpec").text
        == """\
# Header.
apiVersion: piqc.ai/v1alpha1
kind: ModelSpec
metadata:
  name: qwen3  # the name
  annotations:
    llmaz.io/flavors: '[{"name": "l40s", "limits": {"nvidia.com/gpu": 1}}, {"name": "l4"}]'
spec:
  identity:
    model:
      id: qwen3-8b
      # of the family
      family: qwen3
      task: text-generation
      # Not in the OpenModel: the engine that serves it, such as vllm.
      framework: "<framework>"
      # where from
      artifacts:
        # the repository
        # moves
        modelUri: hf://Qwen/Qwen3-8B@main  # id
  runtime:
    # cheap ones
    accelerator:
      vendor: nvidia
      # first
      type: l40s  # type
      count: 1  # one
"""
    )
