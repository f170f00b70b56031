"""How much is loaded when a replica starts, and about how long that takes."""

from __future__ import annotations

from modelspec_ls.fit.inputs import Placement
from modelspec_ls.fit.ranges import Range
from modelspec_ls.fit.weights import weights_of
from modelspec_ls.knowledge.conventions import threshold

from .deployment import Deployment

_GIB = 2**30


def loaded_bytes(facts: Deployment) -> Range | None:
    """Bytes of the weights in the stated precision; None where model or precision are not known."""
    shape, fmt = facts.architecture, facts.weights[0]
    if shape is None or fmt is None:
        return None
    one = weights_of(
        shape, fmt, Placement(1, 1, 1), facts.hints.weights_bytes, rope=False, from_name=facts.grade == "name"
    )
    return one.per_device.times(_GIB)


def load_seconds(facts: Deployment) -> float | None:
    """About how long the weights of one replica take to load, in seconds, at the rate the thresholds assume."""
    weights = loaded_bytes(facts)
    return None if weights is None else weights.value / threshold("loadBytesPerSecond")
