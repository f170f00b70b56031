"""Accelerators: ``runtime.accelerator`` with its hints, and a flavor of an OpenModel, each made from the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from json import dumps
from typing import Any

from attrs import frozen

from modelspec_ls.core.path import DocPath, last_key
from modelspec_ls.core.words import shorten
from modelspec_ls.knowledge import llmaz
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.knowledge.quantities import devices
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.spec.hints import PREFIX
from modelspec_ls.spec.openmodel import FLAVORS, FlavorDeployment
from modelspec_ls.spec.view import SpecView
from modelspec_ls.syntax.parse import parse

from .reading import MOST_DEVICES, PLACEHOLDER

TENSOR = "TP"
PIPELINE = "PP"
INSTANCE = "INSTANCE-TYPE"
"""Parameters of a flavor that llmaz knows by name."""
HINTS = {TENSOR: f"{PREFIX}tensor-parallel-size", PIPELINE: f"{PREFIX}pipeline-parallel-size"}
"""What a ModelSpec calls two of them, in its annotations."""
MACHINE: DocPath = ("spec", "governance", "cost", "pricingHints", "instanceType")
"""Where it states the third."""

_RESOURCES = {"nvidia": "nvidia.com/gpu", "amd": "amd.com/gpu", "google": "google.com/tpu"}
"""Resources of makers that have one for all their devices."""
_SLICE = re.compile(r"mig[-.](\d+g\.\d+gb)", re.IGNORECASE)
_NOT_DEVICES = re.compile(r".*(?:\.shared|neuroncore)")
"""Resources that count shares or cores, several of which are one device."""
_WHOLE = re.compile(r"[1-9]\d{0,4}")


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
    """Whether a resource is one of accelerators."""
    return llmaz.resource(key) is not None


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
    view = SpecView(parse(dumps({"spec": {"inferenceConfig": {"flavors": [flavor]}}}, ensure_ascii=False)).documents[0])
    deployed = FlavorDeployment(view, 0, catalogue)
    name, source = _type(deployed)
    vendor, limit = deployed.resource.vendor if deployed.resource else None, deployed.limit
    card = catalogue.find_accelerator(name, vendor).accelerator if name else None
    if vendor is None and card is not None:
        # Without a resource that everybody knows the name tells; rows of a workspace have resources of their own.
        vendor, own = card.vendor, card.kubernetes_resource
        if own is not None and not is_device(own):
            stated = view.text(*FLAVORS, 0, "limits", own).value
            number = view.integer(*FLAVORS, 0, "limits", own).value
            limit = devices(stated) if stated else number if number and number > 0 else None
    if deployed.resource is not None and _NOT_DEVICES.fullmatch(deployed.resource.name):
        limit = None
    tensor, pipeline, instance = (view.text(*FLAVORS, 0, "params", key).value for key in (TENSOR, PIPELINE, INSTANCE))
    stages = _size(pipeline)
    count = limit * int(stages or 1) if limit is not None else None
    if count is not None and count > MOST_DEVICES:
        count = None
    return Device(vendor, name, count, _size(tensor), stages, instance, source)


def _type(deployed: FlavorDeployment) -> tuple[str | None, str]:
    """The accelerator's name: the flavor's own word, unless something else says more."""
    name = "" if PLACEHOLDER.fullmatch(deployed.name) else deployed.name.strip()
    if deployed.reading is None or deployed.resource is None:
        return name or None, ""
    match, found = deployed.reading
    own = deployed.catalogue.find_accelerator(name, deployed.resource.vendor) if name else None
    same = own is not None and own.accelerator is not None and own.ambiguous == match.ambiguous
    if match.accelerator is None or match.ambiguous or (same and own and own.accelerator is match.accelerator):
        return name or None, ""
    where = "flavor's name" if found.path[-1] == "name" else last_key(found.path)
    return match.accelerator.id, f"by the {where}, `{shorten(found.text)}`"


def whole(text: str) -> bool:
    """Whether a text is a size of a group as both kinds write it."""
    return _WHOLE.fullmatch(text) is not None


def _size(text: str | None) -> str | None:
    return text if text is not None and whole(text) else None
