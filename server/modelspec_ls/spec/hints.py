"""Typed annotations: what a spec says beyond the closed schema, under the prefix ``modelspec/``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from attrs import field, frozen

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.records import record
from modelspec_ls.core.words import near, shorten

from .view import ANNOTATIONS, SpecView

T = TypeVar("T")
PREFIX = "modelspec/"

_COUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([kKmMbBtT]?)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(Ki|Mi|Gi|Ti|[kKMGT])?B?", re.IGNORECASE)
_MOST = 10**9
"""No size of a group, length or objective that somebody means is larger."""
_SCALE = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
_BYTES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}


class HintProblem(NamedTuple):
    """A hint that cannot be used. ``fix_key`` or ``fix_value`` is what was probably meant."""

    path: DocPath
    message: str
    on_key: bool
    fix_key: str | None = None
    fix_value: str | None = None


@frozen
class Parameters:
    """Parameter counts: all of them, and those a token uses (equal for a dense model)."""

    total: int
    active: int


@frozen
class Adapter:
    """An adapter on top of a base model. ``rank`` and ``count`` only matter for memory."""

    method: str
    uri: str
    rank: int = 16
    count: int = 1


@record
class Hints:
    """All hints of a spec. None or empty where nothing is said."""

    engine: str | None = None
    engine_version: str | None = None
    gpu_memory_utilization: float | None = None
    """Fraction of each accelerator's memory, above 0 and at most 1."""
    kv_cache_dtype: str | None = None
    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    data_parallel: int | None = None
    parameters: Parameters | None = None
    architecture: dict[str, int] = field(factory=dict)
    weights_bytes: int | None = None
    base_model: str | None = None
    adapter: Adapter | None = None
    draft_model: str | None = None
    load_format: str | None = None
    slo: dict[str, float] = field(factory=dict)
    problems: tuple[HintProblem, ...] = ()


class _Reader(NamedTuple):
    attribute: str
    read: Callable[[str], Any]
    syntax: str
    words: tuple[str, ...] = ()
    """The only values, where there is a list of them."""


def read_hints(view: SpecView) -> Hints:
    """The hints of a document; what cannot be read is a problem and counts as not said."""
    values: dict[str, Any] = {}
    problems: list[HintProblem] = []
    for key, text in view.map(*ANNOTATIONS).items():
        if not key.startswith(PREFIX):
            continue
        name = key[len(PREFIX) :]
        path = (*ANNOTATIONS, key)
        reader = _READERS.get(name)
        if reader is None:
            guess = near(name, _READERS)
            hint = f"did you mean `{PREFIX}{guess}`?" if guess else f"known hints: {', '.join(sorted(_READERS))}."
            problems.append(
                HintProblem(path, f"`{key}` is not a known hint; {hint}", True, f"{PREFIX}{guess}" if guess else None)
            )
            continue
        try:
            value = reader.read(text.strip())
        except (ValueError, OverflowError):
            better = _better(reader, text.strip())
            meant = f" Did you mean `{better}`?" if better else ""
            message = f"`{key}: {shorten(text)}` cannot be read; expected {reader.syntax}.{meant}"
            problems.append(HintProblem(path, message, False, fix_value=better))
            continue
        if name == "engine":
            values["engine"], values["engine_version"] = value
        elif reader.attribute:
            values[reader.attribute] = value
    return Hints(**values, problems=tuple(problems))


def _better(reader: _Reader, text: str) -> str | None:
    """What was probably meant by a value: the same number as the hint takes it, or a word that is close."""
    guesses = [near(text, reader.words)] if reader.words else []
    try:
        number = float(text.rstrip("% "))
    except ValueError:
        number = math.nan
    if number >= 1:
        guesses += [f"{number / 100:g}"] if reader.read is _fraction and number > 1 else []
        guesses += [f"{number:.0f}"] if number.is_integer() else []
    for guess in guesses:
        if guess is None:
            continue
        try:
            reader.read(guess)
        except (ValueError, OverflowError):
            continue
        return guess
    return None


def _positive(text: str) -> int:
    value = int(text)
    if not 1 <= value <= _MOST:
        raise ValueError(text)
    return value


def _fraction(text: str) -> float:
    value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    if not 0 < value <= 1:
        raise ValueError(text)
    return value


def _engine(text: str) -> tuple[str, str | None]:
    name, _, version = text.partition("==")
    if not name.strip() or (version and not re.fullmatch(r"\d+(\.\d+)*\S*", version.strip())):
        raise ValueError(text)
    return name.strip().casefold(), version.strip() or None


def _count(text: str) -> int:
    match = _COUNT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    value = round(float(match[1]) * _SCALE[match[2].casefold()])
    if not 1 <= value <= _MOST**2:
        raise ValueError(text)
    return value


def _parameters(text: str) -> Parameters:
    total, _, active = text.partition("/")
    found = Parameters(_count(total.strip()), _count((active or total).strip()))
    if found.active > found.total:
        raise ValueError(text)
    return found


def shape_of(parameter_count: str, architecture: str) -> tuple[Parameters | None, dict[str, int]]:
    """What the two hints of a private model say; nothing for one that cannot be read."""
    return _readable(_parameters, parameter_count), _readable(_architecture, architecture) or {}


def _readable(read: Callable[[str], T], text: str) -> T | None:
    try:
        return read(text.strip()) if text else None
    except (ValueError, OverflowError):
        return None


def _bytes(text: str) -> int:
    match = _SIZE.fullmatch(text)
    if match is None or float(match[1]) <= 0:
        raise ValueError(text)
    return round(float(match[1]) * _BYTES[(match[2] or "").casefold()])


_ARCHITECTURE = frozenset(
    {"layers", "heads", "kv-heads", "head-dim", "context", "kv-lora-rank", "rope-dim", "window", "window-layers",
     "hidden", "intermediate", "vocab"}
)  # fmt: skip
_SLO = frozenset({"ttft-ms-p95", "tpot-ms-p95", "e2e-ms-p99", "availability", "max-output-tokens"})


def _pairs(text: str, known: frozenset[str]) -> dict[str, float]:
    out: dict[str, float] = {}
    for part in text.split(","):
        key, separator, value = part.partition("=")
        if not separator or key.strip() not in known:
            raise ValueError(part)
        number = float(value)
        if not 0 <= number <= _MOST:
            raise ValueError(part)
        out[key.strip()] = number
    return out


def _architecture(text: str) -> dict[str, int]:
    found = {key: int(value) for key, value in _pairs(text, _ARCHITECTURE).items()}
    heads, kv = found.get("heads"), found.get("kv-heads")
    if any(v < 1 for v in found.values()) or (heads and kv and heads % kv):
        raise ValueError(text)
    return found


def _slo(text: str) -> dict[str, float]:
    return _pairs(text, _SLO)


_KV_DTYPES = ("auto", "bf16", "fp16", "fp8", "fp8_e4m3", "fp8_e5m2", "int8", "int4", "nvfp4")
_LOAD_FORMATS = ("files", "streamer", "baked")


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.casefold() not in words:
            raise ValueError(text)
        return text.casefold()

    return read


def _adapter(text: str) -> Adapter:
    head, *options = text.split(";")
    method, separator, uri = head.partition(":")
    if not separator or method not in {"lora", "qlora", "dora", "ia3", "full"} or not uri:
        raise ValueError(text)
    numbers = {key: _positive(value) for key, _, value in (o.strip().partition("=") for o in options)}
    if numbers.get("rank", 1) > 512 or set(numbers) - {"rank", "count"}:
        raise ValueError(text)
    return Adapter(method, uri, numbers.get("rank", 16), numbers.get("count", 1))


def _draft(text: str) -> str:
    name, _, _tokens = text.partition(";")
    if not name.strip():
        raise ValueError(text)
    return name.strip()


def _weight(text: str) -> int:
    value = int(text.partition("@")[0])
    if not 0 <= value <= 100:
        raise ValueError(text)
    return value


_READERS: dict[str, _Reader] = {
    "engine": _Reader("engine", _engine, "an engine, perhaps with a version: `vllm==0.11.0`"),
    "gpu-memory-utilization": _Reader("gpu_memory_utilization", _fraction, "a fraction above 0 up to 1, or `90%`"),
    "kv-cache-dtype": _Reader(
        "kv_cache_dtype",
        _one_of(*_KV_DTYPES),
        "`auto`, `bf16`, `fp16`, `fp8`, `int8`, `int4` or `nvfp4`",
        _KV_DTYPES,
    ),
    "tensor-parallel-size": _Reader("tensor_parallel", _positive, "a whole number, at least 1"),
    "pipeline-parallel-size": _Reader("pipeline_parallel", _positive, "a whole number, at least 1"),
    "data-parallel-size": _Reader("data_parallel", _positive, "a whole number, at least 1"),
    "parameter-count": _Reader("parameters", _parameters, "`13B`, `135M` or total/active as in `47B/13B`"),
    "architecture": _Reader(
        "architecture", _architecture, "`layers=40,heads=40,kv-heads=8,head-dim=128,context=32768`"
    ),
    "weights-size": _Reader("weights_bytes", _bytes, "a size such as `35.2GiB` or `138GB`"),
    "base-model": _Reader("base_model", str, "a hub or catalogue id, or the path of a spec"),
    "adapter": _Reader("adapter", _adapter, "`lora:<uri>;rank=16;count=4`"),
    "draft-model": _Reader("draft_model", _draft, "a hub or catalogue id, or the path of a spec; perhaps `;tokens=5`"),
    "load-format": _Reader("load_format", _one_of(*_LOAD_FORMATS), "`files`, `streamer` or `baked`", _LOAD_FORMATS),
    "traffic-weight": _Reader("", _weight, "`0` to `100`, perhaps `@group`"),
    "slo": _Reader("slo", _slo, "`ttft-ms-p95=500,tpot-ms-p95=40`"),
    "ignore": _Reader("", str, "`MS601, guardrail-fails-open -- reason`"),
}
