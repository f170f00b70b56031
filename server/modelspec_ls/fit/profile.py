"""Which step an engine runs at start-up to see how much memory it needs: how many sequences and tokens.

vLLM's defaults depend on version, device and model. Its first engine (V0) runs a whole prompt of max_model_len unless
it may cut prompts up; models with images, windows, states or adapters were not cut up. Sources: vLLM config.py,
engine/arg_utils.py and worker/model_runner.py, releases 0.2.7 to 0.30.0.
"""

from __future__ import annotations

from attrs import frozen

from .inputs import Architecture, FitInput, Placement

_LEAST_TOKENS = 2048
_USUAL_IMAGE = 2048


@frozen
class Profile:
    """How large a step the engine profiles."""

    sequences: int
    tokens: int
    source: str
    samples: bool = True
    """The profiled step samples; V0 with chunked prefill does not."""
    images: int = 0
    """Images encoded at once for cross-attention: V0 profiles one for each sequence."""
    images_sure: bool = True
    """The number of sequences is stated. Its default is more than most cards hold, so that people lower it."""


def profile_of(given: FitInput, a: Architecture, place: Placement, tokens: int | None) -> Profile:
    """Sequences and tokens of the engine's profile run: stated, else its defaults for version and device."""
    engine = given.engine
    batch = -(-given.batch // place.data) if given.batch else 0
    if engine.rule != "vllm":
        step = engine.value("max_batch_prefill_tokens") or engine.value("max_num_tokens") or 0
        step = given.max_num_batched_tokens or int(step) or (tokens or 0)
        return Profile(given.max_num_seqs or batch or 1, step, f"{engine.label} defaults")
    if generation_of(given, a) == "V0":
        return _first_engine(given, a, batch, tokens or 0)
    sequences = given.max_num_seqs or max(int(_step(engine.value("max_num_seqs"), given)), batch)
    if given.max_num_batched_tokens:
        return Profile(sequences, given.max_num_batched_tokens, "stated")
    step = int(_step(engine.value("max_num_batched_tokens"), given))
    if given.offline and step == _LEAST_TOKENS:
        step *= int(engine.value("offline_tokens_factor", 1))
    elif given.offline and step == 4 * _LEAST_TOKENS:
        step *= 2
    return Profile(sequences, step, engine.source("max_num_seqs"))


def _first_engine(given: FitInput, a: Architecture, batch: int, length: int) -> Profile:
    """V0: max(max_model_len, 2048) tokens as a whole, or one chunk of a long prompt."""
    engine = given.engine
    sequences = given.max_num_seqs or max(int(engine.value("first_engine_seqs")), batch)
    whole, source = engine.value("whole_prefill_up_to"), engine.source("whole_prefill_up_to")
    cross = a.kv is not None and bool(a.kv.layers_cross)
    images = (given.max_num_seqs or batch or sequences) if cross else 0
    step, samples = given.max_num_batched_tokens or 0, True
    if step:
        source, samples = "stated", length <= step
    elif whole is not None and length > whole and _may_chunk(given, a):
        step, source, samples = int(engine.value("chunk_tokens")), engine.source("chunk_tokens"), False
    else:
        floors = engine.value("whole_prefill_floor")
        sort = "pooling" if not a.head else "images" if a.vision_parameters else "text"
        step = max(length, int(floors[sort]))
    if a.vision_parameters and not cross:
        sequences = max(1, min(sequences, step // (a.image_tokens or _USUAL_IMAGE)))
    return Profile(sequences, step, source, samples, images, given.max_num_seqs is not None)


def _may_chunk(given: FitInput, a: Architecture) -> bool:
    """Whether V0 cuts long prompts of this model up by default."""
    barred = given.engine.value("chunk_not_for")
    sorts = {
        "images": bool(a.vision_parameters),
        "window": a.kv is not None and bool(a.kv.layers_sliding),
        "state": bool(a.state_layers),
        "pooling": not a.head,
        "adapter": given.adapter is not None,
        "draft": given.draft is not None,
        "rocm": given.device.vendor == "amd",
    }
    return not any(sorts[name] for name in barred)


def generation_of(given: FitInput, a: Architecture | None = None) -> str:
    """Which vLLM engine runs: V0 or V1. While both existed, V1 left some devices and models to V0."""
    engine = given.engine
    if str(engine.value("generation")) == "V0":
        return "V0"
    left = engine.value("left_to_first_engine", ())
    if not left:
        return "V1"
    capability = given.device.compute_capability
    fp8 = bool(given.kv_dtype and given.kv_dtype.casefold().startswith("fp8"))
    sorts = {
        "before-ampere": capability is not None and capability < 8.0,
        "fp8-cache": fp8 and (capability or 0.0) < 9.0,
    }
    if a is not None:
        kv = a.kv
        sorts["cross"] = kv is not None and bool(kv.layers_cross)
        sorts["encoder-decoder"] = kv is not None and kv.kind == "encoder-decoder"
        sorts["state"] = bool(a.state_layers)
        sorts["pooling"] = not a.head
    return "V0" if any(sorts.get(name) for name in left) else "V1"


def second_runner(given: FitInput, a: Architecture | None) -> bool:
    """Whether vLLM's second model runner is the default for this model, in releases that have both."""
    who = given.engine.value("second_runner")
    if a is None or not who or given.device.vendor != "nvidia":
        return False
    return a.sort in who["types"] or (who["dense"] and a.head and not a.experts and not a.state_layers)


def _step(rows: list[list[int | str]], given: FitInput) -> int:
    """The last row whose memory (GiB) the device reaches, of those that are for its name."""
    memory = given.device.memory_gib or 0.0
    name = given.device.name.casefold()
    value = 0
    for floor, number, which in rows:
        if memory >= float(floor) and _named(str(which), name):
            value = int(number)
    return value


def _named(which: str, name: str) -> bool:
    """``any``, ``h100|h200``: one of these is in the name, ``not a100``: it is not."""
    if which == "any":
        return True
    words = which.removeprefix("not ").split("|")
    return any(word in name for word in words) != which.startswith("not ")
