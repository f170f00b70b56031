"""A checkpoint's config.json as numbers, under the names that each sort of model gives them.

Nothing is trusted: a value of the wrong type or size counts as absent, so that no file can make the estimate fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LARGEST = 2**40
MOST_LAYERS = 10_000

# What transformers fills in when a config leaves a number out (configuration_<type>.py of transformers 4.57).
_LLAMA = {
    "vocab_size": 32000,
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "max_position_embeddings": 2048,
}
_GEMMA = {"vocab_size": 256000, "head_dim": 256, "max_position_embeddings": 8192, "tie_word_embeddings": True}
_GEMMA3 = {
    "vocab_size": 262208,
    "hidden_size": 2304,
    "intermediate_size": 9216,
    "num_hidden_layers": 26,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 256,
    "max_position_embeddings": 131072,
    "sliding_window": 4096,
    "tie_word_embeddings": True,
}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "llama": _LLAMA,
    "mistral": _LLAMA
    | {"intermediate_size": 14336, "num_key_value_heads": 8, "max_position_embeddings": 131072, "sliding_window": 4096},
    "mixtral": {"num_local_experts": 8, "num_experts_per_tok": 2, "num_key_value_heads": 8},
    "gemma": _GEMMA,
    "gemma2": _GEMMA | {"sliding_window": 4096},
    "gemma3": _GEMMA3,
    "gemma3_text": _GEMMA3,
    "gpt2": {"n_embd": 768, "n_layer": 12, "n_head": 12, "n_positions": 1024, "vocab_size": 50257},
    "gpt_oss": {"sliding_window": 128},
    "cohere2": {"sliding_window": 4096},
    "bloom": {"n_head": 8},
    "whisper": {"max_target_positions": 448, "max_source_positions": 1500},
}

_NAMES: dict[str, tuple[str, ...]] = {
    "layers": ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers"),
    "hidden": ("hidden_size", "n_embd", "d_model", "dim", "model_dim"),
    "heads": ("num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads"),
    "head_dim": ("head_dim", "attention_head_dim", "kv_channels", "d_kv"),
    "intermediate": (
        "intermediate_size",
        "ffn_hidden_size",
        "n_inner",
        "ffn_dim",
        "d_ff",
        "hidden_dim",
        "decoder_ffn_dim",
        "encoder_ffn_dim",
    ),
    "vocab": ("padded_vocab_size", "vocab_size"),
    "context": (
        "max_position_embeddings",
        "max_target_positions",
        "n_positions",
        "max_seq_len",
        "seq_length",
        "n_ctx",
        "max_sequence_length",
    ),
    "experts": ("num_local_experts", "n_routed_experts", "num_experts", "moe_num_experts"),
    "experts_per_token": ("num_experts_per_tok", "num_experts_per_token", "experts_per_token", "moe_top_k", "top_k"),
}

# Encoders and the offsets that some of them keep free at the start of their position table.
ENCODERS = frozenset(
    {
        *("bert", "roberta", "xlm-roberta", "distilbert", "mpnet", "deberta", "deberta-v2", "modernbert", "nomic_bert"),
        *(
            "new",
            "electra",
            "albert",
            "camembert",
            "xlm",
            "ernie",
            "clip",
            "siglip",
            "siglip2",
            "vit",
            "xlm-roberta-xl",
        ),
    }
)
_OFFSETS = {"roberta": 2, "xlm-roberta": 2, "xlm-roberta-xl": 2, "camembert": 2, "mpnet": 2}
ENCODER_DECODERS = frozenset(
    {"whisper", "t5", "mt5", "umt5", "bart", "mbart", "m2m_100", "marian", "pegasus", "blenderbot", "led", "longt5"}
)
# Types whose configs leave `tie_word_embeddings` at the general default, true.
_TIED = frozenset({"gpt2", "falcon", "bloom", "mpt", "gpt_bigcode", "opt", "gpt_neo", "cohere", "cohere2", "whisper"})


class Config:
    """One config.json; numbers of a nested language model win over those around it."""

    def __init__(self, raw: Mapping[str, Any], *, defaults: bool = True) -> None:
        inner: Mapping[str, Any] = {}
        for key in ("text_config", "llm_config", "language_config", "thinker_config"):
            found = raw.get(key)
            if isinstance(found, Mapping):
                nested = found.get("text_config")
                inner = nested if isinstance(nested, Mapping) else found
                break
        self.outer_type = _text(raw.get("model_type"))
        self.type = _text(inner.get("model_type")) or self.outer_type
        base = _DEFAULTS.get(self.type, {}) if defaults else {}
        self.values: dict[str, Any] = {**base, **raw, **inner}
        for key in ("attn_config", "ffn_config"):
            nested = self.values.get(key)
            if isinstance(nested, Mapping):
                self.values = {**nested, **self.values}

    def integer(self, *names: str) -> int | None:
        """The first of these that is a whole number from 1 up to a sane size."""
        for name in names:
            value = self.values.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST:
                return value
        return None

    def number(self, sort: str) -> int | None:
        """A number by its sort, whatever the model calls it."""
        return self.integer(*_NAMES[sort])

    def flag(self, name: str) -> bool | None:
        """A true or false; None where it is anything else."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else None

    def table(self, name: str) -> Mapping[str, Any]:
        """A nested mapping; empty where there is none."""
        value = self.values.get(name)
        return value if isinstance(value, Mapping) else {}

    @property
    def layers(self) -> int | None:
        """Decoder layers, or the encoder's where there is no decoder."""
        if self.type in ENCODER_DECODERS:
            own = self.integer("num_decoder_layers", "decoder_layers")
            found = own or self.number("layers")
        else:
            found = self.number("layers")
        return found if found is None or found <= MOST_LAYERS else None

    @property
    def layer_types(self) -> tuple[str, ...]:
        """The sort of each layer, where the config lists them."""
        listed = self.values.get("layer_types") or self.values.get("layers_block_type")
        if not isinstance(listed, list) or len(listed) > MOST_LAYERS or not all(isinstance(t, str) for t in listed):
            return ()
        return tuple(listed[: self.layers or 0])

    @property
    def heads(self) -> int | None:
        """Query heads of one layer."""
        own = self.integer("decoder_attention_heads") if self.type in ENCODER_DECODERS else None
        return own or self.number("heads")

    @property
    def kv_heads(self) -> int | None:
        """Key and value heads of one layer."""
        if self.type == "falcon" and not self.flag("new_decoder_architecture"):
            return 1 if self.flag("multi_query") is not False else self.heads
        if self.type == "gpt_bigcode":
            return 1 if self.flag("multi_query") is not False else self.heads
        if self.type == "chatglm" and self.flag("multi_query_attention") is False:
            return self.heads
        return (
            self.integer("num_key_value_heads", "num_kv_heads", "n_head_kv", "kv_n_heads", "multi_query_group_num")
            or self.heads
        )

    @property
    def head_dim(self) -> int | None:
        """Elements of one key head."""
        found = self.number("head_dim")
        hidden, heads = self.number("hidden"), self.heads
        return found or (hidden // heads if hidden and heads and hidden >= heads else None)

    @property
    def intermediate(self) -> int | None:
        """Width of the dense feed-forward."""
        hidden = self.number("hidden")
        ratio = self.integer("expansion_ratio")
        if self.type in {"mpt", "falcon", "gpt2", "bloom", "gpt_bigcode", "gptj", "gpt_neo"}:
            found = self.integer("ffn_hidden_size", "n_inner", "intermediate_size")
            return found or (hidden * (ratio or 4) if hidden else None)
        return self.integer("intermediate_size_mlp") or self.number("intermediate")

    @property
    def context(self) -> int | None:
        """Longest sequence in tokens, scaled as vLLM does (config/model.py, `_get_and_verify_max_len`)."""
        found = self.number("context")
        if found is None:
            return None
        found -= _OFFSETS.get(self.type, 0)
        rope = self.table("rope_scaling") or self.table("rope_parameters")
        kind = _text(rope.get("rope_type", rope.get("type")))
        factor = rope.get("factor")
        if isinstance(factor, bool) or not isinstance(factor, (int, float)) or not 1 < factor <= 1024:
            return found
        original = rope.get("original_max_position_embeddings")
        if kind == "yarn" and isinstance(original, int) and not isinstance(original, bool) and 0 < original <= _LARGEST:
            return int(original * factor)
        scaled = kind in {"linear", "dynamic", "yarn"} and "gemma3" not in self.outer_type + self.type
        return int(found * factor) if scaled else found

    @property
    def tied(self) -> bool | None:
        """Whether embedding and lm_head are one tensor."""
        if self.type in ENCODERS:
            return None
        found = self.flag("tie_word_embeddings")
        return found if found is not None else self.type in _TIED


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= 64 else ""
