"""Build the package's catalogue of models and accelerators from a folder of collected facts.

    python scripts/update_catalogue.py SOURCE_DIR [--date YYYY-MM-DD]

This is the way to change a fact: edit the source, run this, review the diff (one row is one line).

SOURCE_DIR holds two JSON arrays of objects. A field that is not known is null or left out.

models.json
    id, alternate_ids, aliases          hub repository names; aliases are lower case, words joined by `-`
    family, family_aliases              a family's aliases are the same in all its rows
    architecture, model_type, tasks     as in the checkpoint's config and on the hub
    parameters_total / _active / _embedding
                                        counts of weights; active: without routed experts that a token skips
    parameters_published                {value, sources}: the same total from elsewhere
    parameters_checkpoint               {value, reason, source}: a differing total on the hub
    weight_bytes                        {value: bytes, basis: exact | estimate}
    num_layers, hidden_size, num_attention_heads, num_key_value_heads, head_dim, intermediate_size,
    vocab_size, max_position_embeddings, default_max_tokens (tokens), sliding_window (tokens), attention,
    tie_word_embeddings, global_head_dim, num_global_key_value_heads, intermediate_size_dense,
    num_encoder_layers, num_decoder_layers, compress_ratios
    kv_cache                            elements, K and V together, summed over layers
    layer_pattern, moe, mla, vision, quantization
    native_dtype, license, gated, notes
    source, source_kind, verified       where the row is from and how it was checked

accelerators.json
    id, vendor, name, aliases, architecture, released, form_factor, notes, sources, source_kind
    ambiguous_aliases                   {alias of this row: other rows it may mean}
    compute_capability ("8.9"), gfx_arch, supports, mig_profiles
    memory_gb_marketed (the vendor's GB), memory_mib_reported, memory_gib_usable, memory_usable_basis,
    memory_gib_runtime, memory_gib_runtime_range, framework_total_gib, memory_type
    memory_bandwidth_gb_s, tflops_dense, tops_int8_dense, interconnect, accelerators_per_node_typical
    kubernetes_resource, gpu_product_label, cloud_instances [{cloud, type, count}]

What this script adds to the facts stands below in capitals.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "server/modelspec_ls/knowledge/data"
VERSION = 1
Row = dict[str, Any]

MODEL_FIELDS = """id alternate_ids aliases family architecture model_type tasks tuning
    parameters_total parameters_active parameters_embedding parameters_published parameters_checkpoint
    weight_bytes weight_basis native_dtype quantization
    num_layers hidden_size num_attention_heads num_key_value_heads head_dim value_head_dim
    global_head_dim num_global_key_value_heads intermediate_size intermediate_size_dense
    num_encoder_layers num_decoder_layers vocab_size tie_word_embeddings
    max_position_embeddings default_max_tokens attention sliding_window layer_pattern compress_ratios
    kv_cache mla moe vision license gated notes verified source_kind source date"""

ACCELERATOR_FIELDS = """id vendor name aliases ambiguous_aliases architecture released form_factor
    compute_capability gfx_arch memory_gb_marketed memory_type memory_mib_reported memory_gib_usable
    memory_usable_basis memory_usable_kind memory_gib_runtime memory_gib_runtime_range framework_total_gib
    memory_bandwidth_gb_s tflops_dense tops_int8_dense supports interconnect accelerators_per_node_typical
    mig_profiles kubernetes_resource gpu_product_label cloud_instances notes source_kind sources date"""

# Words that end a name and say how the checkpoint was trained. Read from names, hence nobody's published fact.
INSTRUCT_WORDS = ("instruct", "chat", "it", "thinking", "think", "reasoning")
BASE_WORDS = ("base", "pt")

# A short name that strictly means several parts but in practice one: the 94 GB part is sold and labelled
# as H100 NVL, so that a bare H100 is the 80 GB part.
USUAL = {"h100": "nvidia-h100-sxm-80gb"}

# The driver never prints "NVIDIA GH200" alone, so that it says no more than "GH200".
EXTRA_AMBIGUOUS = {"nvidia-gh200-144gb": {"nvidia-gh200": ["nvidia-gh200-96gb"]}}

# Node labels that Google Kubernetes Engine documents for its accelerators.
EXTRA_ALIASES = {
    "nvidia-a100-sxm-40gb": ["nvidia-tesla-a100"],
    "nvidia-h100-sxm-80gb": ["nvidia-h100-mega-80gb"],
}


def build_models(rows: list[Row], date: str) -> Row:
    """The contents of the package's models.json."""
    families: dict[str, list[str]] = {}
    for row in rows:
        spellings = families.setdefault(row["family"], row["family_aliases"])
        if spellings != row["family_aliases"]:
            raise SystemExit(f"{row['id']}: family {row['family']} has other aliases elsewhere")
    every = {name for row in rows for name in (row["id"].lower().split("/")[-1], *row["aliases"])}
    models = [pack_model(row, tuning_of(row, every)) for row in rows]
    check_names([(row["id"], (row["id"], *row.get("alternate_ids", ()), *row["aliases"])) for row in rows])
    return {"version": VERSION, "date": date, "families": families, "models": models}


def pack_model(row: Row, tuning: str | None = None) -> Row:
    """One row for the package: no nulls, nothing that follows from another field. See ``unpack_model``."""
    out = {key: value for key, value in row.items() if value is not None and key != "family_aliases"}
    out["weight_bytes"] = row["weight_bytes"]["value"]
    if row["weight_bytes"]["basis"] != "exact":
        out["weight_basis"] = row["weight_bytes"]["basis"]
    if row["parameters_active"] == row["parameters_total"]:
        del out["parameters_active"]
    if tuning:
        out["tuning"] = tuning
    if value_dim := value_head_dim(row):
        out["value_head_dim"] = value_dim
    return ordered(out, MODEL_FIELDS)


def unpack_model(row: Row, families: dict[str, list[str]]) -> Row:
    """The source row again, without its nulls: shows that packing lost nothing."""
    out = dict(row)
    out["weight_bytes"] = {"value": row["weight_bytes"], "basis": out.pop("weight_basis", "exact")}
    out.setdefault("parameters_active", row["parameters_total"])
    out["family_aliases"] = families[row["family"]]
    for added in ("tuning", "value_head_dim"):
        out.pop(added, None)
    return out


def value_head_dim(row: Row) -> int | None:
    """Width of a V head where the cache's size shows that it is not K's."""
    cache, heads, dim = row.get("kv_cache") or {}, row["num_key_value_heads"], row["head_dim"]
    layers = cache.get("layers_full")
    if row.get("mla") or row.get("global_head_dim") or not (layers and heads and dim):
        return None
    value_dim, rest = divmod(cache["elements_per_token_full"] - layers * heads * dim, layers * heads)
    if rest or value_dim <= 0:
        raise SystemExit(f"{row['id']}: kv_cache does not follow from layers, heads and head_dim")
    return value_dim if value_dim != dim else None


def tuning_of(row: Row, names: set[str]) -> str | None:
    """``instruct`` or ``base`` where the names leave no doubt, for models that continue a text."""
    if not {"text-generation", "image-text-to-text"} & set(row["tasks"]):
        return None
    own = [row["id"].lower(), *row["aliases"]]
    words = set(row["id"].lower().replace("_", "-").split("/")[-1].split("-"))
    if words & set(BASE_WORDS):
        return "base"
    if words & set(INSTRUCT_WORDS) or any(name.endswith(tuple(f"-{w}" for w in INSTRUCT_WORDS)) for name in own):
        return "instruct"
    if any(name.endswith("-base") for name in own):
        return "base"
    # A name that has a sibling with the other word: `qwen3-8b` beside `qwen3-8b-base`.
    stem = row["id"].lower().split("/")[-1].removesuffix("-hf")
    if any(f"{stem}-{word}" in names for word in BASE_WORDS):
        return "instruct"
    return "base" if any(f"{stem}-{word}" in names for word in ("instruct", "chat", "it")) else None


def build_accelerators(rows: list[Row], date: str) -> Row:
    """The contents of the package's accelerators.json."""
    packed = [pack_accelerator(row) for row in rows]
    check_names([(row["id"], (row["id"], *row["aliases"])) for row in packed])
    return {"version": VERSION, "date": date, "usual": USUAL, "accelerators": packed}


def pack_accelerator(row: Row) -> Row:
    """One row for the package: no nulls and no empty lists. See ``unpack_accelerator``."""
    out = {key: value for key, value in row.items() if value not in (None, [], {})}
    out["aliases"] = [*row["aliases"], *EXTRA_ALIASES.get(row["id"], ())]
    if extra := EXTRA_AMBIGUOUS.get(row["id"]):
        out["ambiguous_aliases"] = row["ambiguous_aliases"] | extra
    if cc := row.get("compute_capability"):
        out["compute_capability"] = float(cc)
    if basis := row["memory_usable_basis"]:
        out["memory_usable_kind"] = (
            "driver" if "driver" in basis else "framework" if basis.startswith("torch") else "rule-of-thumb"
        )
    return ordered(out, ACCELERATOR_FIELDS)


def unpack_accelerator(row: Row) -> Row:
    """The source row again, without its nulls and empty lists."""
    out = dict(row)
    out["ambiguous_aliases"] = dict(row.get("ambiguous_aliases", {}))
    out["aliases"] = [name for name in row["aliases"] if name not in EXTRA_ALIASES.get(row["id"], ())]
    if "compute_capability" in row:
        out["compute_capability"] = f"{row['compute_capability']:.1f}"
    out.pop("memory_usable_kind", None)
    for name in EXTRA_AMBIGUOUS.get(row["id"], ()):
        del out["ambiguous_aliases"][name]
    return {key: value for key, value in out.items() if value != {}}


def check_names(rows: list[tuple[str, tuple[str, ...]]]) -> None:
    """Every name has one owner, whatever its case."""
    owners: dict[str, str] = {}
    for owner, names in rows:
        for name in {n.lower() for n in names}:
            if owners.setdefault(name, owner) != owner:
                raise SystemExit(f"`{name}` belongs to both {owners[name]} and {owner}")


def ordered(row: Row, fields: str) -> Row:
    """The row with its fields in a fixed order; an unknown field stops the run, so that nothing is lost."""
    names = fields.split()
    if unknown := set(row) - set(names):
        raise SystemExit(f"{row['id']}: teach this script and knowledge/types.py the fields {sorted(unknown)}")
    return {key: row[key] for key in names if key in row}


def render(data: Row, rows_key: str) -> str:
    """JSON with one line for each row and each head entry."""

    def line(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    head = ",\n".join(f"{line(key)}:{line(value)}" for key, value in data.items() if key != rows_key)
    rows = ",\n".join(line(row) for row in data[rows_key])
    return f"{{\n{head},\n{line(rows_key)}:[\n{rows}\n]\n}}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="folder with models.json and accelerators.json")
    parser.add_argument("--date", default=None, help="when the facts were collected, YYYY-MM-DD; default: today")
    arguments = parser.parse_args()
    date = dt.date.fromisoformat(arguments.date or dt.datetime.now().astimezone().date().isoformat())
    for name, build in (("models", build_models), ("accelerators", build_accelerators)):
        rows = json.loads((arguments.source / f"{name}.json").read_text(encoding="utf-8"))
        text = render(build(rows, date.isoformat()), name)
        (DATA / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {len(rows)} rows, {len(text.encode()) // 1024} KiB")


if __name__ == "__main__":
    main()
