"""What engines profile at start-up, by version, device and model: numbers from their sources."""

from __future__ import annotations

import pytest
from attrs import evolve

from modelspec_ls.fit import Adapter, Device, FitInput, architecture_of, evaluate
from modelspec_ls.fit.activations import cross_image_bytes, reserved_bytes, videos_of
from modelspec_ls.fit.budget import sglang_fraction
from modelspec_ls.fit.inputs import GIB, Placement, placement_of
from modelspec_ls.fit.overhead import overheads_of
from modelspec_ls.fit.profile import generation_of, profile_of
from modelspec_ls.knowledge import models
from modelspec_ls.knowledge.engines import engine, engine_of_hint, weight_format

H100 = Device(79.2, "NVIDIA H100 80GB", compute_capability=9.0, nvlink=True)
A100 = Device(79.2, "NVIDIA A100 80GB", compute_capability=8.0, nvlink=True)
L4 = Device(22.2, "NVIDIA L4", compute_capability=8.9)
T4 = Device(14.6, "Tesla T4", compute_capability=7.5)
B200 = Device(178.0, "NVIDIA B200", compute_capability=10.0, nvlink=True)
GB10 = Device(119.6, "NVIDIA GB10", compute_capability=12.1)
LLAMA, MISTRAL = "meta-llama/Llama-3.1-8B-Instruct", "mistralai/Mistral-7B-Instruct-v0.2"
QWEN_VL, VISION = "Qwen/Qwen2.5-VL-7B-Instruct", "meta-llama/Llama-3.2-11B-Vision-Instruct"


def shape(name: str):
    return architecture_of(models.get(name))


def given(version: str, device: Device, model: str = LLAMA, **more) -> FitInput:
    chosen = engine("vllm", version)
    return FitInput(shape(model), device, chosen, weights=weight_format("bf16"), **more)


def step(version: str, device: Device, length: int, model: str = LLAMA, **more) -> tuple[int, int, bool]:
    made = given(version, device, model, sequence=length, **more)
    found = profile_of(made, made.architecture, placement_of(made), length)
    return found.sequences, found.tokens, found.samples


@pytest.mark.parametrize(
    ("version", "device", "sequences", "tokens"),
    [
        ("0.8.2", L4, 1024, 2048),
        ("0.8.2", H100, 1024, 8192),
        ("0.8.4", A100, 256, 2048),
        ("0.8.5", A100, 1024, 8192),
        ("0.9.2", A100, 256, 2048),
        ("0.9.2", H100, 1024, 8192),
        ("0.18.0", B200, 1024, 8192),
        ("0.30.0", B200, 1024, 16384),
        ("0.18.0", GB10, 1024, 8192),
        ("0.33.0", GB10, 256, 2048),
    ],
)
def test_the_second_engine_profiles_by_version_and_card(version, device, sequences, tokens):
    assert step(version, device, 8192) == (sequences, tokens, True)


def test_the_first_engine_runs_whole_prompts_or_one_chunk():
    assert step("0.4.2", H100, 131072) == (256, 131072, True)
    assert step("0.6.3", H100, 32768) == (256, 32768, True)
    assert step("0.6.3", H100, 32769) == (256, 512, False)
    assert step("0.7.3", H100, 131072) == (256, 2048, False)
    assert step("0.7.3", H100, 1000) == (256, 2048, True)


def test_what_is_not_cut_up_runs_whole():
    assert step("0.7.3", H100, 131072, adapter=Adapter()) == (256, 131072, True)
    assert step("0.7.3", evolve(H100, vendor="amd"), 131072)[1] == 131072
    assert step("0.7.3", H100, 128000, QWEN_VL) == (7, 128000, True)  # As many sequences as images fit.
    assert step("0.7.3", H100, 4096, QWEN_VL)[1] == 5120


def test_the_first_engine_keeps_some_devices_and_models_for_a_while():
    llama, vision, mamba = shape(LLAMA), shape(VISION), shape("tiiuae/falcon-mamba-7b")
    assert generation_of(given("0.7.3", H100), llama) == "V0"
    assert [generation_of(given(v, T4), llama) for v in ("0.8.5", "0.10.2", "0.11.0")] == ["V0", "V0", "V1"]
    assert generation_of(given("0.8.5", L4, kv_dtype="fp8"), llama) == "V0"
    assert generation_of(given("0.8.5", H100, kv_dtype="fp8"), llama) == "V1"
    assert generation_of(given("0.10.2", H100), vision) == "V0"
    assert [generation_of(given(v, H100), mamba) for v in ("0.9.2", "0.10.2")] == ["V0", "V1"]


def test_what_the_allocator_holds_exceeds_the_peak():
    one = Placement(1, 1, 1)
    assert reserved_bytes(shape(MISTRAL), one, 32768) / GIB == pytest.approx(4.0, abs=0.01)
    made = given("0.6.3", A100, MISTRAL, sequence=32768)
    held = overheads_of(made, made.architecture, one, 32768).activations.value
    peak = overheads_of(evolve(made, engine=engine("vllm", "0.6.6")), made.architecture, one, 32768).activations.value
    assert (held, peak) == (pytest.approx(4.1, abs=0.15), pytest.approx(3.38, abs=0.02))


def test_early_all_reduces_keep_their_inputs():
    made = given("0.2.6", A100, "meta-llama/Llama-2-70b-hf", count=4, tensor_parallel=4, sequence=4096)
    older, newer = (evaluate(evolve(made, engine=engine("vllm", v))) for v in ("0.2.6", "0.3.0"))
    assert older.per_device.activations.value - newer.per_device.activations.value == pytest.approx(10, abs=0.1)


def test_the_context_counts_where_the_whole_card_is_measured():
    def fixed(version: str) -> float:
        made = given(version, A100, sequence=4096)
        return overheads_of(made, made.architecture, placement_of(made), 4096).non_torch.value

    assert fixed("0.9.1") - fixed("0.9.2") == pytest.approx(0.45, abs=0.01)
    assert fixed("0.6.4") - fixed("0.6.5") == pytest.approx(0.45, abs=0.01)


def test_videos_fill_the_context_in_some_releases():
    def parts(version: str, length: int) -> int:
        return videos_of(given(version, H100, QWEN_VL, sequence=length), shape(QWEN_VL))

    assert [parts(v, 128000) for v in ("0.10.2", "0.11.0", "0.24.0", "0.30.0")] == [1, 7, 7, 1]
    assert [parts("0.12.0", n) for n in (4096, 32768, 65536)] == [1, 2, 4]
    assert videos_of(given("0.12.0", H100), shape(LLAMA)) == 0


def test_a_limit_on_videos_stays_possible():
    found = evaluate(given("0.12.0", H100, QWEN_VL, sequence=128000)).per_device.activations
    assert found.value == pytest.approx(7 * 2.58, abs=0.1)
    assert found.low == pytest.approx(
        0.94 * 39 * 1024 * 152064 / GIB, rel=0.01
    )  # What sampling takes beside one image.


def test_cross_attention_encodes_an_image_for_each_sequence():
    assert cross_image_bytes(shape(VISION)) / GIB == pytest.approx(0.283, abs=0.002)
    made = given("0.6.6", H100, VISION, sequence=65536)
    few, many = (evaluate(evolve(made, max_num_seqs=n)).per_device.activations.value for n in (16, 128))
    assert many == pytest.approx(36.3, abs=0.1)
    assert few < many / 2
    default = evaluate(made)  # 256 sequences: 73 GiB of images; who serves it has lowered them.
    assert default.per_device.activations.value > 70
    assert default.verdict == "tight"
    assert evaluate(evolve(made, max_num_seqs=256)).verdict == "weights-exceed"


@pytest.mark.parametrize(
    ("version", "device", "count", "fraction"),
    [
        ("0.4.1", H100, 8, 0.81),
        ("0.4.6", H100, 1, 0.88),
        ("0.4.6", Device(139.7, "H200"), 8, 0.907),
        ("0.4.9", H100, 4, 0.855),
        ("0.4.9", L4, 1, 0.869),
        ("0.5.5", H100, 1, 0.834),
        ("0.5.5", L4, 2, 0.828),
    ],
)
def test_the_share_that_sglang_takes(version, device, count, fraction):
    made = FitInput(shape(LLAMA), device, engine("sglang", version), count=count)
    assert sglang_fraction(made, placement_of(made), device.memory_gib) == pytest.approx(fraction, abs=0.002)


def test_sglang_leaves_more_for_large_image_encoders():
    made = FitInput(shape("Qwen/Qwen3-VL-32B-Instruct"), H100, engine("sglang", "0.5.5"))
    text = FitInput(shape(LLAMA), H100, engine("sglang", "0.5.5"))
    ratio = sglang_fraction(made, placement_of(made), 79.2) / sglang_fraction(text, placement_of(text), 79.2)
    assert ratio == pytest.approx(0.95 * (1 - 0.1 * (27 * 1152**2 / (24 * 1024**2) - 1)), abs=1e-6)


def test_the_warm_up_of_tgi_has_the_logits_of_its_whole_prompt():
    def kept(hint: str) -> float:
        made = FitInput(shape(LLAMA), L4, engine_of_hint(hint), sequence=4096)
        return evaluate(made).per_device.activations.value

    assert kept("tgi==2.2.0") == pytest.approx(4096 * (8 * 128256 + 6 * (14336 + 4096)) / GIB, rel=1e-6)
    old, new = engine("tgi", "2.2.0"), engine("tgi", "3.0.0")
    assert (old.value("wiggle_room"), new.value("wiggle_room")) == (0.95, 0.9)


def test_the_second_model_runner_does_not_count_graphs_at_first():
    def counted(version: str, model: str) -> float:
        return evaluate(given(version, A100, model, sequence=4096)).per_device.overhead.value

    assert counted("0.22.0", LLAMA) - counted("0.23.0", LLAMA) > 0.5
    assert counted("0.23.0", "google/gemma-2-9b-it") == counted("0.22.0", "google/gemma-2-9b-it")
    assert counted("0.27.0", "google/gemma-2-9b-it") < counted("0.24.0", "google/gemma-2-9b-it")
    assert counted("0.27.0", "Qwen/Qwen3-30B-A3B") == counted("0.24.0", "Qwen/Qwen3-30B-A3B")
    assert counted("0.30.0", LLAMA) == counted("0.22.0", LLAMA)
