"""Catalogue rows as inputs of the estimate."""

from __future__ import annotations

from attrs import frozen

from modelspec_ls.knowledge.accelerators import memory_gib
from modelspec_ls.knowledge.engines import WeightFormat, image_profile, rope_tables, state_bytes, weight_format
from modelspec_ls.knowledge.types import Accelerator, Model

from .inputs import Architecture, Device

_WHISPER_FRAMES = 1500
_METHODS = {"awq": "awq-int4", "mxfp4": "mxfp4", "fbgemm_fp8": "fp8-fbgemm"}
_BASES = {
    "runtime": "total that the runtime prints, from public logs",
    "usable": "derived from the total that the driver reports",
    "marketed": "derived from the advertised size",
    "stated": "as {origin} states",
}


@frozen(eq=False, repr=False, kw_only=True)
class RecordedModel(Model):
    """A model of a workspace's own catalogue, with its numbers as its row or its config.json tell them."""

    shape: Architecture
    stored: WeightFormat | None


def architecture_of(model: Model) -> Architecture:
    """The numbers of a catalogue model that memory depends on."""
    if isinstance(model, RecordedModel):
        return model.shape
    moe = model.moe
    layers = model.num_decoder_layers or model.num_layers
    dense = model.intermediate_size_dense or model.intermediate_size or 0
    shared = 0
    if moe is not None:
        width = moe.moe_intermediate_size or model.intermediate_size or 0
        shared = moe.shared_experts * (moe.shared_expert_intermediate_size or width)
        if moe.moe_layers is None and not moe.first_dense_layers and model.intermediate_size_dense is None:
            dense = 0
    kv = model.kv_cache
    images = image_profile(model.model_type)
    state = model.layer_pattern.get("mamba", 0) + model.layer_pattern.get("linear_attention", 0)
    states = (kv.layers_linear or kv.layers or state) if kv is not None else state
    latent, copied = 0, 0
    if model.mla is not None:
        wide = (model.mla.qk_nope_head_dim + model.mla.v_head_dim) * (model.num_attention_heads or 0)
        copied = model.mla.kv_lora_rank * wide
        latent = model.mla.kv_lora_rank + model.mla.qk_rope_head_dim + (model.mla.q_lora_rank or 0)
    return Architecture(
        parameters=model.parameters_total,
        layers=layers,
        hidden=model.hidden_size,
        intermediate=max(dense, shared),
        heads=model.num_attention_heads,
        kv_heads=model.num_key_value_heads,
        kv_heads_full=model.num_global_key_value_heads,
        head_dim=model.head_dim,
        rope_dim=model.mla.qk_rope_head_dim if model.mla is not None else model.head_dim,
        rope_tables=rope_tables(model.model_type),
        vocab=model.vocab_size,
        context=model.context_tokens,
        tied=model.tie_word_embeddings,
        head=kv is None or kv.kind != "none",
        vision_parameters=(model.vision.parameters or 0) if model.vision is not None else 0,
        vision_hidden=(model.vision.hidden_size or 0) if model.vision and images.any_size else 0,
        image_tokens=images.tokens,
        vision_states=images.widths,
        video_images=images.video,
        vision_width=(model.vision.hidden_size or 0) if model.vision else 0,
        vision_layers=(model.vision.num_layers or 0) if model.vision else 0,
        expert_parameters=moe.expert_parameters if moe is not None else 0,
        experts=moe.num_experts if moe is not None else 0,
        experts_per_token=moe.experts_per_token if moe is not None else 0,
        expert_width=(moe.moe_intermediate_size or model.intermediate_size or 0) if moe is not None else 0,
        moe_layers=(moe.moe_layers or layers - moe.first_dense_layers) if moe is not None else 0,
        latent_width=latent,
        latent_copy=copied,
        state_layers=states,
        state_bytes=state_bytes(model.model_type, kv.state_elements_per_sequence / states) if kv and states else None,
        kv=kv,
        encoder_tokens=_WHISPER_FRAMES if model.model_type == "whisper" else None,
        sort=model.model_type,
    )


def format_of(model: Model) -> WeightFormat | None:
    """The format that the checkpoint itself is stored in."""
    if isinstance(model, RecordedModel):
        return model.stored
    packed = model.quantization
    if packed is None:
        return weight_format(model.native_dtype)
    method = packed.method
    if packed.expert_bits:
        name = "fp4-experts"
    elif method == "fp8":
        name = "fp8-block" if packed.weight_block_size else "fp8"
    elif method in _METHODS:
        name = _METHODS[method]
    elif method == "gptq":
        name = f"gptq-int{packed.bits}"
    elif packed.bits == 4:
        name = "nvfp4" if method == "modelopt" else "int4-experts" if model.moe else "int4"
    else:
        name = "fp8"
    return weight_format(name)


def device_of(accelerator: Accelerator) -> Device:
    """An accelerator as its engine sees it: the total that a runtime prints, not the marketed figure."""
    memory = memory_gib(accelerator)
    return Device(
        memory_gib=memory.value,
        name=accelerator.name,
        basis=_BASES[memory.basis].format(origin=accelerator.origin and accelerator.origin.short),
        exact=not memory.estimate,
        memory_range=memory.range,
        vendor=accelerator.vendor,
        compute_capability=accelerator.compute_capability,
        nvlink=bool(accelerator.interconnect.get("nvlink_gb_s")),
    )
