"""What each inference engine does with memory, by version, and how wide quantised weights are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import frozen

from modelspec_ls.resources import load_package_json

_VERSION = re.compile(r"\d+(?:\.\d+)*")


@frozen
class Fact:
    """One value with where it comes from. ``since``: the first version it holds for, "0" for always."""

    value: Any
    source: str
    date: str
    since: str


@frozen(eq=False)
class Engine:
    """An engine at one version. ``version`` is None where the newest known rows were taken and it has no number."""

    name: str
    rule: str
    """Which budget rule: vllm, sglang, tgi, tensorrt-llm, static, llama.cpp or generic."""
    version: str | None
    stated: bool
    """The version was stated; else the newest known is assumed."""
    facts: Mapping[str, Fact]

    def value(self, key: str, default: Any = None) -> Any:
        """The value of a fact, or ``default`` where this engine has no such fact."""
        fact = self.facts.get(key)
        return default if fact is None else fact.value

    def source(self, key: str) -> str:
        """Where the value of a fact comes from."""
        return self.facts[key].source

    @property
    def label(self) -> str:
        """Name and version for people."""
        return f"{self.name} {self.version}" if self.version else self.name


@frozen
class WeightFormat:
    """Bits that a weight takes on the device, scales and zero points included."""

    name: str
    body_bits: float
    other_bits: float
    """Bits of what the format leaves alone: embeddings, lm_head, image encoder, router, norms."""
    scope: str
    """What ``body_bits`` covers: all, body or experts."""
    band: float
    """Relative error of the quantised part."""
    padding: tuple[tuple[float, int, int], ...]
    """Compute capability from which a row holds, and the multiples that the engine's kernel pads the experts' width and
    the hidden size to. Empty: no padding."""
    source: str
    date: str

    @property
    def quantised(self) -> bool:
        """Fewer bits than the stored 16 or 32."""
        return self.scope != "all" or self.body_bits not in {16, 32}


@frozen
class ImageProfile:
    """How large images get that an engine profiles."""

    any_size: bool
    """The image encoder takes images as they are, up to ``tokens``, instead of one fixed size."""
    tokens: int
    """Tokens of the largest image; 0: not known."""
    video: int
    """Largest images that a profiled video may hold."""
    widths: float
    """Hidden states of all patches that the encoder holds at its peak, in 16 bits."""


_LONGEST_PART = 9
"""Digits of a part of a version that are read."""


def version_key(text: str) -> tuple[int, ...]:
    """Order of versions: ``v0.6.4.post1`` and ``==0.6.4`` are (0, 6, 4). No digits: the empty tuple."""
    found = _VERSION.search(text)
    return tuple(int(part[:_LONGEST_PART]) for part in found.group().split(".")) if found else ()


def engine_of_hint(hint: str) -> Engine | None:
    """The engine of a hint such as ``vllm`` or ``vllm==0.11.0``; None where the name is not known."""
    name, _, version = hint.partition("==")
    return engine(name.strip(), version.strip() or None)


@cache
def engine(name: str, version: str | None = None) -> Engine | None:
    """An engine by name or alias, without regard to case. None where it is not known."""
    key = name.strip().casefold()
    for known, row in _data()["engines"].items():
        if key == known or key in row["aliases"]:
            at = version or row["newest"]
            facts = {k: _at(rows, at) for k, rows in row["facts"].items()}
            return Engine(known, row["rule"], at, bool(version), facts)
    return None


def generic_engine() -> Engine:
    """Planning values for an engine that is not known."""
    found = engine("generic")
    assert found is not None
    return found


def engine_names() -> tuple[str, ...]:
    """All engines with a budget rule of their own."""
    return tuple(name for name in _data()["engines"] if name != "generic")


@cache
def weight_format(name: str) -> WeightFormat | None:
    """How many bits a weight takes in a format, by the canonical name of the precision."""
    row = _data()["weight_formats"].get(name)
    if row is None:
        return None
    padding = tuple((float(since), int(width), int(hidden)) for since, width, hidden in row.get("padding", ()))
    return WeightFormat(name=name, padding=padding, **{k: v for k, v in row.items() if k != "padding"})


def rope_tables(model_type: str) -> int:
    """How many rotary tables of the length of the context an engine keeps for a sort of model."""
    row = _data()["rope_tables"].get(model_type)
    return int(row["tables"]) if row else 1


def image_profile(model_type: str) -> ImageProfile:
    """What is known of the images of a sort of model."""
    row = _data()["images"]["types"].get(model_type, {})
    return ImageProfile(
        bool(row.get("any_size")), int(row.get("tokens", 0)), int(row.get("video", 1)), float(row.get("widths", 0))
    )


def state_bytes(model_type: str, elements: float) -> float | None:
    """Mean bytes per element of a layer's recurrent state of ``elements``; None: the type the model is calculated in.

    The state of the heads is wide, that of the convolution before them is not.
    """
    row = _data()["state_bytes"].get(model_type)
    if not row or elements <= row["conv_fixed"]:
        return None
    heads = (elements - row["conv_fixed"]) / (row["per_head"] + row["conv_per_head"])
    conv = row["conv_fixed"] + heads * row["conv_per_head"]
    return float((elements - conv) * row["bytes"] + conv * row["conv_bytes"]) / elements


def _at(rows: list[dict[str, Any]], version: str | None) -> Fact:
    wanted = version_key(version) if version else ()
    chosen = rows[0] if wanted else rows[-1]
    for row in rows:
        if wanted and version_key(row["since"]) <= wanted:
            chosen = row
    return Fact(chosen["value"], chosen["source"], chosen["date"], chosen["since"])


def _data() -> Any:
    return load_package_json("knowledge/data/engines.json")
