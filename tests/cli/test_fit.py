"""``modelspec fit`` from outside: what it says, what an option changes, how it ends."""

from __future__ import annotations

import importlib.util
import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from support.llmaz import HUB, open_model

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").rglob("*.modelspec.yaml"))
VERDICTS = {"fits", "tight", "batch-exceeds", "sequence-exceeds", "weights-exceed", "unknown"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def spec(model="llama-3.1-8b-instruct", accelerator="l40s", count=1, batch=8, sequence=4096, **more: str) -> str:
    lines = ["apiVersion: piqc.ai/v1alpha1", "kind: ModelSpec", "metadata:", "  name: chat", "  annotations:"]
    lines += [
        f'    modelspec/{key.replace("_", "-")}: "{value}"' for key, value in {"engine": "vllm==0.11.0", **more}.items()
    ]
    lines += ["spec:", f"  identity: {{model: {{id: {model}, precision: bf16}}}}", "  runtime:"]
    if accelerator:
        lines.append(f"    accelerator: {{vendor: nvidia, type: {accelerator}, count: {count}}}")
    lines.append(f"    batch: {{maxBatchSize: {batch}, maxSequenceLengthTokens: {sequence}}}")
    return "\n".join([*lines, ""])


def run(*args: str, text: str | None = None, **env: str):
    if text is not None:
        args = ("-", *args)
    return CliRunner().invoke(modelspec, ["fit", *args], input=text or "", env={"COLUMNS": "120", **env})


def reports(*args: str, text: str | None = None) -> list[dict[str, Any]]:
    result = run(*args, "--format", "json", text=text)
    assert result.exit_code in {0, 1}, result.output
    return json.loads(result.stdout)["reports"]


def report(*args: str, **more: Any) -> dict[str, Any]:
    (found,) = reports(*args, text=spec(**more))
    return found


# What a person sees


def test_a_report():
    result = run("--stdin-filename", "chat.modelspec.yaml", text=spec())
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:4] == [
        "chat  chat.modelspec.yaml",
        "  meta-llama/Llama-3.1-8B-Instruct (bf16) on vllm 0.11.0, 1 x NVIDIA L40S 48GB",
        "",
        lines[3],
    ]
    assert lines[3].startswith("  fits: 8 sequences of 4,096 tokens need 4.0 GiB of KV cache per device and ")
    assert lines[5] == "  GiB per device                 band"
    assert "  weights                 14.99  14.93 to 15.05     exact" in lines
    assert "  KV cache needed          4.00                     exact" in lines
    table = [line.split("  ")[1] for line in lines[6:14]]
    rows = "capacity, budget, weights, KV cache needed, KV cache available, activations, overhead, free"
    assert ", ".join(table) == rows
    bar = next(line for line in lines if line.startswith("  ["))
    assert len(bar) == 64
    assert bar.strip("[] ").strip("█▓▒░·") == ""
    assert "  KV cache     128 KiB per token over all devices (exact)" in lines
    assert any(line.startswith("  limits       largest batch ") for line in lines)
    assert "               KV cache in 2 bytes per element." in lines
    assert "missing" not in result.stdout
    assert "where from" not in result.stdout


def test_numbers_add_up():
    per = report()["perDevice"]
    used = per["weightsGiB"] + per["activationsGiB"] + per["overheadGiB"]
    assert per["budgetGiB"] == pytest.approx(used + per["kvCacheAvailableGiB"], abs=0.03)
    assert per["freeGiB"] == pytest.approx(per["kvCacheAvailableGiB"] - per["kvCacheNeedGiB"], abs=0.02)


def test_explain_says_where_numbers_come_from():
    out = run("--explain", text=spec()).stdout
    assert "  where from   capacity: total that the runtime prints" in out
    assert "meta-llama/Llama-3.1-8B-Instruct: " in out
    assert "nvidia-l40s: " in out


@pytest.mark.parametrize(
    "more, verdict, says",
    [
        ({"batch": 400}, "batch-exceeds", "vllm queues or preempts the rest"),
        ({"batch": 1, "sequence": 300_000}, "sequence-exceeds", "vllm refuses to start"),
        ({"accelerator": "t4"}, "weights-exceed", "devices would do"),
        (
            {"model": "llama-3.1-70b-instruct"},
            "weights-exceed",
            "a device has to hold 131.4 GiB of weights and has 44.5",
        ),
        ({"batch": 400, "engine": "transformers"}, "batch-exceeds", "transformers runs out of memory"),
    ],
)
def test_what_does_not_fit_says_why(more, verdict, says):
    result = run(text=spec(**more))
    assert result.exit_code == 1
    assert f"  {verdict}: " in result.stdout
    assert says in " ".join(result.stdout.split())


def test_a_bar_that_overflows_marks_the_budget():
    assert " ^ budget" in run(text=spec(batch=400)).stdout
    assert " ^ budget" not in run(text=spec()).stdout


def test_weights_that_leave_no_room_for_a_token():
    out = run(text=spec(model="llama-3.1-70b-instruct")).stdout
    assert "               no room for a single token\n" in out


def test_colour_and_ascii():
    assert "\x1b[" not in run(text=spec()).stdout
    assert "\x1b[32m\x1b[1mfits" in run("--color", "always", text=spec()).stdout
    (Path.cwd() / "a.modelspec.yaml").write_text(spec())
    env = {**os.environ, "PYTHONPATH": str(ROOT / "server"), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-m", "modelspec_ls", "fit"], env=env, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"  [####" in done.stdout
    assert b"\\u" not in done.stdout


def test_user_text_is_never_obeyed():
    out = run(text=spec(model='"a\\e[31mb"', accelerator='"x\\e[2Jy"')).stdout
    assert "\x1b" not in out


# JSON


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_json_shape_of_every_example(path):
    found = reports(str(path))
    assert found
    for one in found:
        assert list(one) == [
            "path",
            "name",
            "verdict",
            "model",
            "devices",
            "perDevice",
            "kvCache",
            "limits",
            "assumptions",
            "missing",
            "offers",
        ]
        assert one["verdict"] in VERDICTS
        assert list(one["model"]) == ["id", "resolution", "parameters"]
        assert one["model"]["resolution"] in {"exact", "declared", "checkpoint", "name", "unknown"}
        assert list(one["devices"]) == ["type", "count", "tensorParallel", "pipelineParallel"]
        assert list(one["perDevice"]) == [
            f"{name}GiB"
            for name in (
                "capacity",
                "budget",
                "weights",
                "kvCacheNeed",
                "kvCacheAvailable",
                "activations",
                "overhead",
                "free",
            )
        ]
        assert list(one["kvCache"]) == ["bytesPerToken", "capacityTokens", "maxConcurrency"]
        assert list(one["limits"]) == ["maxBatchSize", "maxSequenceLengthTokens", "minCount"]
        assert all(isinstance(text, str) for text in one["assumptions"])
        assert (one["verdict"] == "unknown") <= bool(one["missing"])


def test_the_good_examples_fit():
    good = [str(path) for path in EXAMPLES if "broken" not in path.parts]
    assert {one["verdict"] for one in reports(*good)} == {"fits"}


def test_one_report_for_each_spec_of_a_file():
    found = reports(text=f"{spec()}---\n{spec(batch=400)}---\nkind: Service\n")
    assert [one["verdict"] for one in found] == ["fits", "batch-exceeds"]


def test_resolutions():
    assert report()["model"] == {
        "id": "meta-llama/Llama-3.1-8B-Instruct",
        "resolution": "exact",
        "parameters": 8030261248,
    }
    assert report(model="TheBloke/Llama-2-7B-AWQ")["model"]["resolution"] == "name"
    assert report(model="own-thing", parameter_count="8B")["model"]["resolution"] == "declared"
    assert report(model="own-thing")["model"] == {"id": "own-thing", "resolution": "unknown", "parameters": None}


# What is not known


def test_nothing_to_estimate():
    result = run(text="kind: ModelSpec\nmetadata: {name: x}\nspec: {}\n")
    assert result.exit_code == 0
    assert "  unknown: cannot be judged without " in result.stdout
    (one,) = reports(text="kind: ModelSpec\nmetadata: {name: x}\nspec: {}\n")
    assert one["verdict"] == "unknown"
    assert set(one["perDevice"].values()) == {None}
    assert one["devices"]["type"] is one["devices"]["count"] is one["model"]["id"] is None
    assert len(one["missing"]) >= 3


@pytest.mark.parametrize(
    "more, says",
    [
        ({"model": "llama-3.1-8b-instrct"}, "did you mean `llama-3.1-8b-instruct`?"),
        ({"accelerator": "l40x"}, "did you mean `l40`?"),
        ({"accelerator": "made-up-9000"}, "is not in the catalogue."),
        ({"accelerator": ""}, "--accelerator"),
    ],
)
def test_unknown_names_are_missing_facts(more, says):
    one = report(**more)
    assert one["verdict"] == "unknown"
    assert any(says in gap["how"] for gap in one["missing"]), one["missing"]


def test_an_ambiguous_accelerator_is_judged_on_all_sizes():
    one = report(accelerator="a100", batch=64)
    assert 39 < one["perDevice"]["capacityGiB"] < 40
    assert one["verdict"] == "batch-exceeds"
    assert one["assumptions"][0] == "`a100` is sold with 40 or 80 GB; 40 GB assumed; with 80 GB: fits."
    assert not any("is sold with" in text for text in report(accelerator="a100-80gb")["assumptions"])


# What if


def test_options_change_the_input():
    assert report("--accelerator", "h100")["devices"]["type"] == "h100"
    assert report("--count", "2")["devices"] == {"type": "l40s", "count": 2, "tensorParallel": 2, "pipelineParallel": 1}
    assert report("--precision", "fp8")["perDevice"]["weightsGiB"] < 9.2
    assert report("--kv-cache-dtype", "fp8")["kvCache"]["bytesPerToken"] == 65536
    per = report("--gpu-memory-utilization", "50%")["perDevice"]
    assert per["budgetGiB"] == pytest.approx(per["capacityGiB"] / 2, abs=0.01)
    assert "on sglang 0.5.3," in run("--engine", "sglang==0.5.3", text=spec()).stdout
    assert "on tensorrt-llm," in run("--engine", "trtllm", text=spec()).stdout


def test_another_count_gives_up_a_stated_tensor_parallel_size():
    assert report("--count", "4", count=2, tensor_parallel_size="2")["devices"]["tensorParallel"] == 4
    assert report("--count", "2", count=2, tensor_parallel_size="2")["devices"]["tensorParallel"] == 2
    assert report("--batch", "2", count=2, tensor_parallel_size="2")["devices"]["tensorParallel"] == 2


def test_options_supply_what_the_spec_lacks():
    one = report("--accelerator", "h100", "--count", "1", accelerator="")
    assert (one["verdict"], one["missing"]) == ("fits", [])


@pytest.mark.parametrize(
    "option, values, figure, rising",
    [
        ("--batch", (1, 2, 8, 64, 512), ("perDevice", "kvCacheNeedGiB"), True),
        ("--sequence", (128, 1024, 4096, 65536), ("perDevice", "kvCacheNeedGiB"), True),
        ("--count", (1, 2, 4, 8), ("perDevice", "weightsGiB"), False),
        ("--gpu-memory-utilization", (0.5, 0.7, 0.9, 1), ("kvCache", "capacityTokens"), True),
        ("--precision", ("awq-int4", "fp8", "bf16", "fp32"), ("perDevice", "weightsGiB"), True),
        ("--accelerator", ("l4", "l40s", "h100", "h200"), ("perDevice", "kvCacheAvailableGiB"), True),
    ],
)
def test_what_ifs_are_monotone(option, values, figure, rising):
    found = [report(option, str(value))[figure[0]][figure[1]] for value in values]
    assert found == sorted(found, reverse=not rising)
    assert found[0] != found[-1]


# Sweeps and pictures


@pytest.mark.parametrize("by", ["accelerator", "count", "batch", "sequence"])
def test_sweep(by):
    result = run("--sweep", by, text=spec())
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith(f"  {by} "))
    rows = [line.split() for line in lines[head + 1 : lines.index("", head)]]
    assert lines[-2] == "  GiB per device; * is the value without `--sweep`."
    assert len(rows) > 4
    assert len([row for row in rows if row[1] == "*"]) == 1
    assert {word for row in rows for word in row[1:3]} & VERDICTS
    values = [one["swept"] for one in reports("--sweep", by, text=spec())]
    assert len(values) == len(rows)
    assert by == "accelerator" or values == sorted(set(values))


def test_a_sweep_ends_like_the_spec_itself():
    assert "batch-exceeds" in run("--sweep", "batch", text=spec()).stdout
    assert run("--sweep", "batch", text=spec(batch=400)).exit_code == 1


def test_a_sweep_without_model_or_accelerator():
    text = "kind: ModelSpec\nspec: {}\n"
    for by in ("accelerator", "count", "batch", "sequence"):
        assert {one["verdict"] for one in reports("--sweep", by, text=text)} == {"unknown"}


def test_plot_without_matplotlib(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    result = run("--plot", "a.svg", text=spec())
    assert result.exit_code == 2
    assert "pip install 'modelspec-language-server[plot]'" in result.stderr


def test_plot_other_formats_are_refused():
    assert "`a.gif` must end in .svg or .png." in run("--plot", "a.gif", text=spec()).stderr


@pytest.mark.parametrize("name", ["a.svg", "b.PNG"])
def test_plot(folder, name):
    pytest.importorskip("matplotlib")
    assert run("--plot", name, "--sweep", "batch", text=spec()).exit_code == 0
    assert (folder / name).stat().st_size > 5000


def test_nothing_to_plot(folder, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", ModuleType)
    result = run("--plot", "a.svg", text="kind: ModelSpec\nspec: {}\n")
    assert (result.exit_code, result.stderr) == (0, "Nothing to draw: no budget is known.\n")


# Usage


@pytest.mark.parametrize(
    "args, says",
    [
        (["--accelerator", "h10"], "did you mean `h100`?"),
        (["--accelerator", "zzzzzz"], "modelspec catalog --accelerators"),
        (["--precision", "bf17"], "did you mean `bf16`?"),
        (["--engine", "vlm"], "did you mean `vllm`?"),
        (["--engine", "kserve"], "choose from vllm, sglang"),
        (["--engine", "vllm==new"], "`new` is not a version"),
        (["--kv-cache-dtype", "fp9"], "did you mean `fp8`?"),
        (["--gpu-memory-utilization", "1.2"], "above 0 and at most 1"),
        (["--gpu-memory-utilization", "nan"], "above 0 and at most 1"),
        (["--count", "0"], "--count"),
        (["--batch", "many"], "--batch"),
        (["--sweep", "engine"], "--sweep"),
        (["--cuont", "2"], "--count"),
    ],
)
def test_bad_options(args, says):
    result = run(*args, text=spec())
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""


def test_paths(folder):
    (folder / "specs").mkdir()
    (folder / "specs/a.modelspec.yaml").write_text(spec())
    (folder / "specs/b.modelspec.yaml").write_text(spec(batch=400))
    (folder / "other.yaml").write_text("a: 1\n")
    assert [one["path"] for one in reports()] == ["specs/a.modelspec.yaml", "specs/b.modelspec.yaml"]
    assert run().exit_code == 1
    assert run("specs/a.modelspec.yaml").exit_code == 0
    gone = run("specs/a.modelspec.yml", "specs/a.modelspec.yaml")
    assert (gone.exit_code, "did you mean `specs/a.modelspec.yaml`?" in gone.stderr) == (2, True)
    none = run("other.yaml")
    assert (none.exit_code, none.stdout, none.stderr) == (
        0,
        "",
        "No ModelSpec, and no OpenModel with flavors, found under `other.yaml`.\n",
    )
    assert run("--stdin-filename", "x.yaml").exit_code == 2


def test_an_unreadable_file(folder):
    (folder / "a.modelspec.yaml").write_bytes(b"\xff\xfe\x00\xd8\x00")
    (folder / "b.modelspec.yaml").write_text(spec())
    result = run("--format", "json")
    assert result.exit_code == 2
    assert "a.modelspec.yaml" in result.stderr
    assert len(json.loads(result.stdout)["reports"]) == 1


def test_the_whole_process_does_without_the_protocol(folder):
    (folder / "a.modelspec.yaml").write_text(spec())
    code = "import sys; from modelspec_ls.cli.main import run\nsys.exit(run(['fit']) or 'lsprotocol' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help_does_not_wait_for_the_catalogue():
    code = "import sys; from modelspec_ls.cli.main import run\nrun(['--help'])\n"
    code += "sys.exit('modelspec_ls.knowledge' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_checkpoint_on_disk_wins_over_the_catalogue(tmp_path, monkeypatch):
    """Where the weights lie beside the spec, their headers say what is loaded."""

    monkeypatch.setenv("HF_HOME", str(tmp_path / "nothing"))
    folder = tmp_path / "weights"
    folder.mkdir()
    config = {
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "intermediate_size": 128,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 1000,
        "max_position_embeddings": 2048, "torch_dtype": "bfloat16", "tie_word_embeddings": True,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    header = {"model.embed_tokens.weight": {"dtype": "BF16", "shape": [1000, 64], "data_offsets": [0, 128000]}}
    raw = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(raw)) + raw + bytes(128000))
    spec = tmp_path / "s.modelspec.yaml"
    spec.write_text(
        "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\nmetadata: {name: s}\nspec:\n  identity:\n    model:\n"
        "      {id: own, family: own, task: chat-completion, framework: vllm, artifacts: {modelUri: ./weights}}\n"
        "  runtime:\n    accelerator: {vendor: nvidia, type: l4, count: 1}\n"
        "    batch: {maxSequenceLengthTokens: 2048}\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(modelspec, ["fit", "--format", "json", str(spec)])
    report = json.loads(result.stdout)["reports"][0]
    assert report["model"]["resolution"] == "checkpoint" and report["model"]["parameters"] == 64000
    assert report["verdict"] == "fits"
    assert any("weights" in text for text in report["assumptions"])
    (folder / "model.safetensors").write_bytes(b"\xff" * 9)
    result = CliRunner().invoke(modelspec, ["fit", "--format", "json", str(spec)])
    report = json.loads(result.stdout)["reports"][0]
    assert report["verdict"] == "unknown" and any("was not read" in text for text in report["assumptions"])


PRICES = "prices:\n  l4: 0.71\n  l40s: 1.20\n  h100-sxm-80gb: 2.99\n"


def test_prices_rank_accelerators_by_the_cost_of_a_replica(folder):
    (folder / "prices.yaml").write_text(PRICES)
    (one,) = reports("--prices", "prices.yaml", text=spec())
    costs = [offer["usdPerHour"] for offer in one["offers"]]
    assert costs == sorted(costs)
    assert one["offers"][0] == {"accelerator": "nvidia-l40s", "count": 1, "usdPerHour": 1.2}
    assert {offer["accelerator"] for offer in one["offers"]} <= {"nvidia-l4", "nvidia-l40s", "nvidia-h100-sxm-80gb"}
    assert "cheapest that would do: 1 x nvidia-l40s at 1.20 USD/h" in run("--prices", "prices.yaml", text=spec()).stdout


def test_without_prices_the_smallest_come_first():
    (one,) = reports(text=spec())
    assert one["offers"][0]["usdPerHour"] is None
    assert all(offer["accelerator"].startswith("nvidia-") for offer in one["offers"])
    assert "smallest that would do: " in run(text=spec()).stdout


def test_a_priced_sweep_has_only_priced_accelerators_cheapest_first(folder):
    (folder / "prices.json").write_text('{"prices": {"l4": 0.71, "l40s": 1.2, "p4": 0.1}}')
    found = reports("--prices", "prices.json", "--sweep", "accelerator", text=spec(model="llama-3.1-70b-instruct"))
    assert {one["swept"] for one in found} == {"nvidia-l4", "nvidia-l40s", "nvidia-p4"}
    costs = [one["offers"][0]["usdPerHour"] for one in found if one["offers"]]
    assert costs == sorted(costs)
    shown = run("--prices", "prices.json", "--sweep", "accelerator", text=spec()).stdout
    assert "USD/h for them" in shown
    assert "nvidia-h100" not in shown


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prices: {l4: 1", "prices.yaml:1: "),
        ("prices:\n  l4: free\n", "a number above 0"),
        ("prices:\n  l44: 1\n", "did you mean"),
        ("", "must map accelerators"),
        ("- l4\n", "must map accelerators"),
    ],
)
def test_a_price_file_with_mistakes_is_refused(folder, text, says):
    (folder / "prices.yaml").write_text(text)
    result = run("--prices", "prices.yaml", text=spec())
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_price_file_that_is_not_there_is_refused():
    result = run("--prices", "nowhere.yaml", text=spec())
    assert (result.exit_code, "There is no such file" in result.stderr) == (2, True)


def test_flavors_of_an_open_model(tmp_path):
    text = (ROOT / "examples" / "openmodel" / "speculative.yaml").read_text(encoding="utf-8")
    path = tmp_path / "m.yaml"
    path.write_text(
        text.replace("nvidia.com/gpu: 2", "nvidia.com/gpu: 1").replace('TP: "2"', 'TP: "1"'), encoding="utf-8"
    )
    short = run(str(path), "--sequence", "4096")
    assert "qwen3-32b, flavor h100-80gb-x2" in short.stdout and short.exit_code == 0
    data = json.loads(run("--format", "json", str(path)).stdout)["reports"]
    assert [(r["name"], r["flavor"], r["devices"]["count"]) for r in data] == [("qwen3-32b", "h100-80gb-x2", 1)]
    # No length is stated, so that none can be too long; what somebody asks for can.
    assert run(str(path)).exit_code == 0
    assert run(str(path), "--accelerator", "t4").exit_code == 1
    assert run(str(path), "--sequence", "4096", "--batch", "500").exit_code == 1
    swept = run(str(path), "--sweep", "count").stdout
    assert "1 *" in swept and "\n  2 " in swept


def test_a_flavor_without_accelerator_is_unknown(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(open_model(HUB, "name: default, limits: {nvidia.com/gpu: 1}", "name: none"), encoding="utf-8")
    found = run(str(path))
    assert found.exit_code == 0
    assert "Name it in the flavor's `nodeSelector`" in found.stdout and "Claim accelerators" in found.stdout
    assert "fits: " in run(str(path), "--accelerator", "l40s", "--count", "1").stdout
