"""A small checkpoint to put on disk."""

import json

from support.hub import safetensors

CONFIG = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 1000,
    "max_position_embeddings": 4096,
    "torch_dtype": "bfloat16",
}
PARAMETERS = 2 * 1000 * 64


def write_checkpoint(folder, **config):
    """Two embedding tables in bf16, and a config.json; ``config`` changes it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG | config), encoding="utf-8")
    head = safetensors({"model.embed_tokens.weight": [1000, 64], "lm_head.weight": [1000, 64]})
    (folder / "model.safetensors").write_bytes(head + bytes(2 * PARAMETERS))
    return folder
