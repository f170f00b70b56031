"""Accelerators: ``runtime.accelerator`` with its hints, and a flavor of an OpenModel, each made from the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from modelspec_ls.knowledge import accelerators
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.knowledge.types import Accelerator
from modelspec_ls.knowledge.vocabularies import vocabulary

TENSOR = "TP"
PIPELINE = "PP"
INSTANCE = "INSTANCE-TYPE"
"""Parameters of a flavor that llmaz knows by name."""

_VENDORS = {
    "nvidia.com": "nvidia",
    "amd.com": "amd",
    "gpu.intel.com": "intel",
    "habana.ai": "intel",
    "google.com": "google",
    "aws.amazon.com": "aws",
    "huawei.com": "huawei",
    "qualcomm.com": "qualcomm",
}
"""Makers by the domain of their device plugin's resources."""
_DEVICES = re.compile(
    r"nvidia\.com/(?:gpu(?:\.shared)?|mig-.+)|amd\.com/gpu|gpu\.intel\.com/(?:i915|xe)|habana\.ai/gaudi|google\.com/tpu"
    r"|aws\.amazon\.com/neuron|huawei\.com/Ascend\w+|qualcomm\.com/qaic"
)
"""Resources that count whole devices, or slices that are one device to an engine."""
_RESOURCES = {"nvidia": "nvidia.com/gpu", "amd": "amd.com/gpu", "google": "google.com/tpu"}
"""Resources of makers that have one for all their devices."""
_SLICE = re.compile(r"mig[-.](\d+g\.\d+gb)", re.IGNORECASE)
_PRODUCT_LABELS = (
    "nvidia.com/gpu.product",
    "cloud.google.com/gke-accelerator",
    "karpenter.k8s.aws/instance-gpu-name",
    "cloud.google.com/gke-tpu-accelerator",
)
_MACHINE_LABELS = ("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type")
_WHOLE = re.compile(r"[1-9]\d{0,5}")
_WORDS = re.compile(r"[-_. ]")
_MOST_TOKENS = 40


@frozen
class Device:
    """What both kinds say of an accelerator. None: not stated, or not in a form that the other kind has."""

    vendor: str | None = None
    type: str | None = None
    count: int | None = None
    """Devices of one replica, over all its pods."""
    tensor: str | None = None
    pipeline: str | None = None
    """Sizes as texts, as both kinds have them."""
    instance: str | None = None
    """The machine type."""
    source: str = ""
    """Where ``type`` was found, in words; empty where the flavor is called so."""


def resource(vendor: str | None, name: str | None, catalogue: Catalogue) -> str | None:
    """The resource that pods ask for to get such a device; None where a maker has several and the name is unknown."""
    words = vocabulary("vendor")
    term = words.find(vendor.strip()) if words and vendor else None
    maker = term.value if term else None
    if maker is None:
        return None
    if name and maker == "nvidia" and (cut := _SLICE.search(name)):
        return f"nvidia.com/mig-{cut[1].lower()}"
    card = catalogue.find_accelerator(name, maker).accelerator if name else None
    stated = card.kubernetes_resource if card is not None and card.vendor == maker else None
    return stated or _RESOURCES.get(maker)


def is_device(key: str) -> bool:
    """Whether a resource counts devices."""
    return _DEVICES.fullmatch(key) is not None


def flavor_of(device: Device, key: str | None) -> dict[str, Any]:
    """A flavor for a device; ``key``: the resource to ask for, None where there is none."""
    flavor: dict[str, Any] = {"name": device.type}
    stages = int(device.pipeline) if device.pipeline else 1
    if key is not None and device.count is not None:
        flavor["limits"] = {key: device.count // stages}
    params = {TENSOR: device.tensor, PIPELINE: device.pipeline, INSTANCE: device.instance}
    if stated := {name: value for name, value in params.items() if value is not None}:
        flavor["params"] = stated
    return flavor


def read_flavor(flavor: Mapping[str, Any], catalogue: Catalogue) -> Device:
    """What a flavor says, as far as a ModelSpec can say it."""
    limits, params = _texts(flavor, "limits", numbers=True), _texts(flavor, "params")
    vendor, limit = _devices(limits)
    tensor = _size(params.get(TENSOR))
    pipeline = _size(params.get(PIPELINE))
    name, source = _type(flavor, params, vendor, catalogue)
    card = catalogue.find_accelerator(name, vendor).accelerator if name else None
    if vendor is None and card is not None:
        vendor = card.vendor
        stated = limits.get(card.kubernetes_resource or "")
        limit = int(stated) if stated is not None and _WHOLE.fullmatch(stated) else None
    count = limit * int(pipeline or 1) if limit is not None else None
    return Device(vendor, name, count, tensor, pipeline, params.get(INSTANCE), source)


def _devices(limits: Mapping[str, str]) -> tuple[str | None, int | None]:
    """Maker and number of the devices that a pod asks for, where they are of one sort."""
    found = [(key, value) for key, value in limits.items() if _DEVICES.fullmatch(key)]
    if len(found) != 1:
        return None, None
    key, value = found[0]
    return _VENDORS[key.partition("/")[0]], int(value) if _WHOLE.fullmatch(value) else None


def _type(
    flavor: Mapping[str, Any], params: Mapping[str, str], vendor: str | None, catalogue: Catalogue
) -> tuple[str | None, str]:
    """The accelerator's name and where it was found."""
    name = flavor.get("name")
    name = name.strip() if isinstance(name, str) else ""
    match = catalogue.find_accelerator(name, vendor) if name else None
    own = match.accelerator if match is not None and not match.ambiguous else None
    card, source = _selected(_texts(flavor, "nodeSelector"), vendor, catalogue)
    if card is None and own is None:
        card, source = _machine(params.get(INSTANCE), f"by the parameter `{INSTANCE}", catalogue)
    if card is not None:
        # The flavor's own word stays, unless it names other hardware or less than the selector does.
        return (name, "") if own is not None and own.id == card.id else (card.id, source)
    if match is None or match.candidates:
        return name or None, ""
    for word in _tokens(name):
        if catalogue.find_accelerator(word, vendor).accelerator is not None:
            return word, f"read from the flavor's name `{name}`"
    return name, ""


def _selected(selector: Mapping[str, str], vendor: str | None, catalogue: Catalogue) -> tuple[Accelerator | None, str]:
    """The accelerator of the nodes that a selector picks, with the words for how it is known."""
    for label in _PRODUCT_LABELS:
        text = selector.get(label)
        memory = selector.get("karpenter.k8s.aws/instance-gpu-memory", "")
        if text and label.startswith("karpenter") and memory.isdecimal():
            # In MiB there: 81920 for a card of 80 GB.
            sized = catalogue.find_accelerator(f"{text}-{round(int(memory[:9]) / 1024)}gb", vendor).accelerator
            if sized is not None:
                return sized, f"by the node selector `{label}: {text}` with its memory"
        match = catalogue.find_accelerator(text, vendor) if text else None
        if match is not None and match.accelerator is not None and not match.ambiguous:
            return match.accelerator, f"by the node selector `{label}: {text}`"
    for label in _MACHINE_LABELS:
        card, source = _machine(selector.get(label), f"by the node selector `{label}", catalogue)
        if card is not None:
            return card, source
    return None, ""


def _machine(text: str | None, where: str, catalogue: Catalogue) -> tuple[Accelerator | None, str]:
    machine = accelerators.instance(None, text) if text else None
    card = catalogue.accelerator(machine.accelerator_id) if machine is not None else None
    return card, f"{where}: {text}`" if card is not None else ""


def _tokens(name: str) -> list[str]:
    """Parts of a name that may be an accelerator's, the longest first: ``pool-a100-80gb`` has ``a100-80gb``."""
    words = _WORDS.split(name)
    spans = [(i, j) for i in range(len(words)) for j in range(i + 1, len(words) + 1) if j - i < len(words)]
    spans.sort(key=lambda span: span[0] - span[1])
    return ["-".join(words[i:j]) for i, j in spans if any(c.isdigit() for c in "".join(words[i:j]))][:_MOST_TOKENS]


def _texts(flavor: Mapping[str, Any], key: str, *, numbers: bool = False) -> dict[str, str]:
    """The texts of a map, and its whole numbers as texts where those count."""
    value = flavor.get(key)
    if not isinstance(value, dict):
        return {}
    return {
        name: str(item)
        for name, item in value.items()
        if isinstance(item, str) or (numbers and isinstance(item, int) and not isinstance(item, bool))
    }


def _size(text: str | None) -> str | None:
    return text if text is not None and _WHOLE.fullmatch(text) else None
