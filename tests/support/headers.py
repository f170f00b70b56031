"""Headers of checkpoint files, built by hand; also wrong ones."""

import json
import struct

WIDTH = {"BF16": 2, "F32": 4}
TENSORS = {"model.embed_tokens.weight": ("BF16", [10, 8]), "model.layers.0.mlp.up_proj.weight": ("BF16", [16, 8])}


def header(tensors):
    at, out = 0, {}
    for name, (dtype, shape) in tensors.items():
        size = WIDTH[dtype]
        for n in shape:
            size *= n
        out[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    return out, at


def packed(raw: bytes, data: int) -> bytes:
    return len(raw).to_bytes(8, "little") + raw + bytes(data)


def safetensors(tensors) -> bytes:
    listed, size = header(tensors)
    return packed(json.dumps({"__metadata__": {"format": "pt"}, **listed}).encode(), size)


def gguf_text(value: str | bytes, order="<") -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(order + "Q", len(data)) + data


def gguf(keys=None, tensors=None, *, order="<", version=3, counts=None, data=None) -> bytes:
    meta = {"general.architecture": "llama", "llama.block_count": 2, "llama.embedding_length": 64,
            "llama.attention.head_count": 2, "llama.context_length": 128, "tokenizer.ggml.tokens": ["a", "b", "c"],
            "llama.rope.freqs": [1, 2], **(keys or {})}  # fmt: skip
    tensors = {"token_embd.weight": ([64, 3], 0), "blk.0.attn_q.weight": ([64, 64], 2)} if tensors is None else tensors
    out = b"GGUF" + struct.pack(order + "IQQ", version, *(counts or (len(tensors), len(meta))))
    for key, value in meta.items():
        out += gguf_text(key, order)
        if isinstance(value, str):
            out += struct.pack(order + "I", 8) + gguf_text(value, order)
        elif isinstance(value, list) and isinstance(value[0], str):
            out += struct.pack(order + "IIQ", 9, 8, len(value)) + b"".join(gguf_text(v, order) for v in value)
        elif isinstance(value, list):
            out += struct.pack(f"{order}IIQ{len(value)}I", 9, 4, len(value), *value)
        elif isinstance(value, bytes):
            out += value
        else:
            out += struct.pack(order + "II", 4, value)
    at = 0
    for name, (shape, kind) in tensors.items():
        out += gguf_text(name, order) + struct.pack(f"{order}I{len(shape)}QIQ", len(shape), *shape, kind, at)
        size = shape[0] * (shape[1] if len(shape) > 1 else 1)
        at += {0: size * 4, 2: size // 32 * 18}.get(kind, 0)
    return out + bytes(-len(out) % 32) + bytes(at if data is None else data)


def sound(name: str) -> bytes:
    """A file of a checkpoint as it should be, by its name."""
    if name.endswith(".safetensors"):
        return safetensors(TENSORS)
    if name.endswith(".gguf"):
        return gguf()
    if name.endswith(".index.json"):
        return json.dumps({"weight_map": dict.fromkeys(TENSORS, "model.safetensors")}).encode()
    sizes = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    more = {"model_type": "llama", "vocab_size": 10, "max_position_embeddings": 64, "rope_scaling": {"factor": 2.0}}
    return json.dumps({**sizes, **more, "quantization_config": {"quant_method": "fp8"}}).encode()
