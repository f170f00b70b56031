"""A checkpoint as a row of a workspace's catalogue: the other way round from ``rows``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelspec_ls.fit.checkpoint import CheckpointFacts
from modelspec_ls.fit.checkpoint_config import Config

from .rows import architecture_of_row

# What config.json holds beside the shape: file lists, labels, tokens.
_NOISE = frozenset(
    {
        *("architectures", "auto_map", "id2label", "label2id", "task_specific_params", "quantization_config"),
        *("torch_dtype", "dtype", "transformers_version", "vision_config", "audio_config", "compression_config"),
    }
)


def row_of(
    name: str, config: Mapping[str, Any], facts: CheckpointFacts, *, source: str, date: str, **more: Any
) -> dict[str, Any]:
    """The row of a checkpoint, in the order of the schema. What is not known is left out.

    config.json goes along only where the plain fields do not give the same shape. ``more``: further fields.
    """
    shape, c = facts.architecture, Config(config)
    named = config.get("architectures")
    classes = [n for n in named if isinstance(n, str)] if isinstance(named, list) else []
    active = shape.parameters
    if shape.experts and shape.expert_parameters:
        unused = shape.expert_parameters * (1 - shape.experts_per_token / shape.experts)
        active = round(shape.parameters - unused)
    row: dict[str, Any] = {
        "id": name,
        "architecture": classes[0] if classes else None,
        "modelType": facts.model_type or None,
        "parameters": shape.parameters,
        "activeParameters": active if active != shape.parameters else None,
        "layers": shape.layers,
        "hidden": shape.hidden,
        "intermediate": c.intermediate,
        "heads": shape.heads,
        "kvHeads": shape.kv_heads,
        "headDim": shape.head_dim,
        "vocab": shape.vocab,
        "contextLength": shape.context,
        "tiedEmbeddings": shape.tied,
        "dtype": facts.weights.name if facts.weights else None,
        "weightBytes": facts.weight_bytes if facts.parameters_exact else None,
        "slidingWindow": _window(facts),
        "mla": _mla(c),
        "moe": _moe(c, facts),
        "visionParameters": shape.vision_parameters or None,
        **more,
        "source": source,
        "date": date,
    }
    row = {field: value for field, value in row.items() if value not in (None, "", [], {})}
    if shape.layers and shape.hidden and shape.vocab:
        kept = {key: value for key, value in config.items() if key not in _NOISE and not key.startswith("_")}
        if architecture_of_row(row) != architecture_of_row({**row, "config": kept}):
            row = {**row, "config": kept}
            row["source"], row["date"] = row.pop("source"), row.pop("date")
    return row


def _window(facts: CheckpointFacts) -> dict[str, Any] | None:
    kv = facts.architecture.kv
    if kv is None or not kv.layers_sliding or not kv.sliding_window:
        return None
    return {"tokens": kv.sliding_window, "layers": kv.layers_sliding}


def _mla(c: Config) -> dict[str, Any] | None:
    rank, rope = c.integer("kv_lora_rank"), c.integer("qk_rope_head_dim")
    if rank is None or rope is None:
        return None
    query = c.integer("q_lora_rank")
    return {"kvLoraRank": rank, "qkRopeHeadDim": rope} | ({"qLoraRank": query} if query else {})


def _moe(c: Config, facts: CheckpointFacts) -> dict[str, Any] | None:
    shape = facts.architecture
    if not shape.experts or not shape.experts_per_token:
        return None
    found = {
        "experts": shape.experts,
        "expertsPerToken": shape.experts_per_token,
        "intermediate": shape.expert_width or None,
        "sharedExperts": c.integer("n_shared_experts", "num_shared_experts"),
        "denseLayers": c.integer("first_k_dense_replace"),
        "parameters": shape.expert_parameters or None,
    }
    return {field: value for field, value in found.items() if value is not None}
