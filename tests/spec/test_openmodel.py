"""What a flavor deploys: which accelerator, how many, which engine, how wide the weights."""

import pytest

from modelspec_ls.spec.openmodel import OpenModelDeployment
from modelspec_ls.spec.view import SpecView
from modelspec_ls.workspace.document import Document
from support.llmaz import HUB, open_model


def model(text):
    return OpenModelDeployment(SpecView(Document("file:///m.yaml", text).tree.documents[0]))


def flavor(fields, source=HUB):
    return model(open_model(source, fields)).flavors[0]


GPU = "limits: {nvidia.com/gpu: 1}"


@pytest.mark.parametrize(
    "fields, card, source",
    [
        (f"name: a10, {GPU}", "nvidia-a10", "name"),
        (f"name: spot-a10g, {GPU}", "nvidia-a10g", "name"),
        (f"name: h100x4, {GPU}", "nvidia-h100-sxm-80gb", "name"),
        (f"name: a100-80gb-x2, {GPU}", "nvidia-a100-sxm-80gb", "name"),
        (f"name: t4-or-l4, {GPU}", None, None),
        (f"name: default, {GPU}", None, None),
        (f"name: mi300x, {GPU}", None, None),
        ("name: mi300x, limits: {amd.com/gpu: 1}", "amd-mi300x", "name"),
        (
            f"name: t4, {GPU}, nodeSelector: {{nvidia.com/gpu.product: NVIDIA-L40S}}",
            "nvidia-l40s",
            "nvidia.com/gpu.product",
        ),
        (
            f"name: t4, {GPU}, nodeSelector: {{cloud.google.com/gke-accelerator: nvidia-l4}}",
            "nvidia-l4",
            "cloud.google.com/gke-accelerator",
        ),
        (
            f"name: t4, {GPU}, nodeSelector: {{node.kubernetes.io/instance-type: g5.xlarge}}",
            "nvidia-a10g",
            "node.kubernetes.io/instance-type",
        ),
        (f"name: t4, {GPU}, params: {{INSTANCE-TYPE: p4d.24xlarge}}", "nvidia-a100-sxm-40gb", "INSTANCE-TYPE"),
        (f"name: t4, {GPU}, params: {{INSTANCE-TYPE: unheard.of}}", "nvidia-t4", "name"),
        ("name: t4, limits: {nvidia.com/mig-1g.10gb: 1}", None, None),
        ("name: t4, limits: {cpu: 1}", None, None),
        ("name: t4", None, None),
    ],
)
def test_accelerator(fields, card, source):
    found = flavor(fields)
    match = found.accelerator
    assert (match.accelerator.id if match else None) == card
    assert (found.reading[1].path[-1] if found.reading else None) == source


def test_memory_settles_a_name_of_several_sizes():
    labels = "{karpenter.k8s.aws/instance-gpu-name: a100, karpenter.k8s.aws/instance-gpu-memory: '81920'}"
    assert flavor(f"name: x, {GPU}, nodeSelector: {labels}").accelerator.accelerator.memory_gb_marketed == 80
    assert flavor(f"name: a100, {GPU}").accelerator.ambiguous


@pytest.mark.parametrize(
    "fields, count, tensor, pipeline",
    [
        ("limits: {nvidia.com/gpu: 4}", 4, 4, 1),
        ('limits: {nvidia.com/gpu: "4"}', 4, 4, 1),
        ('limits: {nvidia.com/gpu: 8}, params: {TP: "8", PP: "2"}', 16, 8, 2),
        ('limits: {nvidia.com/gpu: 4}, params: {TP: "2"}', 2, 2, 1),
        ('limits: {nvidia.com/gpu: 4}, params: {TP: "x"}', 4, 4, 1),
        ("limits: {nvidia.com/gpu: 0}", None, None, 1),
        ("limits: {nvidia.com/gpu: 500m}", None, None, 1),
        ("limits: {nvidia.com/gpu: [1]}", None, None, 1),
        ("limits: 1", None, None, 1),
    ],
)
def test_count(fields, count, tensor, pipeline):
    found = flavor(f"name: h100, {fields}")
    assert (found.count, found.tensor, found.pipeline) == (count, tensor, pipeline)
    if count:
        given = found.given
        assert (given.count, given.tensor_parallel, given.pipeline_parallel) == (count, tensor, pipeline)


@pytest.mark.parametrize(
    "source, metadata, engine, weights",
    [
        (HUB, "", "vllm", "bf16"),
        (HUB, "  annotations: {modelspec/engine: sglang}\n", "sglang", "bf16"),
        (
            "modelHub: {modelID: Qwen/Qwen2-0.5B-Instruct-GGUF, filename: qwen2-0_5b-instruct-q5_k_m.gguf}",
            "",
            "llama.cpp",
            "gguf-q5_k_m",
        ),
        ("uri: 'ollama://qwen2:0.5b'", "", "ollama", None),
        ("uri: 's3://b/Qwen3-8B'", "", "vllm", "bf16"),
    ],
)
def test_engine_and_weights(source, metadata, engine, weights):
    found = model(open_model(source, f"name: l40s, {GPU}", metadata=metadata)).flavors[0]
    assert found.engine_name == engine
    if weights:
        assert found.given.weights.name == weights


def test_an_open_model_runs_nowhere_by_itself():
    found = model(open_model(HUB, f"name: l40s, {GPU}"))
    assert (found.accelerator, found.count, found.report) == (None, None, None)
    assert found.model.id == "Qwen/Qwen3-8B"
    assert found.flavors[0].report.verdict == "fits"


def test_hints_state_what_no_catalogue_knows():
    hints = '  annotations: {modelspec/parameter-count: "70B"}\n'
    found = model(open_model("modelHub: {modelID: acme/private}", f"name: l4, {GPU}", metadata=hints)).flavors[0]
    assert found.report.verdict == "weights-exceed"
