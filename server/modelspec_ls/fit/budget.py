"""How much each engine keeps for the cache. GiB per device; W weights, A activation peak, C context and buffers.

* vLLM: utilisation x total - W - A - C, and - graphs from 0.20.0 (v1/worker/utils.py request_memory, 0.33.0).
* SGLang: what is left after loading - what was free before x (1 - mem_fraction_static); activations and graphs use
  that remainder (model_runner.py profile_max_num_token, 0.4.6 to 0.5.9).
* TGI: (total x CUDA_MEMORY_FRACTION - W - A - C) x TGI_WIGGLE_ROOM, after a warm-up prefill.
* TensorRT-LLM: (total - W - A - C) x free_gpu_memory_fraction.
* transformers, llama.cpp: total - W - A - C; nothing is reserved, and what does not fit fails when it is used.
* unknown engine: 0.90 x total - W - 1 GiB.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from .inputs import FitInput, Placement
from .overhead import Overheads
from .profile import second_runner
from .ranges import ZERO, Range

_MIB = 1024
_VIT_L = 24 * 1024**2


@frozen
class Budget:
    """What the engine may take and what of it is left for the cache."""

    total: float
    """Weights, activations and cache together."""
    fraction: float | None
    """The utilisation in force, where the engine has one."""
    kv: Range
    overhead: Range
    """What the rule takes off beside weights and activations."""
    activations: Range
    graphs_inside: bool
    why: str


def budget_of(given: FitInput, place: Placement, weights: Range, over: Overheads) -> Budget:
    """The budget of one device with known memory."""
    engine, memory = given.engine, given.device.memory
    capacity = memory.value
    fixed = over.non_torch
    rule = engine.rule
    if rule in {"vllm", "generic"}:
        stated = given.gpu_memory_utilization
        fraction = stated if stated is not None else float(engine.value("gpu_memory_utilization"))
        inside = bool(engine.value("graphs_in_budget", False)) and not given.eager
        inside = inside and not second_runner(given, given.architecture)
        if inside:
            fixed = fixed.plus(over.graphs)
        total = capacity * fraction
        kv = _left(memory.times(fraction), weights, over.activations, fixed)
        return Budget(total, fraction, kv, fixed, over.activations, inside, _source(given, fraction))
    if rule == "sglang":
        stated = given.gpu_memory_utilization
        fraction = stated if stated is not None else sglang_fraction(given, place, capacity)
        kv = memory.minus(fixed).times(fraction).minus(weights)
        why = f"{fraction:g} x total: " + ("stated" if stated is not None else engine.source("mem_fraction_static"))
        return Budget(capacity * fraction, fraction, kv, fixed, ZERO, False, why)
    if rule in {"tgi", "tensorrt-llm"}:
        share, part = 1.0, 1.0
        if rule == "tgi":
            part = given.gpu_memory_utilization or float(engine.value("cuda_memory_fraction"))
            share = float(engine.value("wiggle_room"))
            key = "wiggle_room"
        else:
            share = given.gpu_memory_utilization or float(engine.value("free_gpu_memory_fraction"))
            key = "free_gpu_memory_fraction"
        left = _left(memory.times(part), weights, over.activations, fixed)
        kv = Range(*(x * share if x > 0 else x for x in left))
        why = f"{share:g} of what weights and a warm-up step leave: {engine.source(key)}"
        return Budget(capacity * part, share, kv, fixed, over.activations, False, why)
    kv = _left(memory, weights, over.activations, fixed)
    return Budget(capacity, None, kv, fixed, over.activations, False, "all memory; nothing is reserved beforehand")


def sglang_fraction(given: FitInput, place: Placement, capacity: float) -> float:
    """SGLang's default mem_fraction_static: by tensor-parallel size, later (total - reserve) / total."""
    rule = given.engine.value("mem_fraction_static")
    if "tp" in rule and capacity <= rule.get("large_above_gib", capacity):
        fraction = float(next(value for size, value in rule["tp"] if place.tensor >= size))
    else:
        fraction = round(max(0.1, 1 - _sglang_reserve(rule, place, capacity) / _MIB / capacity), 3)
    seen = given.engine.value("vision_fraction")
    a = given.architecture
    if seen and a is not None and a.vision_parameters:
        grown = 1 - seen["growth"] * (a.vision_layers * a.vision_width**2 / _VIT_L - 1)
        fraction *= seen["base"] * max(seen["low"], min(seen["high"], grown))
    return fraction


def _sglang_reserve(rule: dict[str, Any], place: Placement, capacity: float) -> float:
    """MiB that SGLang keeps out of the static share."""
    ranks = place.tensor * place.pipeline
    if "large_reserve_mib" in rule:
        return float(rule["large_reserve_mib"])
    if "reserve_gib" in rule:
        _, base, each = [row for row in rule["reserve_gib"] if capacity >= row[0]][-1]
        return float(base + each * ranks) * _MIB
    chunk, small, large = [row for row in rule["steps"] if capacity >= row[0]][-1][1:]
    reserve = rule["reserve_mib"] + max(chunk, 2048) * rule["per_prefill_token"]
    reserve += (small if place.tensor < 4 else large) * rule["per_graph"] + ranks * rule["per_rank"]
    return float(max(reserve, rule["floor_mib"]) if capacity > rule["floor_above_gib"] else reserve)


def _left(total: Range, weights: Range, activations: Range, fixed: Range) -> Range:
    return total.minus(weights.plus(activations).plus(fixed))


def _source(given: FitInput, fraction: float) -> str:
    if given.gpu_memory_utilization is not None:
        return f"{fraction:g} x total, stated"
    return f"{fraction:g} x total: {given.engine.source('gpu_memory_utilization')}"
