"""Rules about the model: who it is, what it can do, where its files are. Each both ways, and the calibration."""

import json

import pytest
import test_fixes
import yaml

from modelspec_ls.core.config import Config
from modelspec_ls.knowledge import models
from modelspec_ls.rules.identity.model_identity_conflict import _belongs
from support.specs import brief, diagnose

IDENTITY = Config(select=("identity",))
CALIBRATED = Config(select=("identity", "precision"))
FIXES = Config(select=("identity", "precision", "schema", "syntax"))
SHA = "0123456789abcdef0123456789abcdef01234567"
LLAMA = "hf://meta-llama/Meta-Llama-3-8B-Instruct"


def deploy(
    id="qwen3-8b",  # noqa: A002 - named as in the format
    family="qwen3",
    task="chat-completion",
    framework="vllm",
    precision="bf16",
    uri=None,
    tokenizer=None,
    name="example",
    labels=None,
    annotations=None,
    gpu="nvidia l40s 1",
    length=4096,
    rest="",
):
    """A spec in which everything is right unless told otherwise."""
    vendor, kind, count = gpu.split()
    lines = ["apiVersion: piqc.ai/v1alpha1", "kind: ModelSpec", "metadata:", f"  name: {name}"]
    for block, entries in (("labels", labels), ("annotations", annotations)):
        if entries:
            lines += [f"  {block}:", *(f'    {key}: "{value}"' for key, value in entries.items())]
    lines += ["spec:", "  identity:", "    model:", f"      id: {id}  # which", f"      family: {family}"]
    lines += [f"      task: {task}", f"      framework: {framework}  # what runs it"]
    lines += [f"      precision: {precision}"] if precision is not None else []
    lines += ["      artifacts:"] if uri or tokenizer else []
    lines += [f"        modelUri: {uri}"] if uri else []
    lines += [f"        tokenizerUri: {tokenizer}"] if tokenizer else []
    lines += [
        "  runtime:",
        "    accelerator:",
        f"      vendor: {vendor}",
        f"      type: {kind}",
        f"      count: {count}",
    ]
    lines += ["    batch:", f"      maxSequenceLengthTokens: {length}"] if length else []
    return "\n".join(lines) + "\n" + rest


OBSERVABILITY = "  operations:\n    observability:\n      logging:\n        level: {}\n"
METRICS = "  operations:\n    observability:\n      metrics:\n        provider: {}\n"
CLOUD = "  governance:\n    cost:\n      pricingHints:\n        cloudProvider: {}\n"
ID, FAMILY = "/spec/identity/model/id", "/spec/identity/model/family"
TASK, FRAMEWORK = "/spec/identity/model/task", "/spec/identity/model/framework"
URI, TOKENIZER = "/spec/identity/model/artifacts/modelUri", "/spec/identity/model/artifacts/tokenizerUri"

CASES = {
    "all right": (deploy(), []),
    # MS201
    "made-up model": (deploy("example-llm", "example"), [f"information MS201 {ID}"]),
    "size in the name": (deploy("acme-13b", "acme"), [f"information MS201 {ID}"]),
    "typo in the id": (deploy("qwen3-bb"), [f"information MS201 {ID}"]),
    "size in a hint": (deploy("acme-llm", "acme", annotations={"modelspec/parameter-count": "13B"}), []),
    "base in a hint": (deploy("acme-llm", "acme", annotations={"modelspec/base-model": "Qwen/Qwen3-8B"}), []),
    "known by its address": (deploy("acme-llm", "qwen3", uri=f"hf://Qwen/Qwen3-8B@{SHA}"), []),
    "template": (deploy('"${MODEL}"', "acme"), []),
    "placeholder": (deploy("your-model", "acme"), []),
    # MS202
    "family of another model": (deploy("qwen2.5-7b-instruct", "llama3"), [f"warning MS202 {FAMILY}"]),
    "family of another generation": (deploy("meta-llama-3-8b-instruct", "llama2"), [f"warning MS202 {FAMILY}"]),
    "generic family": (deploy("meta-llama-3-8b-instruct", "llama"), []),
    "family of the base of a distill": (deploy("deepseek-r1-distill-qwen-7b", "qwen2.5"), []),
    "family of the makers of a distill": (deploy("deepseek-r1-distill-qwen-7b", "deepseek"), []),
    "family of the base of a guard": (deploy("llama-guard-3-8b", "llama3", "moderation"), []),
    "own family name": (deploy(family="acme-assistant"), []),
    "family of a fine-tune": (deploy("acme-7b", "acme", annotations={"modelspec/base-model": "Qwen/Qwen3-8B"}), []),
    "another size at the address": (deploy(uri=f"hf://Qwen/Qwen3-14B@{SHA}"), [f"warning MS202 {URI}"]),
    "quantised copy at the address": (deploy(precision="awq-int4", uri=f"hf://Qwen/Qwen3-8B-AWQ@{SHA}"), []),
    "base checkpoint at the address": (
        deploy("llama-3.1-8b-instruct", "llama3.1", uri=f"hf://meta-llama/Llama-3.1-8B@{SHA}", task="text-generation"),
        [],
    ),
    "tokenizer of another model": (
        deploy("llama-3-8b-instruct", "llama3", uri=f"{LLAMA}@{SHA}", tokenizer=f"hf://meta-llama/Llama-2-7b-hf@{SHA}"),
        [f"warning MS202 {TOKENIZER}"],
    ),
    "tokenizer of a smaller sister": (deploy(tokenizer=f"hf://Qwen/Qwen3-0.6B@{SHA}"), []),
    "tokenizer nobody knows": (deploy(tokenizer="s3://acme-models/tokenizer/v1/"), []),
    "another size in the name": (deploy(name="chat-70b"), ["information MS202 /metadata/name"]),
    "its size in the name": (deploy(name="chat-8b-canary"), []),
    # MS203
    "embedder that writes": (
        deploy("bge-large-en-v1.5", "bge", "text-generation", precision="fp32"),
        [f"warning MS203 {TASK}"],
    ),
    "embedder": (deploy("bge-large-en-v1.5", "bge", "embedding", precision="fp32"), []),
    "reranker that chats": (deploy("bge-reranker-v2-m3", "bge", "chat-completion"), [f"warning MS203 {TASK}"]),
    "generator as embedder": (deploy(task="embedding"), []),
    "generator as reranker": (deploy(task="rerank"), []),
    "guard": (deploy("llama-guard-3-8b", "llama-guard", "moderation"), []),
    "transcribing text model": (deploy(task="speech-to-text"), [f"warning MS203 {TASK}"]),
    "whisper": (deploy("whisper-large-v3", "whisper", "speech-to-text"), []),
    "whisper that chats": (deploy("whisper-large-v3", "whisper", "chat"), [f"warning MS203 {TASK}"]),
    "images to a text model": (deploy(task="image-text-to-text"), [f"warning MS203 {TASK}"]),
    "images to a vision model": (deploy("qwen2.5-vl-7b-instruct", "qwen2.5-vl", "image-text-to-text"), []),
    "chat on a base checkpoint": (deploy("llama-3.1-8b", "llama3.1"), [f"information MS203 {TASK}"]),
    "completion on a base checkpoint": (deploy("llama-3.1-8b", "llama3.1", "text-generation"), []),
    "task of their own": (deploy(task="legal-review"), []),
    # MS204
    "framework with a typo": (deploy(framework="vlllm"), [f"information MS204 {FRAMEWORK}"]),
    "own framework": (deploy(framework="my-inhouse-server"), []),
    "framework with a short name": (deploy(framework="mlc"), []),
    "task with a typo": (deploy(task="chat-completoin"), [f"information MS204 {TASK}"]),
    "task with underscores": (deploy(task="chat_completion"), [f"information MS204 {TASK}"]),
    "vendor with a typo": (deploy(gpu="nvida l40s 1"), ["information MS204 /spec/runtime/accelerator/vendor"]),
    "level with a typo": (
        deploy(rest=OBSERVABILITY.format("inof")),
        ["information MS204 /spec/operations/observability/logging/level"],
    ),
    "level": (deploy(rest=OBSERVABILITY.format("info")), []),
    "provider with a typo": (
        deploy(rest=METRICS.format("promethues")),
        ["information MS204 /spec/operations/observability/metrics/provider"],
    ),
    "own provider": (deploy(rest=METRICS.format("m3db")), []),
    "own cloud": (deploy(rest=CLOUD.format("hetzner")), []),
    # MS205
    "framework in capitals": (deploy(framework="vLLM"), [f"hint MS205 {FRAMEWORK}"]),
    "long name of a precision": (deploy(precision="bfloat16"), ["hint MS205 /spec/identity/model/precision"]),
    "precision left to the engine": (deploy(precision="auto"), []),
    "awq": (deploy("qwen3-8b-awq", precision="awq"), []),
    "short level": (
        deploy(rest=OBSERVABILITY.format("WARN")),
        ["hint MS205 /spec/operations/observability/logging/level"],
    ),
    "accelerator in capitals": (deploy(gpu="NVIDIA L40S 1"), []),
    "another word for the task": (deploy(task="chat"), []),
    # MS206
    "label of another engine": (
        deploy(framework="transformers", labels={"runtime": "vllm"}),
        ["information MS206 /metadata/labels/runtime"],
    ),
    "label of another engine, no length": (
        deploy(framework="transformers", labels={"runtime": "vllm", "team": "ml"}, length=None),
        ["information MS206 /metadata/labels/runtime"],
    ),
    "label of the engine": (deploy(labels={"runtime": "vLLM"}), []),
    "label that names no engine": (deploy(labels={"runtime": "containerd"}), []),
    "engine in a platform": (deploy(framework="kserve", labels={"runtime": "vllm"}), []),
    "settled by a hint": (
        deploy(framework="transformers", labels={"runtime": "vllm"}, annotations={"modelspec/engine": "vllm"}),
        [],
    ),
    # MS207
    "long scheme": (deploy(uri=f"huggingface://Qwen/Qwen3-8B@{SHA}"), [f"warning MS207 {URI}"]),
    "no namespace": (deploy(uri="hf://llama"), [f"warning MS207 {URI}"]),
    "page of the hub": (deploy(uri="https://huggingface.co/Qwen/Qwen3-8B"), [f"warning MS207 {URI}"]),
    "page of a branch": (deploy(uri=f"https://huggingface.co/Qwen/Qwen3-8B/tree/{SHA}"), [f"warning MS207 {URI}"]),
    "file of the hub": (deploy(uri="https://huggingface.co/Qwen/Qwen3-8B/resolve/main/model.gguf"), []),
    "typo in the scheme": (deploy(uri="modelscpe://Qwen/Qwen3-8B"), [f"warning MS207 {URI}"]),
    "unknown scheme": (deploy(uri="acme://Qwen/Qwen3-8B"), [f"information MS207 {URI}"]),
    "one slash": (deploy(uri="s3:/acme-models/qwen3-8b/v1"), [f"warning MS207 {URI}"]),
    "no bucket": (deploy(uri="s3:///qwen3-8b/v1"), [f"warning MS207 {URI}"]),
    "no encryption": (deploy(uri="http://models.internal/qwen3-8b/v1.tar"), [f"warning MS207 {URI}"]),
    "credentials": (deploy(uri="https://ci:hunter2@models.internal/qwen3-8b/v1.tar"), [f"warning MS207 {URI}"]),
    "wildcard": (deploy(uri='"s3://acme-models/qwen3-8b/v1/*"'), [f"warning MS207 {URI}"]),
    "space": (deploy(uri='"s3://acme-models/qwen3 8b/v1"'), [f"warning MS207 {URI}"]),
    "bare name": (deploy(uri="qwen3-8b"), [f"warning MS207 {URI}"]),
    "bare repository": (deploy(uri=f"Qwen/Qwen3-8B@{SHA}"), [f"hint MS207 {URI}"]),
    "path": (deploy(uri="/models/qwen3-8b"), []),
    "path as an address": (deploy(uri="file:///models/qwen3-8b"), []),
    "registry": (deploy(uri="models:/qwen3-8b/3"), []),
    "container of Azure": (deploy(uri="abfs://models@acme.dfs.core.windows.net/qwen3-8b/v1"), []),
    "revision of KServe": (deploy(uri=f"hf://Qwen/Qwen3-8B:{SHA}"), []),
    "file in a repository": (deploy(uri=f"hf://Qwen/Qwen3-8B@{SHA}/model.safetensors"), []),
    # MS208
    "ollama in vllm": (deploy(uri="ollama://qwen3:8b"), [f"warning MS208 {URI}"]),
    "ollama in ollama": (deploy(framework="ollama", uri="ollama://qwen3:8b"), []),
    "gguf in tgi": (deploy(framework="tgi", uri="/models/qwen3-8b-bf16.gguf"), [f"warning MS208 {URI}"]),
    "gguf in llama.cpp": (deploy(framework="llama.cpp", uri="/models/qwen3-8b-bf16.gguf"), []),
    "plan in vllm": (deploy(uri="/models/qwen3-8b.plan"), [f"warning MS208 {URI}"]),
    "plan in triton": (deploy(framework="triton", uri="/models/qwen3-8b.plan"), []),
    "volume in vllm": (deploy(uri="pvc://models/qwen3-8b"), [f"information MS208 {URI}"]),
    "volume in kserve": (deploy(framework="kserve", uri="pvc://models/qwen3-8b"), []),
    "bucket in tgi": (deploy(framework="tgi", uri="s3://acme/qwen3-8b/v1/"), [f"information MS208 {URI}"]),
    "bucket in vllm": (deploy(uri="s3://acme/qwen3-8b/v1/"), []),
    "anything in an own server": (deploy(framework="my-inhouse-server", uri="ollama://qwen3:8b"), []),
    # MS209
    "no revision": (deploy(uri="hf://Qwen/Qwen3-8B"), [f"information MS209 {URI}"]),
    "once for both": (
        deploy(uri="hf://Qwen/Qwen3-8B", tokenizer="hf://Qwen/Qwen3-8B"),
        [f"information MS209 {URI}"],
    ),
    "branch": (deploy(uri="hf://Qwen/Qwen3-8B@main"), [f"information MS209 {URI}"]),
    "commit": (deploy(uri=f"hf://Qwen/Qwen3-8B@{SHA}"), []),
    "tag": (deploy(uri="hf://Qwen/Qwen3-8B@v1.0"), []),
    "image without tag": (deploy(uri="oci://registry.acme:5000/qwen3-8b"), [f"information MS209 {URI}"]),
    "image with a tag": (deploy(uri="oci://registry.acme:5000/qwen3-8b:1.2"), []),
    "image with a digest": (deploy(uri="oci://registry.acme/qwen3-8b@sha256:0123456789abcdef"), []),
    "latest in a path": (deploy(uri="s3://acme/qwen3-8b/latest/"), [f"information MS209 {URI}"]),
    "path without version": (deploy(uri="s3://acme/qwen3-8b/"), []),
    "path without version in production": (
        deploy(uri="s3://acme/qwen3-8b/", labels={"env": "prod"}),
        [f"information MS209 {URI}"],
    ),
    "path with a version in production": (deploy(uri="s3://acme/qwen3-8b/weights-v3/", labels={"env": "prod"}), []),
    "path with a date in production": (deploy(uri="s3://acme/qwen3-8b/2026-11-01/", labels={"env": "prod"}), []),
}
# The nine examples of the format's authors, mirrored in what these two groups read.
CALIBRATION = {
    "00 minimal": (
        deploy("example-llm", "example", "text-generation", "transformers", None, length=None),
        [f"information MS201 {ID}"],
    ),
    "01 artifacts": (
        deploy("llama-3-8b-instruct", "llama3", "chat-completion", "transformers", uri=LLAMA, tokenizer=LLAMA),
        [f"information MS209 {URI}"],
    ),
    "02 serving": (
        deploy(
            "llama-3-8b-instruct", "llama3", framework="transformers", precision=None, labels={"runtime": "vllm"},
            gpu="nvidia a100-80gb 1",
        ),
        ["information MS206 /metadata/labels/runtime", "information MS402 /spec/identity/model"],
    ),
    "03 batching": (
        deploy("llama-3-8b-instruct", "llama3", framework="transformers", labels={"runtime": "vllm"}, length=8192),
        ["information MS206 /metadata/labels/runtime"],
    ),
    "04 scaling": (
        deploy("llama-3-8b-instruct", "llama3", framework="transformers", precision=None),
        ["information MS402 /spec/identity/model"],
    ),
    "05 observability": (
        deploy(
            "llama-3-8b-instruct", "llama3", framework="transformers", precision=None,
            rest=OBSERVABILITY.format("info"),
        ),
        ["information MS402 /spec/identity/model"],
    ),
    "06 dependencies": (
        deploy("qwen2.5-7b-instruct", "qwen2.5", framework="transformers", precision=None),
        ["information MS402 /spec/identity/model"],
    ),
    "07 governance": (
        deploy("llama-3-8b-instruct", "llama3", framework="transformers", precision=None),
        ["information MS402 /spec/identity/model"],
    ),
    "08 production": (
        deploy(
            "llama-2-70b-chat", "llama2", precision="fp16", uri="s3://ml-models/llama-2-70b-chat/weights-v3/",
            tokenizer="s3://ml-models/llama-2-70b-chat/tokenizer-v3/", name="llama-2-70b-chat-prod",
            labels={"environment": "prod", "runtime": "vllm"}, gpu="nvidia a100-80gb 4", rest=CLOUD.format("aws"),
        ),
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_case(name):
    text, expected = CASES[name]
    assert brief(text, config=IDENTITY) == expected


@pytest.mark.parametrize("name", CALIBRATION)
def test_calibration(name):
    text, expected = CALIBRATION[name]
    assert brief(text, config=CALIBRATED) == expected


@pytest.mark.parametrize("name", [n for n, (_, expected) in {**CASES, **CALIBRATION}.items() if expected])
def test_every_fix(name, monkeypatch):
    text = {**CASES, **CALIBRATION}[name][0]
    monkeypatch.setattr(test_fixes, "diagnose", lambda t, n="x.modelspec.yaml": diagnose(t, n, FIXES))
    for finding in diagnose(text, config=FIXES):
        for fix in finding.fixes:
            test_fixes.check_fix(text, finding, fix, "x.modelspec.yaml")


@pytest.mark.parametrize("name", [n for n, (_, expected) in CASES.items() if expected])
def test_every_fix_in_json(name, monkeypatch):
    text = json.dumps(yaml.safe_load(CASES[name][0]), indent=2)
    monkeypatch.setattr(test_fixes, "diagnose", lambda t, n: diagnose(t, n, FIXES))
    for finding in diagnose(text, "x.modelspec.json", FIXES):
        for fix in finding.fixes:
            test_fixes.check_fix(text, finding, fix, "x.modelspec.json")


def test_a_model_belongs_to_its_own_family_in_every_spelling():
    wrong = [
        (model.id, name)
        for model in models.all_models()
        for name in (model.family, *models.family_aliases(model.family))
        if not _belongs(model, name)
    ]
    assert wrong == []


def test_credentials_are_not_repeated():
    found = diagnose(CASES["credentials"][0], config=IDENTITY)
    assert "hunter2" not in found[0].message


@pytest.mark.parametrize(
    "name, words",
    [
        ("size in the name", "13B parameters"),
        ("tokenizer of another model", "32,000 entries against 128,256"),
        ("another size at the address", "Qwen/Qwen3-14B (14.8 B)"),
        ("ollama in vllm", "`hf://`"),
        ("no revision", "`main`"),
        ("embedder that writes", "`embedding`"),
    ],
)
def test_messages_say_the_facts(name, words):
    assert words in diagnose(CASES[name][0], config=IDENTITY)[0].message


def test_nothing_is_said_about_other_documents_and_broken_ones():
    other = deploy("example-llm").replace("piqc.ai/v1alpha1", "v1").replace("kind: ModelSpec", "kind: Service")
    assert brief(other, "x.yaml", IDENTITY) == []
    assert brief(deploy("example-llm").replace("family: ", "family:"), config=IDENTITY) == []
