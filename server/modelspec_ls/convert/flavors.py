"""All flavors of an OpenModel in an annotation of a ModelSpec, which has room for one accelerator."""

from __future__ import annotations

import re
from typing import Any

from attrs import evolve

from modelspec_ls.knowledge.catalogue import Catalogue

from . import kept
from .accelerator import INSTANCE, PIPELINE, TENSOR, Device, flavor_of, is_device, read_flavor, resource
from .reading import PLACEHOLDER

_DIGITS = re.compile(r"[0-9]{1,9}")
MOST = 8
"""Flavors of one model, by llmaz's schema."""


def kept_text(flavors: list[Any], device: Device, catalogue: Catalogue) -> str | None:
    """The annotation that restores the flavors; None where the first one, as ``device``, is all there is."""
    rebuilt = flavor_of(device, resource(device.vendor, device.type, catalogue))
    return None if [rebuilt] == [_plain(flavor) for flavor in flavors] else kept.written(flavors)


def read_kept(text: str) -> list[dict[str, Any]] | None:
    """The flavors in an annotation; None where it holds anything else."""
    found = kept.read_list(text)
    if found is None or len(found) > MOST or not all(_is_flavor(flavor) for flavor in found):
        return None
    return found


def restored(
    flavors: list[dict[str, Any]], device: Device, own: dict[str, Any], catalogue: Catalogue
) -> tuple[list[dict[str, Any]], bool]:
    """The flavors with the spec's accelerator as the first, and whether that is what the first one was.

    ``own``: the flavor of the spec alone.
    """
    first = flavors[0]
    before = read_flavor(first, catalogue)
    if evolve(before, source="") == device:
        return flavors, True
    if before.type != device.type:
        return [own, *flavors[1:]], False
    # Another number or size of groups on the same hardware: name and node selector still hold.
    new = {key: value for key, value in first.items() if key not in {"limits", "params"}}
    limits = {key: value for key, value in _map(first, "limits").items() if not is_device(key)}
    if both := {**limits, **own.get("limits", {})}:
        new["limits"] = both
    params = {k: v for k, v in _map(first, "params").items() if k not in {TENSOR, PIPELINE, INSTANCE}}
    if both := {**params, **own.get("params", {})}:
        new["params"] = both
    return [new, *flavors[1:]], False


def _plain(flavor: Any) -> Any:
    """A flavor as ``flavor_of`` makes them: whole numbers for texts that say the same, nothing for a placeholder."""
    if not isinstance(flavor, dict):
        return flavor
    out = dict(flavor)
    if isinstance(name := flavor.get("name"), str) and PLACEHOLDER.fullmatch(name):
        out["name"] = None
    if isinstance(limits := flavor.get("limits"), dict):
        out["limits"] = {key: _number(value) for key, value in limits.items()}
    return out


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value


def _is_flavor(flavor: Any) -> bool:
    if not isinstance(flavor, dict) or not isinstance(flavor.get("name"), str):
        return False
    if set(flavor) - {"name", "limits", "nodeSelector", "params"}:
        return False
    for key, kinds in (("limits", (str, int)), ("nodeSelector", (str,)), ("params", (str,))):
        value = flavor.get(key, {})
        if not isinstance(value, dict):
            return False
        if any(not isinstance(item, kinds) or isinstance(item, bool) for item in value.values()):
            return False
    return True


def _map(flavor: dict[str, Any], key: str) -> dict[str, Any]:
    value = flavor.get(key)
    return value if isinstance(value, dict) else {}
