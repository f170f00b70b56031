"""Cache bytes per token of each sort of layer on one rank."""

from __future__ import annotations

from modelspec_ls.knowledge.engines import WeightFormat
from modelspec_ls.knowledge.precisions import kv_bytes
from modelspec_ls.knowledge.types import KvCache

from .inputs import Architecture, Placement

_INDEXER_BYTES = 132 / 128  # One-byte keys of 128 elements with a 4-byte scale.


def element_bytes(kv_dtype: str | None, weights: WeightFormat | None) -> float:
    """Bytes per cache element: as stated, else of the type the model is calculated in (4 for fp32 weights, else 2)."""
    own = calculated_bytes(weights)
    stated = kv_bytes(kv_dtype) if kv_dtype and kv_dtype.casefold() != "auto" else None
    return own if stated is None else stated


def calculated_bytes(weights: WeightFormat | None) -> float:
    """Bytes per element of activations and states."""
    return 4.0 if weights is not None and weights.body_bits == 32 else 2.0


class Layers:
    """Bytes per token and counts of each sort of layer on the fullest stage of one rank."""

    def __init__(self, a: Architecture, kv: KvCache, place: Placement, size: float, own: float) -> None:
        latent = kv.kind == "mla"
        heads = heads_share(a.kv_heads, place)
        full = 1.0 if latent else heads_share(a.kv_heads_full, place) if a.kv_heads_full else heads
        counted = kv.layers_full or a.layers or 1
        self.full_layers = place.stage(counted) if kv.elements_per_token_full else 0
        self.full_width = kv.elements_per_token_full * size * full / counted
        self.full = self.full_width * self.full_layers
        self.full += kv.indexer_elements_per_token * _INDEXER_BYTES * place.share(kv.indexer_layers)
        self.sliding_layers = place.stage(kv.layers_sliding)
        self.sliding_width = (
            kv.elements_per_token_sliding * size * (1.0 if latent else heads) / (kv.layers_sliding or 1)
        )
        self.sliding = self.sliding_width * self.sliding_layers
        self.state_layers = place.stage(a.state_layers or 1) if kv.state_elements_per_sequence else 0
        self.state_page = kv.state_elements_per_sequence * (a.state_bytes or own) / place.tensor / (a.state_layers or 1)
        self.state = self.state_page * self.state_layers
        self.cross = kv.elements_per_image_token_cross * size * heads * place.share(kv.layers_cross)


def heads_share(kv_heads: int | None, place: Placement) -> float:
    """Share of the KV heads on one rank: ceil(heads / TP) / heads."""
    return -(-kv_heads // place.tensor) / kv_heads if kv_heads else 1 / place.tensor
