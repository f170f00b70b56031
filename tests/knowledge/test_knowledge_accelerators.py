"""Accelerator names that drivers, clouds and people write; memory; machine types."""

from __future__ import annotations

import pytest

from modelspec_ls.knowledge import accelerators

T4, A10, A10G, L4, L40S = "nvidia-t4", "nvidia-a10", "nvidia-a10g", "nvidia-l4", "nvidia-l40s"
A100_40, A100_80, A100_80_PCIE = "nvidia-a100-sxm-40gb", "nvidia-a100-sxm-80gb", "nvidia-a100-pcie-80gb"
H100, H200, MI300X = "nvidia-h100-sxm-80gb", "nvidia-h200-sxm", "amd-mi300x"

NAMES = [
    # What nvidia-smi and the GPU operator's node label say.
    ("Tesla T4", T4),
    ("Tesla-T4", T4),
    ("NVIDIA A10", A10),
    ("NVIDIA A10G", A10G),
    ("NVIDIA-A10G-SHARED", A10G),
    ("NVIDIA L4", L4),
    ("NVIDIA L40S", L40S),
    ("NVIDIA A100-SXM4-80GB", A100_80),
    ("NVIDIA-A100-SXM4-80GB", A100_80),
    ("NVIDIA A100 80GB PCIe", A100_80_PCIE),
    ("NVIDIA A100-PCIE-40GB", "nvidia-a100-pcie-40gb"),
    ("NVIDIA H100 80GB HBM3", H100),
    ("NVIDIA H100 PCIe", "nvidia-h100-pcie-80gb"),
    ("NVIDIA H100 NVL", "nvidia-h100-nvl-94gb"),
    ("NVIDIA H200", H200),
    ("NVIDIA B200", "nvidia-b200-sxm"),
    ("NVIDIA GH200 480GB", "nvidia-gh200-96gb"),
    ("NVIDIA H20", "nvidia-h20-96gb"),
    ("Tesla V100-SXM2-16GB", "nvidia-v100-sxm2-16gb"),
    ("Tesla V100-SXM2-32GB", "nvidia-v100-sxm2-32gb"),
    ("NVIDIA GeForce RTX 4090", "nvidia-rtx-4090"),
    ("NVIDIA RTX 6000 Ada Generation", "nvidia-rtx-6000-ada"),
    ("NVIDIA RTX A6000", "nvidia-rtx-a6000"),
    ("AMD Instinct MI300X", MI300X),
    # Labels of clouds.
    ("nvidia-tesla-t4", T4),
    ("nvidia-l4", L4),
    ("nvidia-tesla-a100", A100_40),
    ("nvidia-a100-80gb", A100_80),
    ("nvidia-h100-80gb", H100),
    ("nvidia-h100-mega-80gb", H100),
    ("nvidia-h200-141gb", H200),
    ("nvidia-b200", "nvidia-b200-sxm"),
    ("tpu-v5-lite-podslice", "google-tpu-v5e"),
    ("tpu-v6e-slice", "google-tpu-v6e"),
    # Short names.
    ("t4", T4),
    ("T4", T4),
    ("a10", A10),
    ("a10g", A10G),
    ("l40s", L40S),
    ("L40-S", L40S),
    ("a100-80gb", A100_80),
    ("A100-80GB", A100_80),
    ("A100 80GB", A100_80),
    ("a100_80g", A100_80),
    ("a100-80", A100_80),
    ("a100-40gb", A100_40),
    ("h100", H100),
    ("H100-80GB", H100),
    ("h100-sxm5", H100),
    ("h200", H200),
    ("b200", "nvidia-b200-sxm"),
    ("gb200", "nvidia-gb200"),
    ("v100-32gb", "nvidia-v100-sxm2-32gb"),
    ("rtx4090", "nvidia-rtx-4090"),
    ("RTX 4090", "nvidia-rtx-4090"),
    ("mi300x", MI300X),
    ("MI-300X", MI300X),
    ("mi250x", "amd-mi250x"),
    ("gaudi2", "intel-gaudi2"),
    ("Gaudi 3", "intel-gaudi3"),
    ("habana-gaudi2", "intel-gaudi2"),
    ("v5e", "google-tpu-v5e"),
    ("TPU v5p", "google-tpu-v5p"),
    ("trn1", "aws-trainium1"),
    ("trainium2", "aws-trainium2"),
    ("inferentia2", "aws-inferentia2"),
    ("Ascend 910B", "huawei-ascend-910b"),
    ("M3 Max", "apple-m3-max"),
    # Counts of flavor names.
    ("8xH100", H100),
    ("4 x A10G", A10G),
    ("a100-80gb-x2", A100_80),
]


@pytest.mark.parametrize("text, accelerator_id", NAMES)
def test_names(text, accelerator_id):
    found = accelerators.find(text)
    assert found.accelerator and found.accelerator.id == accelerator_id
    assert not found.ambiguous
    assert found.accelerator in found.candidates


@pytest.mark.parametrize(
    "text, sizes, assumed",
    [
        ("a100", (40, 80), 40),
        ("A100", (40, 80), 40),
        ("NVIDIA A100", (40, 80), 40),
        ("a100-sxm4", (40, 80), 40),
        ("a100-pcie", (40, 80), 40),
        ("v100", (16, 32), 16),
        ("gh200", (96, 144), 96),
        ("NVIDIA GH200", (96, 144), 96),
        ("h20", (96, 141), 96),
        ("mi300", (128, 192), 128),
        ("rtx-6000", (24, 48, 96), 24),
    ],
)
def test_ambiguous_names_give_all_sizes_and_assume_the_smallest(text, sizes, assumed):
    found = accelerators.find(text)
    assert found.ambiguous
    assert found.sizes_gb == sizes
    assert found.accelerator.memory_gb_marketed == assumed


@pytest.mark.parametrize(
    "text", ["", " ", "gpu", "nvidia", "h300", "a1000", "a100-60gb", "t44", "4", "none", "mig-1g.10gb"]
)
def test_unknown_names(text):
    assert accelerators.find(text) == (None, (), False)


def test_a_mig_slice_is_not_the_whole_card():
    found = accelerators.find("NVIDIA-A100-SXM4-80GB-MIG-1g.10gb")
    assert found.accelerator is None
    assert [c.id for c in found.candidates] == [A100_80]


def test_vendor_never_overrules_the_name():
    assert accelerators.find("a100-80gb", "amd").accelerator.vendor == "nvidia"
    assert accelerators.find("a100-80gb", "nvidia-gpu").accelerator.id == A100_80
    assert accelerators.find("rtx-4090", "no-such-vendor").accelerator.id == "nvidia-rtx-4090"


def test_every_name_finds_its_owner():
    for accelerator in accelerators.all_accelerators():
        for name in (accelerator.id, accelerator.name, *accelerator.aliases, accelerator.gpu_product_label):
            if name:
                assert accelerator in accelerators.find(name).candidates, name
                assert accelerator in accelerators.find(name.upper().replace("-", " ")).candidates, name


def test_suggestion():
    assert accelerators.suggestion("mi3000x") == "mi300x"
    assert accelerators.suggestion("completely-else") is None


@pytest.mark.parametrize(
    "accelerator_id, value, basis, estimate",
    [
        (T4, 14.56, "runtime", False),
        (A100_80, 79.2, "runtime", False),
        (A100_40, 39.49, "runtime", False),
        (H100, 79.18, "runtime", False),
        (L40S, 44.45, "runtime", False),
        ("amd-rx-7900-xtx", 23.98, "runtime", False),
        ("amd-radeon-pro-w7900", 47.98, "runtime", False),
        ("nvidia-a30", 23.64, "usable", True),
        ("apple-m3-max", 96.0, "usable", True),
        ("amd-mi355x", 268.22, "marketed", True),
    ],
)
def test_memory(accelerator_id, value, basis, estimate):
    memory = accelerators.memory_gib(accelerators.get(accelerator_id))
    assert (memory.value, memory.basis, memory.estimate) == (value, basis, estimate)


def test_measured_memory_lies_in_the_range_that_the_driver_figure_gives():
    # The share that turns a driver's total into a runtime's is taken from these very rows.
    for a in accelerators.all_accelerators():
        if a.memory_gib_runtime and a.memory_gib_usable:
            assert 0.97 <= a.memory_gib_runtime / a.memory_gib_usable <= 1, a.id


@pytest.mark.parametrize(
    "cloud, machine_type, accelerator_id, count",
    [
        ("aws", "g5.12xlarge", A10G, 4),
        ("AWS", "G5.12XLARGE", A10G, 4),
        (None, "p4d.24xlarge", A100_40, 8),
        ("aws", "p4de.24xlarge", A100_80, 8),
        ("google", "a2-highgpu-1g", A100_40, 1),
        ("azure", "Standard_ND96asr_v4", A100_40, 8),
        ("azure", "ND96asr_v4", A100_40, 8),
    ],
)
def test_instance(cloud, machine_type, accelerator_id, count):
    found = accelerators.instance(cloud, machine_type)
    assert (found.accelerator_id, found.count) == (accelerator_id, count)


def test_instance_of_another_cloud_or_unknown():
    assert accelerators.instance("gcp", "p4d.24xlarge") is None
    assert accelerators.instance("no-such-cloud", "p4d.24xlarge") is None
    assert accelerators.instance(None, "m5.large") is None


def test_instances_with():
    found = accelerators.instances_with(accelerators.get(A10G), 4)
    assert [i.type for i in found] == ["g5.12xlarge", "g5.24xlarge", "g5.48xlarge"]
    assert accelerators.instances_with(accelerators.get(A10G), 16) == ()
