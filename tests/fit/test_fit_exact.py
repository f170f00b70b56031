"""Figures that are known exactly."""

from __future__ import annotations

import pytest
from attrs import evolve

from modelspec_ls.fit import Device, FitInput, architecture_of, as_dict, device_of, evaluate, format_of, what_if
from modelspec_ls.fit.assess import assess
from modelspec_ls.fit.inputs import Placement, placement_of
from modelspec_ls.fit.kv_cache import plan_of
from modelspec_ls.fit.limits import fewest_devices, formats_that_fit
from modelspec_ls.fit.offers import offers_of
from modelspec_ls.knowledge import accelerators, models
from modelspec_ls.knowledge.engines import engine, engine_of_hint, version_key, weight_format

H100 = Device(79.2, "NVIDIA H100 80GB", compute_capability=9.0, nvlink=True)
A100 = Device(79.2, "NVIDIA A100 80GB", compute_capability=8.0, nvlink=True)


def of(model: str, device: Device = A100, hint: str = "vllm==0.11.0", **more) -> FitInput:
    row = models.get(model)
    assert row is not None
    fields = {"weights": format_of(row), "gpu_memory_utilization": 0.9} | more
    return FitInput(architecture_of(row), device, engine_of_hint(hint), model=model, **fields)


@pytest.mark.parametrize(
    ("model", "tensor", "rate"),
    [
        ("meta-llama/Meta-Llama-3-8B", 1, 131_072),
        ("meta-llama/Meta-Llama-3-8B", 8, 131_072),
        ("meta-llama/Meta-Llama-3-8B", 16, 262_144),  # Eight KV heads on sixteen ranks are held twice.
        ("deepseek-ai/DeepSeek-R1", 1, 70_272),
        ("deepseek-ai/DeepSeek-R1", 8, 8 * 70_272),  # Latent attention is not divided.
        ("meta-llama/Llama-2-70b-chat-hf", 4, 327_680),
    ],
)
def test_cache_bytes_per_token_over_all_devices(model, tensor, rate):
    report = evaluate(of(model, count=tensor, tensor_parallel=tensor, sequence=4096), limits=False)
    assert round(report.kv.bytes_per_token.value) == rate


@pytest.mark.parametrize(
    ("model", "gib"), [("meta-llama/Meta-Llama-3-8B", 14.9595), ("meta-llama/Llama-3.1-8B-Instruct", 14.9888)]
)
def test_weights_with_the_rope_cache(model, gib):
    weights = evaluate(of(model, sequence=4096), limits=False).per_device.weights
    assert weights.value == pytest.approx(gib, abs=0.0001)
    assert weights.exactness == "exact"


def test_fp8_cache_halves_the_bytes():
    full = evaluate(of("meta-llama/Meta-Llama-3-8B", sequence=8192))
    half = what_if(of("meta-llama/Meta-Llama-3-8B", sequence=8192), kv_dtype="fp8")
    assert half.kv.bytes_per_token.value * 2 == full.kv.bytes_per_token.value
    assert half.kv.capacity_tokens == pytest.approx(2 * full.kv.capacity_tokens, abs=32)


@pytest.mark.parametrize(
    ("model", "count", "batch", "sequence", "used", "budget", "reserve"),
    [
        ("meta-llama/Meta-Llama-3-8B-Instruct", 1, 32, 8192, 47.0, 71.3, 1),
        ("meta-llama/Llama-2-70b-chat-hf", 4, 64, 4096, 208.5, 285.1, 4),
    ],
)
def test_calibration_with_the_planning_rule(model, count, batch, sequence, used, budget, reserve):
    """Weights and cache of the simple model; it keeps 1 GiB per device apart from them."""
    given = of(model, hint="generic", count=count, batch=batch, sequence=sequence)
    report = evaluate(given)
    per = report.per_device
    assert count * (per.weights.value + per.kv_need.value) == pytest.approx(used, abs=0.2)
    assert count * per.budget.value == pytest.approx(budget, abs=0.1)
    assert count * per.activations.value == reserve
    assert report.verdict == "fits"


def test_the_example_of_the_issue():
    report = as_dict(evaluate(of("meta-llama/Meta-Llama-3-8B", batch=32, sequence=8192)))
    assert report["verdict"] == "fits"
    per = report["perDevice"]
    assert (per["weightsGiB"], per["kvCacheNeedGiB"], per["activationsGiB"]) == (14.96, 32.0, 1.19)
    assert report["kvCache"]["bytesPerToken"] == 131072
    assert report["limits"]["maxBatchSize"] in {54, 55}


def test_verdicts_as_the_engine_gives_them():
    big = of("meta-llama/Llama-2-70b-chat-hf", batch=64, sequence=4096)
    alone = evaluate(big)
    assert (alone.verdict, alone.exceeds) == ("weights-exceed", "memory")
    assert evaluate(evolve(big, count=2)).verdict == "batch-exceeds"
    assert evaluate(evolve(big, count=4)).verdict == "fits"
    assert alone.limits.min_count == 4
    small = of("meta-llama/Llama-3.1-8B-Instruct", Device(22.16, "L4", compute_capability=8.9), sequence=131072)
    assert evaluate(small).verdict == "sequence-exceeds"
    assert what_if(small, sequence=16384).verdict == "fits"
    assert what_if(small, sequence=16384, batch=64).verdict == "batch-exceeds"
    turing = of("Qwen/Qwen2-7B-Instruct", Device(14.56, "T4", compute_capability=7.5), sequence=4096)
    budget = evaluate(turing)
    assert (budget.verdict, budget.exceeds) == ("weights-exceed", "budget")


def test_the_longest_sequence_and_the_largest_batch_are_limits():
    given = of("meta-llama/Llama-3.1-8B-Instruct", Device(22.16, "L4", compute_capability=8.9), sequence=8192, batch=2)
    limits = evaluate(given).limits
    assert what_if(given, batch=limits.max_batch_size).verdict != "batch-exceeds"
    found = assess(evolve(given, sequence=limits.max_sequence_length))
    assert found.need <= found.budget.kv.value
    beyond = assess(evolve(given, sequence=limits.max_sequence_length + 16))
    assert beyond.need > beyond.budget.kv.value


def test_missing_facts_are_named():
    assert evaluate(FitInput(None, A100)).missing[0].fact == "the model"
    nowhere = of("meta-llama/Meta-Llama-3-8B", Device(None), sequence=8192)
    report = evaluate(nowhere)
    assert report.verdict == "unknown"
    assert report.per_device.weights.value == pytest.approx(14.96, abs=0.01)
    assert [gap.fact for gap in report.missing] == ["the accelerator's memory"]
    unshaped = evolve(of("meta-llama/Meta-Llama-3-8B"), sequence=8192)
    unshaped = evolve(unshaped, architecture=evolve(unshaped.architecture, kv=None))
    assert evaluate(unshaped).missing[0].fact == "the model's attention shape"


def test_unstated_length_is_never_an_error():
    small = of("meta-llama/Llama-3.1-8B-Instruct", Device(22.16, "L4", compute_capability=8.9))
    assert evaluate(small).verdict == "tight"


def test_the_band_decides_between_tight_and_exceeds():
    given = of("meta-llama/Llama-3.1-8B-Instruct", Device(22.16, "L4", compute_capability=8.9), batch=1)
    edge = evaluate(given).limits.max_sequence_length
    verdicts = [what_if(given, sequence=edge + more).verdict for more in (-1024, 256, 20000)]
    assert verdicts == ["tight", "tight", "sequence-exceeds"]


def test_versions_choose_the_defaults():
    assert engine_of_hint("vllm==0.19.1").value("gpu_memory_utilization") == 0.90
    assert engine_of_hint("vLLM==v0.20.0").value("gpu_memory_utilization") == 0.92
    assert engine("vllm").value("gpu_memory_utilization") == 0.92
    assert not engine("vllm").stated
    assert engine("nim").name == "vllm"
    assert engine("no such engine") is None
    assert version_key("v0.6.4.post1") == (0, 6, 4)


@pytest.mark.parametrize("name", ["vllm", "sglang", "tgi", "tensorrt-llm", "transformers", "llama.cpp", "generic"])
def test_every_engine_has_a_rule(name):
    report = evaluate(of("google/gemma-3-27b-it", hint=name, batch=2, sequence=8192))
    assert report.verdict in {"fits", "tight", "batch-exceeds", "sequence-exceeds", "weights-exceed"}
    assert report.per_device.kv_available is not None


def test_sglang_fraction_grows_with_the_card():
    for memory, fraction in ((79.2, 0.837), (139.7, 0.907), (23.6, 0.84)):
        report = evaluate(of("Qwen/Qwen2.5-0.5B", Device(memory), "sglang", gpu_memory_utilization=None, sequence=512))
        assert report.utilization == pytest.approx(fraction, abs=0.02)


def test_all_catalogue_models_can_be_judged():
    for model in models.all_models():
        report = evaluate(of(model.id, H100, batch=1, sequence=512), limits=False)
        unknown = model.kv_cache is None or model.kv_cache.kind == "compressed"
        assert (report.verdict == "unknown") <= unknown, model.id
        # llama.cpp keeps neither a rotary table nor copies nor what PyTorch's allocator adds.
        plain = evaluate(of(model.id, A100, "llama.cpp", sequence=512), limits=False).per_device.weights.value
        stored = model.weight_bytes / 2**30
        assert plain == pytest.approx(stored, rel=0.001 if model.weight_bytes_exact else 0.1), model.id
        assert report.per_device.weights.value >= plain * 0.999


def test_all_catalogue_accelerators_can_be_judged():
    for accelerator in accelerators.all_accelerators():
        device = device_of(accelerator)
        assert device.memory_gib > 0
        assert evaluate(of("Qwen/Qwen2.5-0.5B", device, sequence=512), limits=False).verdict != "unknown"


def test_hybrid_state_models_pad_attention_pages():
    given = of("Qwen/Qwen3-Next-80B-A3B-Instruct")
    plan = plan_of(given.architecture, given.engine, Placement(1, 1, 1), None, 8192, weights=given.weights, hybrid=True)
    assert plan.groups[0].block_tokens == 544
    given = of("Qwen/Qwen3.5-27B")
    plan = plan_of(given.architecture, given.engine, Placement(1, 1, 1), None, 8192, weights=given.weights, hybrid=True)
    assert plan.groups[0].block_tokens == 784


def test_reverse_questions():
    given = of("meta-llama/Llama-2-70b-chat-hf", batch=32, sequence=4096)
    names = ("fp32", "bf16", "fp8", "awq-int4")
    light = evolve(given, batch=8)
    assert [f.name for f in formats_that_fit(light, map(weight_format, names))] == ["awq-int4"]
    cards = [("a100", A100), ("h200", Device(139.7, "H200", nvlink=True)), ("nothing", Device(None))]
    assert [(o.accelerator, o.count, o.usd_per_hour) for o in offers_of(given, cards)] == [
        ("h200", 2, None),
        ("a100", 4, None),
    ]
    priced = offers_of(given, cards, {"h200": 4.0, "a100": 1.5})
    assert [(o.accelerator, o.count, o.usd_per_hour) for o in priced] == [("a100", 4, 6.0), ("h200", 2, 8.0)]
    assert [o.accelerator for o in offers_of(given, cards, {"h200": 4.0})] == ["h200"]
    assert fewest_devices(of("Qwen/Qwen2.5-7B-Instruct", Device(8.0), batch=1, sequence=1024), assess(given)) == 4


def test_placement():
    assert placement_of(of("meta-llama/Meta-Llama-3-8B", count=8)) == Placement(8, 1, 1)
    assert placement_of(of("meta-llama/Meta-Llama-3-8B", count=8, pipeline_parallel=2)) == Placement(4, 2, 1)
    assert placement_of(of("meta-llama/Meta-Llama-3-8B", count=8, data_parallel=4)) == Placement(2, 1, 4)
    assert placement_of(of("meta-llama/Meta-Llama-3-8B", hint="transformers", count=4)) == Placement(1, 4, 1)
