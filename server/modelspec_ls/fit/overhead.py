"""What is neither weights nor cache: activation peak, CUDA context, communication buffers, graphs."""

from __future__ import annotations

from attrs import frozen

from .activations import activations_of
from .inputs import Architecture, FitInput, Placement
from .profile import Profile, generation_of, profile_of
from .ranges import ZERO, Range


@frozen
class Overheads:
    """GiB per device."""

    activations: Range
    non_torch: Range
    graphs: Range
    profile: Profile
    activation_why: str
    non_torch_why: str
    graphs_why: str


def overheads_of(given: FitInput, a: Architecture, place: Placement, tokens: int | None) -> Overheads:
    """All three, for a longest sequence of ``tokens``."""
    engine = given.engine
    profile = profile_of(given, a, place, tokens)
    activation, why = activations_of(given, a, place, profile)
    non_torch, non_torch_why = ZERO, "not counted apart"
    kinds = engine.value("non_torch_gib")
    if kinds:
        many = place.tensor > 1 or (place.pipeline > 1 and engine.rule in {"static", "llama.cpp"})
        kind = _link(given, kinds) if many else "one"
        non_torch = Range(*kinds[kind])
        non_torch_why = f"CUDA context and buffers{', communication included' if many else ''}: "
        non_torch_why += engine.source("non_torch_gib")
    counting = engine.value("context_counts", ())
    if counting and generation_of(given, a) in counting:
        non_torch = non_torch.plus(_context(given))
        non_torch_why += "; the CUDA context counts: " + engine.source("context_counts")
    graphs, graphs_why = ZERO, "no graphs"
    steps, each = engine.value("graphs_gib"), engine.value("graph_each")
    if each and not given.eager:
        captured = graphs_captured(profile.sequences)
        graphs = Range(*(each["base"] + each[end] * captured for end in ("value", "low", "high")))
        graphs_why = f"{captured} CUDA graphs: " + engine.source("graph_each")
    elif steps and not given.eager:
        graphs = Range(*[row for row in steps if row[0] <= (given.device.memory_gib or 0)][-1][1:])
        graphs_why = "CUDA graphs: " + engine.source("graphs_gib")
    return Overheads(activation, non_torch, graphs, profile, why, non_torch_why, graphs_why)


def graphs_captured(sequences: int) -> int:
    """How many CUDA graphs vLLM captures.

    Piecewise ones up to 2 x max_num_seqs tokens and at most 512, full ones up to max_num_seqs. Sizes are 1, 2, 4,
    every 8th up to 256 and every 16th above (vLLM config/compilation.py, 0.11 to 0.30).
    """
    sizes = [1, 2, 4, *range(8, 257, 8), *range(272, 513, 16)]
    return sum((size <= 2 * sequences) + (size <= sequences) for size in sizes)


def _context(given: FitInput) -> Range:
    """GiB of the CUDA context: it grows with the device's multiprocessors."""
    capability = given.device.compute_capability or 0.0
    return Range(*[row for row in given.engine.value("context_gib") if row[0] <= capability][-1][1:])


def _link(given: FitInput, kinds: dict[str, list[float]]) -> str:
    """How the devices of a replica talk: symmetric memory from Hopper on, NVLink, or the bus."""
    capability = given.device.compute_capability or 0.0
    if "many_hopper" in kinds and capability >= 9.0 and given.device.vendor == "nvidia":
        return "many_hopper"
    return "many_nvlink" if given.device.nvlink else "many"
