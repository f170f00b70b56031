"""Key-value cache of a checkpoint, from the numbers of its config.json.

Which layers see everything follows transformers' configuration and modelling files of each model type. Where a config
speaks of layers that are not understood, the answer is None: unknown is better than wrong.
"""

from __future__ import annotations

from collections import Counter

from modelspec_ls.knowledge.types import KvCache

from .checkpoint_config import ENCODER_DECODERS, ENCODERS, Config

# Every layer of these keeps the window only, when there is one.
_ALL_SLIDING = frozenset({"mistral", "mixtral", "phi3", "phimoe", "starcoder2", "ministral"})
# A layer that sees everything every n-th layer.
_EVERY = {"gemma2": 2, "gpt_oss": 2, "gemma3": 6, "gemma3_text": 6, "cohere2": 4, "llama4": 4, "llama4_text": 4}
_NAMED_SLIDING = frozenset({"sliding_attention", "chunked_attention"})
_NAMED_FULL = frozenset({"full_attention", "attention", "global_attention"})
_NAMED_STATE = frozenset({"linear_attention", "mamba", "mamba2"})
_CACHELESS = frozenset({"moe", "mlp"})
_NEMOTRON = {"M": "mamba", "*": "full_attention", "E": "moe", "-": "mlp"}
_MAMBA1 = frozenset({"mamba", "falcon_mamba"})


def kv_of(c: Config) -> KvCache | None:
    """The cache of a model. None: its config does not say enough."""
    layers = c.layers
    if c.type in ENCODERS:
        return KvCache(kind="none", note="encoder: no cache across steps")
    if layers is None:
        return None
    if c.type in _MAMBA1:
        state = _state_of_layer(c)
        return KvCache(kind="state", layers=layers, state_elements_per_sequence=layers * state) if state else None
    rank, rope = c.integer("kv_lora_rank"), c.integer("qk_rope_head_dim")
    if rank and rope:
        index = c.integer("index_head_dim")
        return KvCache(
            kind="mla",
            layers_full=layers,
            elements_per_token_full=layers * (rank + rope),
            indexer_layers=layers if index else 0,
            indexer_elements_per_token=layers * index if index else 0,
        )
    heads, width = c.kv_heads, c.head_dim
    if heads is None or width is None:
        return None
    each = heads * (width + (c.integer("v_head_dim") or width))
    if c.type in ENCODER_DECODERS:
        return KvCache(
            kind="encoder-decoder",
            elements_per_decoder_token=layers * each,
            cross_elements_per_encoder_token=layers * each,
        )
    return _mixed(c, layers, each)


def _mixed(c: Config, layers: int, each: int) -> KvCache | None:
    window = _window(c)
    kinds = Counter(_kinds(c, layers, window))
    if kinds.keys() - _NAMED_SLIDING - _NAMED_FULL - _NAMED_STATE - _CACHELESS - {"cross_attention"}:
        return None
    sliding = sum(kinds[k] for k in _NAMED_SLIDING)
    full = sum(kinds[k] for k in _NAMED_FULL)
    recurrent = sum(kinds[k] for k in _NAMED_STATE)
    state = _state_of_layer(c) if recurrent else 0
    if recurrent and not state:
        return None
    if sliding and window is None:
        full, sliding = full + sliding, 0
    whole = each
    wide = c.integer("global_head_dim")
    if wide:
        whole = 2 * wide * (c.integer("num_global_key_value_heads") or c.kv_heads or 0)
    return KvCache(
        layers_full=full,
        elements_per_token_full=full * whole,
        layers_sliding=sliding,
        elements_per_token_sliding=sliding * each,
        sliding_window=window if sliding else None,
        layers_linear=kinds["linear_attention"],
        state_elements_per_sequence=recurrent * state,
        layers_cross=kinds["cross_attention"],
        elements_per_image_token_cross=kinds["cross_attention"] * each,
    )


def state_layers_of(c: Config) -> int:
    """State-space and linear-attention layers."""
    layers = c.layers or 0
    return layers if c.type in _MAMBA1 else sum(k in _NAMED_STATE for k in _kinds(c, layers, _window(c)))


def _window(c: Config) -> int | None:
    """Tokens that windowed layers keep; None where the model does not use a window."""
    if c.type in {"llama4", "llama4_text"}:
        return c.integer("attention_chunk_size")
    if c.flag("use_sliding_window") is False:
        return None
    if c.type.startswith(("qwen2", "qwen3")) and not c.flag("use_sliding_window"):
        return None
    window, context = c.integer("sliding_window"), c.context
    return None if window and context and window >= context else window


def _kinds(c: Config, layers: int, window: int | None) -> tuple[str, ...]:
    """The sort of every layer."""
    listed = c.layer_types
    if len(listed) == layers:
        return listed
    pattern = c.values.get("hybrid_override_pattern")
    if isinstance(pattern, str) and len(pattern) == layers:
        return tuple(_NEMOTRON.get(letter, "unknown") for letter in pattern)
    crossed = c.values.get("cross_attention_layers")
    if c.type.startswith("mllama") and isinstance(crossed, list):
        places = {n for n in crossed if isinstance(n, int)}
        return tuple("cross_attention" if n in places else "full_attention" for n in range(layers))
    period = c.integer("full_attention_interval")
    if period:
        return tuple("linear_attention" if (n + 1) % period else "full_attention" for n in range(layers))
    period = c.integer("attn_layer_period")
    if period:
        offset = c.integer("attn_layer_offset") or 0
        return tuple("full_attention" if n % period == offset else "mamba" for n in range(layers))
    if any(
        c.integer(key)
        for key in ("mamba_d_state", "mamba_num_heads", "ssm_cfg", "state_size", "linear_num_value_heads")
    ):
        return ("unknown",) * layers
    if window is None:
        return ("full_attention",) * layers
    if c.type in _ALL_SLIDING:
        return ("sliding_attention",) * layers
    every = c.integer("sliding_window_pattern", "_sliding_window_pattern", "no_rope_layer_interval")
    every = every or _EVERY.get(c.type)
    if every:
        return tuple("sliding_attention" if (n + 1) % every else "full_attention" for n in range(layers))
    letters = c.values.get("sliding_window_pattern")
    if isinstance(letters, str) and 0 < len(letters) <= 64 and set(letters) <= {"L", "G"}:
        return tuple(
            "sliding_attention" if letters[n % len(letters)] == "L" else "full_attention" for n in range(layers)
        )
    start = c.integer("max_window_layers")
    if start:
        return tuple("sliding_attention" if n >= start else "full_attention" for n in range(layers))
    return ("unknown",) * layers


def _state_of_layer(c: Config) -> int:
    """Elements of one layer's state: the recurrent part and the inputs that the convolution still needs."""
    heads, keys = c.integer("linear_num_value_heads"), c.integer("linear_num_key_heads")
    wide, narrow = c.integer("linear_value_head_dim"), c.integer("linear_key_head_dim")
    if heads and keys and wide and narrow:  # Gated delta net: Qwen3-Next.
        kernel = c.integer("linear_conv_kernel_dim") or 4
        return heads * wide * narrow + (kernel - 1) * (2 * keys * narrow + heads * wide)
    if c.type == "minimax" and c.heads and c.head_dim:
        return c.heads * c.head_dim * c.head_dim
    state = c.integer("mamba_d_state", "ssm_state_size", "state_size")
    kernel = c.integer("mamba_d_conv", "conv_kernel") or 4
    hidden = c.number("hidden") or 0
    if not state:
        return 0
    heads, width = c.integer("mamba_n_heads", "mamba_num_heads"), c.integer("mamba_d_head", "mamba_head_dim")
    if heads and width:  # Mamba 2.
        groups = c.integer("mamba_n_groups", "n_groups") or 1
        return heads * width * state + kernel * (heads * width + 2 * groups * state)
    inner = c.integer("intermediate_size") if c.type in _MAMBA1 else None
    return (inner or hidden * (c.integer("mamba_expand", "expand") or 2)) * (state + kernel)
