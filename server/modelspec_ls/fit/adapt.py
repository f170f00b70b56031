"""Catalogue rows as inputs of the estimate."""

from __future__ import annotations

from modelspec_ls.knowledge.types import Accelerator, Model

from .inputs import Architecture, Device

_WHISPER_FRAMES = 1500
_RUNTIME_SHARE = 0.985


def architecture_of(model: Model) -> Architecture:
    """The numbers of a catalogue model that memory depends on."""
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
    state = model.layer_pattern.get("mamba", 0) + model.layer_pattern.get("linear_attention", 0)
    latent = 0
    if model.mla is not None:
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
        vocab=model.vocab_size,
        context=model.context_tokens,
        tied=model.tie_word_embeddings,
        head=kv is None or kv.kind != "none",
        vision_parameters=(model.vision.parameters or 0) if model.vision is not None else 0,
        expert_parameters=moe.expert_parameters if moe is not None else 0,
        experts=moe.num_experts if moe is not None else 0,
        experts_per_token=moe.experts_per_token if moe is not None else 0,
        expert_width=(moe.moe_intermediate_size or model.intermediate_size or 0) if moe is not None else 0,
        moe_layers=(moe.moe_layers or layers - moe.first_dense_layers) if moe is not None else 0,
        latent_width=latent,
        state_layers=(kv.layers_linear or kv.layers or state) if kv is not None else state,
        kv=kv,
        cache_bytes=4.0 if model.native_dtype == "fp32" else 2.0,
        encoder_tokens=_WHISPER_FRAMES if model.model_type == "whisper" else None,
    )


def device_of(accelerator: Accelerator) -> Device:
    """An accelerator as its engine sees it.

    Memory is what PyTorch prints where the catalogue has it; else 0.985 x the driver's total, an estimate.
    """
    nvlink = bool(accelerator.interconnect.get("nvlink_gb_s"))
    memory, basis, exact = None, "not in the catalogue", False
    if accelerator.memory_gib_runtime is not None:
        memory, basis, exact = accelerator.memory_gib_runtime, "total that the runtime prints, from public logs", True
    elif accelerator.memory_gib_usable is not None:
        memory = round(_RUNTIME_SHARE * accelerator.memory_gib_usable, 2)
        basis = f"0.985 x {accelerator.memory_gib_usable} GiB that the driver reports"
        if accelerator.memory_usable_kind == "rule-of-thumb":
            memory, basis = accelerator.memory_gib_usable, "75 % of the unified memory, a rule of thumb"
    elif accelerator.memory_gb_marketed:
        memory = round(accelerator.memory_gb_marketed * 0.92, 2)
        basis = f"0.92 x the advertised {accelerator.memory_gb_marketed} GB"
    return Device(
        memory_gib=memory,
        name=accelerator.name,
        basis=basis,
        exact=exact,
        vendor=accelerator.vendor,
        compute_capability=accelerator.compute_capability,
        nvlink=nvlink,
    )
