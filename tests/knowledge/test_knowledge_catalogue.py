"""The committed data: every name has one owner, every number is plausible, the script loses nothing."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path

import pytest

from modelspec_ls.knowledge import accelerators, models, vocabularies
from modelspec_ls.knowledge.match import resolve

ROOT = Path(__file__).resolve().parents[2]
SOURCE = os.environ.get("MODELSPEC_CATALOGUE_SOURCE")
BYTES = {"fp32": (4, 4), "bf16": (2, 2), "fp16": (2, 2), "fp8": (0.5, 1.35), "nvfp4": (0.5, 0.75)}
PACKED = (0.5, 1.35)


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("update_catalogue", ROOT / "scripts/update_catalogue.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def committed(name):
    return json.loads((ROOT / f"server/modelspec_ls/knowledge/data/{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["models", "accelerators"])
def test_data_has_version_and_date_and_one_line_per_row(name):
    data = committed(name)
    text = (ROOT / f"server/modelspec_ls/knowledge/data/{name}.json").read_text(encoding="utf-8")
    assert data["version"] == 1
    assert len(data["date"]) == len("2026-11-21")
    assert sum(line.startswith('{"id":') for line in text.splitlines()) == len(data[name])


def test_every_row_has_source_and_date():
    for row in (*models.all_models(), *accelerators.all_accelerators()):
        assert row.sources, row.id
        assert row.date, row.id
        assert row.source_kind, row.id


def test_every_id_and_former_id_resolves_exactly():
    for model in models.all_models():
        for name in (model.id, *model.alternate_ids):
            found = resolve(name)
            assert (found.model, found.grade) == (model, "exact"), name
            assert resolve(f"hf://{name.upper()}@0123abc").model is model, name
            assert models.get(name.lower()) is model


def test_every_alias_resolves_to_its_owner():
    for model in models.all_models():
        for alias in model.aliases:
            for name in (alias, alias.upper(), alias.replace("-", "_")):
                assert resolve(name).model is model, name


def test_no_name_has_two_owners():
    owners = {}
    for model in models.all_models():
        for name in {n.lower() for n in (model.id, *model.alternate_ids, *model.aliases)}:
            assert owners.setdefault(name, model.id) == model.id, name
    owners = {}
    for accelerator in accelerators.all_accelerators():
        for name in {n.lower() for n in (accelerator.id, accelerator.name, *accelerator.aliases)}:
            assert owners.setdefault(name, accelerator.id) == accelerator.id, name


def test_model_numbers_are_plausible():
    for m in models.all_models():
        assert 0 < m.parameters_active <= m.parameters_total, m.id
        assert min(m.num_layers, m.hidden_size, m.vocab_size) > 0, m.id
        if m.num_key_value_heads:
            assert m.num_attention_heads % m.num_key_value_heads == 0, m.id
        if m.parameters_embedding:
            assert m.parameters_embedding == m.vocab_size * m.hidden_size, m.id
        if m.moe:
            assert m.moe.expert_parameters < m.parameters_total, m.id
            assert m.moe.experts_per_token <= m.moe.num_experts, m.id
            assert m.parameters_active < m.parameters_total, m.id
        assert m.context_tokens is None or m.context_tokens >= 32, m.id
        assert m.tuning in {None, "base", "instruct"}


def test_weights_fit_their_type():
    for m in models.all_models():
        low, high = BYTES.get(m.native_dtype, PACKED) if not m.quantization else PACKED
        assert low <= m.weight_bytes / m.parameters_total <= high, m.id
        assert m.weight_bytes_exact == (m.quantization is None), m.id


def test_cache_follows_from_the_shape():
    for m in models.all_models():
        cache = m.kv_cache
        if cache is None or cache.kind not in {"attention", "mla"}:
            continue
        if m.mla:
            width = m.mla.kv_lora_rank + m.mla.qk_rope_head_dim
            assert cache.elements_per_token_full == width * cache.layers_full, m.id
        elif not m.global_head_dim:
            width = m.num_key_value_heads * (m.head_dim + m.value_head_dim)
            assert cache.elements_per_token_full == width * cache.layers_full, m.id
        if cache.layers_sliding:
            assert cache.sliding_window > 0, m.id
        assert sum(m.layer_pattern.values()) in {0, m.num_layers}, m.id


def test_accelerator_numbers_are_plausible():
    vendors = {term.value for term in vocabularies.vocabulary("vendor").terms}
    for a in accelerators.all_accelerators():
        memory = accelerators.memory_gib(a)
        assert a.vendor in vendors, a.id
        assert 0 < memory.value <= a.memory_gb_marketed * 1.001, a.id
        assert memory.estimate == (memory.basis != "runtime")
        if memory.range:
            assert memory.range[0] <= memory.value <= memory.range[1], a.id
        assert a.memory_bandwidth_gb_s > 0, a.id
        assert all(rate > 0 for rate in a.tflops_dense.values()), a.id
        assert (a.compute_capability is not None) == (a.vendor == "nvidia"), a.id
        assert all(i.count > 0 and i.accelerator_id == a.id for i in a.instances)
        assert 2010 < a.released < 2030, a.id


def test_facts_cannot_be_changed():
    model, accelerator = models.all_models()[0], accelerators.all_accelerators()[0]
    for target in (model, accelerator):
        with pytest.raises(AttributeError):
            target.id = "other"
    with pytest.raises(TypeError):
        accelerator.supports["fp16"] = False


def test_script_refuses_what_it_does_not_know(script):
    row = {"id": "a/b", "surprise": 1}
    with pytest.raises(SystemExit, match="surprise"):
        script.ordered(row, script.MODEL_FIELDS)
    with pytest.raises(SystemExit, match="belongs to both"):
        script.check_names([("a", ("a", "x")), ("b", ("b", "X"))])


@pytest.mark.skipif(not SOURCE, reason="MODELSPEC_CATALOGUE_SOURCE is not set")
def test_source_and_committed_data_agree(script):
    date = committed("models")["date"]
    rows = json.loads((Path(SOURCE) / "models.json").read_text(encoding="utf-8"))
    built = script.build_models(rows, date)
    assert built == committed("models")
    for row, packed in zip(rows, built["models"], strict=True):
        assert script.unpack_model(packed, built["families"]) == {k: v for k, v in row.items() if v is not None}
    rows = json.loads((Path(SOURCE) / "accelerators.json").read_text(encoding="utf-8"))
    built = script.build_accelerators(rows, date)
    assert built == committed("accelerators")
    for row, packed in zip(rows, built["accelerators"], strict=True):
        expected = {k: v for k, v in row.items() if v not in (None, [], {})}
        assert script.unpack_accelerator(packed) == expected
