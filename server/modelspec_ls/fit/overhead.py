"""What is neither weights nor cache: activation peak, CUDA context, communication buffers, graphs.

vLLM profiles one step and keeps the larger of two peaks free:

* sampling: 39 bytes x max_num_seqs x vocabulary on every rank, for logits are gathered. From 0.17.0 on NVIDIA
  14.5 bytes, plus 2 bytes x tokens x hidden and 0.05 GiB: Llama-3.1-8B on H100 1.89 GiB, gemma-2-27b 3.66 GiB. Later
  releases need less; the second model runner, the default from 0.29.0, does not sort in its profile.
* prefill: max_num_batched_tokens x (6 x intermediate/TP + 6 x hidden) bytes. Llama-3.1-8B at 29,000 tokens 2.99 GiB.

Routed experts need a workspace of tokens x experts per token x 2 bytes x (max(2 x width/TP, hidden) +
max(width/TP, hidden)); recent versions keep it while sampling.
"""

from __future__ import annotations

from attrs import frozen

from .inputs import GIB, Architecture, FitInput, Placement
from .ranges import ZERO, Range, exactly, within

_CHUNKED_ABOVE = 32768
_VISION_PROFILE = 0.15
_PATCHES = 65536
_WIDTHS = 12
_CROSS_IMAGE = 0.3


@frozen
class Profile:
    """How large a step the engine profiles."""

    sequences: int
    tokens: int
    source: str
    samples: bool = True
    """The profiled step samples; V0 with chunked prefill does not."""


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
    profile = profile_of(given, place, tokens)
    activation, why = _activations(given, a, place, profile)
    non_torch, non_torch_why = ZERO, "not counted apart"
    kinds = engine.value("non_torch_gib")
    if kinds:
        many = place.tensor > 1 or (place.pipeline > 1 and engine.rule in {"static", "llama.cpp"})
        kind = _link(given, kinds) if many else "one"
        non_torch = Range(*kinds[kind])
        non_torch_why = f"CUDA context and buffers{', communication included' if many else ''}: "
        non_torch_why += engine.source("non_torch_gib")
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


def profile_of(given: FitInput, place: Placement, tokens: int | None) -> Profile:
    """Sequences and tokens of the engine's profile run: stated, else its defaults for version and device."""
    engine = given.engine
    batch = -(-given.batch // place.data) if given.batch else 0
    if engine.rule != "vllm":
        step = engine.value("max_batch_prefill_tokens") or engine.value("max_num_tokens") or 0
        step = given.max_num_batched_tokens or int(step) or (tokens or 0)
        return Profile(given.max_num_seqs or batch or 1, step, f"{engine.label} defaults")
    default = int(_step(engine.value("max_num_seqs"), given))
    sequences = given.max_num_seqs or max(default, batch)
    source = engine.source("max_num_seqs")
    if given.max_num_batched_tokens:
        return Profile(sequences, given.max_num_batched_tokens, "stated")
    if generation_of(given) == "V0":
        length = tokens or 0
        whole = int(engine.value("whole_prefill_up_to"))
        if length > whole:
            return Profile(sequences, 2048, engine.source("chunk_skips_sampling"), samples=False)
        return Profile(sequences, max(length, 2048), engine.source("whole_prefill_up_to"))
    step = _step(engine.value("max_num_batched_tokens"), given)
    if given.offline and step == 2048:
        step *= int(engine.value("offline_tokens_factor", 1))
    elif given.offline and step == 8192:
        step *= 2
    return Profile(sequences, int(step), source)


def graphs_captured(sequences: int) -> int:
    """How many CUDA graphs vLLM captures.

    Piecewise ones up to 2 x max_num_seqs tokens and at most 512, full ones up to max_num_seqs. Sizes are 1, 2, 4,
    every 8th up to 256 and every 16th above (vLLM config/compilation.py, 0.11 to 0.30).
    """
    sizes = [1, 2, 4, *range(8, 257, 8), *range(272, 513, 16)]
    return sum((size <= 2 * sequences) + (size <= sequences) for size in sizes)


def generation_of(given: FitInput) -> str:
    """Which vLLM engine runs: V0 or V1. V1 refused GPUs older than Ampere for as long as V0 existed."""
    capability = given.device.compute_capability
    if capability is not None and capability < 8.0:
        return str(given.engine.value("generation_before_ampere"))
    return str(given.engine.value("generation"))


def prefill_bytes(a: Architecture, place: Placement, tokens: int, per_element: float) -> float:
    """The prefill peak: tokens x (6 x intermediate/TP + 6 x hidden)."""
    wide = a.intermediate or 4 * (a.hidden or 0) * (not a.experts)
    return tokens * per_element * (wide / place.tensor + (a.hidden or 0))


def encoder_bytes(a: Architecture, place: Placement) -> float:
    """Peak of an image encoder that takes any size, for the largest image: 16,384 tokens of four patches.

    Attention holds the residual, the joint projection, its three parts, rotated queries and keys in 32 bits and the
    output: twelve times the hidden size in 16 bits (vLLM models/qwen2_vl.py and qwen3_vl.py).
    """
    return _PATCHES * _WIDTHS * a.vision_hidden * 2 / place.tensor


def workspace_bytes(a: Architecture, place: Placement, tokens: int) -> float:
    """Buffers of the routed experts."""
    if not a.experts_per_token:
        return 0.0
    width, hidden = a.expert_width / place.tensor, a.hidden or 0
    return tokens * a.experts_per_token * 2 * (max(2 * width, hidden) + max(width, hidden))


def _activations(given: FitInput, a: Architecture, place: Placement, profile: Profile) -> tuple[Range, str]:
    engine = given.engine
    if engine.rule == "generic":
        reserve = float(engine.value("reserve_gib"))
        return Range(reserve, 0.0, max(reserve, 3.0)), engine.source("reserve_gib")
    if engine.rule == "sglang":
        return ZERO, "activations and graphs live in the share that mem_fraction_static leaves free"
    if engine.rule == "llama.cpp":
        micro, per = int(engine.value("micro_batch")), float(engine.value("compute_bytes"))
        value = micro * per * ((a.vocab or 0) + 4 * (a.intermediate or a.hidden or 0)) / GIB
        return within(value, 0.5), f"compute buffers for {micro} tokens: " + engine.source("compute_bytes")
    per = float(engine.value("prefill_bytes", 6.0))
    workspace = workspace_bytes(a, place, profile.tokens)
    prefill = prefill_bytes(a, place, profile.tokens, per) + workspace
    if engine.rule != "vllm":
        logits = float(engine.value("logit_bytes", 6.0)) * profile.sequences * (a.vocab or 0)
        value = max(prefill, logits) / GIB
        return Range(value, value * 0.4, value * 2.0), f"prefill of {profile.tokens} tokens, {per:g} bytes an element"
    rates = engine.value("sampler_bytes")
    rate, spread = (float(x) for x in rates.get(given.device.vendor, rates["any"]))
    recent = rate != rates["any"][0]
    vocab = (a.vocab or 0) if a.head and profile.samples else 0
    sampling = rate * profile.sequences * vocab
    if recent and vocab:
        sampling += float(engine.value("sampler_hidden_bytes")) * profile.tokens * (a.hidden or 0)
    if engine.value("moe_workspace_kept"):
        sampling += workspace
    if a.vision_parameters and engine.value("encoder_cache"):
        sampling += 2.0 * profile.tokens * (a.hidden or 0)
    constant = float(engine.value("profile_constant_gib"))
    encoder = encoder_bytes(a, place) if engine.value("encoder_cache") else 0.0
    value = max(prefill, sampling, encoder) / GIB + constant
    if encoder > max(prefill, sampling):
        why = f"image encoder's peak: {_PATCHES} patches x {_WIDTHS} x {a.vision_hidden} elements"
    elif sampling >= prefill:
        source = engine.source("sampler_bytes")
        why = f"sampling peak: {rate:g} bytes x {profile.sequences} sequences x {vocab} ({source})"
    else:
        why = f"prefill peak: {profile.tokens} tokens x (6 x intermediate/TP + 6 x hidden) bytes"
    known = bool(a.hidden and a.vocab)
    band = 0.3
    if known and sampling >= max(prefill, encoder) and not a.state_layers:
        band = spread if not (recent and a.experts) else max(spread, 0.3)
    elif known and not a.experts and not a.state_layers:
        band = 0.06
    low = value * (1 - band)
    high = value * (1 + band) + (value * _VISION_PROFILE + 1.0 if a.vision_parameters else 0.1)
    if a.kv is not None and a.kv.layers_cross:
        high += _CROSS_IMAGE * profile.sequences  # One image for each sequence of the profile.
    return (Range(value, low, high) if value else exactly(0.0)), why


def _link(given: FitInput, kinds: dict[str, list[float]]) -> str:
    """How the devices of a replica talk: symmetric memory from Hopper on, NVLink, or the bus."""
    capability = given.device.compute_capability or 0.0
    if "many_hopper" in kinds and capability >= 9.0 and given.device.vendor == "nvidia":
        return "many_hopper"
    return "many_nvlink" if given.device.nvlink else "many"


def _step(rows: list[list[int | str]], given: FitInput) -> int:
    """The last row whose memory (GiB) the device reaches."""
    memory = given.device.memory_gib or 0.0
    name = given.device.name.casefold()
    value = 0
    for floor, number, which in rows:
        if memory >= float(floor) and not (which == "not-a100" and ("a100" in name or "gb10" in name)):
            value = int(number)
    return value
