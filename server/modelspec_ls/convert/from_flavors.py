"""The flavors of an OpenModel as ``runtime.accelerator`` of a ModelSpec, with hints."""

from __future__ import annotations

from typing import Any

from modelspec_ls.spec.openmodel import FLAVORS
from modelspec_ls.spec.view import ACCELERATOR

from . import kept
from .accelerator import HINTS, PIPELINE, TENSOR, Device, is_device, read_flavor
from .comments import Comments
from .conversion import Conversion
from .flavors import kept_text
from .reading import PLACEHOLDER


def read_flavors(c: Conversion) -> None:
    """Write ``accelerator``: the first flavor, as far as it says. All of them are kept where there is more to say."""
    source = c.source
    flavors = source.at(*FLAVORS)
    first = flavors[0] if isinstance(flavors, list) and flavors and isinstance(flavors[0], dict) else None
    device = read_flavor(first, c.catalogue) if first is not None else Device()
    if first is not None:
        _parallel(c, device)
    _vendor(c, device, first)
    _type(c, device)
    _count(c, device, first)
    if first is None:
        return
    c.draft.comment(ACCELERATOR, source.take(*FLAVORS).raised)
    if kept_text(flavors, device, c.catalogue) is not None:
        several = len(flavors) > 1
        reason = "a ModelSpec has one accelerator, the first" if several else "a ModelSpec has less to say of hardware"
        c.keep(kept.FLAVORS, FLAVORS, flavors, Comments(), reason)
    elif isinstance(name := first.get("name"), str) and PLACEHOLDER.fullmatch(name):
        c.lost((*FLAVORS, 0, "name"), name, "a placeholder that nobody has filled in")


def _vendor(c: Conversion, device: Device, first: Any) -> None:
    path = (*ACCELERATOR, "vendor")
    if device.vendor is None:
        c.unknown(path, "<vendor>", "the accelerator's maker, such as nvidia")
    elif first is not None and device.count is None:
        c.found(path, device.vendor, "the maker of the accelerator that the flavor names")
    else:
        c.draft.put(path, device.vendor)


def _type(c: Conversion, device: Device) -> None:
    path = (*ACCELERATOR, "type")
    if device.type is None:
        c.unknown(path, "<accelerator>", "the accelerator's type, such as `a100-80gb`")
    elif device.source:
        c.found(path, device.type, device.source)
    else:
        c.draft.put(path, device.type, c.source.take(*FLAVORS, 0, "name"))


def _count(c: Conversion, device: Device, first: Any) -> None:
    path = (*ACCELERATOR, "count")
    if device.count is None:
        c.unknown(path, "<count>", "how many accelerators one replica has")
        return
    comments = Comments()
    if isinstance(first, dict):
        for key in c.source.mapping(*FLAVORS, 0, "limits"):
            if is_device(key):
                comments += c.source.take(*FLAVORS, 0, "limits", key)
    c.draft.put(path, device.count, comments)


def _parallel(c: Conversion, device: Device) -> None:
    """Sizes of groups as the hints that a ModelSpec has for them, and the machine type."""
    for key, size in ((TENSOR, device.tensor), (PIPELINE, device.pipeline)):
        if size is not None:
            c.annotations[HINTS[key]] = (size, c.source.take(*FLAVORS, 0, "params", key))
