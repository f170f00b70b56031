"""Accelerators of the catalogue: look-up by any common spelling, memory, machine types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from modelspec_ls.core.words import LONGEST_NAME, near
from modelspec_ls.resources import load_package_json

from .types import Accelerator, Instance
from .vocabularies import vocabulary

# Loss between the driver's total and what a runtime sees: 0.3 to 3 % over the 23 products with both figures.
_RUNTIME_SHARE = 0.985
_GB_IN_GIB = 10**9 / 2**30

_SEPARATORS = re.compile(r"[\s_\-/()®™]+")
# "8xH100", "4 x A100", "a100-80gb-x2": counts that stand in flavor names.
_COUNT = re.compile(r"^\d+-?x-?(?=[a-z])|-x\d+$")
# What node labels add for time-slicing and for slices of a card.
_SHARED = re.compile(r"-shared$")
_MIG = re.compile(r"-?mig-\d+g\.\d+gb.*$")
# Product lines that people leave out or put before the part number.
_LINES = ("tesla", "geforce", "instinct")
_RANGES = ("memory_gib_runtime_range", "framework_total_gib")
_MAPPINGS = ("supports", "tflops_dense", "interconnect")


class AcceleratorMatch(NamedTuple):
    """What an accelerator name means."""

    accelerator: Accelerator | None
    """The one meant; when ``ambiguous``, the one with the least memory. None when the name is unknown."""
    candidates: tuple[Accelerator, ...] = ()
    """All products the name may mean; for a MIG slice the card it is cut from."""
    ambiguous: bool = False
    """The candidates differ in memory, and none of them is what the name usually means."""

    @property
    def sizes_gb(self) -> tuple[int, ...]:
        """The candidates' memory sizes, ascending, in the vendor's GB."""
        return tuple(sorted({c.memory_gb_marketed for c in self.candidates}))


class MemoryGib(NamedTuple):
    """Memory of one accelerator in GiB: the total that engines take their share of."""

    value: float
    basis: str
    """``runtime`` (seen in start-up logs), ``stated`` (in a workspace), ``usable`` (from the driver's total) or
    ``marketed``."""
    range: tuple[float, float] | None
    """Lowest and highest value seen, or that the estimate allows, in GiB."""

    @property
    def estimate(self) -> bool:
        """Whether nobody was seen to print this figure."""
        return self.basis not in {"runtime", "stated"}


@cache
def _data() -> Any:
    return load_package_json("knowledge/data/accelerators.json")


@cache
def all_accelerators() -> tuple[Accelerator, ...]:
    """Every accelerator, in the catalogue's order."""
    return tuple(_accelerator(dict(row)) for row in _data()["accelerators"])


def _accelerator(row: dict[str, Any]) -> Accelerator:
    row.pop("ambiguous_aliases", None)
    row["instances"] = tuple(
        Instance(i["cloud"], i["type"], row["id"], i["count"]) for i in row.pop("cloud_instances", ())
    )
    for key in ("aliases", "sources", "mig_profiles", *_RANGES):
        if key in row:
            row[key] = tuple(row[key])
    for key in _MAPPINGS:
        row[key] = MappingProxyType({k: v for k, v in row.get(key, {}).items() if v is not None})
    row.setdefault("date", _data()["date"])
    return Accelerator(**row)


@cache
def _by_id() -> dict[str, Accelerator]:
    return {accelerator.id: accelerator for accelerator in all_accelerators()}


def get(accelerator_id: str) -> Accelerator | None:
    """The accelerator with this catalogue id."""
    return _by_id().get(accelerator_id)


class Names(NamedTuple):
    """The names of a set of accelerators."""

    spellings: Mapping[str, tuple[str, ...]]
    """Without case and separators, each with the ids it may mean, the likeliest first."""
    rows: Mapping[str, Accelerator]
    """By id."""
    usual: Mapping[str, str]
    """What a name of several products commonly means."""


def names_of(rows: Iterable[Accelerator]) -> Names:
    """The names of accelerators that are not in the built-in catalogue; the first owner of a name keeps it."""
    rows = tuple(rows)
    spellings: dict[str, tuple[str, ...]] = {}
    for row in rows:
        for name in (row.id, row.name, *row.aliases):
            spellings.setdefault(_SEPARATORS.sub("", name.lower()), (row.id,))
    return Names(spellings, {row.id: row for row in rows}, {})


def find(text: str, vendor: str | None = None) -> AcceleratorMatch:
    """Read an accelerator's name: product names of drivers, node labels of clouds, short names, catalogue ids.

    Case and separators do not matter. ``vendor`` only narrows a name that several makers could own.
    """
    return _find_built_in(text[:LONGEST_NAME], vendor[:LONGEST_NAME] if vendor else None)


@lru_cache(maxsize=1024)
def _find_built_in(text: str, vendor: str | None) -> AcceleratorMatch:
    return find_among(text, vendor, _built_in())


def find_among(text: str, vendor: str | None, names: Names) -> AcceleratorMatch:
    """Read a name as one of these accelerators. A name with all its words goes before what they add to a card."""
    text = text[:LONGEST_NAME]
    if found := names.spellings.get(_SEPARATORS.sub("", text.lower())):
        return _match(_SEPARATORS.sub("", text.lower()), found, _vendor(vendor), names)
    word = _SHARED.sub("", _SEPARATORS.sub("-", text.strip().lower()).strip("-"))
    card = _MIG.sub("", word)
    if not card:
        return AcceleratorMatch(None)
    if card != word:
        return AcceleratorMatch(None, find_among(card, vendor, names).candidates)
    maker = _vendor(vendor)
    for spelling in (*_spellings(word, maker), *_spellings(_COUNT.sub("", word), maker)):
        if found := names.spellings.get(spelling):
            return _match(spelling, found, maker, names)
    return AcceleratorMatch(None)


def _spellings(word: str, maker: str | None) -> list[str]:
    """The name as it stands, then without maker and product line, then with the maker put before it."""
    parts = word.split("-")
    makers = {a.vendor for a in all_accelerators()}
    start = 0
    while start < len(parts) - 1 and (parts[start] in makers or parts[start] in _LINES):
        start += 1
    shorter = parts[start:]
    out = ["".join(parts), "".join(shorter)]
    # "a100-80" for "a100-80gb".
    out += [f"{''.join(shorter)}gb"] if len(shorter) > 1 and shorter[-1].isdigit() else []
    return out if maker is None else [*out, maker + "".join(shorter)]


def _match(spelling: str, ids: tuple[str, ...], maker: str | None, names: Names) -> AcceleratorMatch:
    candidates = tuple(names.rows[i] for i in ids)
    own = tuple(c for c in candidates if c.vendor == maker)
    candidates = own or candidates
    usual = names.usual.get(spelling)
    if usual:
        return AcceleratorMatch(names.rows[usual], candidates)
    if len({c.memory_gb_marketed for c in candidates}) == 1:
        return AcceleratorMatch(candidates[0], candidates)
    return AcceleratorMatch(min(candidates, key=lambda c: c.memory_gb_marketed), candidates, ambiguous=True)


def _vendor(text: str | None) -> str | None:
    words = vocabulary("vendor")
    term = words.find(text.strip()) if words and text else None
    return term.value if term else None


@cache
def _built_in() -> Names:
    found: dict[str, tuple[str, ...]] = {}
    for row in _data()["accelerators"]:
        others = row.get("ambiguous_aliases", {})
        for name in (row["id"], row["name"], *row["aliases"], row.get("gpu_product_label", row["id"])):
            key = _SEPARATORS.sub("", name.lower())
            if name in others or key not in found:
                found[key] = (row["id"], *others.get(name, ()))
    return Names(found, _by_id(), _data()["usual"])


@lru_cache(maxsize=256)
def suggestion(text: str) -> str | None:
    """A known short name that is close to an unknown one."""
    return near(text, short_names())


@cache
def short_names() -> tuple[str, ...]:
    """All short names of the built-in catalogue."""
    return tuple(name for a in all_accelerators() for name in a.aliases)


def memory_gib(accelerator: Accelerator) -> MemoryGib:
    """Total memory in GiB as a runtime sees it: measured where start-up logs exist, else estimated.

    The driver's total is a little above; a marketed figure may be decimal or binary, so that its estimate
    takes the decimal reading and its range both.
    """
    if accelerator.memory_gib_runtime and accelerator.origin:
        return MemoryGib(accelerator.memory_gib_runtime, "stated", None)
    if accelerator.memory_gib_runtime:
        return MemoryGib(accelerator.memory_gib_runtime, "runtime", accelerator.memory_gib_runtime_range)
    usable = accelerator.memory_gib_usable
    if usable and accelerator.memory_usable_kind == "framework":
        return MemoryGib(usable, "runtime", None)
    if usable and accelerator.memory_usable_kind == "driver":
        return MemoryGib(round(_RUNTIME_SHARE * usable, 2), "usable", (round(0.97 * usable, 2), usable))
    if usable:
        return MemoryGib(usable, "usable", None)
    decimal = accelerator.memory_gb_marketed * _GB_IN_GIB
    low, high = round(_RUNTIME_SHARE * decimal, 2), float(accelerator.memory_gb_marketed)
    return MemoryGib(round(decimal, 2), "marketed", (low, high))


@cache
def all_instances() -> tuple[Instance, ...]:
    """Every machine type of the catalogue."""
    return tuple(i for accelerator in all_accelerators() for i in accelerator.instances)


def instances_with(accelerator: Accelerator, count: int = 1) -> tuple[Instance, ...]:
    """Machine types with at least ``count`` of this accelerator, the smallest first."""
    enough = (i for i in accelerator.instances if i.count >= count)
    return tuple(sorted(enough, key=lambda i: (i.count, i.cloud, i.type)))


def instance(cloud: str | None, machine_type: str) -> Instance | None:
    """The machine type of this name; ``cloud`` None looks in all. Azure's ``Standard_`` may be left out."""
    clouds = vocabulary("cloudProvider")
    term = clouds.find(cloud.strip()) if clouds and cloud else None
    wanted = machine_type.strip().lower()
    for candidate in all_instances():
        name = candidate.type.lower()
        if wanted in {name, name.removeprefix("standard_")} and (not cloud or (term and term.value == candidate.cloud)):
            return candidate
    return None
