"""Families and contexts."""

from __future__ import annotations

import pytest

from modelspec_ls.knowledge import models


@pytest.mark.parametrize(
    "a, b, same",
    [
        ("llama-3", "llama-3", True),
        ("Llama 3", "llama-3", True),
        ("llama", "llama-3.1", True),
        ("llama", "llama-2", True),
        ("llama3", "llama-3.1", True),
        ("llama-3.1", "llama-3.2", False),
        ("llama-2", "llama-3", False),
        ("llama2", "llama-2", True),
        ("llama3", "qwen2.5", False),
        ("deepseek", "deepseek-r1-distill", True),
        ("deepseek", "deepseek-v3", True),
        ("deepseek-r1", "deepseek-r1-distill", True),
        ("qwen", "qwen2.5", True),
        ("qwen2", "qwen2.5", False),
        ("qwen3", "qwen3.5", False),
        ("qwen3", "qwen3-coder", True),
        ("Qwen_2.5", "qwen2.5", True),
        ("mistral", "mistral-small", True),
        ("mistral", "mixtral", False),
        ("granite-4.1", "granite-4.1", True),
        ("shieldgemma", "shieldgemma", True),
        ("gemma", "gemma-3", True),
        ("bert", "roberta", False),
        ("in-house", "In House", True),
        ("in-house", "llama-3", False),
        ("", "llama-3", False),
    ],
)
def test_same_family(a, b, same):
    assert models.same_family(a, b) is same
    assert models.same_family(b, a) is same


def test_a_models_own_family_and_its_aliases_are_accepted():
    for model in models.all_models():
        assert models.same_family(model.family, model.family)
        for spelling in (model.family, *models.family_aliases(model.family)):
            assert models.accepts_family(model, spelling), (model.id, spelling)


@pytest.mark.parametrize(
    "model_id, family, accepted",
    [
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "llama", True),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "qwen", True),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "llama", False),
        ("Qwen/QwQ-32B", "qwen", True),
        ("mistralai/Mixtral-8x7B-v0.1", "mistral", True),
        ("Qwen/Qwen2.5-7B-Instruct", "llama3", False),
        ("BAAI/bge-large-en-v1.5", "bge", True),
    ],
)
def test_accepts_family(model_id, family, accepted):
    assert models.accepts_family(models.get(model_id), family) is accepted


def test_models_of_family():
    assert [m.id for m in models.models_of_family("Llama-3.3")] == ["meta-llama/Llama-3.3-70B-Instruct"]
    generations = {m.family for m in models.models_of_family("llama")}
    assert {"llama-1", "llama-2", "llama-3", "llama-3.1", "llama-4"} <= generations
    assert models.models_of_family("no-such-family") == ()
    assert set(models.families()) == {m.family for m in models.all_models()}


def test_contexts_are_longest_first():
    found = models.contexts("llama3")
    assert found["meta-llama/Meta-Llama-3-8B"] == 8192
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert models.get("state-spaces/mamba-1.4b-hf").context_tokens is None


def test_facts_of_some_models():
    llama = models.get("meta-llama/meta-llama-3.1-8b-instruct")
    assert llama.id == "meta-llama/Llama-3.1-8B-Instruct"
    assert llama.parameters_total == 8_030_261_248
    assert llama.kv_cache.elements_per_token_full == 2 * 32 * 8 * 128
    assert llama.tuning == "instruct"
    deepseek = models.get("deepseek-ai/DeepSeek-V3")
    assert deepseek.kv_cache.kind == "mla"
    assert deepseek.kv_cache.elements_per_token_full == 61 * 576
    gemma = models.get("google/gemma-3-27b-it")
    assert (gemma.kv_cache.layers_full, gemma.kv_cache.layers_sliding, gemma.kv_cache.sliding_window) == (10, 52, 1024)
    assert models.get("XiaomiMiMo/MiMo-V2-Flash").value_head_dim == 128
    assert models.get("no/such") is None
