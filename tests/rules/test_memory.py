"""Memory rules both ways: what cannot run is found with its numbers and ways out, what serves is left alone."""

import json
from pathlib import Path

import pytest
import test_fixes
import yaml

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Applicability, Severity
from support.specs import diagnose, fixed

EXAMPLES = Path(__file__).parents[2] / "examples"
CONFIG = Config(select=("memory",))
TYPE, COUNT = "/spec/runtime/accelerator/type", "/spec/runtime/accelerator/count"
BATCH, SEQUENCE = "/spec/runtime/batch/maxBatchSize", "/spec/runtime/batch/maxSequenceLengthTokens"
HINT = "/metadata/annotations/modelspec~1"
RESOURCES = "/spec/runtime/resources/"


def deploy(
    model="llama-3.1-8b-instruct",
    accelerator="l40s",
    count=1,
    *,
    family="llama-3.1",
    task="chat-completion",
    framework="vllm",
    precision="bf16",
    vendor="nvidia",
    batch=None,
    sequence=4096,
    hints=None,
    labels="",
    uri=None,
    runtime="",
    operations="",
):
    """A spec as text. None leaves a field out."""
    annotations = "".join(f'    modelspec/{key}: "{value}"\n' for key, value in (hints or {}).items())
    limits = "".join(
        f"      {key}: {value}\n"
        for key, value in (("maxBatchSize", batch), ("maxSequenceLengthTokens", sequence))
        if value is not None
    )
    parts = [
        "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\nmetadata:\n  name: example\n",
        f"  labels: {labels}\n" if labels else "",
        f"  annotations:\n{annotations}" if annotations else "",
        f"spec:\n  identity:\n    model:\n      id: {model}\n      family: {family}\n      task: {task}\n",
        f"      framework: {framework}\n",
        f"      precision: {precision}\n" if precision else "",
        f"      artifacts:\n        modelUri: {uri}\n" if uri else "",
        f"  runtime:\n    accelerator:\n      vendor: {vendor}\n      type: {accelerator}\n      count: {count}\n",
        f"    batch:\n{limits}" if limits else "",
        "".join(f"    {line}\n" for line in runtime.splitlines()),
        f"  operations: {operations}\n" if operations else "",
    ]
    return "".join(parts)


def llama(accelerator="a100-80gb", count=1, **more):
    """Llama 2 70B in 16 bits: 128.5 GiB of weights, 320 KiB of cache a token."""
    return deploy("llama-2-70b-chat", accelerator, count, **({"family": "llama-2", "precision": "fp16"} | more))


def qwen(accelerator="t4", **more):
    """Qwen2 7B in 16 bits: 14.2 GiB of weights, 28 attention heads."""
    return deploy("qwen2-7b-instruct", accelerator, **({"family": "qwen2", "precision": "fp16"} | more))


def resources(**values):
    return "resources:\n" + "".join(f"  {key}: {value}\n" for key, value in values.items())


HUB = "hf://meta-llama/Llama-2-70b-chat-hf@main"
CASES = {
    # MS301: certain only with a known model, precision and accelerator, and an engine that offloads nothing.
    "70B on one A100": (llama(), [f"error MS301 {TYPE}"]),
    "70B on two A100": (llama(count=2), []),
    "70B in fp8 on one A100": (llama(precision="fp8"), []),
    "70B, precision not stated": (llama(precision=None), [f"warning MS301 {TYPE}"]),
    "70B, precision auto": (llama(precision="auto"), [f"warning MS301 {TYPE}"]),
    "70B, precision not known": (llama(precision="fp17"), []),
    "70B, precision of the wrong type": (llama(precision="16"), []),
    "70B, measured smaller": (llama(hints={"weights-size": "40GiB"}), []),
    "70B, measured, precision not stated": (
        llama(precision=None, hints={"weights-size": "130GiB"}),
        [f"error MS301 {TYPE}"],
    ),
    "70B with transformers": (llama(framework="transformers"), [f"warning MS301 {TYPE}"]),
    "70B with llama.cpp": (llama(framework="llama.cpp"), [f"warning MS301 {TYPE}"]),
    "70B with an engine nobody knows": (llama(framework="acme-serve"), [f"warning MS301 {TYPE}"]),
    "70B with NIM": (llama(framework="nim"), [f"error MS301 {TYPE}"]),
    "70B by a name": (deploy("acme-70b", "a100-80gb", precision="fp16"), [f"warning MS301 {TYPE}"]),
    "70B by a name, precision not stated": (
        deploy("acme-70b", "a100-80gb", precision=None),
        [f"information MS301 {TYPE}"],
    ),
    "70B declared": (
        deploy("acme-large", "a100-80gb", hints={"parameter-count": "70B"}),
        [f"error MS301 {TYPE}"],
    ),
    "70B, count of the wrong type": (llama(count="one"), []),
    "70B on nobody knows what": (llama("abc-9000"), [f"information MS307 {TYPE}"]),
    "an unknown model": (deploy("acme-large"), []),
    "Llama 3 70B on a T4": (
        deploy("llama-3-70b-instruct", "Tesla-T4", family="llama-3", hints={"tensor-parallel-size": "1"}),
        [f"error MS301 {TYPE}"],
    ),
    # An ambiguous accelerator: a finding only where all sizes agree.
    "70B on one a100 of either size": (llama("a100"), [f"error MS301 {TYPE}", f"information MS307 {TYPE}"]),
    "70B on two a100 of either size": (llama("a100", 2), [f"information MS307 {TYPE}"]),
    # MS302
    "7B on a T4": (qwen(), [f"warning MS302 {TYPE}"]),
    "7B on an A10": (qwen("a10"), []),
    "7B on a T4, utilisation stated": (
        qwen(hints={"gpu-memory-utilization": "0.9"}),
        [f"error MS302 {TYPE}"],
    ),
    "7B on a T4, utilisation not readable": (qwen(hints={"gpu-memory-utilization": "1.5"}), []),
    "7B on a T4, utilisation with a typo": (qwen(hints={"gpu-memory-utilisation": "0.99"}), []),
    "an encoder, which keeps no cache": (
        deploy("bge-m3", "t4", family="bge", task="embedding", precision="fp16", sequence=8192),
        [],
    ),
    # MS303: an error where not even an fp8 cache with all memory to itself is enough.
    "128k tokens on an L4": (deploy(accelerator="l4", sequence=131072), [f"error MS303 {SEQUENCE}"]),
    "16k tokens on an L4": (deploy(accelerator="l4", sequence=16384), []),
    "40k tokens on an L4": (deploy(accelerator="l4", sequence=40000), [f"warning MS303 {SEQUENCE}"]),
    "40k tokens on an L4 in fp8": (deploy(accelerator="l4", sequence=40000, hints={"kv-cache-dtype": "fp8"}), []),
    "128k tokens with transformers": (
        deploy(accelerator="l4", sequence=131072, framework="transformers"),
        [f"warning MS303 {SEQUENCE}"],
    ),
    "no length stated": (deploy(accelerator="l4", sequence=None), []),
    # MS304
    "64 x 4096 on two A100": (llama(count=2, batch=64), [f"warning MS304 {BATCH}"]),
    "64 x 4096 on four A100": (llama(count=4, batch=64), []),
    "64 x 4096, static": (
        llama(count=2, batch=64, framework="transformers"),
        [f"warning MS304 {BATCH}"],
    ),
    "8 x 4096 on two A100": (llama(count=2, batch=8), []),
    # MS305
    "four for a small one": (
        deploy(accelerator="h100", count=4, batch=16, sequence=8192),
        [f"information MS305 {COUNT}"],
    ),
    "four for a small one, tensor parallel by hint": (
        deploy(accelerator="h100", count=4, batch=16, sequence=8192, hints={"tensor-parallel-size": "4"}),
        [f"information MS305 {COUNT}"],
    ),
    "four for replicas": (
        deploy(accelerator="h100", count=4, batch=16, sequence=8192, hints={"data-parallel-size": "4"}),
        [],
    ),
    "four for a small one, batch not stated": (deploy(accelerator="h100", count=4, sequence=8192), []),
    # MS306
    "28 heads over 8": (
        deploy("qwen2.5-7b-instruct", count=8, family="qwen2.5"),
        [f"warning MS306 {COUNT}"],
    ),
    "28 heads over 4": (deploy("qwen2.5-7b-instruct", count=4, family="qwen2.5"), []),
    "28 heads over 4 x 2": (
        deploy("qwen2.5-7b-instruct", count=8, family="qwen2.5", hints={"pipeline-parallel-size": "2"}),
        [],
    ),
    "28 heads over 8 by layers": (
        deploy("qwen2.5-7b-instruct", count=8, family="qwen2.5", framework="transformers"),
        [],
    ),
    "28 heads over 8 by hint": (
        deploy("qwen2.5-7b-instruct", count=8, family="qwen2.5", hints={"tensor-parallel-size": "8"}),
        [f"error MS306 {HINT}tensor-parallel-size"],
    ),
    "64 heads over 3": (llama(count=3), [f"warning MS306 {COUNT}"]),
    "four ranks on one accelerator": (
        deploy(hints={"tensor-parallel-size": "4"}),
        [f"error MS306 {HINT}tensor-parallel-size"],
    ),
    "more stages than layers": (
        deploy(count=64, hints={"pipeline-parallel-size": "64"}),
        [f"error MS306 {HINT}pipeline-parallel-size"],
    ),
    "more ranks than KV heads": (deploy(count=16), [f"information MS306 {COUNT}"]),
    "a size that cannot be read": (deploy(count=3, hints={"tensor-parallel-size": "two"}), []),
    # MS307
    "a100": (deploy(accelerator="a100"), [f"information MS307 {TYPE}"]),
    "a100-80gb": (deploy(accelerator="a100-80gb"), []),
    "a product name": (deploy(accelerator="NVIDIA-A100-SXM4-80GB"), []),
    "a node label": (deploy(accelerator="nvidia-a100-80gb"), []),
    "h100 is the usual one": (deploy(accelerator="h100"), []),
    "mi300": (deploy(accelerator="mi300", vendor="amd"), [f"information MS307 {TYPE}"]),
    "a typo": (deploy(accelerator="l40z"), [f"information MS307 {TYPE}"]),
    "a slice": (deploy(accelerator="NVIDIA-A100-SXM4-80GB-MIG-3g.40gb"), [f"information MS307 {TYPE}"]),
    "a placeholder": (deploy(accelerator="<accelerator>"), []),
    "a processor": (deploy(accelerator="xeon", vendor="cpu"), []),
    "a type of the wrong type": (deploy(accelerator="40"), []),
    # MS308
    "an A100 by AMD": (
        deploy(accelerator="a100-80gb", vendor="amd"),
        ["warning MS308 /spec/runtime/accelerator/vendor"],
    ),
    "an A100 by NVIDIA": (deploy(accelerator="a100-80gb", vendor="NVIDIA"), []),
    "an MI300X by AMD": (deploy(accelerator="mi300x", vendor="amd"), []),
    "a Gaudi by Habana": (deploy(accelerator="gaudi2", vendor="habana"), []),
    "a vendor nobody knows": (deploy(vendor="acme"), []),
    # MS309
    "100 GB for 138": (
        llama(count=4, uri=HUB, runtime=resources(ephemeralStorageGb=100)),
        [f"warning MS309 {RESOURCES}ephemeralStorageGb"],
    ),
    "200 GB for 138": (llama(count=4, uri=HUB, runtime=resources(ephemeralStorageGb=200)), []),
    "130 GB, which may mean GiB": (llama(count=4, uri=HUB, runtime=resources(ephemeralStorageGb=130)), []),
    "100 GB, streamed": (
        llama(count=4, uri=HUB, runtime=resources(ephemeralStorageGb=100), hints={"load-format": "streamer"}),
        [],
    ),
    "100 GB, from a volume": (
        llama(count=4, uri="pvc://models/llama-2-70b-chat", runtime=resources(ephemeralStorageGb=100)),
        [],
    ),
    # MS310
    "a small host": (
        llama(count=4, runtime=resources(memoryGb=32, cpuCores=2)),
        [f"information MS310 {RESOURCES}memoryGb", f"information MS310 {RESOURCES}cpuCores"],
    ),
    "a large host": (llama(count=4, runtime=resources(memoryGb=128, cpuCores=16)), []),
    "cores not limited": (llama(count=4, runtime=resources(memoryGb=128, cpuCores=0)), []),
    "all weights in the host": (
        llama(count=4, framework="transformers", runtime=resources(memoryGb=96, cpuCores=2)),
        [f"warning MS310 {RESOURCES}memoryGb"],
    ),
}


def brief(text, config=CONFIG):
    return [f"{d.severity.label} {d.code} {d.pointer}" for d in diagnose(text, config=config)]


@pytest.mark.parametrize("name", CASES)
def test_case(name):
    text, expected = CASES[name]
    assert sorted(brief(text)) == sorted(expected)


# The upstream examples of the rule catalogue, rewritten: what they deploy and what memory rules say about it.
UPSTREAM = {
    "00": deploy("example-llm", "a100-80gb", family="llama", framework="transformers", precision=None, sequence=None),
    "01": deploy("llama-3-8b-instruct", "a100-80gb", family="llama-3", framework="transformers", sequence=None),
    "02": deploy(
        "llama-3-8b-instruct",
        "a100-80gb",
        family="llama-3",
        framework="transformers",
        precision=None,
        sequence=None,
        labels="{runtime: vllm}",
    ),
    "03": deploy(
        "llama-3-8b-instruct",
        "a100-80gb",
        family="llama-3",
        framework="transformers",
        batch=32,
        sequence=8192,
        labels="{runtime: vllm}",
    ),
    "05": deploy("llama-3-8b-instruct", "l40s", family="llama-3", framework="transformers", precision=None),
    "06": deploy("qwen2.5-7b-instruct", "a100-80gb", family="qwen2.5", framework="transformers", precision=None),
    "08": llama(
        count=4,
        batch=64,
        uri="s3://models/llama-2-70b-chat/weights-v3",
        runtime=resources(cpuCores=16, memoryGb=128, ephemeralStorageGb=200),
        labels="{environment: prod}",
    ),
}


@pytest.mark.parametrize("name", UPSTREAM)
def test_upstream_examples_have_no_memory_finding(name):
    assert brief(UPSTREAM[name]) == []


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.glob("0*.yaml")) + sorted(EXAMPLES.glob("dependencies/*.yaml")), ids=str
)
def test_our_examples_have_no_memory_finding(path):
    text = path.read_text(encoding="utf-8")
    assert brief(text, Config(select=("memory", "batching"))) == []


def only(text, code):
    (found,) = [d for d in diagnose(text, config=CONFIG) if d.code == code]
    return found


@pytest.mark.parametrize(
    "name, code, words",
    [
        ("70B on one A100", "MS301", ["128.5 GiB", "1 x a100-80gb has 79.2 GiB", "2 x a100-80gb", "`fp8` weights"]),
        ("70B on one a100 of either size", "MS301", ["a100 (80 GB)", "79.2 GiB"]),
        ("70B on two a100 of either size", "MS307", ["With 40 GB the weights do not fit; with 80 GB"]),
        ("7B on a T4", "MS302", ["14.2 GiB of weights", "utilisation 0.9", "2 x t4"]),
        (
            "128k tokens on an L4",
            "MS303",
            ["needs 16.0 GiB", "15.0 GiB of weights", "`maxSequenceLengthTokens: 33792`"],
        ),
        ("64 x 4096 on two A100", "MS304", ["need 80.0 GiB", "`maxBatchSize: ", "4 x a100-80gb", "lets requests wait"]),
        ("64 x 4096, static", "MS304", ["runs out of memory"]),
        ("four for a small one", "MS305", ["1 x h100", "Keep 4"]),
        ("28 heads over 8", "MS306", ["28 attention heads", "1, 2, 4"]),
        ("more ranks than KV heads", "MS306", ["8 KV heads", "2 times"]),
        ("a100", "MS307", ["40 and 80 GB", "`a100-80gb`"]),
        ("mi300", "MS307", ["128 and 192 GB", "`mi300x`"]),
        ("a typo", "MS307", ["Did you mean"]),
        ("100 GB for 138", "MS309", ["138 GB of weights", "at least 170"]),
    ],
)
def test_message(name, code, words):
    message = only(CASES[name][0], code).message
    assert [word for word in words if word not in message] == [], message


def test_related_information_points_at_every_field_that_entered():
    text = deploy(
        accelerator="l4", sequence=131072, batch=2, hints={"kv-cache-dtype": "fp8", "gpu-memory-utilization": "0.8"}
    )
    found = only(text, "MS303")
    assert [text[slice(*r.span)] for r in found.related] == [
        "llama-3.1-8b-instruct", "bf16", "l4", "1", "2", '"0.8"', '"fp8"', "vllm",
    ]  # fmt: skip


def test_a_stated_tensor_parallel_size_follows_the_count():
    text = llama(hints={"tensor-parallel-size": "1"})
    fix = next(f for f in only(text, "MS301").fixes if "count: 2" in f.title)
    data = yaml.safe_load(fixed(text, fix))
    assert data["spec"]["runtime"]["accelerator"]["count"] == 2
    assert data["metadata"]["annotations"]["modelspec/tensor-parallel-size"] == "2"


def test_only_spellings_are_safe():
    safe = {
        d.code
        for text, _ in CASES.values()
        for d in diagnose(text, config=CONFIG)
        for f in d.fixes
        if f.applicability is Applicability.SAFE
    }
    assert safe == {"MS307", "MS308"}


def everything(text, name="x.modelspec.yaml"):
    return diagnose(text, name, Config(ignore=("MS402",)))


FOUND = {name: text for name, (text, expected) in CASES.items() if expected}


@pytest.mark.parametrize("layout", ["as written", "CRLF", "four spaces"])
@pytest.mark.parametrize("name", FOUND)
def test_every_fix(name, layout, monkeypatch):
    """The invariants of all fixes, and more: the deployment fits afterwards."""
    monkeypatch.setattr(test_fixes, "diagnose", everything)
    text = test_fixes.LAYOUTS[layout](FOUND[name])
    for finding in diagnose(text, config=CONFIG):
        for fix in finding.fixes:
            test_fixes.check_fix(text, finding, fix, "x.modelspec.yaml")
            worse = [d for d in diagnose(fixed(text, fix), config=CONFIG) if d.severity <= Severity.WARNING]
            if finding.code in {"MS301", "MS302", "MS303", "MS304"}:
                assert worse == [], fix.title


@pytest.mark.parametrize("name", ["70B on one A100", "7B on a T4, utilisation stated", "40k tokens on an L4", "a100"])
def test_every_fix_in_json(name, monkeypatch):
    monkeypatch.setattr(test_fixes, "diagnose", everything)
    text = json.dumps(yaml.safe_load(FOUND[name]), indent=2)
    for finding in diagnose(text, "x.modelspec.json", CONFIG):
        for fix in finding.fixes:
            test_fixes.check_fix(text, finding, fix, "x.modelspec.json")
            json.loads(fixed(text, fix, "x.modelspec.json"))
