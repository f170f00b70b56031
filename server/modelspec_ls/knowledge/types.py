"""What the catalogue knows, as frozen values. Facts come from ``data/``, made by ``scripts/update_catalogue.py``.

Units: GB is 10^9 bytes and GiB 2^30; memory as a vendor advertises it is in the vendor's GB. "Elements" are
numbers in a cache: multiply by bytes per element. None means unknown, or that the model has no such part.
Models and accelerators compare by identity: there is one object for each row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from attrs import field, frozen


@frozen
class KvCache:
    """Cache elements, K and V together, summed over the layers of each sort."""

    kind: str = "attention"
    """attention, mla (latent vectors, not divided by tensor parallelism), state (per sequence only),
    encoder-decoder, none (encoders), compressed (not linear in tokens)."""
    layers_full: int = 0
    """Layers whose cache grows with every token."""
    elements_per_token_full: int = 0
    """Elements per token of those layers."""
    layers_sliding: int = 0
    """Layers that keep the last ``sliding_window`` tokens only."""
    elements_per_token_sliding: int = 0
    """Elements per token of those layers, up to the window."""
    sliding_window: int | None = None
    """Tokens that sliding layers keep."""
    layers_linear: int = 0
    """Linear-attention layers, whose state does not grow."""
    layers: int | None = None
    """Layers with a state, for kind ``state``."""
    state_elements_per_sequence: int = 0
    """Elements per sequence, whatever its length: state-space and linear-attention layers."""
    layers_cross: int = 0
    """Cross-attention layers that cache image tokens."""
    elements_per_image_token_cross: int = 0
    """Elements per image token of those layers."""
    elements_per_decoder_token: int = 0
    """Encoder-decoder: elements per generated token."""
    cross_elements_per_encoder_token: int = 0
    """Encoder-decoder: elements per token (audio frame) of the encoder's output."""
    indexer_layers: int = 0
    """Layers with a sparse-attention key cache."""
    indexer_elements_per_token: int = 0
    """Elements per token of that cache, on top of the main one."""
    note: str = ""


class Mla(NamedTuple):
    """Multi-head latent attention: widths in elements."""

    kv_lora_rank: int
    qk_rope_head_dim: int
    qk_nope_head_dim: int
    v_head_dim: int
    q_lora_rank: int | None = None


class Moe(NamedTuple):
    """Routed experts. ``expert_parameters``: weights of all routed experts of all layers together."""

    num_experts: int
    experts_per_token: int
    expert_parameters: int
    moe_intermediate_size: int | None = None
    shared_experts: int = 0
    shared_expert_intermediate_size: int | None = None
    first_dense_layers: int = 0
    moe_layers: int | None = None


class Vision(NamedTuple):
    """The image encoder; ``image_size`` and ``patch_size`` in pixels."""

    num_layers: int | None = None
    hidden_size: int | None = None
    image_size: int | None = None
    patch_size: int | None = None
    parameters: int | None = None


class Quantization(NamedTuple):
    """How stored weights are quantised; ``bits`` per weight, scales not counted."""

    method: str
    bits: int
    expert_bits: int | None = None
    group_size: int | None = None
    weight_block_size: tuple[int, ...] | None = None
    note: str = ""


class Origin(NamedTuple):
    """The place in a workspace where a row stands that is not the built-in catalogue's."""

    path: str
    """The file's path, with forward slashes."""
    line: int
    """Of the row's first line, from 1."""
    replaces: bool = False
    """The built-in catalogue has a row of the same id, or one further up has; this one counts."""

    @property
    def short(self) -> str:
        """The path from ``.modelspec`` on, with the line."""
        head, mark, tail = self.path.rpartition("/.modelspec/")
        return f"{mark[1:]}{tail}:{self.line}" if mark else f"{head}{tail}:{self.line}"


@frozen(eq=False, repr=False)
class Model:
    """One checkpoint."""

    id: str
    """Repository on the Hugging Face hub."""
    family: str
    """The catalogue's own family name, as in ``models.families``."""
    architecture: str
    model_type: str
    tasks: tuple[str, ...]
    """Pipeline tasks in the hub's words."""
    parameters_total: int
    """Weights of the architecture; tied ones once, packed ones unpacked."""
    parameters_active: int
    """Total without the routed experts that a token does not use."""
    weight_bytes: int
    """Bytes of the weights as stored, in ``native_dtype``."""
    weight_bytes_exact: bool
    """False for quantised checkpoints, where scales and 16-bit layers are estimated."""
    native_dtype: str
    """What the weights are stored in; for 4-bit packings the type they are computed in, see ``quantization``."""
    num_layers: int
    hidden_size: int
    vocab_size: int
    """Entries of the embedding table, padding included."""
    attention: str
    """mha, gqa, mqa, mla, hybrid or none."""
    license: str
    verified: str
    """meta-device (built and counted), published (same total elsewhere) or derived (by formula)."""
    source_kind: str
    """config-copy, count-table, published-count, shape-match or sibling: what the shape rests on."""
    sources: tuple[str, ...]
    date: str
    """When the facts were collected, YYYY-MM-DD."""
    alternate_ids: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    tuning: str | None = None
    """``base`` or ``instruct``, read from the names; None where they do not say."""
    parameters_embedding: int | None = None
    """vocab_size x hidden_size."""
    parameters_checkpoint: int | None = None
    """The hub's own count where it differs from ``parameters_total``."""
    parameters_published: int | None = None
    """Set when another source gives exactly ``parameters_total``."""
    num_attention_heads: int | None = None
    num_key_value_heads: int | None = None
    head_dim: int | None = None
    """Elements of one Q or K head; None for latent attention, see ``mla``."""
    value_head_dim: int | None = None
    """Elements of one V head."""
    global_head_dim: int | None = None
    """Elements of a head in the layers that see everything, where it differs."""
    num_global_key_value_heads: int | None = None
    intermediate_size: int | None = None
    """Width of the dense feed-forward; None where all layers have experts."""
    intermediate_size_dense: int | None = None
    num_encoder_layers: int | None = None
    num_decoder_layers: int | None = None
    tie_word_embeddings: bool | None = None
    max_position_embeddings: int | None = None
    """Native context in tokens; None for models without a limit."""
    default_max_tokens: int | None = None
    """A lower limit, in tokens, that sentence-transformers sets."""
    sliding_window: int | None = None
    """Tokens."""
    layer_pattern: Mapping[str, int] = field(factory=dict)
    """Layers of each sort; empty when all attend in full."""
    compress_ratios: tuple[int, ...] = ()
    """Tokens folded into one cache entry, by layer; 0 for none."""
    kv_cache: KvCache | None = None
    mla: Mla | None = None
    moe: Moe | None = None
    vision: Vision | None = None
    quantization: Quantization | None = None
    gated: bool | None = None
    notes: str = ""
    origin: Origin | None = None
    """None: the built-in catalogue."""

    def __repr__(self) -> str:
        return f"Model({self.id!r})"

    @property
    def context_tokens(self) -> int | None:
        """Longest sequence the checkpoint is made for, in tokens."""
        limits = [n for n in (self.max_position_embeddings, self.default_max_tokens) if n]
        return min(limits, default=None)


@frozen
class Instance:
    """A machine type and how many accelerators it has."""

    cloud: str
    type: str
    accelerator_id: str
    count: int


@frozen(eq=False, repr=False)
class Accelerator:
    """One product; memory and rates are those of one device as it is sold."""

    id: str
    vendor: str
    name: str
    architecture: str
    """The generation, for example Hopper."""
    released: int
    """Year."""
    memory_gb_marketed: int
    """The vendor's GB: decimal for some, binary for others."""
    memory_type: str
    memory_bandwidth_gb_s: float
    """GB/s, decimal."""
    supports: Mapping[str, bool]
    """Hardware formats: fp16, bf16, fp8, int8, fp4; int4_weight_only: kernels exist."""
    source_kind: str
    """table, public-files or reports (analysts' figures)."""
    sources: tuple[str, ...]
    date: str
    """When the facts were collected, YYYY-MM-DD."""
    aliases: tuple[str, ...] = ()
    compute_capability: float | None = None
    """NVIDIA only."""
    gfx_arch: str | None = None
    form_factor: str | None = None
    memory_mib_reported: int | None = None
    """What the driver reports as total."""
    memory_gib_usable: float | None = None
    """The driver's or the framework's total; ``memory_usable_kind`` says whose."""
    memory_usable_basis: str | None = None
    memory_usable_kind: str | None = None
    """driver, framework (what PyTorch prints) or rule-of-thumb (Apple, 75 %)."""
    memory_gib_runtime: float | None = None
    """Total that PyTorch or the engine prints at start-up, from public logs."""
    memory_gib_runtime_range: tuple[float, float] | None = None
    framework_total_gib: tuple[float, float] | None = None
    tflops_dense: Mapping[str, float] = field(factory=dict)
    """Tensor rates by format in TFLOPS, without sparsity; an unknown one is absent."""
    tops_int8_dense: float | None = None
    interconnect: Mapping[str, float | str] = field(factory=dict)
    """GB/s both ways for keys ending in ``_gb_s``; else a description."""
    accelerators_per_node_typical: int | None = None
    mig_profiles: tuple[str, ...] = ()
    kubernetes_resource: str | None = None
    gpu_product_label: str | None = None
    instances: tuple[Instance, ...] = ()
    notes: str = ""
    origin: Origin | None = None
    """None: the built-in catalogue."""

    def __repr__(self) -> str:
        return f"Accelerator({self.id!r})"
