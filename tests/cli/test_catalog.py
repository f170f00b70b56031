"""``modelspec catalog`` from outside."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from modelspec_ls.knowledge import accelerators, models


def run(*args: str):
    return CliRunner().invoke(modelspec, ["catalog", *args])


def facts(*args: str):
    result = run(*args, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_lists_what_has_all_words():
    result = run("LLAMA", "3.1", "8b")
    assert result.exit_code == 0
    assert "  meta-llama/Llama-3.1-8B-Instruct " in result.stdout
    assert "8.03 B" in result.stdout
    assert "accelerators:" not in result.stdout
    assert "70B" not in result.stdout


def test_lists_everything_without_words():
    found = facts()
    assert [row["id"] for row in found["models"]] == [model.id for model in models.all_models()]
    assert len(found["accelerators"]) == len(accelerators.all_accelerators())


@pytest.mark.parametrize("option, other", [("--models", "accelerators"), ("--accelerators", "models")])
def test_one_kind_only(option, other):
    found = facts(option)
    assert found[other] == []
    assert found[option.strip("-")]


def test_accelerators_by_maker_and_generation():
    ids = {row["id"] for row in facts("nvidia", "hopper")["accelerators"]}
    assert "nvidia-h100-sxm-80gb" in ids
    assert all(accelerators.get(i).architecture == "Hopper" for i in ids)
    assert "139.72 GiB" in run("h200").stdout


def test_nothing_matches():
    result = run("no-such-thing")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Nothing in the catalogue matches `no-such-thing`.\n"


@pytest.mark.parametrize(
    "name", ["llama-3.1-8b-instruct", "hf://meta-llama/Llama-3.1-8B-Instruct", "meta-llama/llama-3.1-8b-instruct"]
)
def test_show_a_model_by_any_name(name):
    result = run("show", name)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "meta-llama/Llama-3.1-8B-Instruct"
    assert "  parameters total                8,030,261,248" in lines
    assert any(line.startswith("  source    ") for line in lines)
    assert any(line.startswith("  collected ") for line in lines)
    assert "None" not in result.stdout


def test_show_says_what_was_read_from_the_name():
    out = run("show", "TheBloke/Llama-2-7B-AWQ").stdout
    assert out.startswith(
        "`TheBloke/Llama-2-7B-AWQ` is not listed itself; its name reads as meta-llama/Llama-2-7b-hf in awq-int4.\n"
    )


def test_show_an_accelerator():
    out = run("show", "NVIDIA", "H200").stdout
    assert out.startswith("nvidia-h200-sxm\n")
    assert "  memory for estimates            139.72 GiB (runtime" in out
    assert "  released                        2024\n" in out


def test_show_all_that_a_name_may_mean():
    out = run("show", "a100").stdout
    assert out.startswith("`a100` may mean any of these 4:\n")
    assert "nvidia-a100-sxm-40gb\n" in out
    assert "nvidia-a100-pcie-80gb\n" in out
    assert len(facts("show", "a100")["accelerators"]) == 4


def test_everything_can_be_shown():
    for row in (*models.all_models()[::40], *accelerators.all_accelerators()):
        result = run("show", row.id)
        assert result.exit_code == 0, row.id
        assert row.id in result.stdout.splitlines()


@pytest.mark.parametrize(
    "name, says",
    [
        ("h10", "did you mean `h100`?"),
        ("llama-3.1-8b-instrct", "`llama-3.1-8b-instruct`"),
        ("zzz", "see `modelspec catalog`."),
        ("a\x1b[31m", "see `modelspec catalog`."),
    ],
)
def test_unknown_names(name, says):
    result = run("show", name)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "\x1b" not in result.stderr


def test_json_has_all_facts():
    (row,) = facts("show", "deepseek-r1")["models"]
    assert row["parameters_total"] == 671026404352
    assert row["mla"]["kv_lora_rank"] == 512
    assert row["quantization"]["weight_block_size"] == [128, 128]
    assert row["sources"]
    assert row["date"]


def test_help():
    assert "show" in run("--help").stdout
    assert "--accelerators" in run("list", "--help").stdout
    assert run("show").exit_code == 2
    assert run("--modles").exit_code == 2
