"""``modelspec graph`` from outside: every format, hostile names, long chains, and how it ends."""

import json
from xml.etree import ElementTree as ET  # As its documentation has it.

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from support.specs import spec

EVIL = "\"'<script>&|#;\\x"


def entry(ref):
    return f"    - id: next\n      role: custom\n      specRef: {ref}\n"


def text(name, *refs):
    return spec("pipeline:\n  dependencies:\n" + "".join(map(entry, refs)) if refs else "", name=json.dumps(name))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.modelspec.yaml").write_text(text("top", "./b.modelspec.yaml", "./gone.yaml"), encoding="utf-8")
    (tmp_path / "b.modelspec.yaml").write_text(text(EVIL, "https://x.y/z"), encoding="utf-8")
    (tmp_path / "c.modelspec.yaml").write_text(text("alone"), encoding="utf-8")
    return tmp_path


def run(*args):
    return CliRunner().invoke(modelspec, ["graph", *args], prog_name="modelspec")


def test_trees(folder):
    found = run()
    assert found.exit_code == 1
    lines = found.stdout.splitlines()
    assert lines[0].startswith("top  chat-completion · 1 x l40s · fits  a.modelspec.yaml")
    assert lines[1].startswith("├─ ") and lines[2].startswith("│  └─ https://x.y/z  not checked")
    assert lines[3].startswith("└─ ./gone.yaml  not found")
    assert "  alone" in found.stdout and lines[-1] == "3 specs, 3 dependencies, 1 broken"


@pytest.mark.parametrize("form", ["mermaid", "dot", "json", "svg"])
def test_every_format_takes_any_name(folder, form):
    found = run("--format", form, "--output", f"out.{form}")
    assert (found.exit_code, found.stdout) == (1, "")
    out = (folder / f"out.{form}").read_text(encoding="utf-8")
    assert "<script>" not in out or form in {"json", "dot"}
    if form == "svg":
        words = [e.text for e in ET.fromstring(out).iter("{http://www.w3.org/2000/svg}text")]
        assert EVIL in words
    elif form == "json":
        data = json.loads(out)
        assert [n["name"] for n in data["nodes"]][:2] == ["top", EVIL]
        assert [e["status"] for e in data["edges"]] == ["ok", "missing", "external"]
    elif form == "dot":
        assert '\\"' in out and out.startswith("digraph") and out.rstrip().endswith("}")


def test_the_part_around_one_spec(folder):
    assert "alone" not in run("--root", "top").stdout
    assert run("--root", "c.modelspec.yaml").exit_code == 0
    assert "did you mean `alone`?" in run("--root", "alon").stderr
    data = json.loads(run("--root", "top", "--format", "json").stdout)
    assert data["totals"]["required"]["accelerators"] == {"min": 2, "max": 2}
    assert data["totals"]["all"]["unresolved"] == ["next"]


def test_what_others_of_its_users_depend_on_is_no_part_of_it(folder):
    (folder / "d.modelspec.yaml").write_text(text("user", "./c.modelspec.yaml", "./e.modelspec.yaml"), encoding="utf-8")
    (folder / "e.modelspec.yaml").write_text(text("other"), encoding="utf-8")
    found = run("--root", "alone")
    assert "user" in found.stdout and "other" not in found.stdout
    assert "other" in run("--root", "user").stdout


def test_totals_with_and_without_optional_dependencies(folder):
    optional = entry("./c.modelspec.yaml").replace("role: custom", "role: guardrail\n      required: false")
    optional += "      interface:\n        maxLatencyMs: 30\n"
    (folder / "d.modelspec.yaml").write_text(
        f"{text('user', './b.modelspec.yaml')}{_indented(optional)}", encoding="utf-8"
    )
    said = run("--root", "user").stdout
    assert "   needs 2 accelerators (l40s) in 2 specs with 89 GiB; not counted: next\n" in said
    assert "   with optional ones 3 accelerators (l40s) in 3 specs with 133 GiB; dependencies may take 30 ms; " in said


def test_totals_say_what_they_do_not_count(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, refs in (("one", ["./gone.modelspec.yaml", "oci://x/y"]), ("two", [])):
        (tmp_path / f"{name}.modelspec.yaml").write_text(text(name, *refs), encoding="utf-8")
    said = run("--root", "one").stdout
    assert "   needs 1 accelerator (l40s) in 1 spec with 44 GiB; not counted: next\n" in said


def _indented(lines):
    return "".join(f"  {line}\n" for line in lines.splitlines())


def test_circles_and_long_chains(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for n in range(1200):
        after = f"./s{(n + 1) % 1200:04}.modelspec.yaml"
        # Small, so that what is tested is the length.
        (tmp_path / f"s{n:04}.modelspec.yaml").write_text(
            f"apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\nmetadata: {{name: s{n}}}\nspec:\n  pipeline:\n"
            f"    dependencies: [{{id: next, role: custom, specRef: {after}}}]\n",
            encoding="utf-8",
        )
    found = run()
    assert found.exit_code == 1 and found.stdout.rstrip().endswith("1200 in circles")
    assert run("--format", "svg").stdout.count("<rect") == 1200


def test_paths_that_are_not_there(folder):
    found = run("nowhere")
    assert found.exit_code == 2 and "`nowhere` does not exist" in found.stderr


def test_a_root_that_several_specs_are_called(folder):
    for name in ("prod", "staging"):
        (folder / name).mkdir()
        (folder / name / "x.modelspec.yaml").write_text(text("same"), encoding="utf-8")
    found = run("--root", "same")
    assert found.exit_code == 2
    assert "is the name of 2 specs, in `prod/x.modelspec.yaml` and `staging/x.modelspec.yaml`" in found.stderr
    assert run("--root", "prod/x.modelspec.yaml").exit_code == 0


def test_a_path_that_is_not_there(folder):
    found = run("nosuchdir")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "`nosuchdir` does not exist" in found.stderr
    found = run("nosuchdir", "c.modelspec.yaml")
    assert found.exit_code == 2 and "1 spec" in found.stdout


def test_one_missing_file_that_is_spelt_in_two_ways(folder):
    (folder / ".git").mkdir()
    (folder / "deps").mkdir()
    (folder / "deps" / "d.modelspec.yaml").write_text(text("deep", "../gone.yaml"), encoding="utf-8")
    lines = run().stdout.splitlines()
    assert any("─ ./gone.yaml  not found" in line for line in lines)
    assert any("─ ../gone.yaml  not found" in line for line in lines)
    nodes = json.loads(run("--format", "json").stdout)["nodes"]
    assert [node["name"] for node in nodes if node["kind"] == "missing"] == ["gone.yaml"]


def test_two_parts_that_a_file_does_not_have(folder):
    (folder / "d.modelspec.yaml").write_text(text("deep", "./c.modelspec.yaml#x", "./c.modelspec.yaml#y"))
    nodes = json.loads(run("--format", "json").stdout)["nodes"]
    assert [node["name"] for node in nodes if "#" in node["name"]][-2:] == [
        "./c.modelspec.yaml#x",
        "./c.modelspec.yaml#y",
    ]


def test_errors_are_those_of_each_spec_of_a_file(folder):
    wrong = text("wrong").replace("count: 1", "count: 0")
    (folder / "d.modelspec.yaml").write_text(f"{text('right')}---\n{wrong}", encoding="utf-8")
    nodes = json.loads(run("--format", "json").stdout)["nodes"]
    assert {n["name"]: n["errors"] for n in nodes if n["name"] in {"right", "wrong"}} == {"right": 0, "wrong": 1}
