"""Which accelerators would do, cheapest or smallest first. Where prices come from is the caller's business."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve, frozen

from .assess import assess
from .inputs import Device, FitInput
from .limits import fewest_devices


@frozen
class Offer:
    """One accelerator with the fewest devices that hold one replica."""

    accelerator: str
    count: int
    memory_gib: float
    """Of all its devices together."""
    usd_per_hour: float | None
    """All its devices together; None: no price is known."""


def offers_of(
    given: FitInput, candidates: Iterable[tuple[str, Device]], prices: Mapping[str, float] | None = None
) -> list[Offer]:
    """The candidates that hold the declared batch and length, best first.

    ``prices``: USD per device and hour by the candidates' names. With prices only priced candidates are offered, by the
    cost of one replica; without, all are, by their memory together. Equal ones go by devices, then by name.
    """
    out = []
    for name, device in candidates:
        if not device.memory_gib or (prices is not None and name not in prices):
            continue
        trial = evolve(given, device=device)
        count = fewest_devices(trial, assess(trial))
        if count is not None:
            cost = prices[name] * count if prices is not None else None
            out.append(Offer(name, count, device.memory_gib * count, cost))
    return sorted(out, key=lambda o: (o.usd_per_hour or 0.0, o.memory_gib, o.count, o.accelerator))
