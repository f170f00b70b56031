"""What must hold for every model and engine: more never needs less, and splitting loses nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from modelspec_ls.fit import Adapter, Architecture, Device, Draft, FitInput, architecture_of, evaluate
from modelspec_ls.fit.assess import assess
from modelspec_ls.knowledge import models
from modelspec_ls.knowledge.engines import engine, engine_names, weight_format
from modelspec_ls.knowledge.types import KvCache

NAMES = (
    "meta-llama/Meta-Llama-3-8B",
    "google/gemma-3-27b-it",
    "google/gemma-2-9b-it",
    "deepseek-ai/DeepSeek-R1",
    "openai/gpt-oss-20b",
    "Qwen/Qwen3-Next-80B-A3B-Instruct",
    "Qwen/Qwen3.5-27B",
    "meta-llama/Llama-4-Scout-17B-16E-Instruct",
    "openai/whisper-large-v3",
    "BAAI/bge-m3",
    "Qwen/Qwen2.5-VL-7B-Instruct",
    "ai21labs/Jamba-v0.1",
    "tiiuae/falcon-mamba-7b",
)
SHAPES = {name: architecture_of(models.get(name)) for name in NAMES}
ENGINES = st.sampled_from(
    [*(engine(name) for name in engine_names()), engine("vllm", "0.6.6"), engine("vllm", "0.11.0")]
)
MODELS = st.sampled_from(NAMES)
TOKENS = st.integers(1, 200_000)
BATCH = st.integers(1, 4096)
RANK = {"fits": 0, "tight": 1, "batch-exceeds": 2, "sequence-exceeds": 3, "weights-exceed": 4, "unknown": 5}


def deployment(name: str, chosen, **more) -> FitInput:
    fields = {"weights": weight_format("bf16"), "batch": 1, "sequence": 4096} | more
    device = fields.pop("device", Device(79.2, "H100", compute_capability=9.0))
    return FitInput(SHAPES[name], device, chosen, **fields)


def used(found) -> float:
    return found.held.value + (found.need or 0.0)


@given(MODELS, ENGINES, TOKENS, BATCH, BATCH)
def test_more_batch_needs_more(name, chosen, tokens, one, other):
    low, high = sorted((one, other))
    small = assess(deployment(name, chosen, sequence=tokens, batch=low))
    large = assess(deployment(name, chosen, sequence=tokens, batch=high))
    assert used(small) <= used(large)
    assert RANK[small.verdict] <= RANK[large.verdict]


@given(MODELS, ENGINES, TOKENS, TOKENS, BATCH)
def test_longer_sequences_need_more(name, chosen, one, other, batch):
    low, high = sorted((one, other))
    small = assess(deployment(name, chosen, sequence=low, batch=batch))
    large = assess(deployment(name, chosen, sequence=high, batch=batch))
    assert used(small) <= used(large)


@given(st.integers(10**8, 10**12), st.integers(0, 10**12), ENGINES)
def test_more_parameters_need_more(count, more, chosen):
    base = SHAPES["meta-llama/Meta-Llama-3-8B"]
    sizes = [used(assess(FitInput(evolve(base, parameters=n), Device(79.2), chosen))) for n in (count, count + more)]
    assert sizes[0] <= sizes[1] * (1 + 1e-9) or count < base.parameters


@given(MODELS, ENGINES, TOKENS, BATCH)
def test_wider_types_need_more(name, chosen, tokens, batch):
    sizes = [
        used(assess(deployment(name, chosen, sequence=tokens, batch=batch, kv_dtype=kv, weights=weight_format(fmt))))
        for fmt, kv in (("awq-int4", "fp8"), ("fp8", "fp8"), ("bf16", "bf16"), ("fp32", "fp32"))
    ]
    assert all(a <= b * 1.0001 for a, b in pairwise(sizes))


@given(MODELS, st.sampled_from([1, 2, 4, 8, 16]), st.integers(1, 8), st.sampled_from(["bf16", "fp8", "awq-int4"]))
def test_splitting_never_loses_a_byte(name, tensor, pipeline, fmt):
    whole = assess(deployment(name, engine("vllm", "0.6.6"), weights=weight_format(fmt), batch=7))
    split = assess(
        deployment(
            name,
            engine("vllm", "0.6.6"),
            weights=weight_format(fmt),
            batch=7,
            count=tensor * pipeline,
            tensor_parallel=tensor,
            pipeline_parallel=pipeline,
        )
    )
    devices = tensor * pipeline
    assert split.weights.total >= whole.weights.total * (1 - 1e-9)
    assert split.weights.per_device.value * devices >= split.weights.total * (1 - 1e-9)
    assert split.need * devices >= whole.need * (1 - 1e-9)


@given(MODELS, ENGINES, st.integers(1, 5), st.integers(1, 5), TOKENS)
def test_more_devices_never_need_more_each(name, chosen, one, other, tokens):
    few, many = sorted((2**one, 2**other))
    sizes = [used(assess(deployment(name, chosen, count=n, tensor_parallel=n, sequence=tokens))) for n in (few, many)]
    assert sizes[1] <= sizes[0] * (1 + 1e-9)


@given(MODELS, ENGINES, TOKENS, BATCH, st.floats(1, 300))
@settings(deadline=None)
def test_reports_are_whole_and_bands_enclose(name, chosen, tokens, batch, memory):
    report = evaluate(deployment(name, chosen, sequence=tokens, batch=batch, device=Device(memory)))
    per = report.per_device
    for part in (per.capacity, per.budget, per.weights, per.kv_need, per.kv_available, per.activations, per.overhead):
        assert part is not None
        assert part.low <= part.value + 1e-9
        assert part.value <= part.high + 1e-9
        assert part.why
    if report.verdict == "weights-exceed" and report.exceeds == "memory":
        assert per.weights.low > memory


@given(st.integers(1, 96), st.integers(1, 96), st.integers(1, 64), st.integers(1, 8192), TOKENS, st.integers(1, 64))
def test_any_pattern_of_sliding_layers_keeps_at_least_its_tokens(full, sliding, heads, window, tokens, tensor):
    """A page pool pads, it never shrinks: it holds at least what the layers hold."""
    each = 2 * heads * 128
    kv = KvCache("attention", full, full * each, sliding, sliding * each, window)
    shape = Architecture(10**10, full + sliding, 4096, 14336, 64, heads, None, 128, 128, 1, 32000, kv=kv)
    found = assess(FitInput(shape, Device(80.0), engine("vllm", "0.11.0"), count=tensor, sequence=tokens))
    share = -(-heads // tensor) / heads * 2
    least = (full * each * tokens + sliding * each * min(tokens, window)) * share
    assert found.need * 2**30 >= least * (1 - 1e-9)


def test_draft_models_and_adapters_add():
    plain = deployment("meta-llama/Meta-Llama-3-8B", engine("vllm", "0.11.0"))
    draft = evolve(plain, draft=Draft(SHAPES["Qwen/Qwen2.5-VL-7B-Instruct"]))
    adapter = evolve(plain, adapter=Adapter(rank=16, count=4))
    assert used(assess(draft)) > used(assess(plain)) + 14
    assert 0 < evaluate(adapter).adapter_gib == pytest.approx(0.31, abs=0.1)


def test_data_parallel_replicas_share_the_batch():
    one = deployment("meta-llama/Meta-Llama-3-8B", engine("vllm", "0.11.0"), batch=64, sequence=8192)
    two = evolve(one, count=2, data_parallel=2)
    assert evaluate(two).per_device.kv_need.value * 2 == evaluate(one).per_device.kv_need.value
