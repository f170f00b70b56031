"""Processors and memory of cloud machine types. Their accelerators stand in the catalogue of accelerators."""

from __future__ import annotations

from typing import NamedTuple

from modelspec_ls.resources import load_package_json


class Machine(NamedTuple):
    """One machine type."""

    cpus: int
    """Virtual CPUs."""
    memory_gib: float


def machine(cloud: str, machine_type: str) -> Machine | None:
    """The machine of a type, as ``accelerators.instance`` names it; None where nobody has collected it."""
    row = load_package_json("knowledge/data/machines.json")["machines"].get(cloud, {}).get(machine_type)
    return Machine(int(row[0]), float(row[1])) if row else None
