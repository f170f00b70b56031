"""Guesses at what a wrong name means: the typos people make, and no nonsense."""

import pytest

from modelspec_ls.core.words import near
from modelspec_ls.schema.navigate import all_names, properties, schema_for, walk
from modelspec_ls.schema.validate import validate

SCHEMA = schema_for("ModelSpec")
OBJECTS = {path: tuple(properties(sub)) for path, sub in walk(SCHEMA) if properties(sub)}
TYPOS = {
    "maxBatchsize": "maxBatchSize",
    "max_batch_size": "maxBatchSize",
    "max-batch-size": "maxBatchSize",
    "MaxBatchSize": "maxBatchSize",
    "maxBachSize": "maxBatchSize",
    "vender": "vendor",
    "tpye": "type",
    "ytpe": "type",
    "ount": "count",
    "prot": "port",
    "familly": "family",
    "framwork": "framework",
    "acelerator": "accelerator",
    "min_replica": "minReplicas",
    "spec_ref": "specRef",
    "memory": "memoryGb",
    "ephemeral_storage": "ephemeralStorageGb",
    "enabeld": "enabled",
    "metric": "metrics",
    "lables": "labels",
    "anotations": "annotations",
    "pii_": "pii",
}
# Short words, other words, words that share a few letters.
NONSENSE = (
    "a", "id2x", "no", "it", "x", "", "_", "host", "sort", "mount", "amount", "vector", "vapor",
    "task2run", "image", "replicas", "timeout", "gpu", "env", "args", "hole", "path2file", "hop",
    "max", "min", "target", "latency", "strategy2", "probe", "ports2", "日本", "é", "name-of-the-model",
)  # fmt: skip
KNOWN = "id type count port role path task size pii cost name spec vendor policy"


@pytest.mark.parametrize("word", TYPOS)
def test_typo(word):
    assert near(word, next(p for p in OBJECTS.values() if TYPOS[word] in p)) == TYPOS[word]


@pytest.mark.parametrize("word", NONSENSE)
def test_no_nonsense(word):
    assert near(word, KNOWN.split()) is None


def test_no_field_is_mistaken_for_another():
    """A field of another place is misplaced, not misspelt."""
    guesses = {(name, path): near(name, own) for path, own in OBJECTS.items() for name in all_names("ModelSpec")}
    assert {(key, guess) for key, guess in guesses.items() if guess not in {None, key[0]}} == set()


@pytest.mark.parametrize(
    "word, choices, expected",
    [
        ("HTTP", ("http", "grpc"), "http"),
        ("gRPC", ("http", "grpc"), "grpc"),
        ("tcp", ("http", "grpc"), None),
        ("reactiv", ("reactive", "predictive", "manual"), "reactive"),
        ("predictiv", ("reactive", "predictive", "manual"), "predictive"),
        ("automatic", ("reactive", "predictive", "manual"), None),
        ("re-ranker", ("input", "guardrail", "reranker"), "reranker"),
        ("output", ("input", "guardrail", "postprocess"), None),
    ],
)
def test_values(word, choices, expected):
    assert near(word, choices) == expected


@pytest.mark.parametrize(
    "path, key, home",
    [
        (("spec", "governance"), "owner", "spec.governance.compliance.governance.owner"),
        (("spec",), "accelerator", "spec.runtime.accelerator"),
        (("spec", "runtime"), "precision", "spec.identity.model.precision"),
        ((), "labels", "metadata.labels"),
        (("spec", "operations"), "minReplicas", "spec.operations.scaling.minReplicas"),
        (("spec", "operations", "serving"), "path", None),  # Two probes have one.
        (("spec",), "port", "spec.operations.serving.port"),
    ],
)
def test_misplaced(path, key, home):
    data = {"apiVersion": "piqc.ai/v1alpha1", "kind": "ModelSpec", "metadata": {"name": "a"}, "spec": {}}
    inner = data
    for part in path:
        inner = inner.setdefault(part, {})
    inner[key] = {}
    (found,) = (p for p in validate("ModelSpec", data) if p.kind == "unknown")
    assert found.near is None
    assert (".".join(map(str, found.elsewhere)) if found.elsewhere else None) == home
