"""Weights per device.

Formula, in bytes on the fullest device, with TP tensor-parallel ranks and PP pipeline stages::

    layers/PP x (replicated + kv_projections x ceil(kv/TP)/kv + rest/TP) + edge/TP + rope cache + allocator's rests

* replicated: norms, expert router, the down-projections of latent attention;
* kv_projections: every rank holds at least one KV head (vLLM config/model.py get_num_kv_heads);
* edge: embedding, lm_head and image encoder, once on one device; the fuller end of the pipeline otherwise.
  Tied embeddings count once, but both ends of a pipeline hold them;
* rope cache: max_position_embeddings x rotary elements x bytes of the calculation on every rank. Llama-3-8B is
  14.9595 GiB and Llama-3.1-8B 14.9888 GiB for that alone;
* allocator's rests: see ``allocator``.

In quantised formats only the body (or only the experts) is narrow; embedding, lm_head, image encoder, router and
norms stay 16-bit. Widths are measured, see ``knowledge/data/engines.json``.
"""

from __future__ import annotations

from attrs import frozen

from modelspec_ls.knowledge.engines import WeightFormat

from .allocator import rests_of
from .inputs import GIB, Adapter, Architecture, Placement
from .kv_layers import calculated_bytes
from .ranges import ZERO, Range

_COPY_BYTES = 2
_EXACT_BAND = 0.004
_SPLIT_BAND = 0.012
_LORA_BYTES = 2
_NAME_BAND = 0.06


@frozen
class Parts:
    """Parameters by how they are placed and quantised. They add up to the model's total."""

    embedding: float
    head: float
    vision: float
    experts: float
    kv_projections: float
    replicated: float
    """Norms and routers: held whole by every rank, left 16-bit."""
    latent: float
    """Down-projections of latent attention: held whole by every rank."""
    rest: float


@frozen
class Weights:
    """GiB of one model's weights."""

    per_device: Range
    total: float
    """One replica, all devices together, replicated tensors counted as often as they are held; without what the
    allocator adds."""
    exact: bool
    why: str


def parts_of(a: Architecture) -> Parts:
    """Split a parameter count by placement. Unknown dimensions leave their part in ``rest``."""
    hidden, layers = a.hidden or 0, a.layers or 0
    embedding = float((a.vocab or 0) * hidden)
    head = embedding if a.head and a.tied is False else 0.0
    vision, experts = float(a.vision_parameters), float(a.expert_parameters)
    kv = 0.0
    if a.kv is not None and not a.latent_width and a.kv.kind in {"attention", "encoder-decoder"}:
        cache = a.kv.elements_per_token_full + a.kv.elements_per_token_sliding + a.kv.elements_per_decoder_token
        kv = float(cache * hidden)
    replicated = float(layers * 2 * hidden + a.moe_layers * a.experts * hidden)
    latent = float(layers * a.latent_width * hidden)
    rest = a.parameters - (embedding + head + vision + experts + kv + replicated + latent)
    if rest < 0:  # A shape that does not belong to this count: split it evenly.
        return Parts(0.0, 0.0, 0.0, min(experts, float(a.parameters)), 0.0, 0.0, 0.0, max(0.0, a.parameters - experts))
    return Parts(embedding, head, vision, experts, kv, replicated, latent, rest)


def weights_of(
    a: Architecture,
    fmt: WeightFormat,
    place: Placement,
    measured: int | None = None,
    *,
    rope: bool = True,
    torch: bool = True,
    absorbed: bool = False,
    from_name: bool = False,
    capability: float | None = None,
) -> Weights:
    """Weights of one model.

    ``rope``: the engine keeps a rotary cache. ``torch``: it keeps tensors in PyTorch's allocator. ``absorbed``: it
    keeps a 16-bit copy of latent attention's up-projection, to work on the latent itself. ``measured``: bytes of the
    whole checkpoint. ``capability``: of the device, where the format's padding depends on it.
    """
    p = parts_of(a)
    wide = fmt.other_bits / 8
    narrow = fmt.body_bits / 8
    padding = padding_of(a, fmt, place, capability) if torch else 1.0
    body = narrow if fmt.scope in {"all", "body"} else wide
    bytes_by = {
        "split": p.rest * body + p.experts * narrow * padding,
        "kv": p.kv_projections * body,
        "replicated": p.replicated * wide + p.latent * body,
        "first": (p.embedding + p.vision) * wide,
        "last": (p.head or (p.embedding if place.pipeline > 1 and a.tied else 0.0)) * wide,
    }
    logical = sum(bytes_by.values()) - (bytes_by["last"] if not p.head else 0.0) - p.experts * narrow * (padding - 1)
    share = place.share(a.layers or place.pipeline)
    heads = a.kv_heads or 0
    kv_share = -(-heads // place.tensor) / heads if heads else 1 / place.tensor
    layer_bytes = bytes_by["replicated"] + bytes_by["kv"] * kv_share + bytes_by["split"] / place.tensor
    ends = (bytes_by["first"], bytes_by["last"])
    edge = sum(ends) if place.pipeline == 1 else max(ends)
    rope_bytes = (a.context or 0) * (a.rope_dim or 0) * a.rope_tables * calculated_bytes(fmt) if rope else 0
    scale = measured / logical if measured and logical else 1.0
    extra = rope_bytes
    if absorbed:
        extra += a.latent_copy * _COPY_BYTES / place.tensor * place.stage(a.layers or 1)
    rests = rests_of(a, place, body, wide) if torch and min(body, wide) >= 1 else 0.0
    device = (layer_bytes * share + edge / place.tensor) * scale + extra + rests
    everywhere = (layer_bytes * place.tensor + sum(ends)) * scale + extra * place.tensor * place.pipeline
    split = place.tensor * place.pipeline > 1
    band = (0.0 if measured else fmt.band) + (_SPLIT_BAND if split else _EXACT_BAND)
    if from_name:
        band = max(band, _NAME_BAND)
    value = device / GIB
    exact = not split and not from_name and (bool(measured) or not fmt.quantised)
    per = Range(value, value * (1 - band), value * (1 + band))
    return Weights(per, everywhere / GIB, exact, _why(a, fmt, place, measured))


def padding_of(a: Architecture, fmt: WeightFormat, place: Placement, capability: float | None) -> float:
    """How many times larger the experts are once the engine's kernel has padded them; 1 where it does not."""
    if not (fmt.padding and a.experts and a.expert_width and a.hidden):
        return 1.0
    rows = [row for row in fmt.padding if (capability or 0.0) >= row[0]]
    _, width_multiple, hidden_multiple = rows[-1]
    width = a.expert_width / place.tensor
    padded = -(-width // width_multiple) * width_multiple / width
    return padded * -(-a.hidden // hidden_multiple) * hidden_multiple / a.hidden


def adapters_of(a: Architecture, adapter: Adapter, place: Placement) -> Range:
    """GiB of LoRA adapters per device: rank x (inputs + outputs/TP) of all linear layers x 2 bytes x count.

    The inner halves are whole on every rank, as vLLM keeps them unless fully sharded.
    """
    if not (a.hidden and a.layers and adapter.count and adapter.rank):
        return ZERO
    hidden, wide = a.hidden, a.intermediate or a.expert_width * max(1, a.experts_per_token)
    queries = (a.heads or 0) * (a.head_dim or 0) or hidden
    keys = (a.kv_heads or a.heads or 0) * (a.head_dim or 0) or hidden
    inputs = 3 * hidden + queries + 2 * hidden + wide
    outputs = queries + 2 * keys + hidden + 2 * wide + hidden
    per_layer = adapter.rank * (inputs + outputs / place.tensor) * _LORA_BYTES
    value = per_layer * place.stage(a.layers) * adapter.count / GIB
    return Range(value, value * 0.3, value * 1.3)


def _why(a: Architecture, fmt: WeightFormat, place: Placement, measured: int | None) -> str:
    if measured:
        size = f"measured checkpoint of {measured / GIB:.2f} GiB"
    elif not fmt.quantised:
        size = f"{a.parameters:,} parameters x {fmt.body_bits / 8:g} bytes"
    else:
        what = {"body": "body", "experts": "experts", "all": "all weights"}[fmt.scope]
        size = f"{a.parameters:,} parameters, {what} at {fmt.body_bits:g} bits ({fmt.source})"
    devices = place.tensor * place.pipeline
    return size if devices == 1 else f"{size}, over TP {place.tensor} x PP {place.pipeline}"
