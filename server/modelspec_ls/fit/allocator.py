"""What PyTorch's caching allocator adds to weights.

Requests of 10 MiB and more get a segment of their own, rounded up to 2 MiB; a rest of at most 1 MiB is not split
off and stays with the tensor (c10/cuda/CUDACachingAllocator.cpp: kMinLargeAlloc, kRoundLarge, should_split). Engines
report what is allocated, so the rest counts: Qwen2.5-7B has 2 MiB of it in each of 28 layers and is logged with
14.25 GiB where parameters and rotary table make 14.19; Llama's shapes are whole segments and have none.
"""

from __future__ import annotations

from .inputs import Architecture, Placement

_MIB = 2**20
_OWN_SEGMENT = 10 * _MIB
_ROUND = 2 * _MIB
_SPLIT_ABOVE = _MIB
_VOCABULARY_MULTIPLE = 64


def rest_of(size: float) -> float:
    """Bytes that the allocator adds to one tensor of ``size`` bytes."""
    if size < _OWN_SEGMENT:
        return 0.0
    rest = -size % _ROUND
    return rest if rest <= _SPLIT_ABOVE else 0.0


def rests_of(a: Architecture, place: Placement, body: float, edge: float) -> float:
    """Bytes that the allocator adds to the weights of the fullest device.

    ``body`` and ``edge``: bytes per weight of the layers, and of embedding and lm_head. Tensors are those that engines
    keep: queries, keys and values in one, gate and up in one, all experts of a layer in one.
    """
    hidden, tensor = a.hidden or 0, place.tensor
    if not (hidden and a.layers):
        return 0.0
    per_layer = 0.0
    if a.heads and a.head_dim and not a.latent_width:
        queries = -(-a.heads // tensor)
        keys = -(-(a.kv_heads or a.heads) // tensor)
        attention = rest_of((queries + 2 * keys) * a.head_dim * hidden * body)
        attention += rest_of(queries * a.head_dim * hidden * body)
        per_layer += attention * max(0, a.layers - a.state_layers) / a.layers
    dense = a.layers - a.moe_layers
    if a.intermediate and dense:
        wide = a.intermediate / tensor
        per_layer += (rest_of(_gates(a) * wide * hidden * body) + rest_of(wide * hidden * body)) * dense / a.layers
    if a.experts and a.expert_width and a.moe_layers:
        stack = a.experts * a.expert_width / tensor * hidden * body
        per_layer += (rest_of(2 * stack) + rest_of(stack)) * a.moe_layers / a.layers
    rows = -(-(a.vocab or 0) // _VOCABULARY_MULTIPLE) * _VOCABULARY_MULTIPLE / tensor
    ends = 1 if place.pipeline > 1 or a.tied or not a.head else 2
    return per_layer * place.stage(a.layers) + ends * rest_of(rows * hidden * edge)


def _gates(a: Architecture) -> int:
    """Matrices beside the down-projection: 2 with a gate, as what remains of a layer's parameters says, else 1."""
    if a.experts or not (a.layers and a.hidden and a.intermediate):
        return 2
    ends = (a.vocab or 0) * a.hidden * (1 if a.tied or not a.head else 2)
    layer = (a.parameters - a.vision_parameters - ends) / a.layers
    attention = 2 * ((a.heads or 0) + (a.kv_heads or a.heads or 0)) * (a.head_dim or 0) * a.hidden
    return 2 if layer - attention > 2.5 * a.intermediate * a.hidden else 1
