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
PASSWORD = "pass-Hunter2-Word"
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
    "a suppression": spec() + f"# modelspec-ignore: {TOKEN}\n",
}
URI = "file:///ws/a.modelspec.yaml"


def clean(text):
    assert TOKEN not in text and PASSWORD not in text, text


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
