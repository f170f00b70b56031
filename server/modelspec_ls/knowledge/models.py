"""Checkpoints of the catalogue: look-up by repository id, families, context lengths.

Rows become objects only when asked for: most sessions need a handful of 761.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from modelspec_ls.resources import load_package_json

from .types import KvCache, Mla, Model, Moe, Quantization, Vision

_WORD = re.compile(r"[a-z]+|\d+")
_LISTS = ("tasks", "aliases", "alternate_ids", "compress_ratios")


@cache
def _data() -> Any:
    return load_package_json("knowledge/data/models.json")


@cache
def _rows() -> dict[str, Any]:
    return {row["id"]: row for row in _data()["models"]}


@cache
def ids() -> Mapping[str, str]:
    """Repository ids and former ids in lower case, each with the catalogue's id."""
    return MappingProxyType(
        {name.lower(): row["id"] for row in _data()["models"] for name in (row["id"], *row.get("alternate_ids", ()))}
    )


@cache
def aliases() -> Mapping[str, str]:
    """Short names (lower case, joined by ``-``), each with the catalogue's id."""
    return MappingProxyType({name: row["id"] for row in _data()["models"] for name in row["aliases"]})


def get(model_id: str) -> Model | None:
    """The model with this repository id or former id, without regard to case."""
    known = ids().get(model_id.lower())
    return _model(known) if known else None


@cache
def all_models() -> tuple[Model, ...]:
    """Every model, in the catalogue's order."""
    return tuple(_model(model_id) for model_id in _rows())


@cache
def _model(model_id: str) -> Model:
    row = dict(_rows()[model_id])
    for key in _LISTS:
        row[key] = tuple(row.get(key, ()))
    row["sources"] = tuple(row.pop("source"))
    row.setdefault("date", _data()["date"])
    row.setdefault("parameters_active", row["parameters_total"])
    row["weight_bytes_exact"] = row.pop("weight_basis", "exact") == "exact"
    row.setdefault("value_head_dim", row.get("head_dim"))
    for key in ("parameters_published", "parameters_checkpoint"):
        if key in row:
            row[key] = row[key]["value"]
    if "layer_pattern" in row:
        row["layer_pattern"] = MappingProxyType(row["layer_pattern"])
    if "kv_cache" in row:
        cache_row = row["kv_cache"]
        window = row.get("sliding_window") if cache_row.get("layers_sliding") else None
        row["kv_cache"] = KvCache(**({"sliding_window": window} | cache_row))
    if "mla" in row:
        row["mla"] = Mla(**row["mla"])
        row["value_head_dim"] = row["mla"].v_head_dim
    if "moe" in row:
        row["moe"] = Moe(**row["moe"])
    if "vision" in row:
        row["vision"] = Vision(**row["vision"])
    if "quantization" in row:
        blocks = row["quantization"].get("weight_block_size")
        row["quantization"] = Quantization(**row["quantization"])._replace(
            weight_block_size=tuple(blocks) if blocks else None
        )
    return Model(**row)


@cache
def families() -> tuple[str, ...]:
    """The catalogue's family names, in alphabetical order."""
    return tuple(sorted(_data()["families"]))


def family_aliases(family: str) -> tuple[str, ...]:
    """Other spellings of one of ``families()``."""
    return tuple(_data()["families"].get(family, ()))


@lru_cache(maxsize=512)
def models_of_family(family: str) -> tuple[Model, ...]:
    """Models of a family, given in any spelling; a generic name such as ``llama`` gives all its generations."""
    wanted = _family_ids(family)
    return tuple(_model(model_id) for model_id, row in _rows().items() if row["family"] in wanted)


def contexts(family: str) -> dict[str, int]:
    """Longest sequence in tokens of each model of a family that has a limit, by id, longest first."""
    found = {model.id: model.context_tokens or 0 for model in models_of_family(family)}
    return {name: tokens for name, tokens in sorted(found.items(), key=lambda item: -item[1]) if tokens}


@lru_cache(maxsize=4096)
def same_family(a: str, b: str) -> bool:
    """Whether two family names can mean the same: spellings, or one is a generic parent of the other.

    ``llama`` covers ``llama-3.1``, ``llama3`` covers all of 3.x, ``qwen3`` covers ``qwen3-coder`` but not
    ``qwen3.5``, ``deepseek`` covers the R1 distills.
    """
    return _fold(a) == _fold(b) or bool(_family_ids(a) & _family_ids(b))


def accepts_family(model: Model, family: str) -> bool:
    """Whether a family name is right for a model, generously: also what its name, type or owner says.

    A distill of R1 onto Llama may be called ``deepseek`` or ``llama``, QwQ ``qwen`` after its makers.
    """
    if same_family(family, model.family) or _fold(family) == _fold(model.model_type):
        return True
    owner, _, name = model.id.lower().rpartition("/")
    wanted, words = _WORD.findall(family.lower()), _WORD.findall(name)
    if any(words[i : i + len(wanted)] == wanted for i in range(len(words))):
        return True
    return _fold(family) in {_fold(owner), *owner.split("-"), _fold(owner).removesuffix("ai")}


def _fold(text: str) -> str:
    return "".join(_WORD.findall(text.lower()))


@cache
def _family_spellings() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for family, spellings in _data()["families"].items():
        for spelling in (family, *spellings):
            found.setdefault(_fold(spelling), set()).add(family)
    return {key: frozenset(value) for key, value in found.items()}


@cache
def _family_words() -> dict[str, list[str]]:
    return {family: _WORD.findall(family) for family in families()}


@lru_cache(maxsize=4096)
def _family_ids(text: str) -> frozenset[str]:
    """The families that a spelling can mean."""
    words = _WORD.findall(text.lower())
    if not words:
        return frozenset()
    # A version number must end where the text ends: `qwen3` is no parent of `qwen3.5`.
    children = {
        family
        for family, own in _family_words().items()
        if own[: len(words)] == words
        and (len(own) == len(words) or not (words[-1].isdigit() and own[len(words)].isdigit()))
    }
    return frozenset(children) | _family_spellings().get(_fold(text), frozenset())
