"""``modelspec convert`` from outside: what is written where, and what it ends with."""

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from support.conversion import converted, data
from support.specs import spec

PRODUCTION = Path(__file__).parents[2] / "examples" / "08-full-production.modelspec.yaml"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    Path("a.modelspec.yaml").write_text(spec("operations:\n  serving: {port: 8000}\n"))
    return tmp_path


def run(*args, stdin=None):
    return CliRunner().invoke(modelspec, ["convert", *args], input=stdin, prog_name="modelspec")


def test_text_to_standard_output_and_the_list_beside_it():
    result = run("a.modelspec.yaml", "--to", "openmodel")
    assert result.exit_code == 0
    assert result.stdout == converted(Path("a.modelspec.yaml").read_text(), "OpenModel").text
    assert "Left out:\n  spec.operations (1 key): in llmaz" in result.stderr
    assert run("a.modelspec.yaml", "--to", "OPENMODEL", "-q").stderr == ""


def test_there_and_back_by_pipe():
    text = PRODUCTION.read_text()
    there = run("-", "--to", "openmodel", "-q", stdin=text)
    back = run("-", "--to", "modelspec", "--stdin-filename", "x.yaml", stdin=there.stdout)
    assert (there.exit_code, back.exit_code) == (0, 0)
    assert data(back.stdout)["spec"]["identity"] == data(text)["spec"]["identity"]


def test_to_a_file_that_the_checks_accept():
    result = run("a.modelspec.yaml", "--to", "openmodel", "-o", "a.openmodel.yaml")
    assert result.exit_code == 0 and result.stdout == ""
    assert result.stderr.endswith("Wrote a.openmodel.yaml. Next: modelspec check a.openmodel.yaml\n")
    checked = CliRunner().invoke(modelspec, ["check", "--format", "json", "a.openmodel.yaml"])
    summary = json.loads(checked.stdout)["summary"]
    assert (summary["files"], summary["error"], summary["warning"]) == (1, 0, 0)
    assert CliRunner().invoke(modelspec, ["fmt", "--check", "a.openmodel.yaml"]).exit_code == 0
    before = Path("a.openmodel.yaml").read_text()
    again = run("a.modelspec.yaml", "--to", "openmodel", "-o", "a.openmodel.yaml", "--name", "other")
    assert again.exit_code == 2 and "--force" in again.stderr
    assert Path("a.openmodel.yaml").read_text() == before
    assert (
        run("a.modelspec.yaml", "--to", "openmodel", "-o", "a.openmodel.yaml", "--name", "other", "--force").exit_code
        == 0
    )
    assert data(Path("a.openmodel.yaml").read_text())["metadata"]["name"] == "other"


def test_line_ends_are_those_of_the_source():
    Path("c.modelspec.yaml").write_bytes(b"\xef\xbb\xbf" + spec().replace("\n", "\r\n").encode())
    assert run("c.modelspec.yaml", "--to", "openmodel", "-o", "c.yaml").exit_code == 0
    written = Path("c.yaml").read_bytes()
    assert written.startswith(b"apiVersion") and written.count(b"\n") == written.count(b"\r\n")


def test_data():
    Path("b.modelspec.yaml").write_text(
        f"{spec('operations: {scaling: {targetRps: .inf}}' + chr(10))}---\napiVersion: v1\nkind: ConfigMap\n"
    )
    result = run("b.modelspec.yaml", "--to", "openmodel", "--format", "json")
    found = json.loads(result.stdout, parse_constant=lambda _: math.nan)
    assert (found["path"], found["to"], result.stderr) == ("b.modelspec.yaml", "OpenModel", "")
    assert found["leftOut"] == [{"document": 1, "kind": "ConfigMap", "reason": "it is no ModelSpec"}]
    (document,) = found["documents"]
    assert (document["document"], document["name"]) == (0, "example")
    kinds = {note["pointer"]: note for note in document["notes"]}
    assert kinds["/spec/operations"] == {
        "kind": "lost",
        "pointer": "/spec/operations",
        "value": {"scaling": {"targetRps": "inf"}},
        "to": None,
        "becomes": None,
        "reason": "in llmaz a matter of the Playground and its backend, not of the model",
    }
    assert kinds["/spec/identity/model/task"]["to"] == "/metadata/annotations/piqc.ai~1task"
    assert data(found["text"])["kind"] == "OpenModel"
    written = run("b.modelspec.yaml", "--to", "openmodel", "--format", "json", "-o", "b.yaml")
    assert json.loads(written.stdout)["text"] is None and Path("b.yaml").exists()


def test_broken_input_is_pointed_at_and_nothing_is_written():
    Path("x.modelspec.yaml").write_text(spec() + "\tbad: [\n")
    result = run("x.modelspec.yaml", "--to", "openmodel", "-o", "x.yaml")
    line = spec().count("\n") + 1
    assert result.exit_code == 1 and result.stderr.startswith(f"modelspec convert: x.modelspec.yaml:{line}:")
    assert result.stderr.endswith("Nothing is converted.\n") and not Path("x.yaml").exists()
    template = run("-", "--to", "openmodel", stdin=spec(name="{{ .Values.name }}"))
    assert template.exit_code == 1 and "Fill in the template first" in template.stderr


def test_aliases_that_would_fill_the_memory():
    lines = ["x0: &x0 [a, a]", *(f"x{n}: &x{n} [*x{n - 1}, *x{n - 1}]" for n in range(1, 40))]
    bomb = spec() + "nonsense:\n" + "".join(f"  {line}\n" for line in lines)
    result = run("-", "--to", "openmodel", stdin=bomb)
    assert result.exit_code == 2 and "too large" in result.stderr


def test_nothing_to_convert():
    result = run("a.modelspec.yaml", "--to", "modelspec")
    assert (
        result.exit_code == 2
        and "There is no OpenModel to convert; what is there is a ModelSpec already." in result.stderr
    )
    assert run("-", "--to", "openmodel", stdin="a: b\n").exit_code == 2
    assert run("-", "--to", "modelspec", stdin="").exit_code == 2


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["a.modelspec.yaml"], "--to"),
        (["a.modelspec.yaml", "--to", "helm"], "openmodel"),
        (["b.modelspec.yaml", "--to", "openmodel"], "does not exist"),
        ([".", "--to", "openmodel"], "is a folder"),
        (["a.modelspec.yaml", "--to", "openmodel", "--name", "A.b"], "no name that Kubernetes takes"),
        (["a.modelspec.yaml", "--to", "openmodel", "-o", "a.json"], "must end in .yaml"),
        (["a.modelspec.yaml", "--to", "openmodel", "-o", "a.modelspec.yaml", "--force"], "is the file to convert"),
        (["a.modelspec.yaml", "--to", "openmodel", "-o", "gone/b.yaml"], "cannot be written"),
        (["a.modelspec.yaml", "--to", "openmodel", "--stdin-filename", "x"], "names what `-` reads"),
    ],
)
def test_wrong_usage(args, message):
    result = run(*args)
    assert result.exit_code == 2 and message in result.stderr and result.stdout == ""


def test_one_name_for_two_documents():
    text = f"{spec()}---\n{spec(name='two')}"
    result = run("-", "--to", "openmodel", "--name", "x", stdin=text)
    assert result.exit_code == 2 and "There are 2 documents" in result.stderr


def test_the_list_shows_nothing_that_a_terminal_obeys():
    text = spec().replace("  name: example\n", '  name: example\n  "a\\eb": "\\u202eevil"\n')
    result = run("-", "--to", "openmodel", stdin=text)
    assert "\x1b" not in result.stderr and "\u202e" not in result.stderr


def test_models_of_the_folder_are_known():
    rows = Path(".modelspec/accelerators")
    rows.mkdir(parents=True)
    (rows / "x.yaml").write_text(
        "id: acme-x1\nvendor: nvidia\nmemoryGiB: 80\nsource: ours\ndate: 2026-11-25\nkubernetesResource: acme.io/x1\n"
    )
    Path("x.modelspec.yaml").write_text(spec(type="acme-x1"))
    result = run("x.modelspec.yaml", "--to", "openmodel", "-o", "x.yaml")
    flavors = data(Path("x.yaml").read_text())["spec"]["inferenceConfig"]["flavors"]
    assert flavors == [{"name": "acme-x1", "limits": {"acme.io/x1": 1}}] and result.exit_code == 0
    back = run("x.yaml", "--to", "modelspec", "-q")
    assert data(back.stdout)["spec"]["runtime"]["accelerator"] == {"vendor": "nvidia", "type": "acme-x1", "count": 1}
