"""The nine specs of ModelSpec's own learning path, in our words: no error, and only what an expert agrees with.

Field names and values are facts of the format's examples; everything else is ours. What concerns other files
(MS801 to MS809) has tests of its own.
"""

import pytest
import yaml

from modelspec_ls.core.config import Config
from support.specs import diagnose

MODEL, RUNTIME, OPERATIONS = "/spec/identity/model", "/spec/runtime", "/spec/operations"
LLAMA = {"id": "llama-3-8b-instruct", "family": "llama3", "task": "chat-completion", "framework": "transformers"}
A100 = {"vendor": "nvidia", "type": "a100-80gb", "count": 1}


def learning_path(model, accelerator=A100, runtime=None, metadata=None, **sections):
    return {
        "apiVersion": "piqc.ai/v1alpha1",
        "kind": "ModelSpec",
        "metadata": {"name": "learning-path"} | (metadata or {}),
        "spec": {"identity": {"model": model}, "runtime": {"accelerator": accelerator} | (runtime or {})} | sections,
    }


def uris(uri):
    return {"artifacts": {"modelUri": uri, "tokenizerUri": uri}}


SERVED = {"labels": {"runtime": "vllm"}}
SERVING = {"protocol": "http", "port": 8000, "readinessProbe": {"path": "/health", "timeoutSeconds": 5}}
SPECS = {
    "00": learning_path(
        {"id": "example-llm", "family": "llama", "task": "text-generation", "framework": "transformers"}
    ),
    "01": learning_path(LLAMA | {"precision": "bf16"} | uris("hf://meta-llama/Meta-Llama-3-8B-Instruct")),
    "02": learning_path(
        LLAMA, metadata=SERVED, operations={"serving": SERVING | {"maxConcurrency": 32, "timeoutSeconds": 120}}
    ),
    "03": learning_path(
        LLAMA | {"precision": "bf16"},
        runtime={"batch": {"maxBatchSize": 32, "maxSequenceLengthTokens": 8192}},
        metadata=SERVED,
        operations={"serving": SERVING},
    ),
    "04": learning_path(LLAMA, operations={"scaling": {"minReplicas": 1, "maxReplicas": 4, "targetLatencyMsP95": 350}}),
    "05": learning_path(
        LLAMA,
        A100 | {"type": "L40S"},
        operations={
            "observability": {
                "metrics": {"enabled": True, "provider": "prometheus"},
                "logging": {"level": "info"},
                "tracing": {"enabled": False},
            }
        },
    ),
    "06": learning_path(
        LLAMA | {"id": "qwen2.5-7b-instruct", "family": "qwen2.5"},
        pipeline={
            "dependencies": [
                {"id": "embedder", "role": "input", "specRef": "./embedder.modelspec.yaml", "required": True},
                {
                    "id": "reranker",
                    "role": "reranker",
                    "specRef": "./reranker.modelspec.yaml",
                    "required": False,
                    "interface": {"inputType": "documents", "outputType": "documents"},
                },
            ]
        },
    ),
    "07": learning_path(
        LLAMA,
        governance={
            "compliance": {
                "pii": {"allowed": False, "policy": "no_pii"},
                "retention": {"logsDays": 14, "artifactsDays": 30},
            }
        },
    ),
    "08": learning_path(
        {
            "id": "llama-2-70b-chat",
            "family": "llama2",
            "task": "chat-completion",
            "framework": "vllm",
            "precision": "fp16",
        }
        | uris("s3://ml-models/llama-2-70b-chat/weights-v3/"),
        A100 | {"count": 4},
        {
            "batch": {"maxBatchSize": 64, "maxSequenceLengthTokens": 4096},
            "resources": {"cpuCores": 16, "memoryGb": 128, "ephemeralStorageGb": 200},
            "environment": {"variables": {"VLLM_LOG_LEVEL": "INFO", "TOKENIZER_PARALLELISM": "false"}},
        },
        {
            "name": "llama-2-70b-chat-prod",
            "labels": {"team": "ml-platform", "environment": "prod"},
            "annotations": {"owner": "ml-platform-team", "supportChannel": "#support-ml"},
        },
        operations={
            "serving": {
                "protocol": "http",
                "port": 8000,
                "readinessProbe": {"path": "/healthz/ready", "timeoutSeconds": 5},
                "livenessProbe": {"path": "/healthz/live", "timeoutSeconds": 5},
                "maxConcurrency": 32,
                "timeoutSeconds": 60,
            },
            "scaling": {"minReplicas": 2, "maxReplicas": 10, "targetLatencyMsP95": 800, "targetRps": 50},
            "observability": {"metrics": {"enabled": True, "provider": "prometheus"}, "logging": {"level": "info"}},
        },
        pipeline={
            "dependencies": [
                {
                    "id": "input-guardrail",
                    "role": "guardrail",
                    "specRef": "./input-guardrail.modelspec.yaml",
                    "required": True,
                    "interface": {"inputType": "text", "outputType": "filtered_text", "maxLatencyMs": 50},
                },
                {
                    "id": "output-guardrail",
                    "role": "guardrail",
                    "specRef": "./output-guardrail.modelspec.yaml",
                    "required": False,
                    "interface": {"inputType": "text", "outputType": "filtered_text", "maxLatencyMs": 60},
                },
            ]
        },
        governance={
            "compliance": {
                "pii": {"allowed": False, "policy": "internal-pii-policy-v3"},
                "retention": {"logsDays": 30, "artifactsDays": 0},
            },
            "cost": {"targetCostPer1kTokensUsd": 0.002, "pricingHints": {"spotAllowed": False}},
        },
    ),
}
EXPECTED = {
    "00": [f"information MS201 {MODEL}/id"],
    "01": [f"information MS209 {MODEL}/artifacts/modelUri"],
    "02": ["information MS206 /metadata/labels/runtime", f"information MS402 {MODEL}"],
    "03": ["information MS206 /metadata/labels/runtime"],
    "04": [f"information MS402 {MODEL}", f"hint MS704 {OPERATIONS}/scaling"],
    "05": [f"information MS402 {MODEL}"],
    "06": [f"information MS402 {MODEL}"],
    "07": [f"information MS402 {MODEL}"],
    "08": [
        f"warning MS606 {RUNTIME}/environment/variables/VLLM_LOG_LEVEL",
        f"warning MS606 {RUNTIME}/environment/variables/TOKENIZER_PARALLELISM",
        f"warning MS601 {OPERATIONS}/serving/readinessProbe/path",
        f"warning MS601 {OPERATIONS}/serving/livenessProbe/path",
        f"information MS503 {OPERATIONS}/serving/maxConcurrency",
        f"hint MS704 {OPERATIONS}/scaling",
        "information MS904 /spec/governance/compliance/retention/artifactsDays",
    ],
}


@pytest.mark.parametrize("name", SPECS)
def test_learning_path(name):
    text = yaml.safe_dump(SPECS[name], sort_keys=False)
    found = [d for d in diagnose(text, config=Config()) if not d.code.startswith("MS8")]
    assert sorted(f"{d.severity.label} {d.code} {d.pointer}" for d in found) == sorted(EXPECTED[name])
