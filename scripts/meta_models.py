"""Count catalogue models as transformers builds them: an independent check of parameters, their parts and the cache.

Needs torch and transformers, which are no dependencies of this project; use an environment of their own:

    python -m venv META && META/bin/pip install torch transformers
    META/bin/python scripts/meta_models.py [MODEL-ID…]

Without ids the models of the data file are built again; ids are added to them.

Models are built on the meta device from the numbers of the catalogue, so nothing is downloaded and no tensor is filled.
Where generation with a cache runs there, the cache's elements per token are those of its tensors after a step; else
they are the outputs of the projections that feed it. Writes tests/fit/data/meta_models.json; tests/fit/test_fit_meta.py
compares the product's formulas with it.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "server" / "modelspec_ls" / "knowledge" / "data" / "models.json"
OUT = ROOT / "tests" / "fit" / "data" / "meta_models.json"
STEP = 16

NAMES = {
    "hidden_size": "hidden_size",
    "num_hidden_layers": "num_layers",
    "num_attention_heads": "num_attention_heads",
    "num_key_value_heads": "num_key_value_heads",
    "head_dim": "head_dim",
    "intermediate_size": "intermediate_size",
    "vocab_size": "vocab_size",
    "tie_word_embeddings": "tie_word_embeddings",
    "max_position_embeddings": "max_position_embeddings",
    "sliding_window": "sliding_window",
    # The words of older configurations.
    "n_embd": "hidden_size",
    "n_layer": "num_layers",
    "n_head": "num_attention_heads",
    "n_inner": "intermediate_size",
    "n_positions": "max_position_embeddings",
    "ffn_dim": "intermediate_size",
}
MOE = {
    "num_experts": "num_experts",
    "num_local_experts": "num_experts",
    "n_routed_experts": "num_experts",
    "num_experts_per_tok": "experts_per_token",
    "moe_intermediate_size": "moe_intermediate_size",
    "n_shared_experts": "shared_experts",
    "first_k_dense_replace": "first_dense_layers",
    "shared_expert_intermediate_size": "shared_expert_intermediate_size",
}
MORE: dict[str, dict[str, Any]] = {
    "gpt_bigcode": {"multi_query": True},
    "falcon": {"multi_query": True, "parallel_attn": True, "bias": False, "new_decoder_architecture": False},
    "gpt_neox": {"use_parallel_residual": True},
}
OWN_KEYS = re.compile(r"\b(self_attn|attention|attn|self_attention|self)\.(k_proj|v_proj|key|value)\.weight$")
HEADS_DECIDE = frozenset({"falcon", "gpt_neox", "bloom", "gpt2", "opt", "phi", "bert", "xlm-roberta"})
SIGLIP = {
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_hidden_layers": 27,
    "num_attention_heads": 16,
    "image_size": 896,
    "patch_size": 14,
    "vision_use_head": False,
}


def config_of(row: dict[str, Any]) -> Any:
    """The configuration class of the model's type with the catalogue's numbers where it has such a field."""
    kind = row["model_type"]
    top = CONFIG_MAPPING[kind]()
    inner = getattr(top, "text_config", None)
    target = inner if inner is not None else top
    values = {name: row[ours] for name, ours in NAMES.items() if row.get(ours) is not None}
    for name, ours in MOE.items():
        if (row.get("moe") or {}).get(ours) is not None:
            values[name] = row["moe"][ours]
    values.update(row.get("mla") or {})
    if row.get("intermediate_size_dense"):
        values["intermediate_size_mlp"] = row["intermediate_size_dense"]
    values.update(MORE.get(kind, {}))
    if kind == "whisper":
        values.update(
            d_model=row["hidden_size"],
            encoder_layers=row["num_encoder_layers"],
            decoder_layers=row["num_decoder_layers"],
            encoder_attention_heads=row["num_attention_heads"],
            decoder_attention_heads=row["num_attention_heads"],
            encoder_ffn_dim=row["intermediate_size"],
            decoder_ffn_dim=row["intermediate_size"],
            num_mel_bins=128 if row["vocab_size"] == 51866 else 80,
        )
    if kind == "xlm-roberta":  # Positions start after the padding token.
        values.update(type_vocab_size=1, max_position_embeddings=row["max_position_embeddings"] + 2)
    known = target.to_dict()
    chosen = {k: v for k, v in values.items() if k in known or hasattr(target, k) or k == "head_dim"}
    if kind in HEADS_DECIDE:
        chosen.pop("head_dim", None)
    pattern = row.get("layer_pattern") or {}
    if "sliding_window" in known:
        chosen["sliding_window"] = row.get("sliding_window")
    if "layer_types" in known:
        full = {"full_attention": row["num_layers"]}
        chosen["layer_types"] = spread(pattern if sum(pattern.values()) == row["num_layers"] else full)
    for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
        if (known.get(name) or 0) >= row["vocab_size"]:
            chosen[name] = None
    if inner is None:
        return type(top)(**{**top.to_dict(), **chosen})
    fresh = type(inner)(**{**inner.to_dict(), **chosen})
    outer = top.to_dict()
    outer.update(text_config=fresh.to_dict(), tie_word_embeddings=bool(row.get("tie_word_embeddings")))
    if kind in {"qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_5"} and row.get("vision"):
        vision = dict(outer["vision_config"])
        vision["hidden_size" if kind == "qwen2_vl" else "out_hidden_size"] = row["hidden_size"]
        if kind in {"qwen3_vl", "qwen3_5"}:
            vision.update(depth=row["vision"]["num_layers"], hidden_size=row["vision"]["hidden_size"])
        outer["vision_config"] = vision
    if kind == "gemma3":
        outer["vision_config"] = {**outer["vision_config"], **SIGLIP}
    return type(top)(**outer)


def spread(pattern: dict[str, int]) -> list[str]:
    """One order of layers with these counts; counts and sizes do not depend on it."""
    return [kind for kind, count in pattern.items() for _ in range(count)]


def build(row: dict[str, Any]) -> Any:
    """The model on the meta device."""
    config = config_of(row)
    maker = getattr(transformers, row["architecture"])
    with torch.device("meta"):
        model = maker._from_config(config, dtype=torch.bfloat16)  # noqa: SLF001
    model.tie_weights()
    return model.eval()


def counts(model: Any, row: dict[str, Any]) -> dict[str, int]:
    """Parameters by part; a tensor that two modules share counts once, with the first that names it."""
    out = dict.fromkeys(("total", "embedding", "lm_head", "experts", "vision", "kv_projections", "latent", "norms"), 0)
    seen: set[int] = set()
    table = row["vocab_size"] * row["hidden_size"]
    for name, tensor in model.named_parameters():
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        size = tensor.numel()
        out["total"] += size
        decoder = "encoder." not in name or row["model_type"] in {"bert", "xlm-roberta"}
        if re.search(r"(^|\.)(visual|vision_tower|vision_model|multi_modal_projector|embed_vision)\.", name):
            out["vision"] += size
        elif re.search(r"(lm_head|embed_out|proj_out)\.weight$", name):
            out["lm_head"] += size
        elif size >= table and re.search(r"emb|wte|lm_head.decoder", name):  # Tied, under either name.
            out["embedding"] += size
        elif re.search(r"\.experts\.", name):
            out["experts"] += size
        elif re.search(r"\.(kv_a_proj_with_mqa|q_a_proj)\.weight$", name):
            out["latent"] += size
        elif decoder and OWN_KEYS.search(name):
            out["kv_projections"] += size
        elif re.search(r"norm|ln_", name) and tensor.dim() == 1:
            out["norms"] += size
    return out


def cache_of(model: Any, row: dict[str, Any]) -> dict[str, int] | None:
    """Cache elements per token by sort of layer, from the tensors of a step on the meta device."""
    kind = (row.get("kv_cache") or {}).get("kind", "attention")
    if kind == "none":
        return {"full": 0, "sliding": 0}
    if kind == "mla":
        rows = [m.out_features for n, m in model.named_modules() if n.endswith("kv_a_proj_with_mqa")]
        return {"full": sum(rows), "sliding": 0}
    if kind == "encoder-decoder":
        wide = [m.out_features for n, m in model.named_modules() if re.search(r"decoder.*self_attn\.[kv]_proj$", n)]
        cross = [m.out_features for n, m in model.named_modules() if re.search(r"encoder_attn\.[kv]_proj$", n)]
        return {"decoder": sum(wide), "cross": sum(cross)}
    core = getattr(getattr(model, "model", model), "language_model", model)
    try:
        tokens = torch.zeros((1, STEP), dtype=torch.long, device="meta")
        with torch.no_grad():
            cache = core(input_ids=tokens, use_cache=True).past_key_values
        layers = [layer for layer in cache.layers if getattr(layer, "keys", None) is not None]
        out = {"full": 0, "sliding": 0, "ran": 1}
        for layer in layers:
            elements = (layer.keys.numel() + layer.values.numel()) // STEP
            out["sliding" if getattr(layer, "is_sliding", False) else "full"] += elements
        return out  # noqa: TRY300
    except Exception as error:  # noqa: BLE001  Not every model runs without data; the projections tell as well.
        print(f"    no step: {type(error).__name__}: {str(error)[:100]}", file=sys.stderr)
    text = getattr(model.config, "text_config", None) or model.config
    types = getattr(text, "layer_types", None) or []
    out = {"full": 0, "sliding": 0}
    for name, module in model.named_modules():
        if re.search(r"(visual|vision|cross_attn)", name) or not re.search(r"\.[kv]_proj$", name):
            continue
        index = int(re.findall(r"layers\.(\d+)\.", name)[-1])
        sliding = index < len(types) and types[index] in {"sliding_attention", "chunked_attention"}
        out["sliding" if sliding else "full"] += module.out_features
    return out if sum(out.values()) else None


def main() -> int:
    """Write the data file; say which models could not be built or do not have the catalogue's count."""
    rows = {row["id"]: row for row in json.loads(CATALOGUE.read_text(encoding="utf-8"))["models"]}
    known = [row["id"] for row in json.loads(OUT.read_text(encoding="utf-8"))["models"]] if OUT.exists() else []
    found: list[dict[str, Any]] = []
    for name in dict.fromkeys([*known, *sys.argv[1:]]):
        row = rows.get(name)
        if row is None:
            print(f"{name}: not in the catalogue", file=sys.stderr)
            continue
        try:
            model = build(row)
        except Exception as error:  # noqa: BLE001  A type that this transformers cannot build.
            print(f"{name}: {type(error).__name__}: {str(error)[:160]}", file=sys.stderr)
            continue
        parts = counts(model, row)
        if parts["total"] != row["parameters_total"]:
            off = parts["total"] - row["parameters_total"]
            print(f"{name}: {parts['total']:,} instead of {row['parameters_total']:,} ({off:+,})", file=sys.stderr)
            continue
        cache = cache_of(model, row)
        found.append({"id": name, "parts": parts, "cache": cache})
    print(f"{len(found)} models agree in their parameter count", file=sys.stderr)
    note = f"Written by scripts/meta_models.py with transformers {transformers.__version__} on the meta device."
    lines = ",\n".join(json.dumps(row) for row in found)
    OUT.write_text(f'{{"notes": "{note}",\n"models": [\n{lines}\n]}}\n', encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
