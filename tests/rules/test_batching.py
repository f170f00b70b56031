"""Batch limits against the reference validator, the model's context and each other."""

import json

import pytest
import test_fixes
import yaml
from test_memory import BATCH, SEQUENCE, UPSTREAM, deploy, llama

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Applicability
from support.specs import diagnose, fixed

CONFIG = Config(select=("batching",))
LIMITS, RUNTIME = "/spec/runtime/batch", "/spec/runtime"
CONCURRENCY = "/spec/operations/serving/maxConcurrency"
LONG = 'environment: {variables: {VLLM_ALLOW_LONG_MAX_MODEL_LEN: "1"}}'
PROD = "{environment: prod}"
CASES = {
    # MS501: the framework field, as the reference validator reads it.
    "vllm without batch": (deploy(sequence=None), [f"error MS501 {RUNTIME}"]),
    "vllm with a batch only": (deploy(batch=8, sequence=None), [f"error MS501 {LIMITS}"]),
    "vllm with an empty batch": (deploy(sequence=None, runtime="batch:"), [f"error MS501 {LIMITS}"]),
    "vllm with no batch in words": (deploy(sequence=None, runtime="batch: null"), [f"error MS501 {LIMITS}"]),
    "vllm with a list for the batch": (deploy(sequence=None, runtime="batch: [8]"), []),
    "vllm with a misspelt length": (deploy(sequence=None, runtime="batch: {maxSequenceLengthToken: 4096}"), []),
    "vllm with a length in the wrong place": (deploy(sequence=None, runtime="maxSequenceLengthTokens: 4096"), []),
    "vllm with a misspelt batch size": (
        deploy(sequence=None, runtime="batch: {max_batch_size: 8}"),
        [f"error MS501 {LIMITS}"],
    ),
    "vllm with a length": (deploy(), []),
    "vllm with a length that is none": (deploy(sequence="long"), []),
    "vllm by label": (deploy(framework="transformers", sequence=None, labels="{runtime: vllm}"), []),
    "vllm in capitals": (deploy(framework="vLLM", sequence=None), []),
    "an unknown model on vllm": (deploy("example-llm", sequence=None), [f"error MS501 {RUNTIME}"]),
    "too large a model on vllm": (llama(sequence=None), [f"error MS501 {RUNTIME}"]),
    # MS502
    "8192 of 4096 tokens": (llama(count=4, sequence=8192), [f"error MS502 {SEQUENCE}"]),
    "4096 of 4096 tokens": (llama(count=4), []),
    "8192 of 4096 tokens, allowed": (llama(count=4, sequence=8192, runtime=LONG), [f"warning MS502 {SEQUENCE}"]),
    "8192 of 4096 tokens with TGI": (
        llama(count=4, sequence=8192, framework="tgi"),
        [f"warning MS502 {SEQUENCE}"],
    ),
    "8192 of 4096 tokens, quantised by name": (
        deploy("TheBloke/Llama-2-70B-Chat-AWQ", "a100-80gb", family="llama-2", precision="awq-int4", sequence=8192),
        [f"warning MS502 {SEQUENCE}"],
    ),
    "8192 tokens, context declared": (
        llama(count=4, sequence=8192, hints={"architecture": "context=16384"}),
        [],
    ),
    "8192 tokens, declaration not readable": (
        llama(count=4, sequence=8192, hints={"architecture": "context=16k"}),
        [],
    ),
    "a model without a limit": (deploy("mamba-2.8b-hf", family="mamba", sequence=1000000), []),
    # MS503
    "8 admitted for 16": (
        deploy(batch=16, operations="{serving: {maxConcurrency: 8}}"),
        [f"information MS503 {CONCURRENCY}"],
    ),
    "16 admitted for 16": (deploy(batch=16, operations="{serving: {maxConcurrency: 16}}"), []),
    "8 admitted, no batch": (deploy(operations="{serving: {maxConcurrency: 8}}"), []),
    # MS504
    "production without limits": (
        deploy(sequence=None, framework="sglang", labels=PROD),
        [f"information MS504 {RUNTIME}"],
    ),
    "production without a batch": (deploy(labels=PROD), [f"information MS504 {LIMITS}"]),
    "production without a length": (
        deploy(sequence=None, batch=8, framework="sglang", labels=PROD),
        [f"information MS504 {LIMITS}"],
    ),
    "production without a length on vllm": (
        deploy(sequence=None, batch=8, labels=PROD),
        [f"error MS501 {LIMITS}"],
    ),
    "production, an unknown model": (
        deploy("example-llm", sequence=None, framework="sglang", labels=PROD),
        [f"information MS504 {RUNTIME}"],
    ),
    "production with limits": (deploy(batch=8, labels=PROD), []),
    "staging without a batch": (deploy(labels="{environment: staging}"), []),
    "production of embeddings": (
        deploy("bge-m3", "l4", family="bge", task="embedding", precision="fp16", sequence=2048, labels=PROD),
        [],
    ),
}


def brief(text):
    return [f"{d.severity.label} {d.code} {d.pointer}" for d in diagnose(text, config=CONFIG)]


@pytest.mark.parametrize("name", CASES)
def test_case(name):
    text, expected = CASES[name]
    assert brief(text) == expected


@pytest.mark.parametrize("name", UPSTREAM)
def test_upstream_examples(name):
    assert brief(UPSTREAM[name]) == []


def test_upstream_08_admits_fewer_than_a_batch():
    text = UPSTREAM["08"] + "  operations: {serving: {maxConcurrency: 32}}\n"
    (found,) = diagnose(text, config=CONFIG)
    assert found.code == "MS503"
    assert "frees 40.0 GiB" in found.message


@pytest.mark.parametrize(
    "name, words, titles",
    [
        ("vllm without batch", ["context of 131072"], ["Add `maxSequenceLengthTokens: 131072`"]),
        ("an unknown model on vllm", ["reference validator"], ["Add `maxSequenceLengthTokens: 4096`"]),
        ("too large a model on vllm", ["context of 4096"], ["Add `maxSequenceLengthTokens: 4096`"]),
        ("8192 of 4096 tokens", ["vLLM refuses", "Use 4096"], ["Set `maxSequenceLengthTokens: 4096`"]),
        ("8 admitted for 16", ["frees 4.0 GiB"], ["Set `maxBatchSize: 8`", "Set `maxConcurrency: 16`"]),
        ("production, an unknown model", ["No `maxBatchSize` and no `maxSequenceLengthTokens`"], []),
    ],
)
def test_message_and_fixes(name, words, titles):
    (found,) = diagnose(CASES[name][0], config=CONFIG)
    assert [word for word in words if word not in found.message] == [], found.message
    assert [fix.title for fix in found.fixes] == titles


def test_a_guess_is_no_safe_fix():
    safe = {
        name
        for name, (text, _) in CASES.items()
        for d in diagnose(text, config=CONFIG)
        for f in d.fixes
        if f.applicability is Applicability.SAFE and d.code == "MS501"
    }
    assert "vllm without batch" in safe
    assert not safe & {"an unknown model on vllm", "too large a model on vllm"}


def everything(text, name="x.modelspec.yaml"):
    return diagnose(text, name, Config(ignore=("MS402",)))


FOUND = {name: text for name, (text, expected) in CASES.items() if expected}


@pytest.mark.parametrize("layout", ["as written", "CRLF", "four spaces"])
@pytest.mark.parametrize("name", FOUND)
def test_every_fix(name, layout, monkeypatch):
    monkeypatch.setattr(test_fixes, "diagnose", everything)
    text = test_fixes.LAYOUTS[layout](FOUND[name])
    for finding in diagnose(text, config=CONFIG):
        for fix in finding.fixes:
            test_fixes.check_fix(text, finding, fix, "x.modelspec.yaml")


@pytest.mark.parametrize("name", ["vllm without batch", "production without limits", "8192 of 4096 tokens"])
def test_every_fix_in_json(name, monkeypatch):
    monkeypatch.setattr(test_fixes, "diagnose", everything)
    text = json.dumps(yaml.safe_load(FOUND[name]), indent=2)
    for finding in diagnose(text, "x.modelspec.json", CONFIG):
        for fix in finding.fixes:
            test_fixes.check_fix(text, finding, fix, "x.modelspec.json")
            json.loads(fixed(text, fix, "x.modelspec.json"))


@pytest.mark.parametrize("pair", [(BATCH, "16"), (SEQUENCE, "4096")])
def test_the_pair_for_production_keeps_what_is_stated(pair):
    text = deploy(framework="sglang", labels=PROD, **({"batch": 16, "sequence": None} if pair[0] == BATCH else {}))
    (found,) = diagnose(text, config=CONFIG)
    limits = yaml.safe_load(fixed(text, found.fixes[0]))["spec"]["runtime"]["batch"]
    assert str(limits[pair[0].rpartition("/")[2]]) == pair[1]
    assert len(limits) == 2
