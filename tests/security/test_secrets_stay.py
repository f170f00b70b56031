"""A credential in a spec, wherever it stands, is never said again: no message, log, report or cache holds it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from support.clients import VSCODE
from support.specs import spec

SERVER = Path(__file__).parents[2] / "server"
TOKEN = "hf_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"
HALVES = (TOKEN[:18], TOKEN[18:])
PASSWORD = "pass-Hunter2-Word"
KEY_LINES = ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj/AEAAoIB", "MzEfYyjiWA4R4xM2bS1GB4t7NXp98C3SC6dVMvDuictGeurT")


def key(indent):
    """A private key as the lines of a block."""
    lines = ("|", "-----BEGIN RSA PRIVATE KEY-----", *KEY_LINES, "-----END RSA PRIVATE KEY-----")
    return f"\n{' ' * indent}".join(lines)


def broken(indent, style=">-"):
    """A token that is written on two lines."""
    return f"\n{' ' * indent}".join((style, *HALVES))


PLACES = {
    "the name": spec(name=TOKEN),
    "a number": spec(count=TOKEN),
    "an enum": spec(vendor=TOKEN),
    "the model": spec(id=TOKEN, family=TOKEN),
    "the task": spec(task=TOKEN, framework=TOKEN),
    "the accelerator": spec(type=TOKEN),
    "an unknown key": spec(f"{TOKEN}: 1\n"),
    "an owner": spec(f"governance:\n  compliance:\n    governance:\n      owner: {TOKEN}\n      approvedBy: {TOKEN}\n"),
    "a variable": spec(f"runtime2: 1\noperations:\n  serving:\n    protocol: {TOKEN}\n    timeoutSeconds: {TOKEN}\n"),
    "a label": spec(metadata=f"labels:\n  team: {TOKEN}\n  '{TOKEN}': x\nannotations:\n  modelspec/engine: {TOKEN}\n"),
    "a URL": spec(task=f"https://user:{PASSWORD}@models.acme.dev/x"),
    "a reference": spec(
        "pipeline:\n  dependencies:\n"
        f"    - {{id: a, role: custom, specRef: 'https://user:{PASSWORD}@models.acme.dev/x.yaml'}}\n"
        f"    - {{id: {TOKEN}, role: {TOKEN}, specRef: ./{TOKEN}.modelspec.yaml}}\n"
        f"    - {{id: {TOKEN}, role: custom, specRef: 'name:{TOKEN}'}}\n"
    ),
    "broken text": spec() + f'x: "{TOKEN}\ny: {TOKEN}: {TOKEN}\n',
    "a line without a colon": spec() + f"{TOKEN}\n",
    "a duplicate": spec() + f"{TOKEN}: 1\n{TOKEN}: 2\n",
    "an anchor": spec() + f"x: *{TOKEN}\n",
    "a tag": spec() + f"x: !{TOKEN} y\n",
    "a key as a name": spec(name=key(4), id=key(10), count=key(10)),
    "a key as an enum": spec(vendor=key(10), framework=key(10), task=key(10), family=key(10)),
    "a key in quotes": spec(count='"' + key(0)[2:].replace("\n", "\\n") + '"', vendor="'" + key(10)[2:] + "'"),
    "a key without an end": spec(count=key(10).rpartition("\n")[0], name=key(4).rpartition("\n")[0]),
    "a broken token as a name": spec(name=broken(4), id=broken(10), count=broken(10), vendor=broken(10, "|")),
    "a broken token in quotes": spec(count=f'"{HALVES[0]}\\\n          {HALVES[1]}"', vendor=broken(10, '"\\') + '"'),
    "a broken token in a reference": spec(
        f"pipeline:\n  dependencies:\n    - {{id: a, role: custom, specRef: {broken(8, '')}}}\n"
    ),
    "a key that is spelt": spec(f'"hf\\x5f{TOKEN[3:]}": 1\n'),
    "a URL without a user": spec(task=f"redis://:{PASSWORD}@models.acme.dev/x", framework=f"redis://:{PASSWORD}@x"),
    "a URL with two marks": spec(task=f"https://user:a@{PASSWORD}@models.acme.dev/x"),
    "artifacts": spec().replace(
        "framework:",
        f"artifacts: {{modelUri: 'hfx://u:a@{PASSWORD}@h/x', tokenizerUri: 's4://:{PASSWORD}@b'}}\n      framework:",
    ),
    "a suppression": spec() + f"# modelspec-ignore: {TOKEN}\n",
}
URI = "file:///ws/a.modelspec.yaml"


def clean(text):
    known = (*HALVES, PASSWORD, *KEY_LINES)
    parts = {secret[at : at + 10] for secret in known for at in range(len(secret) - 9)}
    assert not [part for part in parts if part in text], text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "gitlab", "junit"])
def test_no_report_repeats_a_secret(place, form, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.modelspec.yaml").write_text(PLACES[place], encoding="utf-8")
    result = CliRunner().invoke(modelspec, ["check", "--format", form, "--show-suppressed", "a.modelspec.yaml"])
    assert result.exit_code in {0, 1}
    clean(result.output)


@pytest.mark.parametrize("place", PLACES)
async def test_no_diagnostic_and_no_log_repeats_a_secret(place, talk, caplog):
    caplog.set_level("DEBUG", logger="modelspec_ls")
    await talk.start(VSCODE)
    talk.open(URI, PLACES[place])
    found = (await talk.request("textDocument/diagnostic", {"textDocument": {"uri": URI}}))["result"]["items"]
    assert found
    # Fixes carry the text that they write, which comes from the spec; what is said must not.
    clean(json.dumps([[d["message"], [r["message"] for r in d.get("relatedInformation", ())]] for d in found]))
    here = {
        "textDocument": {"uri": URI},
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}},
    }
    actions = (await talk.request("textDocument/codeAction", {**here, "context": {"diagnostics": []}}))["result"]
    clean(json.dumps([a["title"] for a in actions]))
    clean(caplog.text)


@pytest.mark.parametrize("place", PLACES)
def test_no_command_repeats_a_secret(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.modelspec.yaml").write_text(PLACES[place], encoding="utf-8")
    lines = range(1, PLACES[place].count("\n") + 1)
    commands = [["explain", f"a.modelspec.yaml:{line}"] for line in lines]
    commands += [["fit"], ["fit", "--format", "json"], ["graph"], ["graph", "--format", "json"]]
    for command in commands:
        result = CliRunner().invoke(modelspec, command)
        assert result.exit_code in {0, 1}
        clean(result.output)


@pytest.mark.parametrize("place", PLACES)
def test_what_is_told_of_a_conversion_repeats_no_secret(place, tmp_path, monkeypatch):
    """The new text is the user's own and keeps its values."""
    monkeypatch.chdir(tmp_path)
    variables = f"runtime:\n    environment: {{variables: {{A: {TOKEN}, DB_PASSWORD: {PASSWORD}}}}}\n    accelerator:"
    text = PLACES[place].replace("runtime:\n    accelerator:", variables, 1)
    (tmp_path / "a.modelspec.yaml").write_text(text, encoding="utf-8")
    told = CliRunner().invoke(modelspec, ["convert", "a.modelspec.yaml", "--to", "openmodel"])
    assert told.exit_code in {0, 1}
    clean(told.stderr)
    data = CliRunner().invoke(modelspec, ["convert", "a.modelspec.yaml", "--to", "openmodel", "--format", "json"])
    if data.exit_code == 0:
        clean(json.dumps({**json.loads(data.stdout), "text": None}))
    else:
        clean(data.output)


def test_a_conversion_keeps_the_values_of_its_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = spec(metadata=f"labels: {{team: {TOKEN}}}\n")
    (tmp_path / "a.modelspec.yaml").write_text(text, encoding="utf-8")
    assert TOKEN in CliRunner().invoke(modelspec, ["convert", "a.modelspec.yaml", "--to", "openmodel"]).stdout


def test_no_cache_holds_a_secret(tmp_path):
    specs = tmp_path / "specs"
    specs.mkdir()
    for n in range(104):
        text = list(PLACES.values())[n % len(PLACES)]
        (specs / f"s{n}.modelspec.yaml").write_text(text, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(SERVER), "MODELSPEC_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "modelspec_ls", "check", "specs"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    clean(done.stdout + done.stderr)
    files = list((tmp_path / "cache").glob("*.bin"))
    assert files
    for file in files:
        clean(file.read_bytes().decode("latin-1"))


def test_a_report_offers_no_secret_of_another_file(tmp_path, monkeypatch):
    """A fix may be a name that stands elsewhere."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.modelspec.yaml").write_text(spec(name=TOKEN), encoding="utf-8")
    hint = "spec:", "  annotations: {modelspec/base-model: './b.modelspec.yaml#gone'}\nspec:"
    (tmp_path / "a.modelspec.yaml").write_text(spec(name="a").replace(*hint, 1), encoding="utf-8")
    for form in ("text", "json", "sarif"):
        result = CliRunner().invoke(modelspec, ["check", "--format", form, "."])
        assert "MS174" in result.output
        clean(result.output)
