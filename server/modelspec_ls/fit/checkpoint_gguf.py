"""GGUF metadata as input of the estimate: its keys get the names of config.json, then one reader serves both.

Block sizes: ``GGML_QUANT_SIZES`` of gguf-py/gguf/constants.py and the block structures of ggml-common.h in llama.cpp,
collected 2026-11-21. File types: ``llama_ftype`` of llama.h. Keys: docs/gguf.md of ggml.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from modelspec_ls.knowledge.engines import WeightFormat, weight_format
from modelspec_ls.knowledge.types import KvCache

from .checkpoint import CheckpointFacts, architecture_of_config, with_tensors
from .checkpoint_tensors import Packing, Tensor, count, measured_format

GGML_TYPES: Mapping[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 36),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
    42: ("Q2_0", 64, 18),
}
"""By number: name, elements of a block, bytes of a block."""

_FILE_TYPES = {
    0: "f32",
    1: "f16",
    2: "q4_0",
    3: "q4_1",
    7: "q8_0",
    8: "q5_0",
    9: "q5_1",
    10: "q2_k",
    11: "q3_k_s",
    12: "q3_k_m",
    13: "q3_k_l",
    14: "q4_k_s",
    15: "q4_k_m",
    16: "q5_k_s",
    17: "q5_k_m",
    18: "q6_k",
    19: "iq2_xxs",
    20: "iq2_xs",
    21: "q2_k_s",
    22: "iq3_xs",
    23: "iq3_xxs",
    24: "iq1_s",
    25: "iq4_nl",
    26: "iq3_s",
    27: "iq3_m",
    28: "iq2_s",
    29: "iq2_m",
    30: "iq4_xs",
    31: "iq1_m",
    32: "bf16",
    36: "tq1_0",
    37: "tq2_0",
    38: "mxfp4",
}
_PLAIN = {"F32": "fp32", "F16": "fp16", "BF16": "bf16"}

# GGUF's name of an architecture where it is not the model type of config.json.
_TYPES = {
    "gemma3": "gemma3_text",
    "gpt-oss": "gpt_oss",
    "qwen2moe": "qwen2_moe",
    "qwen3moe": "qwen3_moe",
    "qwen3next": "qwen3_next",
    "deepseek2": "deepseek_v2",
    "phi2": "phi",
    "gptneox": "gpt_neox",
    "starcoder": "gpt_bigcode",
    "nomic-bert": "nomic_bert",
    "jina-bert-v2": "bert",
    "modern-bert": "modernbert",
    "glm4moe": "glm4_moe",
    "command-r": "cohere",
    "falcon-h1": "falcon_h1",
    "granitehybrid": "granitemoehybrid",
}
_KEYS = {
    "block_count": "num_hidden_layers",
    "embedding_length": "hidden_size",
    "feed_forward_length": "intermediate_size",
    "context_length": "max_position_embeddings",
    "attention.head_count": "num_attention_heads",
    "attention.head_count_kv": "num_key_value_heads",
    "attention.key_length": "head_dim",
    "attention.value_length": "v_head_dim",
    "attention.sliding_window": "sliding_window",
    "attention.chunk_size": "attention_chunk_size",
    "expert_count": "num_local_experts",
    "expert_used_count": "num_experts_per_tok",
    "expert_feed_forward_length": "moe_intermediate_size",
    "expert_shared_count": "n_shared_experts",
    "expert_shared_feed_forward_length": "shared_expert_intermediate_size",
    "leading_dense_block_count": "first_k_dense_replace",
    "vocab_size": "vocab_size",
    "ssm.inner_size": "intermediate_size_ssm",
}


def config_of(metadata: Mapping[str, Any], tensors: Sequence[Tensor]) -> dict[str, Any]:
    """GGUF metadata under the names of config.json."""
    arch = metadata.get("general.architecture")
    arch = arch if isinstance(arch, str) else ""
    config: dict[str, Any] = {"model_type": _TYPES.get(arch, arch)}
    for key, name in _KEYS.items():
        value = metadata.get(f"{arch}.{key}")
        if isinstance(value, list):  # One number per layer: hybrid models write 0 for layers without attention.
            value = max((n for n in value if isinstance(n, int)), default=None)
        if value is not None:
            config[name] = value
    names = {t.name for t in tensors}
    config["tie_word_embeddings"] = "output.weight" not in names
    if "vocab_size" not in config:
        config["vocab_size"] = metadata.get("tokenizer.ggml.tokens#")
    if f"{arch}.attention.key_length_mla" in metadata:
        config["kv_lora_rank"] = metadata.get(f"{arch}.attention.kv_lora_rank")
        config["q_lora_rank"] = metadata.get(f"{arch}.attention.q_lora_rank")
        config["qk_rope_head_dim"] = metadata.get(f"{arch}.rope.dimension_count")
    if any(key.startswith(f"{arch}.ssm.") for key in metadata):
        config["ssm_cfg"] = 1  # Says only that there are layers whose state is not read here.
    return config


def facts_of_gguf(metadata: Mapping[str, Any], tensors: Sequence[Tensor]) -> CheckpointFacts:
    """The facts of a GGUF file, or of all parts of a split one."""
    config = config_of(metadata, tensors)
    shape = architecture_of_config(config, 0, defaults=False)
    totals = count(tensors, Packing(), tied=shape.tied, layers=shape.layers, drafting=0)
    shape = with_tensors(shape, totals)
    notes: list[str] = []
    per_layer = metadata.get(f"{metadata.get('general.architecture')}.attention.head_count_kv")
    if isinstance(per_layer, list) and shape.kv is not None and shape.kv.kind == "attention":
        shape = evolve(shape, kv=_by_layer(per_layer, shape.kv, shape.head_dim, config.get("v_head_dim")))
    if shape.kv is None:
        notes.append("The header does not say enough about the key-value cache of this architecture.")
    name = _quantisation(metadata, tensors)
    return CheckpointFacts(
        sort="gguf",
        architecture=shape,
        weight_bytes=totals.loaded_bytes,
        stored_bytes=totals.stored_bytes,
        weights=_format(name, totals.parameters and measured_format(name, totals)),
        parameters_exact=True,
        model_type=str(config["model_type"]),
        tensors=totals.tensors,
        dtypes=totals.dtypes,
        notes=tuple(notes),
    )


def _format(name: str, measured: WeightFormat | int) -> WeightFormat | None:
    known = weight_format(name)
    if known is not None or not isinstance(measured, WeightFormat):
        return known
    return measured


def _by_layer(heads: list[Any], kv: KvCache, width: int | None, value_width: object) -> KvCache | None:
    """A cache whose layers differ in heads. None where windows differ as well."""
    counts = [n for n in heads if isinstance(n, int) and 0 <= n <= 2**20]
    if len(counts) != len(heads) or width is None:
        return None
    if len(set(counts)) == 1:
        return kv
    if kv.layers_sliding or kv.state_elements_per_sequence:
        return None
    each = width + (value_width if isinstance(value_width, int) and value_width > 0 else width)
    return evolve(kv, layers_full=sum(n > 0 for n in counts), elements_per_token_full=sum(counts) * each)


def _quantisation(metadata: Mapping[str, Any], tensors: Sequence[Tensor]) -> str:
    """The name people know: the file type where the tensors bear it out, else the type of most bytes."""
    sizes: Counter[str] = Counter()
    for t in tensors:
        if not t.name.startswith(("token_embd", "output.")):
            sizes[t.dtype] += t.bytes
    main = sizes.most_common(1)[0][0] if sizes else "unknown"
    if main in _PLAIN:
        return _PLAIN[main]
    stated = metadata.get("general.file_type")
    named = _FILE_TYPES.get(stated, "") if isinstance(stated, int) else ""
    digit = next((c for c in main if c.isdigit()), "")
    return f"gguf-{named if digit and digit in named else main.lower()}"
