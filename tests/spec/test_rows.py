"""Rows as models and accelerators, and back."""

import pytest

from modelspec_ls.fit.adapt import architecture_of, device_of, format_of
from modelspec_ls.fit.checkpoint import architecture_of_config, facts_of_tensors
from modelspec_ls.fit.checkpoint_tensors import Tensor
from modelspec_ls.knowledge import accelerators, models
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.knowledge.types import Origin
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.schema.navigate import notes, schema_for, walk
from modelspec_ls.schema.validate import fits, is_valid
from modelspec_ls.spec.record import row_of
from modelspec_ls.spec.rows import accelerator_of, flaws, model_of
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.parse import parse
from support.rows import ACCELERATOR, MODEL, changed

HERE = Origin("/repository/.modelspec/models/acme.yaml", 1)


def data(text):
    return to_data(parse(text).documents[0].root).value


def model(text=MODEL):
    return model_of(data(text), HERE)


def test_a_row_counts_like_the_built_in_one_of_the_same_shape():
    known = models.get("meta-llama/Llama-3.1-8B-Instruct")
    own, built_in = architecture_of(model()), architecture_of(known)
    for field in ("parameters", "layers", "hidden", "heads", "kv_heads", "head_dim", "vocab", "kv"):
        assert getattr(own, field) == getattr(built_in, field), field
    assert format_of(model()) == format_of(known)


@pytest.mark.parametrize(
    ("fields", "kv"),
    [
        ({"slidingWindow": "{tokens: 1024, layers: 24}"}, (8, 24)),
        ({"slidingWindow": "{tokens: 1024}"}, (0, 32)),
        ({"modelType": "qwen3", "slidingWindow": "{tokens: 1024, layers: 16}"}, (16, 16)),
        ({"modelType": "falcon", "kvHeads": 1}, (32, 0)),
    ],
)
def test_layers_of_a_row(fields, kv):
    found = model(changed(MODEL, **fields)).kv_cache
    assert (found.layers_full, found.layers_sliding) == kv


def test_latent_attention():
    row = changed(MODEL, kvHeads=None, mla="{kvLoraRank: 512, qkRopeHeadDim: 64}")
    assert model(row).kv_cache.elements_per_token_full == 32 * 576
    assert model(row).attention == "mla"


def test_experts():
    row = changed(MODEL, parameters=30_000_000_000, moe="{experts: 64, expertsPerToken: 8, intermediate: 768}")
    assert architecture_of(model(row)).expert_parameters == 3 * 4096 * 768 * 64 * 32


def test_a_config_tells_what_fields_cannot():
    sizes = "num_hidden_layers: 32, hidden_size: 4096, num_attention_heads: 32, num_key_value_heads: 8"
    config = f"{{model_type: jamba, {sizes}, attn_layer_period: 8, attn_layer_offset: 4, mamba_d_state: 16}}"
    found = model(changed(MODEL, config=config)).kv_cache
    assert found.layers_full == 4
    assert found.state_elements_per_sequence > 0


@pytest.mark.parametrize(
    ("kind", "row", "path"),
    [
        ("Model", changed(MODEL, parameters=13), ("parameters",)),
        ("Model", changed(MODEL, activeParameters=9_000_000_000), ("activeParameters",)),
        ("Model", changed(MODEL, kvHeads=5), ("kvHeads",)),
        ("Model", changed(MODEL, heads=33, kvHeads=None), ("heads",)),
        ("Model", changed(MODEL, dtype="bf17"), ("dtype",)),
        ("Model", changed(MODEL, date="yesterday"), ("date",)),
        ("Model", changed(MODEL, date="2026-13-01"), ("date",)),
        ("Model", changed(MODEL, id='" "'), ("id",)),
        ("Model", changed(MODEL, slidingWindow="{tokens: 8, layers: 33}"), ("slidingWindow", "layers")),
        ("Model", changed(MODEL, moe="{experts: 4, expertsPerToken: 8}"), ("moe", "expertsPerToken")),
        ("Model", changed(MODEL, visionParameters=9_000_000_000), ("visionParameters",)),
        ("Accelerator", changed(ACCELERATOR, memoryMarketedGB=32), ("memoryGiB",)),
        ("Accelerator", changed(ACCELERATOR, memoryGiB=".inf"), ("memoryGiB",)),
        ("Accelerator", changed(ACCELERATOR, aliases='[""]'), ("aliases", 0)),
    ],
)
def test_flaws(kind, row, path):
    found = list(flaws(kind, data(row)))
    assert [flaw.path for flaw in found] == [path]
    assert found[0].message.endswith((".", "?"))


def test_the_sound_rows_have_none():
    for kind, row in (("Model", MODEL), ("Accelerator", ACCELERATOR)):
        assert is_valid(kind, data(row))
        assert list(flaws(kind, data(row))) == []


def test_an_accelerator_counts_with_what_is_stated():
    card = accelerator_of(data(ACCELERATOR), HERE)
    assert device_of(card).memory_gib == 39.5
    assert device_of(card).exact
    assert "acme.yaml:1" in device_of(card).basis


def test_what_a_row_in_place_of_a_built_in_one_leaves_out_is_as_built_in():
    built_in = accelerators.get("nvidia-a100-sxm-80gb")
    card = accelerator_of(data(changed(ACCELERATOR, id=built_in.id, aliases=None)), HERE)
    assert (card.instances, card.supports) == (built_in.instances, built_in.supports)
    catalogue = Catalogue(own_accelerators=(card,))
    assert catalogue.find_accelerator("a100-80gb").accelerator is card
    assert catalogue.find_accelerator("a100").ambiguous


def test_own_names_before_built_in_ones():
    own = model(changed(MODEL, id="Qwen/Qwen3-8B", aliases="[llama-3.1-8b-instruct]"))
    catalogue = Catalogue(own_models=(own,))
    assert catalogue.resolve("qwen3:8b").model is own
    assert catalogue.resolve("hf://Qwen/Qwen3-8B@main").model is own
    assert catalogue.resolve("llama-3.1-8b-instruct").model is own
    assert catalogue.resolve("someone/Qwen3-8B-AWQ").grade == "repackaged"
    assert catalogue.resolve("hf://meta-llama/Llama-3.1-8B-Instruct").model.origin is None
    assert own in catalogue.models_of_family("llama-3.1")
    assert catalogue.all_models.count(own) == 1
    assert len(catalogue.all_models) == len(models.all_models())


def test_a_slice_of_a_card_may_have_a_row():
    card = accelerator_of(data(changed(ACCELERATOR, id="h100-mig-3g.40gb")), HERE)
    catalogue = Catalogue(own_accelerators=(card,))
    assert catalogue.find_accelerator("NVIDIA-H100-mig-3g.40gb").accelerator is None
    assert catalogue.find_accelerator("h100-mig-3g.40gb").accelerator is card


def test_suggestions_know_own_names():
    catalogue = Catalogue(own_models=(model(),), own_accelerators=(accelerator_of(data(ACCELERATOR), HERE),))
    assert "acme-chat" in catalogue.resolve("acme-chatt").suggestion
    assert catalogue.suggest_accelerator("acme-cart") == "acme-card"


CONFIGS = {
    "dense": {"model_type": "llama"},
    "tied": {"model_type": "gemma2", "tie_word_embeddings": True, "sliding_window": 4096, "head_dim": 64},
    "sliding": {"model_type": "mistral", "sliding_window": 1024},
    "experts": {"model_type": "qwen3_moe", "num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 64},
    "latent": {
        "model_type": "deepseek_v3", "kv_lora_rank": 32, "qk_rope_head_dim": 16, "q_lora_rank": 48,
        "n_routed_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 64, "n_shared_experts": 1,
        "first_k_dense_replace": 1,
    },
    "hybrid": {"model_type": "jamba", "attn_layer_period": 2, "attn_layer_offset": 1, "mamba_d_state": 16},
    "yarn": {"model_type": "qwen2", "rope_scaling": {"type": "yarn", "factor": 4.0}},
    "encoder": {"model_type": "bert"},
    "inside": {"model_type": "llava", "text_config": {"model_type": "llama"}},
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_a_recorded_checkpoint_keeps_its_shape(name):
    base = {
        "num_hidden_layers": 4, "hidden_size": 256, "intermediate_size": 512, "num_attention_heads": 8,
        "num_key_value_heads": 2, "vocab_size": 1000, "max_position_embeddings": 8192,
    }  # fmt: skip
    config = CONFIGS[name]
    config = {**config, "text_config": {**base, **config["text_config"]}} if name == "inside" else {**base, **config}
    tensors = [Tensor("model.embed_tokens.weight", "BF16", 256_000, 512_000)]
    tensors += [Tensor(f"model.layers.{n}.mlp.up_proj.weight", "BF16", 9_000_000, 18_000_000) for n in range(4)]
    facts = facts_of_tensors(config, tensors)
    row = row_of("acme/x", config, facts, source="here", date="2026-11-25")
    assert is_valid("Model", row) and list(flaws("Model", row)) == []
    told = architecture_of(model_of(row, HERE))
    wanted = architecture_of_config(config, facts.architecture.parameters)
    for field in (
        "kv",
        "layers",
        "heads",
        "kv_heads",
        "context",
        "vocab",
        "state_layers",
        "latent_width",
        "moe_layers",
    ):
        assert getattr(told, field) == getattr(wanted, field), field
    assert model_of(row, HERE).weight_bytes == facts.weight_bytes
    assert ("config" in row) == (name == "hybrid")


SCHEMAS = [(kind, path) for kind in ("Model", "Accelerator") for path, _ in walk(schema_for(kind))]


@pytest.mark.parametrize(("kind", "path"), SCHEMAS, ids=lambda p: p if isinstance(p, str) else "/".join(map(str, p)))
def test_every_field_is_described(kind, path):
    schema = dict(walk(schema_for(kind)))[path]
    assert schema["description"].endswith(".")
    assert set(notes(schema)) <= {"unit", "typical", "ifOmitted", "interacts", "vocabulary"}
    for example in schema.get("examples", ()):
        assert fits(schema, example), example
    if name := notes(schema).get("vocabulary"):
        assert vocabulary(name), name
