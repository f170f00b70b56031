"""Key-value cache: bytes per token, per sequence, and how many sequences a pool holds.

A plan is a list of groups; one sequence of n tokens takes, per device::

    sum over groups of  block_bytes x (ceil(min(n, cap) / block_tokens) + extra)

Elements per token are the catalogue's (K and V together, summed over layers). A rank holds ceil(kv_heads / TP)
heads, at least one: heads are replicated when TP exceeds them. Latent attention (MLA) is not divided by TP: 61 layers
x 576 x 2 bytes = 70,272 bytes per token of DeepSeek-R1 on every rank.
"""

from __future__ import annotations

import math

from attrs import field, frozen

from modelspec_ls.knowledge.engines import Engine, WeightFormat
from modelspec_ls.knowledge.types import KvCache

from .inputs import GIB, Architecture, Placement
from .kv_layers import Layers, calculated_bytes, element_bytes, heads_share

_IMAGE_TOKENS = 6404
_KERNEL_BLOCK = 16


@frozen
class Group:
    """Layers that take blocks alike."""

    block_bytes: float
    block_tokens: int
    cap: int | None = None
    """Tokens after which a sequence takes no further blocks."""
    extra: int = 0
    """Blocks that a sequence takes whatever its length."""

    def blocks(self, tokens: int) -> int:
        """Blocks that one sequence takes."""
        held = tokens if self.cap is None else min(tokens, self.cap)
        return -(-held // self.block_tokens) + self.extra


@frozen
class KvPlan:
    """The cache of one device."""

    groups: tuple[Group, ...]
    pool_block: float = 0.0
    """Bytes of the block that all groups draw from one pool; 0: separate pools."""
    notes: tuple[str, ...] = field(default=())

    @property
    def bytes_per_token(self) -> float:
        """What one more token costs once windows are full."""
        return sum(g.block_bytes / g.block_tokens for g in self.groups if g.cap is None)

    @property
    def uniform(self) -> bool:
        """Every layer keeps every token, and nothing else."""
        return len(self.groups) == 1 and self.groups[0].cap is None and not self.groups[0].extra

    def sequence_bytes(self, tokens: int) -> float:
        """Bytes of one sequence."""
        return sum(g.block_bytes * g.blocks(tokens) for g in self.groups)

    def concurrency(self, pool_gib: float, tokens: int) -> float:
        """How many sequences of this length a pool holds, as a fraction where the last does not fit whole."""
        need = self.sequence_bytes(tokens)
        pool = max(0.0, pool_gib) * GIB
        if self.pool_block:
            pool = pool // self.pool_block * self.pool_block
        return pool / need if need else math.inf

    def capacity_tokens(self, pool_gib: float, tokens: int) -> int | None:
        """Tokens a pool holds; concurrency x length where layers differ, as vLLM prints it from 0.20.2."""
        if not self.groups or not self.bytes_per_token:
            return None
        if self.uniform:
            group = self.groups[0]
            return int(max(0.0, pool_gib) * GIB // group.block_bytes) * group.block_tokens
        return int(self.concurrency(pool_gib, tokens) * tokens)


def plan_of(
    a: Architecture,
    engine: Engine,
    place: Placement,
    kv_dtype: str | None,
    in_flight: int,
    *,
    weights: WeightFormat | None = None,
    hybrid: bool = False,
) -> KvPlan | None:
    """How this engine keeps this model's cache. None: the architecture's cache is not known.

    ``hybrid``: vLLM's hybrid manager runs, so sliding and state layers have pools of their own kind.
    """
    kv = a.kv
    if kv is None or kv.kind == "compressed":
        return None
    size = element_bytes(kv_dtype, weights)
    block = int(engine.value("block_tokens", 16))
    if kv.kind == "none":
        return KvPlan(())
    if kv.kind == "encoder-decoder":
        return _encoder_decoder(a, kv, place, size, block)
    layers = Layers(a, kv, place, size, calculated_bytes(weights))
    if hybrid and (layers.sliding_layers or layers.state_layers):
        return _hybrid(layers, kv, block, in_flight, int(engine.value("state_blocks", 1)))
    return _plain(layers, kv, engine, block, in_flight)


def _encoder_decoder(a: Architecture, kv: KvCache, place: Placement, size: float, block: int) -> KvPlan:
    share = place.share(a.layers or 1) * heads_share(a.kv_heads, place) * size
    own = Group(kv.elements_per_decoder_token * share * block, block)
    frames = a.encoder_tokens or a.context or 0
    cross = Group(kv.cross_elements_per_encoder_token * share * block, block, cap=0, extra=-(-frames // block))
    notes = () if a.encoder_tokens else (f"Encoder output taken as {frames} positions.",)
    return KvPlan((own, cross), 0.0, notes)


def _plain(layers: Layers, kv: KvCache, engine: Engine, block: int, in_flight: int) -> KvPlan:
    """One pool of blocks for all layers; sliding layers by the engine's habit."""
    growing, groups, notes = layers.full, [], []
    ratio = float(engine.value("sliding_pool_ratio", 1.0))
    window = kv.sliding_window
    bounded = bool(engine.value("sliding_window_cache", engine.rule == "tensorrt-llm"))
    if layers.sliding and bounded and window:
        cap = window + int(engine.value("micro_batch", 0 if engine.rule == "static" else in_flight))
        groups.append(Group(layers.sliding * block, block, cap=cap))
        notes.append(f"Sliding layers keep {cap} tokens.")
    elif layers.sliding:
        growing += layers.sliding * ratio
        notes.append("Sliding layers keep every token with this engine.")
    if layers.state:
        groups.append(Group(layers.state, 1, cap=0, extra=1))
    if layers.cross and engine.rule == "vllm":
        growing += layers.cross  # Blocks are sized for all layers alike.
        notes.append(f"An image takes blocks of its own, as {_IMAGE_TOKENS:,} tokens would.")
    elif layers.cross:
        groups.append(Group(layers.cross * block, block, cap=0, extra=-(-_IMAGE_TOKENS // block)))
    if growing:
        groups.insert(0, Group(growing * block, block))
    pool = groups[0].block_bytes if len(groups) == 1 else 0.0
    return KvPlan(tuple(groups), pool, tuple(notes))


def _hybrid(layers: Layers, kv: KvCache, block: int, in_flight: int, state_blocks: int) -> KvPlan:
    """The hybrid manager of vLLM: equal pages, layers padded to a multiple of the smallest group.

    Gemma-3-27B, 10 full and 52 sliding layers: 70 slots. Sliding layers keep min(window - 1 + tokens in flight, n)
    and one block more. Attention pages grow to the size of a state page. Source: vLLM v1/core/kv_cache_utils.py and
    v1/kv_cache_interface.py, 0.11.0 and 0.33.0.
    """
    counts = [n for n in (layers.full_layers, layers.sliding_layers, layers.state_layers) if n]
    slots = min(counts)
    if max(counts) < 1.25 * slots:
        slots = max(counts)
    sorts = (
        (layers.full_width, layers.full_layers, None, 0),
        (layers.sliding_width, layers.sliding_layers, (kv.sliding_window or 0) - 1 + in_flight, 1),
    )
    widths = [width for width, count, _, _ in sorts if width and count]
    if not widths:
        return KvPlan((Group(layers.state, 1, cap=0, extra=1),))
    widest = max(widths)
    block = max(block, math.ceil(layers.state_page / widest / _KERNEL_BLOCK) * _KERNEL_BLOCK)
    pool = slots * max(block * widest, layers.state_page)
    groups = []
    for width, count, cap, extra in sorts:
        if width and count:
            tokens = max(1, int(block * widest / width))
            groups.append(Group(pool * -(-count // slots), tokens, cap, extra))
    if layers.state_layers:
        groups.append(Group(pool * -(-layers.state_layers // slots), 1, cap=0, extra=state_blocks))
    note = f"vLLM's hybrid cache: groups of {slots} layers, blocks of {block} tokens."
    return KvPlan(tuple(groups), pool, (note,))
