"""The peak of the step that an engine profiles.

* sampling: 39 bytes x max_num_seqs x vocabulary on every rank, for logits are gathered. From 0.17.0 on NVIDIA
  14.5 bytes, plus 2 bytes x tokens x hidden and 0.05 GiB: Llama-3.1-8B on H100 1.89 GiB, gemma-2-27b 3.66 GiB. Later
  releases need less; the second model runner, the default from 0.29.0, does not sort in its profile.
* prefill: max_num_batched_tokens x (6 x intermediate/TP + 6 x hidden) bytes. Llama-3.1-8B at 29,000 tokens 2.99 GiB.
* image encoders that take any size: 65,536 patches of the largest image x hidden states held x their width x 2 bytes;
  for cross-attention see ``cross_image_bytes``.

Releases from 0.2.5 to 0.6.3 count what the allocator has taken from the device, not what was allocated at the peak;
see ``reserved_bytes``.

Routed experts need a workspace of tokens x experts per token x 2 bytes x (max(2 x width/TP, hidden) +
max(width/TP, hidden)); recent versions keep it while sampling.
"""

from __future__ import annotations

from .inputs import GIB, Architecture, FitInput, Placement
from .profile import Profile, generation_of, second_runner
from .ranges import ZERO, Range, exactly, within

_VISION_PROFILE = 0.15
_PATCHES = 65536
_CROSS_TOKENS = 6404
_CROSS_PATCHES = 6432
_CROSS_WIDTHS = 13
_CROSS_PIXELS = 4 * 3 * 560 * 560
_REUSED = 0.25


def activations_of(given: FitInput, a: Architecture, place: Placement, profile: Profile) -> tuple[Range, str]:
    """GiB per device that the profiled step needs, and why."""
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
    prefill = prefill_bytes(a, place, profile.tokens, per) + workspace_bytes(a, place, profile.tokens)
    if engine.rule != "vllm":
        whole = bool(engine.value("logits_of_prompt"))
        rows = profile.tokens if whole else profile.sequences
        logits = float(engine.value("logit_bytes", 6.0)) * rows * (a.vocab or 0)
        value = (prefill + logits if whole else max(prefill, logits)) / GIB
        low, high = (0.75, 1.5) if whole else (0.4, 2.0)
        return Range(value, value * low, value * high), f"prefill of {profile.tokens} tokens, {per:g} bytes an element"
    return _profiled(given, a, place, profile, prefill)


def _profiled(
    given: FitInput, a: Architecture, place: Placement, profile: Profile, prefill: float
) -> tuple[Range, str]:
    """VLLM's profile run."""
    engine = given.engine
    rates = engine.value("sampler_bytes")
    second = second_runner(given, a)
    found = engine.value("second_runner_sampler") if second else rates.get(given.device.vendor, rates["any"])
    rate, spread = (float(x) for x in found)
    recent = rate != rates["any"][0]
    vocab = (a.vocab or 0) if a.head and profile.samples else 0
    sampling = rate * profile.sequences * vocab
    if recent and vocab:
        sampling += float(engine.value("sampler_hidden_bytes")) * profile.tokens * (a.hidden or 0)
    if engine.value("moe_workspace_kept"):
        sampling += workspace_bytes(a, place, profile.tokens)
    if a.vision_parameters and engine.value("encoder_cache"):
        sampling += 2.0 * profile.tokens * (a.hidden or 0)
    why = f"prefill peak: {profile.tokens} tokens x (6 x intermediate/TP + 6 x hidden) bytes"
    reserved = bool(engine.value("reserved_counts"))
    if reserved:
        prefill = max(prefill, reserved_bytes(a, place, profile.tokens))
        prefill += _REUSED * min(prefill, sampling)
        why += ", as the allocator takes it from the device: " + engine.source("reserved_counts")
    if engine.value("all_reduce_keeps") and place.tensor > 1:
        prefill += 4.0 * (a.layers or 0) * profile.tokens * (a.hidden or 0)
    patches = _PATCHES * videos_of(given, a)
    encoder = patches * a.vision_states * a.vision_hidden * 2.0  # Ranks gather queries, keys and values whole.
    what = f"{patches} patches x {a.vision_states:g} x {a.vision_hidden} elements"
    plain = prefill
    if profile.images:
        encoder = profile.images * cross_image_bytes(a)
        prefill += profile.images * _CROSS_TOKENS * 2.0 * (a.hidden or 0)
        what = f"one image for each of {profile.images} sequences"
    value = max(prefill, sampling, encoder) / GIB + float(engine.value("profile_constant_gib"))
    if encoder > max(prefill, sampling):
        why = f"image encoder's peak: {what}"
    elif sampling >= prefill:
        source = engine.source("sampler_bytes")
        why = f"sampling peak: {rate:g} bytes x {profile.sequences} sequences x {vocab} ({source})"
    known = bool(a.hidden and a.vocab)
    band = 0.3
    if known and sampling >= max(prefill, encoder) and not a.state_layers:
        band = spread if not (recent and a.experts) else max(spread, 0.3)
    elif known and not a.experts and not a.state_layers:
        band = 0.25 if reserved else 0.15 if profile.images else 0.06
    low = value * (1 - band)
    if patches > _PATCHES:  # A limit on videos, which a spec cannot say, leaves one image.
        low = min(low, max(prefill, sampling, encoder * _PATCHES / patches) / GIB * (1 - band))
    if profile.images and not profile.images_sure:
        low = min(low, (plain + cross_image_bytes(a)) / GIB)
    high = value * (1 + band) + (value * _VISION_PROFILE + 1.0 if a.vision_parameters else 0.1)
    return (Range(value, low, high) if value else exactly(0.0)), why


def prefill_bytes(a: Architecture, place: Placement, tokens: int, per_element: float) -> float:
    """The prefill peak: tokens x (6 x intermediate/TP + 6 x hidden)."""
    wide = a.intermediate or 4 * (a.hidden or 0) * (not a.experts)
    return tokens * per_element * (wide / place.tensor + (a.hidden or 0))


def reserved_bytes(a: Architecture, place: Placement, tokens: int) -> float:
    """What the caching allocator holds after a forward pass, in tensors of 16 bits.

    A layer's tensors are all larger than 10 MiB, so each has a segment of its own, which only a tensor that fits can
    use again: residual, input and output; queries, keys and values together and the attention's output; gate and up
    in one. What they give, the activation function's output, fits where queries, keys and values were, or not.
    Mistral-7B at 32,768 tokens: 4.0 GiB, at 8,192: 1.0 (peaks 3.38 and 0.84).
    """
    hidden = a.hidden or 0
    queries = -(-(a.heads or 0) // place.tensor) * (a.head_dim or 0)
    keys = -(-(a.kv_heads or a.heads or 0) // place.tensor) * (a.head_dim or 0)
    joint = queries + 2 * keys
    wide = (a.intermediate or 4 * hidden * (not a.experts)) / place.tensor
    widths = 3 * hidden + joint + queries + 2 * wide + (wide if wide > joint else 0)
    return tokens * 2.0 * widths + workspace_bytes(a, place, tokens)


def videos_of(given: FitInput, a: Architecture) -> int:
    """Images of the largest size that the profile of the encoder holds.

    A video counts as one for every pair of frames that the context has room for, in releases that make it as long
    as the context: seven at most (vLLM models/qwen2_vl.py _MAX_FRAMES_PER_VIDEO).
    """
    if not a.vision_hidden or generation_of(given, a) == "V0":
        return 1 if a.vision_hidden else 0
    room = (given.sequence or a.context or 0) // (a.image_tokens or _PATCHES // 4)
    most = a.video_images if given.engine.value("video_fills_context") else 1
    return max(1, min(room, most))


def cross_image_bytes(a: Architecture) -> float:
    """Peak of a cross-attention encoder for one image of four tiles, 6,432 patches with padding.

    The mask between all patches, five kept layers, all six of them joined, input and output, and the pixels, in 16
    bits (vLLM models/mllama.py): 0.28 GiB.
    """
    width = a.vision_width
    return 2.0 * (_CROSS_PATCHES**2 + _CROSS_PATCHES * _CROSS_WIDTHS * width + _CROSS_PIXELS)


def workspace_bytes(a: Architecture, place: Placement, tokens: int) -> float:
    """Buffers of the routed experts."""
    if not a.experts_per_token:
        return 0.0
    width, hidden = a.expert_width / place.tensor, a.hidden or 0
    return tokens * a.experts_per_token * 2 * (max(2 * width, hidden) + max(width, hidden))
