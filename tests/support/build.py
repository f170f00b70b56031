"""Specs from a few changes to a small valid one, for tables of cases."""

import copy

import yaml

BASE = {
    "apiVersion": "piqc.ai/v1alpha1",
    "kind": "ModelSpec",
    "metadata": {"name": "example"},
    "spec": {
        "identity": {
            "model": {
                "id": "qwen3-8b",
                "family": "qwen3",
                "task": "chat-completion",
                "framework": "vllm",
                "precision": "bf16",
            }
        },
        "runtime": {
            "accelerator": {"vendor": "nvidia", "type": "l40s", "count": 1},
            "batch": {"maxBatchSize": 8, "maxSequenceLengthTokens": 4096},
        },
    },
}
# Where a name without dots stands.
PLACES = {
    "name": "metadata",
    "labels": "metadata",
    "annotations": "metadata",
    **dict.fromkeys(("id", "family", "task", "framework", "precision", "artifacts"), "spec.identity.model"),
    **dict.fromkeys(("vendor", "type", "count"), "spec.runtime.accelerator"),
    **dict.fromkeys(("maxBatchSize", "maxSequenceLengthTokens"), "spec.runtime.batch"),
    **dict.fromkeys(("cpuCores", "memoryGb"), "spec.runtime.resources"),
    "variables": "spec.runtime.environment",
    **dict.fromkeys(
        ("protocol", "port", "readinessProbe", "livenessProbe", "maxConcurrency", "timeoutSeconds"),
        "spec.operations.serving",
    ),
    **dict.fromkeys(
        ("minReplicas", "maxReplicas", "strategy", "targetLatencyMsP95", "targetRps", "warmPool"),
        "spec.operations.scaling",
    ),
    **dict.fromkeys(("metrics", "logging", "tracing"), "spec.operations.observability"),
    **dict.fromkeys(("pii", "retention", "governance"), "spec.governance.compliance"),
    "targetCostPer1kTokensUsd": "spec.governance.cost",
    **dict.fromkeys(("cloudProvider", "instanceType", "spotAllowed"), "spec.governance.cost.pricingHints"),
}


def build(**changes):
    """The small spec with values set by field name; None takes a field away."""
    data = copy.deepcopy(BASE)
    for name, value in changes.items():
        parent = data
        for part in PLACES[name].split("."):
            parent = parent.setdefault(part, {})
        if value is None:
            del parent[name]
        else:
            parent[name] = value
    return data


def text_of(data):
    """As YAML, in the order it was built."""
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1000)


def pointer_of(name):
    """Where a field stands."""
    return f"/{PLACES[name].replace('.', '/')}/{name}"
