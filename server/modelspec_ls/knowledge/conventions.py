"""What names mean by custom: environments, owners, log levels; and the thresholds of the rules, with their units."""

from __future__ import annotations

from functools import cache
from typing import Any

from modelspec_ls.resources import load_package_json


@cache
def words(group: str, name: str) -> frozenset[str]:
    """A list of the data as a set: ``words("owner", "keys")``."""
    return frozenset(_data()[group][name])


@cache
def ordered(group: str, name: str) -> tuple[str, ...]:
    """The same in its order, where the first that is found decides."""
    return tuple(_data()[group][name])


@cache
def environments() -> dict[str, str]:
    """Words for environments with our name for each: ``prod``, ``staging``, ``test`` or ``dev``."""
    return {word: name for name, group in _data()["environment"]["words"].items() for word in group}


@cache
def threshold(name: str) -> float:
    """A number that a rule judges by. Its unit and source stand beside it in ``data/conventions.json``."""
    return float(_data()["thresholds"][name]["value"])


def _data() -> Any:
    return load_package_json("knowledge/data/conventions.json")
