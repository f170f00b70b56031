"""Names and values that people see on a terminal, and names of files that are no UTF-8."""

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from modelspec_ls.cli.render.source import as_it_is, as_json, readable
from support.specs import spec

EVIL = "\x1b]0;owned\x07\x9b2J\u202egnp.exe"
QUOTED = '"' + EVIL.replace("\x1b", "\\e").replace("\x07", "\\a").replace("\x9b", "\\x9b") + '"'
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
FORMS = ("text", "json", "sarif", "github", "gitlab", "junit")

posix = pytest.mark.skipif(os.name == "nt", reason="no such names there")


def run(*args):
    return CliRunner().invoke(modelspec, list(args), prog_name="modelspec")


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """A folder whose files have names and values with control characters."""
    monkeypatch.chdir(tmp_path)
    below = (
        f"governance: {{compliance: {{governance: {{owner: {QUOTED}}}}}}}\n"
        f"pipeline:\n  dependencies:\n    - {{id: {QUOTED}, role: {QUOTED}, specRef: {QUOTED}}}\n"
        "    - {id: b, role: custom, specRef: ./b.modelspec.yaml}\n"
    )
    labels = f"labels: {{team: {QUOTED}, {QUOTED}: x}}\nannotations: {{modelspec/engine: {QUOTED}}}\n"
    text = spec(below, labels, name=QUOTED, type=QUOTED, task=QUOTED, framework=QUOTED, id=QUOTED)
    name = f"a{EVIL}\n.modelspec.yaml"
    Path(name).write_text(text, encoding="utf-8")
    Path("b.modelspec.yaml").write_text(spec(name="b", type=QUOTED), encoding="utf-8")
    Path(f"c{EVIL}.modelspec.yaml").write_bytes(b"\xff")
    Path(f"d{EVIL}.modelspec.yaml").write_text("kind: [\n", encoding="utf-8")
    policy = (
        "apiVersion: modelspec-policy/v1alpha1\nkind: ModelSpecPolicy\nmetadata: {name: p}\n"
        f"spec: {{rules: [{{name: r, severity: error, message: {QUOTED}, "
        "require: [{field: spec.governance.x, present: true}]}]}\n"
    )
    Path("modelspec-policy.yaml").write_text(policy, encoding="utf-8")
    rows = Path(".modelspec/models")
    rows.mkdir(parents=True)
    (rows / f"m{EVIL}.yaml").write_text(f"id: {QUOTED}\n", encoding="utf-8")
    return name


@posix
@pytest.mark.parametrize(
    "command",
    [
        *(["check", "--show-suppressed", "--format", form] for form in FORMS),
        ["check", "--statistics"],
        ["check", "--write-baseline", f"out{EVIL}.json"],
        ["check", "NAME", f"no{EVIL}"],
        ["check", "--select", EVIL],
        ["check", "--baseline", f"no{EVIL}"],
        ["explain", "NAME:1"],
        ["explain", f"b.modelspec.yaml:1{EVIL}"],
        ["explain", f"{EVIL}.yaml:7"],
        *(["graph", "--format", form] for form in ("text", "json", "mermaid", "dot", "svg")),
        ["graph", "--root", EVIL],
        ["fit"],
        ["fit", "--format", "json"],
        ["fit", f"no{EVIL}"],
        ["fmt", "--check"],
        ["convert", f"d{EVIL}.modelspec.yaml", "--to", "openmodel"],
        ["convert", f"c{EVIL}.modelspec.yaml", "--to", "openmodel"],
        ["convert", "NAME", "--to", "openmodel", "--format", "json"],
        ["new", "minimal", f"new{EVIL}.yaml"],
        ["catalog"],
        ["catalog", "show", EVIL],
        ["policy", "test"],
        ["policy", "list", "NAME"],
        [EVIL],
        [f"{EVIL}.yaml"],
        ["lsp", "--tcp", EVIL],
    ],
    ids=lambda command: " ".join(word.replace(EVIL, "EVIL") for word in command),
)
def test_nothing_that_is_printed_is_obeyed(hostile, command):
    result = run(*(word.replace("NAME", hostile) for word in command))
    assert result.exit_code in {0, 1, 2}, result.exception
    assert not OBEYED.search(result.output), repr(OBEYED.search(result.output))


def test_a_text_is_whole_for_a_program_and_safe_on_a_terminal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(f"{spec(framework='VLLM')}# \u202e\x85\n", encoding="utf-8")
    assert "# \u202e" in run("check", "--diff", "a.yaml").output
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert as_it_is("a\t\u202e\x9b\nb\n") == "a\t\ufffd\ufffd\nb\n"


def test_json_stays_the_same_data():
    data = {"a": f"{EVIL}\u2028é\ud83d"}
    assert json.loads(as_json(data)) == {"a": f"{EVIL}\u2028é\ufffd"}


@pytest.fixture
def odd(tmp_path, monkeypatch):
    """A file whose name is no UTF-8."""
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(b"caf\xe9.modelspec.yaml")
    try:
        Path(name).write_text(spec(count=0), encoding="utf-8")
    except (OSError, UnicodeError):
        pytest.skip("the file system takes no such name")
    return name


@posix
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", [".", "NAME"])
def test_a_name_that_is_no_utf_8_stands_in_every_report(odd, form, path):
    result = run("check", "--format", form, path.replace("NAME", odd))
    assert result.exit_code == 1, result.exception
    result.output.encode("utf-8")
    if form == "sarif":
        found = json.loads(result.output)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        assert found["artifactLocation"]["uri"] == "caf%E9.modelspec.yaml"
    elif form == "junit":
        assert ET.fromstring(result.output)[0].get("name") == "caf\\xe9.modelspec.yaml"
    elif form != "text":
        assert "caf\\xe9" in result.output.replace("\\\\", "\\")


@posix
def test_a_name_that_is_no_utf_8_stands_in_files_that_are_written(odd):
    assert run("check", "--write-baseline", "known.json").exit_code == 0
    assert json.loads(Path("known.json").read_text("utf-8"))["findings"][0]["file"] == readable(odd)
    assert run("check", "--baseline", "known.json").exit_code == 0
    for form in ("text", "json", "mermaid", "dot", "svg"):
        assert run("graph", "--format", form, "--output", "graph").exit_code == 0
        assert run("graph", "--format", form).exit_code == 0
    for command in (["fit"], ["fit", "--format", "json"], ["fmt", "--check"], ["policy", "list", odd]):
        assert run(*command).exception is None or isinstance(run(*command).exception, SystemExit)
