"""What the name of a checkpoint says about its packing and size. Customs, not facts: callers must say so."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from modelspec_ls.core.words import LONGEST_NAME
from modelspec_ls.resources import load_package_json

from . import precisions

_GAP = r"[-_.:\s]"
# Q4_K_M, q8_0, IQ4_XS: the type names of llama.cpp.
_GGUF_TYPE = r"(?:i|t)?q(\d)(?:_[01k])?(?:_(?:xxs|xs|s|m|l|xl|nl))?"
_BITS_PER_WEIGHT = r"(\d+(?:\.\d+)?)[-_]?bpw"
# The underscore of `1_8b` is a decimal point, unless the name joins its words with underscores: `llama_3_8b`.
_SIZE = re.compile(
    r"(?<![a-z0-9])(?<!\d\.)(?:(\d{1,4})x)?(\d{1,6}(?:\.\d+)?|(?<!_)\d{1,6}_\d+)([bmt])(\d)?(?![a-z0-9])"
)
_ACTIVE = re.compile(r"(?<![a-z0-9])a\d+(?:\.\d+)?[bm](?![a-z0-9])")
_EXPERTS = re.compile(r"(?<![a-z0-9])\d+e(?![a-z0-9])")
_FACTOR = {"m": 10**6, "b": 10**9, "t": 10**12}
# Attention and embeddings are shared: Mixtral 8x7B has 46.7 B parameters (0.83), 8x22B 140.6 B (0.80).
_SHARE_OF_EXPERTS = 0.8
# Below this, "1m" or "4m" is a context length.
_SMALLEST_IN_MILLIONS = 10


class Packaging(NamedTuple):
    """How a name says the weights are packed; all None when it says nothing."""

    base: str
    """The name without these words; empty when it has no others."""
    format: str | None = None
    """As in the framework vocabulary: awq, gptq, gguf, bitsandbytes, fp8, compressed-tensors, mlx …"""
    precision: str | None = None
    """Canonical name of the precision vocabulary."""
    bits: float | None = None
    """Bits per weight, scales not counted."""

    @property
    def found(self) -> bool:
        """Whether the name says anything about packing."""
        return self.format is not None or self.bits is not None


@cache
def _data() -> Any:
    return load_package_json("knowledge/data/packagings.json")


@cache
def _last_word() -> re.Pattern[str]:
    """A packing word at the end of a name, after a separator or alone."""
    words = sorted((*_data()["formats"], *_data()["widths"], *_data()["filler"]), key=len, reverse=True)
    plain = "|".join(re.sub(r"(?<=\d)(?=bit)", "[-_]?", word) for word in words)
    return re.compile(rf"(?:^|{_GAP})({plain}|{_GGUF_TYPE}|{_BITS_PER_WEIGHT})$")


@cache
def _endings() -> tuple[str, ...]:
    """How all such words end: the pattern takes long to find out that there is none."""
    words = {word[-2:] for word in (*_data()["formats"], *_data()["widths"], *_data()["filler"])}
    types = {f"q{digit}" for digit in range(10)} | {"_0", "_1", "_k", "_s", "_m", "_l", "xs", "xl", "nl"}
    return tuple(sorted(words | types | {"pw"}))


@lru_cache(maxsize=1024)
def read(name: str) -> Packaging:
    """Take the packing words off the end of a name: ``…-GPTQ-Int4``, ``….Q4_K_M``, ``…-quantized.w8a8``."""
    base, words = name.strip()[:LONGEST_NAME], list[str]()
    while base.lower().endswith(_endings()) and (match := _last_word().search(base.lower())):
        words.append(match.group(1))
        base = base[: match.start()]
    result = _judge(words) if words else _NOTHING
    # Words that only accompany others do not count alone: `Llama-2-7b-hf` is no packing.
    return result._replace(base=base) if result.found else Packaging(name.strip())


_NOTHING = Packaging("")


def _judge(words: list[str]) -> Packaging:
    formats, widths = _data()["formats"], _data()["widths"]
    out = Packaging("")
    by_bits: dict[str, str] | None = None
    default: int | None = None
    for word in words:
        plain = re.sub(r"[-_](?=bit$)", "", word)
        if plain in formats:
            row = formats[plain]
            out, by_bits, default = out._replace(format=row["format"]), row.get("byBits"), row.get("bits")
        elif plain in widths and out.bits is None:
            row = widths[plain]
            out = out._replace(precision=row.get("precision"), bits=row["bits"], format=out.format or row.get("format"))
        elif (kind := re.fullmatch(_GGUF_TYPE, word)) and out.bits is None:
            known = precisions.find(f"gguf-{word}")
            out = Packaging("", "gguf", known.name if known else None, int(kind.group(1)))
        elif (rate := re.fullmatch(_BITS_PER_WEIGHT, word)) and out.bits is None:
            out = out._replace(bits=float(rate.group(1)))
    if by_bits is not None:
        bits = out.bits or default
        out = out._replace(bits=bits, precision=by_bits.get(f"{bits:g}") if bits else None)
    return out


def format_of_owner(owner: str | None) -> str | None:
    """The format of an organisation that publishes in one only."""
    found: str | None = _data()["owners"].get(owner.lower()) if owner else None
    return found


def size(name: str) -> int | None:
    """Parameters that a name states: ``13b``, ``135m``, ``8x7b``, ``30b-a3b`` (the total); None when in doubt.

    Experts times size counts what they share several times, hence a share of the product.
    """
    text = name[:LONGEST_NAME].lower()
    if not any(unit in text for unit in _FACTOR):
        return None
    if _EXPERTS.search(text):
        return None
    # `0.6b1` has a fraction already: the last digit is something else.
    found = [m.groups() for m in _SIZE.finditer(_ACTIVE.sub("", text)) if not m[4] or m[2].isdigit()]
    billions = [group for group in found if group[2] == "b"]
    usable = billions or [g for g in found if g[2] == "t" or float(g[1].replace("_", ".")) >= _SMALLEST_IN_MILLIONS]
    counts = {_count(*group) for group in usable}
    return counts.pop() if len(counts) == 1 else None


def _count(experts: str | None, number: str, unit: str, tenths: str | None) -> int:
    value = float(number.replace("_", ".") + (f".{tenths}" if tenths else ""))
    parameters = value * _FACTOR[unit]
    return round(parameters * int(experts) * _SHARE_OF_EXPERTS if experts else parameters)
