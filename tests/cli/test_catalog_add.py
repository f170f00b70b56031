"""``modelspec catalog add`` against a stand-in for the Hub, and on folders."""

import json
import sys

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from support.hub import COMMIT, safetensors, stand_in
from support.specs import spec

pytest.importorskip("huggingface_hub")

CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 1000,
    "max_position_embeddings": 4096,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}
LAYER = {"self_attn.q_proj.weight": [64, 64], "mlp.up_proj.weight": [128, 64]}
TENSORS = {
    "model.embed_tokens.weight": [1000, 64],
    "lm_head.weight": [1000, 64],
    **{f"model.layers.{n}.{name}": shape for n in range(2) for name, shape in LAYER.items()},
}
COUNT = 2 * 1000 * 64 + 2 * (64 * 64 + 128 * 64)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub with one sound model, and a repository of one's own as the working folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setenv("HF_HUB_CACHE", str(home / "hub"))
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    with stand_in() as found:
        monkeypatch.setenv("HF_ENDPOINT", found.url)
        found.repositories["acme/chat"] = {
            "config.json": json.dumps(CONFIG).encode(),
            "model.safetensors": safetensors(TENSORS),
        }
        found.facts["acme/chat"] = {"pipeline_tag": "text-generation", "cardData": {"license": "apache-2.0"}}
        yield found


def run(*arguments):
    return CliRunner().invoke(modelspec, ["catalog", *arguments], catch_exceptions=False)


def test_a_model_is_recorded_and_known_afterwards(hub, tmp_path):
    done = run("add", "hf://acme/chat@v2")
    assert done.exit_code == 0, done.stderr
    path = tmp_path / "repository" / ".modelspec" / "models" / "acme--chat.yaml"
    text = path.read_text(encoding="utf-8")
    for line in (f"parameters: {COUNT}", "kvHeads: 2", "dtype: bf16", f"revision: {COMMIT}", "license: apache-2.0"):
        assert f"\n{line}" in text
    assert "config:" not in text
    assert CliRunner().invoke(modelspec, ["check", str(path)]).exit_code == 0
    (tmp_path / "repository" / "a.modelspec.yaml").write_text(spec(id="acme/chat"), encoding="utf-8")
    report = json.loads(CliRunner().invoke(modelspec, ["fit", "--format", "json"]).stdout)["reports"][0]
    assert report["model"] == {"id": "acme/chat", "resolution": "exact", "parameters": COUNT}
    shown = run("show", "acme/chat").stdout
    assert f"hf://acme/chat@{COMMIT}" in shown
    assert ".modelspec/models/acme--chat.yaml:2" in shown


def test_only_heads_of_weight_files_are_asked_for(hub):
    run("add", "hf://acme/chat")
    weights = [span for method, path, span in hub.asked if path.endswith(".safetensors") and method == "GET"]
    assert weights and all(span and int(span.rpartition("-")[2]) <= 100_000 for span in weights)


def test_shards_are_added_up(hub):
    names = list(TENSORS)
    shards = {"model-00001-of-00002.safetensors": names[:3], "model-00002-of-00002.safetensors": names[3:]}
    index = {"weight_map": {name: file for file, own in shards.items() for name in own}}
    hub.repositories["acme/chat"] = {
        "config.json": json.dumps(CONFIG).encode(),
        "model.safetensors.index.json": json.dumps(index).encode(),
        **{file: safetensors({name: TENSORS[name] for name in own}) for file, own in shards.items()},
    }
    assert run("add", "hf://acme/chat").exit_code == 0
    assert json.loads(run("show", "acme/chat", "--format", "json").stdout)["models"][0]["parameters_total"] == COUNT


def test_a_shape_that_the_fields_cannot_tell_takes_its_config_along(hub):
    hybrid = CONFIG | {
        "model_type": "qwen3_next",
        "full_attention_interval": 2,
        "linear_num_value_heads": 4,
        "linear_num_key_heads": 2,
        "linear_value_head_dim": 16,
        "linear_key_head_dim": 16,
    }
    hub.repositories["acme/chat"]["config.json"] = json.dumps(hybrid).encode()
    assert run("add", "hf://acme/chat").exit_code == 0
    row = json.loads(run("show", "acme/chat", "--format", "json").stdout)["models"][0]
    assert row["kv_cache"]["layers_full"] == 1
    assert row["kv_cache"]["layers_linear"] == 1


@pytest.mark.parametrize(
    ("name", "files", "answer", "said"),
    [
        ("acme/none", None, None, "There is no model acme/none"),
        ("acme/gated", {}, (403, "GatedRepo"), "is gated: accept its terms"),
        ("acme/broken", {}, (500, "Trouble"), "status 500"),
        ("acme/gguf", {"chat.Q4_K_M.gguf": b"GGUF"}, None, "holds GGUF files and no config.json"),
        ("acme/empty", {"README.md": b"#"}, None, "has no config.json"),
        ("acme/text", {"config.json": b"[]"}, None, "is not a JSON object"),
        ("acme/bare", {"config.json": b"{}"}, None, "holds neither model.safetensors"),
    ],
)
def test_what_cannot_be_recorded_says_why(hub, tmp_path, name, files, answer, said):
    if files is not None:
        hub.repositories[name] = files
    if answer is not None:
        hub.refused[name] = answer
    done = run("add", f"hf://{name}")
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / "repository" / ".modelspec").exists()


def test_an_unknown_revision(hub):
    done = run("add", "hf://acme/chat@v9")
    assert done.exit_code == 2
    assert "has no revision `v9`" in done.stderr


def test_the_token_of_the_environment_is_sent(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_for_a_test")
    run("add", "hf://acme/chat")
    assert hub.tokens == {"Bearer hf_for_a_test"}


def test_no_network(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    done = run("add", "hf://acme/chat")
    assert done.exit_code == 2
    assert "could not be reached" in done.stderr


def test_not_installed(hub, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    done = run("add", "hf://acme/chat")
    assert done.exit_code == 2
    assert "modelspec-language-server[hub]" in done.stderr


def test_what_is_there_is_not_overwritten_unless_asked(hub, tmp_path):
    run("add", "hf://acme/chat")
    path = tmp_path / "repository" / ".modelspec" / "models" / "acme--chat.yaml"
    path.write_text("# mine\n", encoding="utf-8")
    done = run("add", "hf://acme/chat")
    assert done.exit_code == 2
    assert "Pass `--update`" in done.stderr
    assert path.read_text(encoding="utf-8") == "# mine\n"
    assert run("add", "--update", "hf://acme/chat").exit_code == 0
    assert "parameters" in path.read_text(encoding="utf-8")


def test_several_at_once_and_one_of_them_wrong(hub, tmp_path):
    hub.repositories["acme/two"] = hub.repositories["acme/chat"]
    done = run("add", "hf://acme/chat", "hf://acme/none", "hf://acme/two")
    assert done.exit_code == 2
    models = tmp_path / "repository" / ".modelspec" / "models"
    assert sorted(p.name for p in models.iterdir()) == ["acme--chat.yaml", "acme--two.yaml"]


def test_a_folder_on_this_machine(hub, tmp_path):
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    (folder / "model.safetensors").write_bytes(safetensors(TENSORS) + bytes(2 * COUNT))
    done = run("add", str(folder), "--id", "acme/local")
    assert done.exit_code == 0, done.stderr
    assert f'parameters_total": {COUNT}' in run("show", "acme/local", "--format", "json").stdout
    assert hub.asked == []
