"""Serving and observability both ways: what the engine does not answer or read is found, all else is left alone."""

import pytest
from tables import brief, every_fix, everything, only, wrong_types

from modelspec_ls.core.finding import Applicability
from modelspec_ls.knowledge.vocabularies import vocabulary

GROUPS = ("serving", "observability")
PROD = {"environment": "prod"}
READY, LIVE = "readinessProbe", "livenessProbe"
TOKEN = "hf_" + "AbCdEfGhIjKlMnOpQrStUvWxYz12345678"


def probe(path, timeout=None):
    return {"path": path} | ({} if timeout is None else {"timeoutSeconds": timeout})


CASES = {
    # MS601
    "vllm, healthz": (
        {READY: probe("/healthz/ready"), LIVE: probe("/healthz/live")},
        [f"warning MS601 {READY}/path", f"warning MS601 {LIVE}/path"],
    ),
    "vllm, its own paths": ({READY: probe("/v1/models"), LIVE: probe("/ping")}, []),
    "vllm, with query and slash": ({READY: probe("/health/"), LIVE: probe("/health?verbose=1")}, []),
    "vllm, no slash in front": ({READY: probe("health")}, [f"hint MS601 {READY}/path"]),
    "vllm over gRPC": (
        {"protocol": "grpc", READY: probe("/healthz")},
        ["information MS605 protocol"],
    ),
    "sglang, its own": ({"framework": "sglang", READY: probe("/health_generate")}, []),
    "sglang, Triton's": (
        {"framework": "sglang", READY: probe("/v2/health/ready")},
        [f"warning MS601 {READY}/path"],
    ),
    "triton, a model of its own": ({"framework": "triton", READY: probe("/v2/models/chat/ready")}, []),
    "triton, vllm's path": ({"framework": "triton", READY: probe("/health")}, [f"warning MS601 {READY}/path"]),
    "triton around vllm: either may answer": (
        {"framework": "triton", "labels": {"runtime": "vllm"}, READY: probe("/health")},
        [],
    ),
    "triton around vllm: neither": (
        {"framework": "triton", "labels": {"runtime": "vllm"}, READY: probe("/healthz")},
        [f"warning MS601 {READY}/path"],
    ),
    "nim, its own": ({"framework": "nim", READY: probe("/v1/health/ready"), LIVE: probe("/v1/health/live")}, []),
    "nim with the engine inside hinted": (
        {"framework": "nim", "annotations": {"modelspec/engine": "vllm==0.11.0"}, READY: probe("/v1/health/ready")},
        [],
    ),
    "kserve around vllm is hearsay": (
        {"labels": {"serving": "kserve"}, READY: probe("/v2/health/ready")},
        [],
    ),
    "engine by label": (
        {"framework": "transformers", "labels": {"runtime": "vllm"}, READY: probe("/healthz")},
        [f"warning MS601 {READY}/path"],
    ),
    "a library has no paths": ({"framework": "transformers", READY: probe("/healthz")}, []),
    "an own server": ({"framework": "acme-server", READY: probe("/healthz")}, []),
    "a placeholder": ({READY: probe("/<your path>")}, []),
    # MS602
    "production without a probe": (
        {"labels": PROD, "port": 8000, "metrics": {"enabled": True}},
        ["information MS602 /spec/operations/serving"],
    ),
    "production without operations": ({"labels": PROD}, ["information MS602 /spec", "information MS651 /spec"]),
    "production by name": (
        {"name": "chat-prod", "port": 8000, "metrics": {}},
        ["information MS602 /spec/operations/serving"],
    ),
    "staging by label, production by name": ({"name": "chat-prod", "labels": {"env": "staging"}, "port": 8000}, []),
    "an important tier is no environment": (
        {"name": "chat-prod", "labels": {"tier": "critical"}, "port": 8000, "metrics": {}},
        ["information MS602 /spec/operations/serving"],
    ),
    "production, probe there": ({"labels": PROD, READY: probe("/health"), "metrics": {}}, []),
    # MS603
    "timeout 0": ({READY: probe("/health", 0)}, [f"warning MS603 {READY}/timeoutSeconds"]),
    "timeout 600": ({LIVE: probe("/health", 600)}, [f"information MS603 {LIVE}/timeoutSeconds"]),
    "timeouts 1 and 30": ({READY: probe("/health", 1), LIVE: probe("/health", 30)}, []),
    # MS604
    "below the target": (
        {"timeoutSeconds": 1, "targetLatencyMsP95": 2000},
        ["warning MS604 timeoutSeconds"],
    ),
    "as long as the target": ({"timeoutSeconds": 60, "targetLatencyMsP95": 60000}, []),
    "too short for long answers": ({"timeoutSeconds": 30}, ["information MS604 timeoutSeconds"]),
    "long enough for half of them": ({"timeoutSeconds": 40}, []),
    "no answer is written": (
        {"timeoutSeconds": 1, "task": "embedding", "id": "bge-m3", "family": "bge", "precision": "fp16"},
        [],
    ),
    "unlimited": ({"timeoutSeconds": 0, "targetLatencyMsP95": 2000}, []),
    "an unknown model": ({"timeoutSeconds": 1, "id": "example-llm"}, []),
    "a draft model guesses ahead": (
        {"timeoutSeconds": 30, "annotations": {"modelspec/draft-model": "qwen3-0.6b"}},
        [],
    ),
    # MS605
    "tgi over gRPC": ({"framework": "tgi", "protocol": "grpc"}, ["warning MS605 protocol"]),
    "triton over gRPC": ({"framework": "triton", "protocol": "grpc", "port": 8001}, []),
    "sglang over gRPC": ({"framework": "sglang", "protocol": "grpc"}, ["information MS605 protocol"]),
    # MS606
    "misspelt variables": (
        {"variables": {"VLLM_LOG_LEVEL": "INFO", "TOKENIZER_PARALLELISM": "false", "NCLL_DEBUG": "INFO"}},
        [
            "warning MS606 variables/NCLL_DEBUG",
            "warning MS606 variables/TOKENIZER_PARALLELISM",
            "warning MS606 variables/VLLM_LOG_LEVEL",
        ],
    ),
    "right and private variables": (
        {"variables": {"VLLM_LOGGING_LEVEL": "INFO", "HF_HOME": "/data", "MY_TEAM_FLAG": "1", "VLLM_ASCEND_X": "1"}},
        [],
    ),
    "a name of an old release": ({"variables": {"VLLM_ATTENTION_BACKEND": "FLASHINFER", "VLLM_USE_V1": "1"}}, []),
    "vllm's prefix for something else": (
        {"variables": {"VLLM_MODEL_STORAGE": "/data"}},
        ["information MS606 variables/VLLM_MODEL_STORAGE"],
    ),
    "vllm's prefix with another engine": ({"framework": "sglang", "variables": {"VLLM_MODEL_STORAGE": "/data"}}, []),
    "sglang's own": ({"framework": "sglang", "variables": {"SGLANG_ENABLE_JIT_DEEPGEMM": "1"}}, []),
    "sglang, misspelt": (
        {"framework": "sglang", "variables": {"SGLANG_ENABLE_JIT_DEEPGEM": "1"}},
        ["warning MS606 variables/SGLANG_ENABLE_JIT_DEEPGEM"],
    ),
    "both spellings": (
        {"variables": {"VLLM_LOGGING_LEVEL": "INFO", "VLLM_LOG_LEVEL": "INFO"}},
        ["warning MS606 variables/VLLM_LOG_LEVEL"],
    ),
    "the server's port for the engine's": (
        {"port": 8000, "variables": {"VLLM_PORT": "8000"}},
        ["information MS606 variables/VLLM_PORT"],
    ),
    "the engine's port": ({"port": 8000, "variables": {"VLLM_PORT": "29500"}}, []),
    # MS607
    "a token": ({"variables": {"HF_TOKEN": TOKEN}}, ["error MS607 variables/HF_TOKEN"]),
    "a token in an annotation": ({"annotations": {"note": f"use {TOKEN}"}}, ["error MS607 annotations/note"]),
    "a password in a URL": (
        {"variables": {"REDIS_URL": "redis://user:hunter2secret@redis:6379/0"}},
        ["error MS607 variables/REDIS_URL"],
    ),
    "a password in the model's URL": (
        {"artifacts": {"modelUri": "https://user:hunter2secret@models.acme.dev/m/v1/"}},
        ["error MS607 artifacts/modelUri"],
    ),
    "a private key": (
        {"variables": {"KEY": "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n"}},
        ["error MS607 variables/KEY"],
    ),
    "by its name": ({"variables": {"DB_PASSWORD": "s3cr3t-horse"}}, ["warning MS607 variables/DB_PASSWORD"]),
    "references": (
        {
            "variables": {
                "HF_TOKEN": "$(HF_TOKEN)",
                "API_KEY": "${API_KEY}",
                "A_TOKEN": "vault:secret/hf",
                "B_TOKEN": "/run/secrets/hf",
                "C_SECRET": "secretRef:hf-token",
                "D_SECRET": "arn:aws:secretsmanager:eu-west-1:1:secret:x",
                "E_PASSWORD": "gcp-sm://projects/x",
                "FAR_AWAY_TOKEN": "{{ .Values.token }}",
            }
        },
        [],
    ),
    "numbers and switches": (
        {
            "variables": {
                "MAX_TOKEN": "1000000000",
                "USE_TOKEN": "true",
                "API_KEY": "not-needed",
                "X_TOKEN": "xxxxxxxxxx",
            }
        },
        [],
    ),
    "a made-up token": ({"variables": {"HF_TOKEN": "hf_" + "x" * 34}}, []),
    "a task name is no key": ({"annotations": {"job": "task-summarize-long-documents-for-support-2"}}, []),
    "an address with a port": ({"variables": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel:4317/v1@x"}}, []),
    # MS651
    "off while scaling": (
        {"metrics": {"enabled": False}, "strategy": "reactive", "targetRps": 3},
        ["warning MS651 metrics/enabled"],
    ),
    "off with a target and a range": (
        {"metrics": {"enabled": False}, "minReplicas": 1, "maxReplicas": 2, "targetRps": 3},
        ["warning MS651 metrics/enabled"],
    ),
    "off in production": (
        {"labels": PROD, "metrics": {"enabled": False}, READY: probe("/health")},
        ["warning MS651 metrics/enabled"],
    ),
    "off on a desk": ({"metrics": {"enabled": False}, "minReplicas": 1, "maxReplicas": 1}, []),
    # MS652
    "vllm on 9090": ({"port": 8000, "metrics": {"enabled": True, "port": 9090}}, ["warning MS652 metrics/port"]),
    "vllm on the serving port": ({"port": 8080, "metrics": {"enabled": True, "port": 8080}}, []),
    "vllm, no serving port": ({"metrics": {"port": 8000}}, []),
    "vllm, metrics off": ({"port": 8000, "metrics": {"enabled": False, "port": 9090}}, []),
    "vllm, pushed": ({"port": 8000, "metrics": {"provider": "otlp", "port": 4317}}, []),
    "tgi's own port": ({"framework": "tgi", "port": 3000, "metrics": {"port": 9000}}, []),
    "triton on the serving port": (
        {"framework": "triton", "port": 8000, "metrics": {"port": 8000}},
        ["warning MS652 metrics/port"],
    ),
    "triton on 8002": ({"framework": "triton", "port": 8000, "metrics": {"port": 8002}}, []),
    "an own server, any port": ({"framework": "acme", "port": 8000, "metrics": {"port": 9090}}, []),
    # MS653
    "debug in production": (
        {"labels": PROD, "logging": {"level": "DEBUG"}, READY: probe("/health"), "metrics": {}},
        ["warning MS653 logging/level"],
    ),
    "debug by the engine's variable": (
        {"labels": PROD, "variables": {"VLLM_LOGGING_LEVEL": "DEBUG"}, READY: probe("/health"), "metrics": {}},
        ["warning MS653 variables/VLLM_LOGGING_LEVEL"],
    ),
    "debug without personal data": (
        {"logging": {"level": "debug"}, "pii": {"allowed": False}},
        ["information MS653 logging/level"],
    ),
    "debug at home": ({"logging": {"level": "debug"}}, []),
    "info in production": ({"labels": PROD, "logging": {"level": "info"}, READY: probe("/health"), "metrics": {}}, []),
}
FOUND = {name: changes for name, (changes, expected) in CASES.items() if expected}


@pytest.mark.parametrize("name", CASES)
def test_case(name):
    changes, expected = CASES[name]
    assert brief(changes, GROUPS) == sorted(expected)


@pytest.mark.parametrize("layout", ["as written", "CRLF", "four spaces", "JSON"])
@pytest.mark.parametrize("name", FOUND)
def test_every_fix(name, layout):
    every_fix(FOUND[name], GROUPS, layout)


@pytest.mark.parametrize("name", FOUND)
def test_what_the_schema_rejects_is_not_judged(name):
    wrong_types(FOUND[name])


@pytest.mark.parametrize(
    "name, code, words",
    [
        ("vllm, no slash in front", "MS601", ["`/health`"]),
        ("triton around vllm: neither", "MS601", ["triton or vllm does not serve `/healthz`", "`/v2/health/ready`"]),
        ("production without a probe", "MS602", ["16 GB", "16 s", "{path: /health, timeoutSeconds: 5}"]),
        ("timeout 600", "MS603", ["one attempt", "16 s here", "startup probe"]),
        ("below the target", "MS604", ["after 1 s", "2000 ms", "Allow 59 s"]),
        ("too short for long answers", "MS604", ["18.9 ms per token", "allow 1588 output tokens", "allows 4096"]),
        ("vllm over gRPC", "MS605", ["`--grpc` (default port 50051)", "probe paths are not answered"]),
        ("vllm's prefix for something else", "MS606", ["vllm 0.4.3 to 0.33.0"]),
        ("the server's port for the engine's", "MS606", ["`--port`"]),
        ("off with a target and a range", "MS651", ["`targetRps`"]),
        ("tgi over gRPC", "MS605", ["tgi serves HTTP only"]),
        ("debug without personal data", "MS653", ["prompts"]),
    ],
)
def test_message(name, code, words):
    message = only(CASES[name][0], code).message
    assert [word for word in words if word not in message] == [], message


@pytest.mark.parametrize("name", ["a token", "by its name", "a password in a URL", "a password in the model's URL"])
def test_no_message_repeats_a_credential(name):
    said = " ".join(
        text
        for d in everything(CASES[name][0])
        for text in (d.message, *(f.title for f in d.fixes), *(r.message for r in d.related))
    )
    assert not any(secret in said for secret in (TOKEN, "s3cr3t", "hunter2"))


def test_safe_fixes_keep_the_meaning():
    safe = {
        finding.code
        for changes in FOUND.values()
        for finding in everything(changes)
        for fix in finding.fixes
        if fix.applicability is Applicability.SAFE and finding.category in GROUPS
    }
    assert safe == {"MS601", "MS602", "MS603", "MS606"}


@pytest.mark.parametrize(
    "term", [t for t in vocabulary("framework").terms if t.facts.get("paths")], ids=lambda t: t.value
)
def test_the_paths_that_are_offered_are_answered(term):
    for path in (*term.facts["readinessPaths"], *term.facts["livenessPaths"], term.facts["metricsPath"]):
        assert path in term.facts["paths"]
