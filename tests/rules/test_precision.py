"""Rules about number formats and the hardware that calculates in them, each both ways."""

import pytest
import test_fixes
from test_identity import FIXES, SHA, deploy

from modelspec_ls.core.config import Config
from support.specs import brief, diagnose

CONFIG = Config(select=("precision",))
SMALL = ("qwen2.5-1.5b-instruct", "qwen2.5")
PATH, MODEL, TYPE = "/spec/identity/model/precision", "/spec/identity/model", "/spec/runtime/accelerator/type"
FRAMEWORK = "/spec/identity/model/framework"
T4, V100, A10, A100, H100 = "nvidia t4 1", "nvidia v100 1", "nvidia a10 1", "nvidia a100-80gb 1", "nvidia h100 1"
MI300X = "amd mi300x 1"
AWQ = f"hf://casperhansen/llama-3-70b-instruct-awq@{SHA}"

CASES = {
    "all right": (deploy(), []),
    # MS401
    "typo": (deploy(precision="fp17"), [f"warning MS401 {PATH}"]),
    "no precision at all": (deploy(precision="fast"), [f"warning MS401 {PATH}"]),
    "another width is no typo": (deploy(precision="fp64"), [f"warning MS401 {PATH}"]),
    "a rare packing": (deploy(precision="q4_k_s"), [f"information MS401 {PATH}"]),
    "fp16": (deploy(precision="fp16"), []),
    "alias": (deploy(precision="bfloat16"), []),
    "template": (deploy(precision='"${PRECISION}"'), []),
    # MS402
    "unstated": (deploy(precision=None), [f"information MS402 {MODEL}"]),
    "left to the engine": (deploy(precision="auto"), [f"information MS402 {PATH}"]),
    "unstated for a quantised checkpoint": (
        deploy("qwen3-8b-awq", precision=None),
        [f"information MS402 {MODEL}"],
    ),
    "unstated for a checkpoint in 32 bits": (
        deploy("bge-large-en-v1.5", "bge", "embedding", precision=None),
        [f"information MS402 {MODEL}"],
    ),
    "unstated for an unknown model": (deploy("example-llm", "example", precision=None), []),
    "empty": (deploy(precision=""), []),
    # MS403
    "bf16 on a T4": (deploy(*SMALL, gpu=T4), [f"error MS403 {PATH}"]),
    "bf16 on any V100": (deploy(*SMALL, gpu=V100), [f"error MS403 {PATH}"]),
    "fp16 on a T4": (deploy(*SMALL, precision="fp16", gpu=T4), []),
    "bf16 on an A10": (deploy(*SMALL, gpu=A10), []),
    "bf16 on a T4 in an own server": (deploy(*SMALL, framework="my-inhouse-server", gpu=T4), []),
    "bf16 on a GPU nobody knows": (deploy(*SMALL, gpu="nvidia z9 1"), []),
    "awq on a V100": (deploy("qwen3-8b-awq", precision="awq-int4", gpu=V100), [f"error MS403 {PATH}"]),
    "awq on a T4": (deploy("qwen3-8b-awq", precision="awq-int4", gpu=T4), []),
    "awq on AMD": (deploy("qwen3-8b-awq", precision="awq-int4", gpu=MI300X), []),
    "fp16 for Gemma": (deploy("gemma-2-9b-it", "gemma2", precision="fp16"), [f"error MS403 {PATH}"]),
    "fp16 for Gemma elsewhere": (deploy("gemma-2-9b-it", "gemma2", framework="llama.cpp", precision="fp16"), []),
    "Gemma on a T4": (deploy("gemma-2-2b-it", "gemma2", gpu=T4), [f"error MS403 {PATH}"]),
    # MS404
    "fp8 on an A100": (deploy(precision="fp8", gpu=A100), [f"information MS404 {PATH}"]),
    "fp8 on an H100": (deploy(precision="fp8", gpu=H100), []),
    "fp8 on an MI300X": (deploy(precision="fp8", gpu=MI300X), []),
    "nvfp4 on an H100": (deploy(precision="nvfp4", gpu=H100), [f"information MS404 {PATH}"]),
    "nvfp4 on a B200": (deploy(precision="nvfp4", gpu="nvidia b200 1"), []),
    "int4 on an A100": (deploy(precision="int4", gpu=A100), []),
    "bf16 on a T4 in SGLang": (deploy(*SMALL, framework="sglang", gpu=T4), [f"warning MS404 {PATH}"]),
    "assumed bf16 on a T4": (
        deploy(*SMALL, precision=None, gpu=T4),
        [f"information MS402 {MODEL}", f"information MS404 {TYPE}"],
    ),
    # MS405
    "awq as fp16": (
        deploy("llama-3-70b-instruct", "llama3", precision="fp16", uri=AWQ, gpu="nvidia h100 4"),
        [f"warning MS405 {PATH}"],
    ),
    "awq as awq": (
        deploy("llama-3-70b-instruct", "llama3", precision="awq-int4", uri=AWQ, gpu="nvidia h100 4"),
        [],
    ),
    "awq as int4": (
        deploy("llama-3-70b-instruct", "llama3", precision="int4", uri=AWQ, gpu="nvidia h100 4"),
        [],
    ),
    "fp8 in an unknown id": (deploy("acme-13b-fp8", "acme"), [f"warning MS405 {PATH}"]),
    "16 bits in the name, fp8 while loading": (deploy("acme-13b-bf16", "acme", precision="fp8"), []),
    "GGUF in its engine": (
        deploy(framework="llama.cpp", precision="fp16", uri="/models/Qwen3-8B.Q4_K_M.gguf"),
        [f"warning MS405 {PATH}"],
    ),
    "GGUF widened by transformers": (
        deploy(framework="transformers", precision="fp16", uri="/models/Qwen3-8B.Q4_K_M.gguf"),
        [],
    ),
    "wider than the checkpoint": (deploy(precision="fp32"), [f"information MS405 {PATH}"]),
    "narrower than the checkpoint": (deploy(precision="fp8"), []),
    "as wide as the checkpoint": (deploy("bge-large-en-v1.5", "bge", "embedding", precision="fp32"), []),
    # MS406
    "TensorRT-LLM on AMD": (deploy(framework="tensorrt-llm", gpu=MI300X), [f"error MS406 {FRAMEWORK}"]),
    "vLLM on AMD": (deploy(gpu=MI300X), []),
    "NIM on a TPU": (deploy(framework="nim", gpu="google tpu-v5e 8"), [f"error MS406 {FRAMEWORK}"]),
    "MLX on NVIDIA": (deploy(framework="mlx"), [f"error MS406 {FRAMEWORK}"]),
    "MLX on Apple": (deploy(framework="mlx", gpu="apple m3-ultra 1"), []),
    "vLLM on Pascal": (deploy(*SMALL, precision="fp16", gpu="nvidia p100 1"), [f"error MS406 {FRAMEWORK}"]),
    "SGLang on Volta": (
        deploy(*SMALL, framework="sglang", precision="fp16", gpu=V100),
        [f"error MS406 {FRAMEWORK}"],
    ),
    "SGLang on Turing": (deploy(*SMALL, framework="sglang", precision="fp16", gpu=T4), []),
    "TensorRT-LLM on Turing": (
        deploy(*SMALL, framework="tensorrt-llm", precision="fp16", gpu=T4),
        [f"warning MS406 {FRAMEWORK}"],
    ),
    "TensorRT-LLM on Ampere": (deploy(framework="tensorrt-llm", gpu=A100), []),
    "OpenVINO on NVIDIA": (deploy(framework="openvino"), [f"warning MS406 {FRAMEWORK}"]),
    "OpenVINO on a CPU": (deploy(framework="openvino", gpu="cpu none 1"), []),
    "TensorRT files on AMD": (
        deploy(framework="triton", uri="/models/qwen3-8b.plan", gpu=MI300X),
        ["error MS406 /spec/identity/model/artifacts/modelUri"],
    ),
    "vendor and type disagree": (deploy(framework="tensorrt-llm", gpu="amd h100 1"), []),
    "only the label says so": (
        deploy(framework="transformers", labels={"runtime": "mlx"}),
        ["warning MS406 /metadata/labels/runtime"],
    ),
    "an accelerator nobody knows": (deploy(framework="my-inhouse-server", gpu="acme x1 1"), []),
}


@pytest.mark.parametrize("name", CASES)
def test_case(name):
    text, expected = CASES[name]
    assert sorted(brief(text, config=CONFIG)) == sorted(expected)


@pytest.mark.parametrize("name", [n for n, (_, expected) in CASES.items() if expected])
def test_every_fix(name, monkeypatch):
    text = CASES[name][0]
    monkeypatch.setattr(test_fixes, "diagnose", lambda t, n="x.modelspec.yaml": diagnose(t, n, FIXES))
    for finding in diagnose(text, config=FIXES):
        for fix in finding.fixes:
            test_fixes.check_fix(text, finding, fix, "x.modelspec.yaml")


@pytest.mark.parametrize(
    "name, words",
    [
        ("typo", "Did you mean `fp16`?"),
        ("unstated", "native bf16 (15.3 GiB of weights)"),
        ("unstated for a quantised checkpoint", "native awq-int4"),
        ("bf16 on a T4", "compute capability 7.5, bf16 needs 8.0"),
        ("fp8 on an A100", "compute capability 8.0, and fp8 arithmetic needs 8.9"),
        ("awq as fp16", "against 131.4 GiB"),
        ("wider than the checkpoint", "2 times as large"),
        ("TensorRT-LLM on AMD", "`nvidia`"),
    ],
)
def test_messages_say_the_facts(name, words):
    assert words in diagnose(CASES[name][0], config=CONFIG)[0].message


@pytest.mark.parametrize("name, titles", [("another width is no typo", set()), ("typo", {"Write `fp16`"})])
def test_another_width_is_never_suggested(name, titles):
    assert {f.title for d in diagnose(CASES[name][0], config=CONFIG) for f in d.fixes} == titles


def test_what_an_engine_would_refuse_is_never_suggested():
    found = diagnose(CASES["assumed bf16 on a T4"][0], config=CONFIG)
    assert {d.code: [f.title for f in d.fixes] for d in found} == {"MS402": [], "MS404": ["Write `precision: fp16`"]}
