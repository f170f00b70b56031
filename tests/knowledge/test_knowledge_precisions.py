"""Precisions and what hardware makes of them."""

from __future__ import annotations

import pytest

from modelspec_ls.knowledge import accelerators, precisions


@pytest.mark.parametrize(
    "accelerator, precision, level",
    [
        ("t4", "bf16", "no"),
        ("t4", "fp16", "native"),
        ("t4", "fp8", "weight-only"),
        ("t4", "awq", "native"),
        ("v100-32gb", "bf16", "no"),
        ("v100-32gb", "fp8", "no"),
        ("v100-32gb", "awq", "no"),
        ("v100-32gb", "gptq", "native"),
        ("a10", "bfloat16", "native"),
        ("a100-80gb", "fp8", "weight-only"),
        ("a100-80gb", "nvfp4", "weight-only"),
        ("l4", "fp8", "native"),
        ("h100", "FP8", "native"),
        ("h100", "mxfp4", "weight-only"),
        ("h100", "tf32", "native"),
        ("b200", "nvfp4", "native"),
        ("b200", "mxfp4", "native"),
        ("p40", "int4", "no"),
        ("t4", "q4_k_m", "native"),
        ("mi300x", "fp8", "native"),
        ("mi300x", "nvfp4", "unknown"),
        ("mi250x", "fp8", "unknown"),
        ("mi355x", "mxfp4", "native"),
        ("tpu-v5e", "fp16", "no"),
        ("tpu-v5e", "bf16", "native"),
        ("gaudi2", "int8", "no"),
        ("h100", "auto", "unknown"),
    ],
)
def test_supports(accelerator, precision, level):
    found = accelerators.find(accelerator).accelerator
    support = precisions.supports(found, precisions.find(precision))
    assert support.level == level, support.reason
    assert support.reason


def test_every_pair_has_an_answer():
    for accelerator in accelerators.all_accelerators():
        for precision in precisions.all_precisions():
            assert precisions.supports(accelerator, precision).level in {"native", "weight-only", "no", "unknown"}


def test_the_tables_name_the_same_precisions():
    named = {p.name for p in precisions.all_precisions()}
    assert named - {"mixed"} == set(precisions._data()["values"])


def test_widths():
    assert precisions.find("BFLOAT16").bytes_per_parameter == 2
    assert precisions.find("awq").bits == 4
    assert precisions.find("fp17") is None
    assert precisions.find("mixed").bytes_per_parameter is None


def test_kv_bytes():
    assert precisions.kv_bytes("auto") == 2
    assert precisions.kv_bytes("auto", precisions.find("fp32")) == 4
    assert precisions.kv_bytes("auto", precisions.find("fp8")) == 2
    assert precisions.kv_bytes("FP8_E5M2") == 1
    assert precisions.kv_bytes("nvfp4") == 0.5625
    assert precisions.kv_bytes("fp17") is None
    assert "fp8" in precisions.kv_types()
