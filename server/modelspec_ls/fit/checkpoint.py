"""A checkpoint on disk as input of the estimate: config.json and tensor facts become an ``Architecture``.

Pure: ``workspace/checkpoint`` reads the files. What config.json and the tensors both say is taken from the tensors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import evolve, field, frozen

from modelspec_ls.knowledge.engines import WeightFormat, image_profile, rope_tables, state_bytes, weight_format

from .checkpoint_config import ENCODERS, Config
from .checkpoint_kv import kv_of, state_layers_of
from .checkpoint_tensors import Packing, Tensor, TensorFacts, count, format_of, packing_of
from .inputs import Architecture

Sort = Literal["safetensors", "gguf", "pickle"]
_DTYPES = {"bfloat16": "bf16", "float16": "fp16", "half": "fp16", "float32": "fp32", "float": "fp32"}


@frozen
class CheckpointFacts:
    """What a checkpoint says about itself."""

    sort: Sort
    """What the weights are stored as."""
    architecture: Architecture
    weight_bytes: int
    """Bytes that an engine loads, all devices together."""
    stored_bytes: int
    """Bytes of all tensors; of whole files where tensors were not inspected."""
    weights: WeightFormat | None
    """The format of the weights as stored; None: not known."""
    parameters_exact: bool
    """Counted from the tensors, not worked out from the size of files."""
    model_type: str = ""
    """In the words of config.json; empty where it does not say."""
    tensors: int = 0
    dtypes: Mapping[str, int] = field(factory=dict)
    """Bytes by stored type, in the file's own words."""
    files: tuple[str, ...] = ()
    """The files that were read, relative to the folder."""
    notes: tuple[str, ...] = ()
    """What was assumed or left out, one sentence each."""

    def measured_for(self, weights: WeightFormat | None) -> int | None:
        """Bytes of the files where weights are loaded about as wide as they are stored; None: they are converted."""
        own = self.weights
        if weights is not None and own is not None and abs(weights.body_bits - own.body_bits) >= 1:
            return None
        return self.weight_bytes

    def over(self, known: Architecture | None) -> Architecture:
        """The architecture; a known one where nothing was counted, or with what was counted where no cache is told."""
        own = self.architecture
        if known is None or (own.kv is not None and self.parameters_exact):
            return own
        if not self.parameters_exact:
            return known
        return evolve(
            known,
            parameters=own.parameters,
            expert_parameters=own.expert_parameters,
            vision_parameters=own.vision_parameters,
        )


def architecture_of_config(raw: Mapping[str, Any], parameters: int, *, defaults: bool = True) -> Architecture:
    """The numbers of a config.json. Wrong or missing ones stay None; ``defaults`` fills in those of transformers."""
    c = Config(raw, defaults=defaults)
    kv = kv_of(c)
    states = state_layers_of(c)
    each = kv.state_elements_per_sequence / states if kv is not None and states else 0.0
    layers, hidden, head_dim = c.layers, c.number("hidden"), c.head_dim
    rank, rope = c.integer("kv_lora_rank") or 0, c.integer("qk_rope_head_dim")
    latent = rank + (rope or 0) + (c.integer("q_lora_rank") or 0) if rank else 0
    copied = (c.integer("qk_nope_head_dim") or 0) + (c.integer("v_head_dim") or 0)
    copied *= rank * (c.heads or 0)
    experts, width, routed = _experts(c)
    dense = c.intermediate or 0
    if experts and routed == layers and not c.integer("intermediate_size_mlp"):
        dense = 0
    shared = (c.integer("n_shared_experts", "num_shared_experts") or 0) * width
    shared = max(shared, c.integer("shared_expert_intermediate_size", "moe_shared_expert_intermediate_size") or 0)
    images = image_profile(c.outer_type)
    return Architecture(
        parameters=parameters,
        layers=layers,
        hidden=hidden,
        intermediate=max(dense, shared) if c.intermediate is not None or shared else None,
        heads=c.heads,
        kv_heads=c.kv_heads,
        kv_heads_full=c.integer("num_global_key_value_heads"),
        head_dim=None if latent else head_dim,
        rope_dim=rope if latent else head_dim,
        rope_tables=max(rope_tables(c.outer_type), rope_tables(c.type)),
        vocab=c.number("vocab"),
        context=c.context,
        tied=c.tied,
        head=c.type not in ENCODERS,
        vision_hidden=_image_encoder(c, "embed_dim", "hidden_size") if images.any_size else 0,
        image_tokens=images.tokens,
        vision_states=images.widths,
        video_images=images.video,
        vision_width=_image_encoder(c, "embed_dim", "hidden_size"),
        vision_layers=_image_encoder(c, "num_hidden_layers", "depth"),
        experts=experts,
        experts_per_token=(c.number("experts_per_token") or 0) if experts else 0,
        expert_width=width,
        moe_layers=routed,
        expert_parameters=3 * (hidden or 0) * width * experts * routed,
        latent_width=latent,
        latent_copy=copied,
        state_layers=states,
        state_bytes=state_bytes(c.type, each) or state_bytes(c.outer_type, each),
        kv=kv,
        encoder_tokens=(c.integer("max_source_positions") or 1500) if c.type == "whisper" else None,
        sort=c.outer_type,
    )


def _image_encoder(c: Config, *keys: str) -> int:
    """A number of the image encoder by the first of the keys that it has; 0: there is none.

    Qwen2-VL calls its hidden size embed_dim and its output hidden_size.
    """
    vision = c.values.get("vision_config")
    if not isinstance(vision, Mapping):
        return 0
    number = next((vision[key] for key in keys if key in vision), 0)
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else 0


def _experts(c: Config) -> tuple[int, int, int]:
    """Routed experts of a layer, the width of one, and the layers that have them."""
    experts, layers = c.number("experts") or 0, c.layers or 0
    if experts < 2:
        return 0, 0, 0
    width = c.integer("moe_intermediate_size", "expert_ffn_hidden_size") or c.integer("intermediate_size") or 0
    width = width or c.number("intermediate") or 0
    pattern = c.values.get("hybrid_override_pattern")
    if isinstance(pattern, str) and len(pattern) == layers:
        return experts, width, pattern.count("E")
    dense = c.integer("first_k_dense_replace") or 0
    listed = c.values.get("mlp_only_layers")
    dense += len(listed) if isinstance(listed, list) else 0
    every = c.integer("decoder_sparse_step", "interleave_moe_layer_step", "expert_layer_period", "moe_layer_freq") or 1
    return experts, width, max(0, layers - dense) // every


def facts_of_tensors(
    config: Mapping[str, Any], tensors: Sequence[Tensor], *, sort: Sort = "safetensors"
) -> CheckpointFacts:
    """The facts of a checkpoint whose tensors are known."""
    packing, c = packing_of(config), Config(config)
    if not packing.method and any(t.name.endswith(".qweight") for t in tensors):
        packing = evolve(packing, method="gptq", bits=4)
    drafting = c.integer("num_nextn_predict_layers", "num_mtp_layers") or 0
    totals = count(tensors, packing, tied=c.tied, layers=c.layers, drafting=drafting)
    notes = [] if totals.loaded_bytes == totals.stored_bytes else [_left_out(totals)]
    shape = architecture_of_config(config, totals.parameters)
    shape = with_tensors(shape, totals)
    if not config:
        notes.append("There is no config.json: the size is known, the cache is not.")
    return CheckpointFacts(
        sort=sort,
        architecture=shape,
        weight_bytes=totals.loaded_bytes,
        stored_bytes=totals.stored_bytes,
        weights=format_of(totals, packing, measured=True),
        parameters_exact=True,
        model_type=c.outer_type,
        tensors=totals.tensors,
        dtypes=totals.dtypes,
        notes=tuple(notes),
    )


def with_tensors(shape: Architecture, totals: TensorFacts) -> Architecture:
    """An architecture with what its tensors say."""
    head, tied = shape.head, shape.tied
    if head and totals.has_head:
        tied = False
    elif head and tied is False:  # A classifier or an embedding model made from a generator.
        head = False
    return evolve(
        shape,
        parameters=totals.parameters,
        expert_parameters=totals.expert_parameters,
        vision_parameters=totals.vision_parameters,
        head=head,
        tied=tied,
    )


def facts_of_sizes(config: Mapping[str, Any], stored: int, *, sort: Sort = "pickle") -> CheckpointFacts:
    """The facts of a checkpoint of which only the size of its files is known: parameters are worked out from it."""
    packing, c = packing_of(config), Config(config)
    stated = c.values.get("torch_dtype") or c.values.get("dtype")
    name = _DTYPES.get(stated.removeprefix("torch.")) if isinstance(stated, str) else None
    nothing = TensorFacts(0, stored, stored, 0, 0, 0, False, True, 0)
    found = format_of(nothing, packing, measured=False) if packing.method else weight_format(name or "fp32")
    bits = found.body_bits if found is not None else 16.0
    parameters = round(stored * 8 / bits)
    shape = architecture_of_config(config, parameters)
    if shape.expert_parameters >= parameters:
        shape = evolve(shape, expert_parameters=0)
    note = f"Files of this sort are not opened: {parameters:,} parameters are their size over {bits:g} bits."
    return CheckpointFacts(
        sort=sort,
        architecture=shape,
        weight_bytes=stored,
        stored_bytes=stored,
        weights=found,
        parameters_exact=False,
        model_type=c.outer_type,
        notes=(note,),
    )


def _left_out(totals: TensorFacts) -> str:
    left = (totals.stored_bytes - totals.loaded_bytes) / 2**20
    return f"{left:,.2f} MiB are stored but not loaded: second copies of tied weights, constants, layers for drafting."


__all__ = [
    "CheckpointFacts",
    "Packing",
    "Tensor",
    "architecture_of_config",
    "facts_of_sizes",
    "facts_of_tensors",
    "with_tensors",
]
