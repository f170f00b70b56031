"""Precisions: widths, and what an accelerator's hardware makes of them.

The vocabulary ``precision`` names them; ``data/precisions.json`` adds what look-ups need.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, NamedTuple

from attrs import frozen

from modelspec_ls.resources import load_package_json

from .types import Accelerator
from .vocabularies import Term, vocabulary

Level = Literal["native", "weight-only", "no", "unknown"]


@frozen
class Precision:
    """One entry of the precision vocabulary."""

    name: str
    """Canonical spelling."""
    description: str
    bytes_per_parameter: float | None
    """Bytes of accelerator memory per weight, scales included; None: as the checkpoint is stored."""
    bits: int | None
    """Bits per weight, scales not counted."""
    calculated_bytes: int
    """Bytes per element of the type the model is calculated in: also that of a KV cache left to itself."""
    widened: bool
    """Weights are stored in it and calculated in 16 bits, by design."""
    min_compute_capability: float | None
    """Lowest NVIDIA compute capability at which engines run it; None: any, or not established."""
    full_speed_compute_capability: float | None
    """NVIDIA compute capability from which it runs natively or on the fast kernels; None: no such threshold."""


class Support(NamedTuple):
    """What an accelerator makes of a precision.

    native: it runs as the format is meant to run; weight-only: weights are stored in it but calculated in 16
    bits for want of hardware; no: engines refuse, or the hardware lacks it and nothing stands in.
    """

    level: Level
    reason: str


@cache
def _data() -> Any:
    return load_package_json("knowledge/data/precisions.json")


@cache
def all_precisions() -> tuple[Precision, ...]:
    """The vocabulary's precisions, in its order."""
    words = vocabulary("precision")
    return tuple(_precision(term) for term in words.terms) if words else ()


def _precision(term: Term) -> Precision:
    facts, more = term.facts, _data()["values"].get(term.value, {})
    return Precision(
        name=term.value,
        description=term.description,
        bytes_per_parameter=facts["bytesPerParameter"],
        bits=more.get("bits"),
        calculated_bytes=more.get("calculated", 2),
        widened=more.get("design") == "widened",
        min_compute_capability=facts["minComputeCapability"],
        full_speed_compute_capability=facts["fullSpeedComputeCapability"],
    )


@cache
def _by_name() -> dict[str, Precision]:
    return {precision.name: precision for precision in all_precisions()}


def find(text: str) -> Precision | None:
    """The precision of a spelling or alias, without regard to case."""
    words = vocabulary("precision")
    term = words.find(text.strip()) if words else None
    return _by_name()[term.value] if term else None


def kv_types() -> tuple[str, ...]:
    """The types a KV cache can be stated in."""
    return tuple(_data()["kvCache"])


def kv_bytes(kv_type: str, precision: Precision | None = None) -> float | None:
    """Bytes per KV element for a stated type; ``auto`` takes the type the model is calculated in.

    None for an unknown type.
    """
    table = _data()["kvCache"]
    word = kv_type.strip().lower()
    if word not in table:
        return None
    own: float | None = table[word]
    return own if own is not None else float(precision.calculated_bytes if precision else 2)


def supports(accelerator: Accelerator, precision: Precision) -> Support:
    """What the accelerator makes of the precision, with the reason in words.

    Compute capabilities are those of the vocabulary's source; without one the ``supports`` facts decide.
    What a particular engine refuses on top of that is not considered.
    """
    more = _data()["values"].get(precision.name)
    if more is None:
        return Support("unknown", f"{precision.name} leaves the format to the engine")
    if accelerator.compute_capability is not None:
        return _by_capability(accelerator, precision, more, accelerator.compute_capability)
    return _by_facts(accelerator, precision, more)


def _by_capability(accelerator: Accelerator, precision: Precision, more: Any, have: float) -> Support:
    low, full = precision.min_compute_capability, precision.full_speed_compute_capability
    what = f"{accelerator.name} has compute capability {have}"
    if low is not None and have < low:
        return Support("no", f"{what}; {precision.name} needs {low}")
    if precision.widened:
        if more["hardware"] and accelerator.supports.get(more["hardware"]) is False:
            return Support("no", f"{what}, for which no {precision.bits}-bit kernels exist")
        slower = f"; fast kernels need {full}" if full is not None and have < full else ""
        return Support("native", f"{precision.name} weights are calculated in 16 bits by design{slower}")
    if full is None or have >= full:
        return Support(
            "native", f"{what}; {precision.name} needs {full}" if full else f"{precision.name} runs anywhere"
        )
    if not more.get("storage"):
        return Support("native", f"{what}; {precision.name} is fast from {full}")
    if low is None and not accelerator.supports.get("int4_weight_only"):
        return Support(
            "unknown", f"{what}; whether engines can store {precision.name} weights there is not established"
        )
    return Support("weight-only", f"{what}; {precision.name} arithmetic needs {full}, weights are widened to 16 bits")


def _by_facts(accelerator: Accelerator, precision: Precision, more: Any) -> Support:
    maker, need = more.get("maker"), more["hardware"]
    if maker and maker != accelerator.vendor:
        return Support("unknown", f"{precision.name} is {maker}'s format; nothing is known of it on {accelerator.name}")
    if need is None:
        return Support("native", f"{precision.name} needs no special hardware")
    has = accelerator.supports.get(need)
    if has:
        return Support("native", f"{accelerator.name} supports {precision.name}")
    if has is None or more.get("storage"):
        return Support("unknown", f"nothing is known of {precision.name} on {accelerator.name}")
    return Support("no", f"{accelerator.name} does not support {precision.name}")
