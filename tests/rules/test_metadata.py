"""Names, labels and hints both ways."""

import pytest
from tables import brief, every_fix, only, wrong_types

from modelspec_ls.core.finding import Applicability
from modelspec_ls.knowledge import kubernetes
from support.build import build, text_of
from support.specs import fixed

GROUPS = ("metadata", "hints")
HINT = "annotations/modelspec~1"
LONG = "a" * 64


def hints(**values):
    return {"annotations": {f"modelspec/{key.replace('_', '-')}": value for key, value in values.items()}}


CASES = {
    # MS151
    "capitals, dots": ({"name": "Llama-3.1_8B"}, ["warning MS151 name"]),
    "too long": ({"name": LONG}, ["warning MS151 name"]),
    "as long as can be": ({"name": "a" * 63}, []),
    "a hyphen at the end": ({"name": "chat-"}, ["warning MS151 name"]),
    "nothing that can stay": ({"name": "模型"}, ["warning MS151 name"]),
    "accents": ({"name": "café-chat"}, ["warning MS151 name"]),
    "a placeholder": ({"name": "<your-name>"}, []),
    "a template": ({"name": "{{ .Values.name }}"}, []),
    # MS152
    "a space in a value": ({"labels": {"team": "ML Platform"}}, ["warning MS152 labels/team"]),
    "a long value": ({"labels": {"team": LONG}}, ["warning MS152 labels/team"]),
    "nothing of a value can stay": ({"labels": {"team": "@@@"}}, ["warning MS152 labels/team"]),
    "a bad key": ({"labels": {"my team": "ml"}}, ["warning MS152 labels/my team"]),
    "a bad domain": ({"annotations": {"Acme_Inc/owner": "ml"}}, ["warning MS152 annotations/Acme_Inc~1owner"]),
    "no name behind the slash": ({"labels": {"acme.dev/": "ml"}}, ["warning MS152 labels/acme.dev~1"]),
    "two slashes": ({"labels": {"acme.dev/a/b": "ml"}}, ["warning MS152 labels/acme.dev~1a~1b"]),
    "Kubernetes' own": (
        {"labels": {"app.kubernetes.io/name": "chat"}},
        ["information MS152 labels/app.kubernetes.io~1name"],
    ),
    "good ones": ({"labels": {"acme.dev/team": "ML_Platform.v2", "empty": ""}}, []),
    "free annotations": ({"annotations": {"supportChannel": "#support-ml", "note": "Any text: äöü, 模型"}}, []),
    "endless annotations": ({"annotations": {"note": "x" * 300_000}}, ["warning MS152 annotations"]),
    # MS153
    "vllm": ({"name": "vllm"}, ["warning MS153 name"]),
    "vllm with another engine": ({"name": "vllm", "framework": "tgi"}, []),
    "sglang": ({"name": "sglang", "framework": "sglang"}, ["warning MS153 name"]),
    "a port of vllm's": ({"name": "vllm-dp-master"}, ["warning MS153 name"]),
    "vllm in front": ({"name": "vllm-chat"}, ["information MS153 name"]),
    "sglang in front": ({"name": "sglang-chat", "framework": "sglang"}, []),
    "vllm behind": ({"name": "chat-vllm"}, []),
    "engine by label": (
        {"name": "vllm", "framework": "transformers", "labels": {"runtime": "vllm"}},
        ["warning MS153 name"],
    ),
    # MS171
    "a misspelt hint": (hints(tensor_paralell_size="1"), [f"warning MS171 {HINT}tensor-paralell-size"]),
    "both spellings of a hint": (
        hints(tensor_paralell_size="1", tensor_parallel_size="1"),
        [f"warning MS171 {HINT}tensor-paralell-size"],
    ),
    "a percentage without its sign": (
        hints(gpu_memory_utilization="90"),
        [f"warning MS171 {HINT}gpu-memory-utilization"],
    ),
    "almost everything": (hints(gpu_memory_utilization="0.99"), [f"warning MS171 {HINT}gpu-memory-utilization"]),
    "97 %": (hints(gpu_memory_utilization="97%"), []),
    "a size with a point": (hints(tensor_parallel_size="1.0"), [f"warning MS171 {HINT}tensor-parallel-size"]),
    "a word for a size": (hints(tensor_parallel_size="two"), [f"warning MS171 {HINT}tensor-parallel-size"]),
    "a misspelt format": (hints(load_format="streamr"), [f"warning MS171 {HINT}load-format"]),
    "a misspelt engine": (hints(engine="sglng==0.5.3"), [f"warning MS171 {HINT}engine"]),
    "an unknown engine": (hints(engine="acme-server"), [f"information MS171 {HINT}engine"]),
    "another size than the catalogue's": (hints(parameter_count="13B"), [f"warning MS171 {HINT}parameter-count"]),
    "the catalogue's size": (hints(parameter_count="8.2B"), []),
    "a size nobody knows": (hints(parameter_count="13B") | {"id": "example-llm"}, []),
    "a draft of itself": (hints(draft_model="Qwen/Qwen3-8B"), [f"warning MS171 {HINT}draft-model"]),
    "an unknown draft": (hints(draft_model="acme/draft"), [f"information MS171 {HINT}draft-model"]),
    "a draft": (hints(draft_model="Qwen/Qwen3-0.6B;tokens=5"), []),
    "an unknown base": (hints(base_model="acme/base"), [f"information MS171 {HINT}base-model"]),
    "a base by a spec that is not there": (
        hints(base_model="./base.modelspec.yaml"),
        [f"warning MS174 {HINT}base-model"],
    ),
    "a draft by a spec that is not there": (
        hints(draft_model="../draft.yaml#small;tokens=3"),
        [f"warning MS174 {HINT}draft-model"],
    ),
    "itself as its base": (hints(base_model="./x.modelspec.yaml"), [f"warning MS174 {HINT}base-model"]),
    "itself as its base, of a model that nobody knows": (
        hints(base_model="./x.modelspec.yaml") | {"id": "acme-support"},
        [f"warning MS174 {HINT}base-model"],
    ),
    "itself as its draft": (hints(draft_model="./x.modelspec.yaml"), [f"warning MS174 {HINT}draft-model"]),
    "a name that it does not have": (hints(base_model="#other"), [f"warning MS174 {HINT}base-model"]),
    "a base elsewhere": (hints(base_model="https://example.com/base.yaml"), [f"hint MS174 {HINT}base-model"]),
    "a base to be filled in": (hints(base_model="./${BASE}.yaml"), []),
    "an adapter for nothing": (
        hints(adapter="lora:s3://a/b;rank=16") | {"id": "acme-support"},
        [f"warning MS171 {HINT}adapter"],
    ),
    "an adapter on the model": (hints(adapter="lora:s3://a/b;rank=16"), []),
    "an adapter on its base": (
        hints(adapter="lora:s3://a/b;rank=16", base_model="Qwen/Qwen3-8B") | {"id": "acme-support"},
        [],
    ),
    "fp8 cache on an A100": (
        hints(kv_cache_dtype="fp8") | {"type": "a100-80gb"},
        [f"information MS171 {HINT}kv-cache-dtype"],
    ),
    "fp8 cache on an L40S": (hints(kv_cache_dtype="fp8"), []),
    "whole before first": (hints(slo="ttft-ms-p95=500,e2e-ms-p99=400"), [f"warning MS171 {HINT}slo"]),
    "too fast a token": (hints(slo="tpot-ms-p95=5"), [f"warning MS171 {HINT}slo"]),
    "objectives": (hints(slo="ttft-ms-p95=500,tpot-ms-p95=40,e2e-ms-p99=8000"), []),
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
    "name, code, titles",
    [
        ("capitals, dots", "MS151", ["Rename to `llama-3-1-8b`"]),
        ("nothing that can stay", "MS151", []),
        ("accents", "MS151", ["Rename to `cafe-chat`"]),
        ("a space in a value", "MS152", ["Write `ML-Platform`", "Move it to the annotations"]),
        ("nothing of a value can stay", "MS152", ["Move it to the annotations"]),
        ("a bad domain", "MS152", ["Rename to `acme-inc/owner`"]),
        ("two slashes", "MS152", ["Rename to `acme.dev-a/b`"]),
        ("vllm", "MS153", ["Rename to `qwen3-8b-vllm`"]),
        ("a percentage without its sign", "MS171", ["Write `0.9`"]),
        ("a size with a point", "MS171", ["Write `1`"]),
        ("a word for a size", "MS171", []),
        ("a misspelt format", "MS171", ["Write `streamer`"]),
        ("a misspelt engine", "MS171", ["Write `sglang==0.5.3`"]),
        ("both spellings of a hint", "MS171", []),
        ("another size than the catalogue's", "MS171", ["Write `8.19B`"]),
    ],
)
def test_fixes(name, code, titles):
    assert [fix.title for fix in only(CASES[name][0], code).fixes] == titles


def test_a_name_that_could_be_a_number_is_quoted():
    text = text_of(build(name="2025_01"))
    (fix,) = only({"name": "2025_01"}, "MS151").fixes
    assert 'name: "2025-01"' in fixed(text, fix)


def test_only_spellings_are_safe():
    safe = {
        finding.code
        for name, changes in FOUND.items()
        for code in {line.split()[1] for line in CASES[name][1]}
        for finding in [only(changes, code)]
        for fix in finding.fixes
        if fix.applicability is Applicability.SAFE
    }
    assert safe == {"MS152", "MS171"}


@pytest.mark.parametrize(
    "text, name, label",
    [
        ("Llama 3.1 (8B)", "llama-3-1-8b", "Llama-3.1-8B"),
        ("-_-", "", ""),
        ("Größe", "gro-e", "Gro-e"),
        ("a" * 70, "a" * 63, "a" * 63),
        ("a" * 62 + ".b", "a" * 62, "a" * 62),
    ],
)
def test_slugs_are_valid(text, name, label):
    assert (kubernetes.name_slug(text), kubernetes.label_slug(text)) == (name, label)
    assert not name or kubernetes.name_fault(name) is None
    assert kubernetes.label_fault(label) is None
