"""A row of a workspace's catalogue as a model or an accelerator, and what is wrong with it beyond its schema."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from attrs import evolve

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import near
from modelspec_ls.fit.adapt import RecordedModel
from modelspec_ls.fit.checkpoint import architecture_of_config
from modelspec_ls.fit.inputs import Architecture
from modelspec_ls.knowledge import accelerators, precisions
from modelspec_ls.knowledge.engines import WeightFormat, weight_format
from modelspec_ls.knowledge.types import Accelerator, Mla, Moe, Origin

Row = Mapping[str, Any]

# The fields of a row by their names in config.json.
_NAMES = {
    "modelType": "model_type",
    "layers": "num_hidden_layers",
    "hidden": "hidden_size",
    "intermediate": "intermediate_size",
    "heads": "num_attention_heads",
    "kvHeads": "num_key_value_heads",
    "headDim": "head_dim",
    "vocab": "vocab_size",
    "contextLength": "max_position_embeddings",
    "tiedEmbeddings": "tie_word_embeddings",
}
_MLA = {"kvLoraRank": "kv_lora_rank", "qkRopeHeadDim": "qk_rope_head_dim", "qLoraRank": "q_lora_rank"}
_MOE = {
    "experts": "num_experts",
    "expertsPerToken": "num_experts_per_tok",
    "intermediate": "moe_intermediate_size",
    "sharedExperts": "n_shared_experts",
    "denseLayers": "first_k_dense_replace",
}
_CARD = {
    "id": "id",
    "name": "name",
    "architecture": "architecture",
    "released": "released",
    "memoryType": "memory_type",
    "bandwidthGBs": "memory_bandwidth_gb_s",
    "computeCapability": "compute_capability",
    "kubernetesResource": "kubernetes_resource",
    "notes": "notes",
    "date": "date",
}
_FORMATS = ("fp16", "bf16", "tf32", "fp8", "int8", "fp4", "int4-weight-only")
# ALBERT shares a narrow embedding; nothing known is further below vocabulary times width.
_NARROWEST_EMBEDDING = 8
# A vendor's GB may be binary, so that the usable GiB may come close to it.
_SMALLEST_GB = 0.98


class Flaw(NamedTuple):
    """Why a row cannot be used, at one of its fields."""

    path: DocPath
    message: str


def config_of(row: Row) -> dict[str, Any]:
    """The fields of a row as config.json would state them."""
    layers = row["layers"]
    config: dict[str, Any] = {name: row[field] for field, name in _NAMES.items() if field in row}
    heads = row.get("kvHeads") or row.get("heads")
    # Some types derive KV heads from flags in place of a number.
    config["multi_query"] = heads == 1
    config["new_decoder_architecture"] = heads not in {1, row.get("heads")}
    if window := row.get("slidingWindow"):
        sliding = window.get("layers", layers)
        config["sliding_window"], config["use_sliding_window"] = window["tokens"], True
        config["layer_types"] = ["sliding_attention"] * sliding + ["full_attention"] * (layers - sliding)
    else:
        config["layer_types"] = ["full_attention"] * layers
    config |= {name: row["mla"][field] for field, name in _MLA.items() if field in row.get("mla", {})}
    config |= {name: row["moe"][field] for field, name in _MOE.items() if field in row.get("moe", {})}
    return config


def architecture_of_row(row: Row) -> Architecture:
    """The numbers of a row that memory depends on."""
    stated = row.get("config")
    shape = architecture_of_config(stated or config_of(row), row["parameters"], defaults=stated is not None)
    experts = row.get("moe", {}).get("parameters", min(shape.expert_parameters, row["parameters"]))
    shape = evolve(shape, expert_parameters=experts, vision_parameters=row.get("visionParameters", 0))
    if "tiedEmbeddings" in row:
        shape = evolve(shape, tied=row["tiedEmbeddings"])
    return evolve(shape, context=row["contextLength"]) if "contextLength" in row else shape


def model_of(row: Row, origin: Origin) -> RecordedModel:
    """The model of a row that has no flaws."""
    shape, stored = architecture_of_row(row), _format(row["dtype"])
    mla, moe = row.get("mla"), row.get("moe")
    aliases = tuple(row.get("aliases", ()))
    exact = "weightBytes" in row
    return RecordedModel(
        id=row["id"],
        family=row.get("family", ""),
        architecture=row.get("architecture", ""),
        model_type=row.get("modelType", ""),
        tasks=tuple(row.get("tasks", ())),
        parameters_total=row["parameters"],
        parameters_active=row.get("activeParameters", row["parameters"]),
        weight_bytes=row["weightBytes"]
        if exact
        else round(row["parameters"] * (stored.body_bits if stored else 16) / 8),
        weight_bytes_exact=exact,
        native_dtype=stored.name if stored else row["dtype"],
        num_layers=row["layers"],
        hidden_size=row["hidden"],
        vocab_size=row["vocab"],
        attention=_attention(shape, row),
        license=row.get("license", ""),
        verified="as stated in the workspace",
        source_kind="workspace",
        sources=(row["source"],),
        date=row["date"],
        alternate_ids=tuple(a for a in aliases if "/" in a),
        aliases=tuple(a for a in aliases if "/" not in a),
        num_attention_heads=row.get("heads"),
        num_key_value_heads=row.get("kvHeads", row.get("heads")),
        head_dim=shape.head_dim,
        value_head_dim=shape.head_dim,
        intermediate_size=row.get("intermediate"),
        tie_word_embeddings=row.get("tiedEmbeddings"),
        max_position_embeddings=shape.context,
        sliding_window=row.get("slidingWindow", {}).get("tokens"),
        kv_cache=shape.kv,
        mla=Mla(mla["kvLoraRank"], mla["qkRopeHeadDim"], 0, 0, mla.get("qLoraRank")) if mla else None,
        moe=Moe(moe["experts"], moe["expertsPerToken"], shape.expert_parameters) if moe else None,
        notes=row.get("notes", ""),
        origin=origin,
        shape=shape,
        stored=stored,
    )


def _format(text: str) -> WeightFormat | None:
    """A format of weights by its name, or by that of a precision in any spelling."""
    known = precisions.find(text)
    return weight_format(known.name if known else text.strip().lower())


def _attention(shape: Architecture, row: Row) -> str:
    if shape.kv is not None and shape.kv.kind in {"mla", "none"}:
        return shape.kv.kind
    if shape.kv is not None and (shape.state_layers or shape.kv.kind != "attention"):
        return "hybrid"
    heads, own = row.get("heads"), row.get("kvHeads", row.get("heads"))
    return "none" if not heads else "mha" if own == heads else "mqa" if own == 1 else "gqa"


def accelerator_of(row: Row, origin: Origin) -> Accelerator:
    """The accelerator of a row that has no flaws. What a row in place of a built-in one leaves out is as built in."""
    known = accelerators.get(row["id"])
    stated: dict[str, Any] = {name: row[field] for field, name in _CARD.items() if field in row}
    stated |= {
        "vendor": row["vendor"].casefold(),
        "memory_gib_runtime": float(row["memoryGiB"]),
        "sources": (row["source"],),
        "origin": origin,
        # Names of a built-in row lead there by themselves, and some mean other rows too.
        "aliases": tuple(row.get("aliases", ())),
    }
    if "supports" in row:
        formats = {name.replace("-", "_"): name in row["supports"] for name in _FORMATS}
        stated["supports"] = MappingProxyType(formats)
    if "interconnectGBs" in row:
        stated["interconnect"] = MappingProxyType({"nvlink_gb_s": row["interconnectGBs"]})
    if "memoryMarketedGB" in row:
        stated["memory_gb_marketed"] = round(row["memoryMarketedGB"])
    if known is not None:
        return evolve(known, **stated)
    blank = {
        "name": row["id"],
        "architecture": "",
        "released": 0,
        "memory_gb_marketed": round(row["memoryGiB"]),
        "memory_type": "",
        "memory_bandwidth_gb_s": 0.0,
        "supports": MappingProxyType({}),
        "source_kind": "workspace",
    }
    return Accelerator(**(blank | stated))


def flaws(kind: str, row: Row) -> Iterator[Flaw]:
    """What makes a row unusable although each field by itself is as its schema wants it. ``kind``: as its schema's."""
    for field in ("id", "source"):
        if not row[field].strip():
            yield Flaw((field,), f"`{field}` is empty. Fill it in.")
    for number, alias in enumerate(row.get("aliases", ())):
        if not alias.strip():
            yield Flaw(("aliases", number), "An alias must not be empty. Fill it in, or delete the item.")
    yield from _date(row["date"])
    yield from _model_flaws(row) if kind == "Model" else _accelerator_flaws(row)


def _date(text: str) -> Iterator[Flaw]:
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        found = None
    if found is None:
        yield Flaw(("date",), f"`{text}` is not a date. Write year, month and day, such as 2026-11-25.")


def _model_flaws(row: Row) -> Iterator[Flaw]:
    if _format(row["dtype"]) is None:
        names = [p.name for p in precisions.all_precisions() if weight_format(p.name)]
        guess = near(row["dtype"], names)
        hint = f"Did you mean `{guess}`?" if guess else f"Known are {', '.join(names)}."
        yield Flaw(("dtype",), f"`{row['dtype']}` is not a format of weights. {hint}")
    parameters, layers, hidden = row["parameters"], row["layers"], row["hidden"]
    table = row["vocab"] * hidden
    if parameters < table // _NARROWEST_EMBEDDING:
        yield Flaw(
            ("parameters",),
            f"{parameters:,} parameters are fewer than the embedding table alone has: `vocab` times `hidden` is "
            f"{table:,}. Write the whole number, for example 13015864320 for 13 B.",
        )
    if row.get("activeParameters", 0) > parameters:
        yield Flaw(
            ("activeParameters",),
            f"A token cannot pass through {row['activeParameters']:,} of {parameters:,} parameters.",
        )
    heads, own = row.get("heads"), row.get("kvHeads")
    if heads and own and (own > heads or heads % own):
        yield Flaw(("kvHeads",), f"{own} KV heads do not divide {heads} query heads. Check `num_key_value_heads`.")
    if heads and "headDim" not in row and "mla" not in row and hidden % heads:
        yield Flaw(("heads",), f"{heads} heads do not divide a width of {hidden}. Add `headDim`.")
    for section, field in (("slidingWindow", "layers"), ("moe", "denseLayers")):
        count = row.get(section, {}).get(field, 0)
        if count > layers:
            yield Flaw((section, field), f"{count} layers are more than the {layers} that the model has.")
    moe = row.get("moe", {})
    if moe and moe["expertsPerToken"] > moe["experts"]:
        yield Flaw(
            ("moe", "expertsPerToken"), f"A token cannot use {moe['expertsPerToken']} of {moe['experts']} experts."
        )
    for path, count in (
        (("moe", "parameters"), moe.get("parameters")),
        (("visionParameters",), row.get("visionParameters")),
    ):
        if count and count > parameters:
            yield Flaw(path, f"{count:,} parameters are more than the {parameters:,} of the whole model.")


def _accelerator_flaws(row: Row) -> Iterator[Flaw]:
    usable, sold = row["memoryGiB"], row.get("memoryMarketedGB")
    if not math.isfinite(usable):
        yield Flaw(("memoryGiB",), "The memory must be a number of GiB, such as 79.2.")
    elif sold and usable > sold / _SMALLEST_GB:
        yield Flaw(
            ("memoryGiB",),
            f"{usable:g} GiB are more than the {sold:g} GB that the accelerator is sold with. Write what the runtime "
            "prints as total memory, in GiB.",
        )
