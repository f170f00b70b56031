"""The formulas against models that transformers builds on the meta device (scripts/meta_models.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modelspec_ls.fit import architecture_of
from modelspec_ls.fit.inputs import Placement
from modelspec_ls.fit.weights import parts_of, weights_of
from modelspec_ls.knowledge import models
from modelspec_ls.knowledge.engines import weight_format

_DATA = json.loads((Path(__file__).parent / "data" / "meta_models.json").read_text(encoding="utf-8"))
BUILT: list[dict[str, Any]] = _DATA["models"]
ids = {"ids": lambda row: row["id"].rpartition("/")[2]}


def test_enough_models_of_every_sort():
    assert len(BUILT) >= 55
    rows = [models.get(row["id"]) for row in BUILT]
    kinds = {row.kv_cache.kind if row.kv_cache else "state" for row in rows}
    assert {"attention", "mla", "encoder-decoder", "none"} <= kinds
    assert {row.attention for row in rows} >= {"mha", "gqa", "mqa", "mla", "hybrid"}
    assert any(row.kv_cache and row.kv_cache.layers_cross for row in rows)
    assert any(row.sliding_window and row.kv_cache.layers_sliding for row in rows)
    assert {bool(row.tie_word_embeddings) for row in rows} == {True, False}
    assert sum(bool(row["cache"] and row["cache"].get("ran")) for row in BUILT) >= 35


@pytest.mark.parametrize("row", BUILT, **ids)
def test_parts_are_those_that_transformers_builds(row):
    model, built = models.get(row["id"]), row["parts"]
    a = architecture_of(model)
    p = parts_of(a)
    assert a.parameters == built["total"]
    whole = p.embedding + p.head + p.vision + p.experts + p.kv_projections + p.replicated + p.latent + p.rest
    assert whole == built["total"]
    assert p.head == built["lm_head"]
    assert p.experts == built["experts"]
    assert p.latent == built["latent"]
    # Mllama's embedding has eight rows more than its vocabulary; they are in the rest.
    assert built["embedding"] - p.embedding == (8 * a.hidden if model.model_type == "mllama" else 0)
    assert p.vision == built["vision"]
    if built["kv_projections"] and p.kv_projections:
        assert p.kv_projections == built["kv_projections"]
    assert abs(p.replicated - built["norms"]) <= 0.001 * built["total"]  # Norms, and routers where there are experts.


@pytest.mark.parametrize("row", BUILT, **ids)
def test_one_device_holds_every_parameter(row):
    a = architecture_of(models.get(row["id"]))
    weights = weights_of(a, weight_format("bf16"), Placement(1, 1, 1), rope=False, torch=False)
    assert weights.per_device.value * 2**30 == pytest.approx(2 * row["parts"]["total"], rel=1e-12)


@pytest.mark.parametrize("row", [row for row in BUILT if row["cache"]], **ids)
def test_cache_elements_are_those_of_the_tensors(row):
    kv, cache = models.get(row["id"]).kv_cache, row["cache"]
    if "decoder" in cache:
        assert kv.elements_per_decoder_token == cache["decoder"]
        assert kv.cross_elements_per_encoder_token == cache["cross"]
        return
    assert kv.elements_per_token_full + kv.elements_per_token_sliding == cache["full"] + cache["sliding"]
    if cache["sliding"]:
        assert kv.elements_per_token_sliding == cache["sliding"]
