"""Checkpoints as input of the estimate: config.json and tensor lists, without files."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from modelspec_ls.fit import Device, FitInput, evaluate
from modelspec_ls.fit.adapt import architecture_of
from modelspec_ls.fit.checkpoint import Tensor, architecture_of_config, facts_of_sizes, facts_of_tensors
from modelspec_ls.fit.checkpoint_gguf import GGML_TYPES, facts_of_gguf
from modelspec_ls.knowledge import models
from modelspec_ls.knowledge.engines import engine_of_hint

LLAMA = {
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "rope_scaling": {"factor": 8.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"},
}


def shape(model_type, hidden, wide, layers, heads, kv, vocab, context, **more):
    return {
        "model_type": model_type,
        "hidden_size": hidden,
        "intermediate_size": wide,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv,
        "vocab_size": vocab,
        "max_position_embeddings": context,
        **more,
    }


DEEPSEEK = shape(
    "deepseek_v3", 7168, 18432, 61, 128, 128, 129280, 163840, tie_word_embeddings=False, kv_lora_rank=512,
    q_lora_rank=1536, qk_rope_head_dim=64, qk_nope_head_dim=128, v_head_dim=128, n_routed_experts=256,
    num_experts_per_tok=8, n_shared_experts=1, moe_intermediate_size=2048, first_k_dense_replace=3, moe_layer_freq=1,
    num_nextn_predict_layers=1,
    rope_scaling={"type": "yarn", "factor": 40, "original_max_position_embeddings": 4096},
    quantization_config={"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]},
)  # fmt: skip
GPT_OSS = shape(
    "gpt_oss", 2880, 2880, 24, 64, 8, 201088, 131072, head_dim=64, sliding_window=128, num_local_experts=32,
    num_experts_per_tok=4, experts_per_token=4, tie_word_embeddings=False,
    layer_types=["sliding_attention", "full_attention"] * 12,
    rope_scaling={"rope_type": "yarn", "factor": 32.0, "original_max_position_embeddings": 4096},
    quantization_config={"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]},
)  # fmt: skip
CONFIGS = {
    "meta-llama/Llama-3.1-8B-Instruct": LLAMA,
    "Qwen/Qwen2.5-7B-Instruct": shape(
        "qwen2", 3584, 18944, 28, 28, 4, 152064, 32768, sliding_window=131072, use_sliding_window=False,
        max_window_layers=28, tie_word_embeddings=False,
    ),
    "Qwen/Qwen3-30B-A3B": shape(
        "qwen3_moe", 2048, 6144, 48, 32, 4, 151936, 40960, head_dim=128, num_experts=128, num_experts_per_tok=8,
        moe_intermediate_size=768, decoder_sparse_step=1, mlp_only_layers=[], tie_word_embeddings=False,
    ),
    "Qwen/Qwen3-Next-80B-A3B-Instruct": shape(
        "qwen3_next", 2048, 5120, 48, 16, 2, 151936, 262144, head_dim=256, num_experts=512, num_experts_per_tok=10,
        moe_intermediate_size=512, shared_expert_intermediate_size=512, full_attention_interval=4,
        linear_num_value_heads=32, linear_num_key_heads=16, linear_key_head_dim=128, linear_value_head_dim=128,
        linear_conv_kernel_dim=4, decoder_sparse_step=1, mlp_only_layers=[], tie_word_embeddings=False,
    ),
    "mistralai/Mistral-7B-v0.1": shape(
        "mistral", 4096, 14336, 32, 32, 8, 32000, 32768, sliding_window=4096, tie_word_embeddings=False
    ),
    "mistralai/Mixtral-8x7B-v0.1": shape(
        "mixtral", 4096, 14336, 32, 32, 8, 32000, 32768, sliding_window=None, num_local_experts=8,
        num_experts_per_tok=2, tie_word_embeddings=False,
    ),
    "google/gemma-2-9b": shape("gemma2", 3584, 14336, 42, 16, 8, 256000, 8192, head_dim=256, sliding_window=4096),
    "google/gemma-3-27b-it": {
        "model_type": "gemma3",
        "text_config": {
            "model_type": "gemma3_text", "hidden_size": 5376, "intermediate_size": 21504, "num_hidden_layers": 62,
            "num_attention_heads": 32, "num_key_value_heads": 16, "head_dim": 128, "sliding_window": 1024,
            "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
        },
        "vision_config": {"hidden_size": 1152, "num_hidden_layers": 27, "num_attention_heads": 16},
    },
    "microsoft/Phi-3-mini-4k-instruct": shape(
        "phi3", 3072, 8192, 32, 32, 32, 32064, 4096, sliding_window=2047, tie_word_embeddings=False
    ),
    "deepseek-ai/DeepSeek-V3": DEEPSEEK,
    "openai/gpt-oss-20b": GPT_OSS,
    "BAAI/bge-m3": {
        k: v
        for k, v in shape("xlm-roberta", 1024, 4096, 24, 16, 16, 250002, 8194).items()
        if k != "num_key_value_heads"
    },
    "openai/whisper-large-v3": {
        "model_type": "whisper", "d_model": 1280, "decoder_layers": 32, "encoder_layers": 32, "num_hidden_layers": 32,
        "decoder_attention_heads": 20, "encoder_attention_heads": 20, "decoder_ffn_dim": 5120, "encoder_ffn_dim": 5120,
        "vocab_size": 51866, "max_source_positions": 1500, "max_target_positions": 448,
    },
    "tiiuae/falcon-7b": {
        "model_type": "falcon", "hidden_size": 4544, "num_hidden_layers": 32, "num_attention_heads": 71,
        "multi_query": True, "new_decoder_architecture": False, "vocab_size": 65024, "parallel_attn": True,
        "max_position_embeddings": 2048,
    },
    "openai-community/gpt2": {
        "model_type": "gpt2", "n_ctx": 1024, "n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024,
        "vocab_size": 50257,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_gives_what_the_catalogue_has(name):
    row = models.get(name)
    assert row is not None
    expected = architecture_of(row)
    found = architecture_of_config(CONFIGS[name], expected.parameters)
    if name == "openai/gpt-oss-20b":  # The experts' biases are in no config; the tensors count them.
        found = evolve(found, expert_parameters=expected.expert_parameters)
    found = evolve(found, vision_parameters=expected.vision_parameters)
    assert found == expected


# What the layers keep


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"model_type": "jamba", "attn_layer_period": 8, "attn_layer_offset": 4, "mamba_d_state": 16, "mamba_d_conv": 4,
          "mamba_expand": 2}, (4, 0, 4_587_520)),
        ({"model_type": "granitemoehybrid", "hidden_size": 2048, "mamba_n_heads": 64, "mamba_d_head": 64,
          "mamba_d_state": 128, "mamba_n_groups": 1, "mamba_d_conv": 4,
          "layer_types": ["mamba"] * 28 + ["attention"] * 4}, (4, 0, 28 * 541_696)),
        ({"model_type": "cohere2", "sliding_window": 4096}, (8, 24, 0)),
        ({"model_type": "exaone4", "sliding_window": 4096, "sliding_window_pattern": "LLLG"}, (8, 24, 0)),
        ({"model_type": "qwen2", "sliding_window": 4096, "use_sliding_window": True, "max_window_layers": 20},
         (20, 12, 0)),
        ({"model_type": "mllama_text_model", "cross_attention_layers": [3, 8, 13]}, (29, 0, 0)),
        ({"model_type": "mistral", "sliding_window": None}, (32, 0, 0)),
        ({"model_type": "mistral", "sliding_window": 200_000}, (32, 0, 0)),
    ],
)  # fmt: skip
def test_layers_by_sort(change, expected):
    kv = architecture_of_config(LLAMA | change, 1).kv
    assert kv is not None
    assert (kv.layers_full, kv.layers_sliding, kv.state_elements_per_sequence) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"layer_types": ["something_new"] * 32},
        {"model_type": "new_one", "sliding_window": 512},
        {"model_type": "new_one", "mamba_d_state": 16},
        {"num_hidden_layers": 10**6},
        {"num_hidden_layers": "32"},
    ],
)
def test_a_cache_that_is_not_understood_is_unknown(change):
    assert architecture_of_config(LLAMA | change, 1).kv is None


@pytest.mark.parametrize(
    "rope, context",
    [
        ({"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}, 131072),
        ({"type": "linear", "factor": 2}, 262144),
        ({"type": "longrope", "factor": 32.0}, 131072),
        ({"type": "linear", "factor": float("nan")}, 131072),
        ({"type": ["linear"], "factor": 2}, 131072),
        ("nonsense", 131072),
    ],
)
def test_context_is_scaled_as_the_engine_does(rope, context):
    assert architecture_of_config(LLAMA | {"rope_scaling": rope}, 1).context == context


# Tensors


def tensor(name, dtype, *dims, bits):
    elements = 1
    for d in dims:
        elements *= d
    return Tensor(name, dtype, elements, elements * bits // 8)


P = "model.layers.0."
EMBED = tensor("model.embed_tokens.weight", "BF16", 100, 64, bits=16)
HEAD = tensor("lm_head.weight", "BF16", 100, 64, bits=16)
NORM = tensor("model.norm.weight", "BF16", 64, bits=16)


@pytest.mark.parametrize(
    "tensors, quantization, expected",
    [
        ([("q_proj.qweight", "I32", (64, 8), 32), ("q_proj.qzeros", "I32", (1, 8), 32),
          ("q_proj.scales", "F16", (1, 64), 16)], {"quant_method": "awq", "bits": 4}, "awq-int4"),
        ([("q_proj.qweight", "I32", (8, 64), 32), ("q_proj.g_idx", "I32", (64,), 32),
          ("q_proj.scales", "F16", (1, 64), 16)], {"quant_method": "gptq", "bits": 4}, "gptq-int4"),
        ([("q_proj.qweight", "I32", (16, 64), 32)], {"quant_method": "gptq", "bits": 8}, "gptq-int8"),
        ([("q_proj.weight", "U8", (2048, 1), 8), ("q_proj.weight.absmax", "U8", (64,), 8),
          ("q_proj.weight.quant_map", "F32", (16,), 32),
          ("q_proj.weight.quant_state.bitsandbytes__nf4", "U8", (80,), 8)],
         {"quant_method": "bitsandbytes", "load_in_4bit": True}, "bnb-nf4"),
        ([("q_proj.weight", "F8_E4M3", (64, 64), 8), ("q_proj.weight_scale_inv", "F32", (1, 1), 32)],
         {"quant_method": "fp8", "weight_block_size": [128, 128]}, "fp8-block"),
        ([("q_proj.weight", "F8_E4M3", (64, 64), 8), ("q_proj.weight_scale", "F32", (1,), 32),
          ("q_proj.input_scale", "F32", (1,), 32)], {"quant_method": "fp8"}, "fp8"),
        ([("q_proj.weight_packed", "I32", (64, 8), 32), ("q_proj.weight_scale", "BF16", (64, 2), 16),
          ("q_proj.weight_shape", "I64", (2,), 64)],
         {"quant_method": "compressed-tensors",
          "config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "int", "group_size": 32}}}}, "int4"),
        ([("q_proj.weight_packed", "U8", (64, 32), 8), ("q_proj.weight_scale", "F8_E4M3", (64, 4), 8),
          ("q_proj.weight_global_scale", "F32", (1,), 32)],
         {"quant_method": "compressed-tensors",
          "config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "float", "group_size": 16}}}}, "nvfp4"),
        ([("q_proj.weight", "U8", (64, 32), 8), ("q_proj.weight_scale", "F8_E4M3", (64, 4), 8),
          ("q_proj.weight_scale_2", "F32", (1,), 32)], {"quant_method": "modelopt", "quant_algo": "NVFP4"}, "nvfp4"),
        ([("q_proj.weight", "BF16", (64, 64), 16)], None, "bf16"),
        ([("q_proj.weight", "F32", (64, 640), 32)], None, "fp32"),
    ],
)  # fmt: skip
def test_packed_tensors_count_as_the_weights_they_stand_for(tensors, quantization, expected):
    listed = [EMBED, HEAD, NORM, *(tensor(f"{P}self_attn.{n}", t, *dims, bits=b) for n, t, dims, b in tensors)]
    facts = facts_of_tensors(LLAMA | {"quantization_config": quantization}, listed)
    wide = 640 if expected == "fp32" else 64
    assert facts.architecture.parameters == 2 * 6400 + 64 + 64 * wide
    assert facts.weight_bytes == facts.stored_bytes == sum(t.bytes for t in listed)
    assert facts.weights is not None and facts.weights.name == expected
    assert facts.architecture.tied is False


def test_experts_of_mxfp4_and_of_int4():
    packed = [
        tensor(f"{P}mlp.experts.gate_up_proj_blocks", "U8", 2, 64, 2, 16, bits=8),
        tensor(f"{P}mlp.experts.gate_up_proj_scales", "U8", 2, 64, 2, bits=8),
        tensor(f"{P}mlp.experts.gate_up_proj_bias", "BF16", 2, 64, bits=16),
        tensor(f"{P}mlp.router.weight", "BF16", 2, 64, bits=16),
    ]
    facts = facts_of_tensors(GPT_OSS, packed)
    assert facts.architecture.expert_parameters == 2 * 64 * 64 + 2 * 64
    assert facts.weights is not None and facts.weights.name == "mxfp4"
    int4 = {"quant_method": "compressed-tensors", "config_groups": {"g": {"weights": {"num_bits": 4, "type": "int"}}}}
    listed = [NORM, tensor(f"{P}mlp.experts.0.up_proj.weight_packed", "I32", 64, 8, bits=32)]
    found = facts_of_tensors(DEEPSEEK | {"quantization_config": int4}, listed).weights
    assert found is not None and found.name == "int4-experts"


def test_what_no_engine_loads_is_left_out():
    listed = [
        EMBED,
        HEAD,
        tensor(f"{P}self_attn.rotary_emb.inv_freq", "F32", 32, bits=32),
        tensor("h.0.attn.bias", "F32", 1024, 1024, bits=32),
        tensor("model.layers.61.mlp.up_proj.weight", "BF16", 64, 64, bits=16),
        tensor("mtp.layers.0.mlp.up_proj.weight", "BF16", 64, 64, bits=16),
    ]
    facts = facts_of_tensors(DEEPSEEK | {"quantization_config": None, "tie_word_embeddings": True}, listed)
    assert facts.architecture.parameters == 6400
    assert facts.weight_bytes == 12800 < facts.stored_bytes
    assert facts.architecture.tied is True
    assert "not loaded" in facts.notes[0]


def test_an_unknown_packing_is_as_wide_as_it_is():
    listed = [EMBED, tensor(f"{P}mlp.up_proj.weight", "I8", 64, 64, bits=8)]
    weights = facts_of_tensors(
        LLAMA | {"quantization_config": {"quant_method": "brand_new", "bits": 8}}, listed
    ).weights
    assert weights is not None and weights.name == "brand_new-int8"
    assert weights.body_bits == pytest.approx((6400 * 16 + 4096 * 8) / (6400 + 4096))


def test_measured_bytes_hold_for_the_stored_format_only():
    facts = facts_of_tensors(LLAMA, [EMBED])
    assert facts.measured_for(facts.weights) == facts.measured_for(None) == 12800
    fp32 = facts_of_tensors(LLAMA, [tensor("a.weight", "F32", 64, bits=32)]).weights
    assert facts.measured_for(fp32) is None


def test_sizes_of_pickles():
    facts = facts_of_sizes(LLAMA, 16_060_522_496)
    assert facts.architecture.parameters == 8_030_261_248
    assert not facts.parameters_exact and "not opened" in facts.notes[0]


# Whole models, tensor by tensor


def listed(dtype, bits, *rows):
    return [tensor(name, dtype, *dims, bits=bits) for name, *dims in rows]


def llama_8b():
    for n in range(32):
        at = f"model.layers.{n}."
        wide, narrow = ("q_proj", "o_proj"), ("k_proj", "v_proj")
        yield from listed("BF16", 16, *((f"{at}self_attn.{p}.weight", 4096, 4096) for p in wide))
        yield from listed("BF16", 16, *((f"{at}self_attn.{p}.weight", 1024, 4096) for p in narrow))
        yield from listed("BF16", 16, *((f"{at}mlp.{p}_proj.weight", 14336, 4096) for p in ("gate", "up", "down")))
        yield from listed(
            "BF16", 16, (f"{at}input_layernorm.weight", 4096), (f"{at}post_attention_layernorm.weight", 4096)
        )
    ends = ("model.embed_tokens.weight", 128256, 4096), ("lm_head.weight", 128256, 4096), ("model.norm.weight", 4096)
    yield from listed("BF16", 16, *ends)


def gpt_oss_20b():
    for n in range(24):
        at = f"model.layers.{n}."
        for name, rows in (("gate_up_proj", 5760), ("down_proj", 2880)):
            yield tensor(f"{at}mlp.experts.{name}_blocks", "U8", 32, rows, 90, 16, bits=8)
            yield tensor(f"{at}mlp.experts.{name}_scales", "U8", 32, rows, 90, bits=8)
            yield tensor(f"{at}mlp.experts.{name}_bias", "BF16", 32, rows, bits=16)
        yield from listed(
            "BF16", 16, (f"{at}mlp.router.weight", 32, 2880), (f"{at}mlp.router.bias", 32),
            (f"{at}self_attn.q_proj.weight", 4096, 2880), (f"{at}self_attn.q_proj.bias", 4096),
            (f"{at}self_attn.k_proj.weight", 512, 2880), (f"{at}self_attn.k_proj.bias", 512),
            (f"{at}self_attn.v_proj.weight", 512, 2880), (f"{at}self_attn.v_proj.bias", 512),
            (f"{at}self_attn.o_proj.weight", 2880, 4096), (f"{at}self_attn.o_proj.bias", 2880),
            (f"{at}self_attn.sinks", 64), (f"{at}input_layernorm.weight", 2880),
            (f"{at}post_attention_layernorm.weight", 2880),
        )  # fmt: skip
    ends = ("model.embed_tokens.weight", 201088, 2880), ("lm_head.weight", 201088, 2880), ("model.norm.weight", 2880)
    yield from listed("BF16", 16, *ends)


def deepseek_v3():
    """Scales are one F32 per block of 128 x 128."""

    def fp8(name, rows, columns):
        yield tensor(f"{name}.weight", "F8_E4M3", rows, columns, bits=8)
        yield tensor(f"{name}.weight_scale_inv", "F32", -(-rows // 128), -(-columns // 128), bits=32)

    def mlp(name, width):
        yield from fp8(f"{name}.gate_proj", width, 7168)
        yield from fp8(f"{name}.up_proj", width, 7168)
        yield from fp8(f"{name}.down_proj", 7168, width)

    for n in range(62):  # The last drafts further tokens.
        at = f"model.layers.{n}."
        yield from fp8(f"{at}self_attn.q_a_proj", 1536, 7168)
        yield from fp8(f"{at}self_attn.q_b_proj", 24576, 1536)
        yield from fp8(f"{at}self_attn.kv_a_proj_with_mqa", 576, 7168)
        yield from fp8(f"{at}self_attn.kv_b_proj", 32768, 512)
        yield from fp8(f"{at}self_attn.o_proj", 7168, 16384)
        yield from listed(
            "BF16", 16, (f"{at}self_attn.q_a_layernorm.weight", 1536), (f"{at}self_attn.kv_a_layernorm.weight", 512),
            (f"{at}input_layernorm.weight", 7168), (f"{at}post_attention_layernorm.weight", 7168),
        )  # fmt: skip
        if n < 3:
            yield from mlp(f"{at}mlp", 18432)
            continue
        yield tensor(f"{at}mlp.gate.weight", "BF16", 256, 7168, bits=16)
        yield from mlp(f"{at}mlp.shared_experts", 2048)
        for expert in range(256):
            yield from mlp(f"{at}mlp.experts.{expert}", 2048)
    ends = ("model.embed_tokens.weight", 129280, 7168), ("lm_head.weight", 129280, 7168), ("model.norm.weight", 7168)
    yield from listed("BF16", 16, *ends)


@pytest.mark.parametrize(
    "name, tensors, form",
    [
        ("meta-llama/Llama-3.1-8B-Instruct", llama_8b, "bf16"),
        ("openai/gpt-oss-20b", gpt_oss_20b, "mxfp4"),
        ("deepseek-ai/DeepSeek-V3", deepseek_v3, "fp8-block"),
    ],
)
def test_the_tensors_of_a_model_give_its_catalogue_row(name, tensors, form):
    row = models.get(name)
    assert row is not None
    facts = facts_of_tensors(CONFIGS[name], list(tensors()))
    assert facts.architecture == architecture_of(row)
    assert facts.weights is not None and facts.weights.name == form
    assert facts.weight_bytes == pytest.approx(row.weight_bytes, rel=0 if row.weight_bytes_exact else 0.001)
    assert facts.weight_bytes < facts.stored_bytes or name != "deepseek-ai/DeepSeek-V3"
    given = {"engine": engine_of_hint("vllm==0.11.0"), "sequence": 4096, "weights": facts.weights}
    device = Device(79.2, "H100")
    by_row = evaluate(FitInput(architecture_of(row), device, **given), limits=False)
    measured = facts.measured_for(facts.weights)
    by_file = evaluate(FitInput(facts.architecture, device, measured_weight_bytes=measured, **given), limits=False)
    assert by_file.per_device.weights.value == pytest.approx(by_row.per_device.weights.value, rel=0.02)


def test_a_model_without_a_head():
    shape = facts_of_tensors(LLAMA, [EMBED, NORM]).architecture
    assert (shape.head, shape.tied) == (False, False)


def test_a_cache_that_is_not_told_comes_from_what_is_known():
    known = architecture_of_config(LLAMA, 5)
    facts = facts_of_tensors({}, [EMBED])
    assert facts.over(known) == evolve(known, parameters=6400, expert_parameters=0)
    assert facts.over(None) is facts.architecture
    assert facts_of_sizes(LLAMA, 16).over(known) is known


# GGUF


def gguf(arch, **keys):
    return {
        "general.architecture": arch,
        "general.file_type": 15,
        **{f"{arch}.{k.replace('__', '.')}": v for k, v in keys.items()},
    }


BLOCKS = [
    Tensor("token_embd.weight", "Q6_K", 128256 * 4096, 1),
    Tensor("blk.0.attn_q.weight", "Q4_K", 4096**2, 4096**2 // 256 * 144),
]
LLAMA_KEYS = {
    "block_count": 32, "embedding_length": 4096, "feed_forward_length": 14336, "context_length": 131072,
    "attention__head_count": 32, "attention__head_count_kv": 8, "vocab_size": 128256,
}  # fmt: skip


def test_gguf_keys_give_the_same_architecture():
    row = models.get("meta-llama/Llama-3.1-8B-Instruct")
    assert row is not None
    facts = facts_of_gguf(gguf("llama", **LLAMA_KEYS), [*BLOCKS, Tensor("output.weight", "Q6_K", 1, 1)])
    assert evolve(facts.architecture, parameters=0) == evolve(architecture_of(row), parameters=0)
    assert facts.weights is not None and facts.weights.name == "gguf-q4_k_m"


def test_gguf_layers_that_differ_in_heads():
    keys = LLAMA_KEYS | {"block_count": 4, "attention__head_count_kv": [8, 0, 4, 0], "attention__key_length": 128}
    kv = facts_of_gguf(gguf("deci", **keys), BLOCKS).architecture.kv
    assert kv is not None
    assert (kv.layers_full, kv.elements_per_token_full) == (2, 12 * 2 * 128)


def test_gguf_state_layers_are_unknown_and_windows_known():
    assert facts_of_gguf(gguf("falcon-h1", **LLAMA_KEYS, ssm__state_size=16), BLOCKS).architecture.kv is None
    kv = facts_of_gguf(gguf("gemma2", **LLAMA_KEYS, attention__sliding_window=4096), BLOCKS).architecture.kv
    assert kv is not None and (kv.layers_full, kv.layers_sliding) == (16, 16)


def test_a_type_without_a_row_is_as_wide_as_it_is():
    weights = facts_of_gguf(
        {"general.architecture": "llama", "general.file_type": 30}, [Tensor("blk.0.a", "IQ4_XS", 256, 136)]
    )
    assert weights.weights is not None
    assert (weights.weights.name, weights.weights.body_bits) == ("gguf-iq4_xs", 4.25)


def test_a_file_type_that_its_tensors_contradict_is_not_believed():
    facts = facts_of_gguf({"general.file_type": 7}, BLOCKS)
    assert facts.weights is not None and facts.weights.name == "gguf-q4_k"


@pytest.mark.parametrize(
    "name, bits", [("Q4_0", 4.5), ("Q8_0", 8.5), ("Q4_K", 4.5), ("Q6_K", 6.5625), ("Q2_K", 2.625), ("IQ1_S", 1.5625)]
)
def test_bits_of_block_types(name, bits):
    block, width = next((b, w) for n, b, w in GGML_TYPES.values() if n == name)
    assert width * 8 / block == bits


# Anything at all

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(["llama", "whisper", "yarn", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "factor", "weights", "bits"]), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [
        *sorted({k for c in CONFIGS.values() for k in c}),
        "text_config",
        "mamba_d_state",
        "sliding_window_pattern",
        "attn_layer_period",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(CONFIGS)), st.dictionaries(KEYS, VALUES, max_size=6))
def test_no_config_makes_it_fail(name, change):
    facts = facts_of_tensors(CONFIGS[name] | change, [EMBED, HEAD, NORM])
    assert facts.weight_bytes <= facts.stored_bytes
    facts_of_sizes(CONFIGS[name] | change, 1000)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(sorted({*gguf("llama", **LLAMA_KEYS), "llama.ssm.x", "llama.attention.key_length_mla"})), VALUES
    )
)
def test_no_metadata_makes_it_fail(change):
    facts_of_gguf(gguf("llama", **LLAMA_KEYS) | change, BLOCKS)
