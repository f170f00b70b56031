"""The editor and the command line say the same, to the character, of every example and every known accident."""

import contextlib
import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from support.talk import until

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "rules"))
from cases import BROKEN  # noqa: E402

LABELS = {1: "error", 2: "warning", 3: "information", 4: "hint"}


def of_the_editor(diagnostic):
    severity = LABELS[diagnostic["severity"]]
    return diagnostic["code"], severity, diagnostic["message"], diagnostic["range"]


def of_the_command_line(entry):
    return entry["code"], entry["severity"], entry["message"], entry["range"]


def read(path):
    return Path(path).read_bytes().decode("utf-8")


async def compared(talk, folder):
    answer = json.loads(CliRunner().invoke(modelspec, ["check", "--format", "json", str(folder)]).stdout)
    files = {Path(file["path"]).as_uri(): file for file in answer["files"]}
    texts = {Path(file["path"]).as_uri(): read(file["path"]) for file in answer["files"]}
    await talk.request("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}})
    talk.send("initialized", {}, notify=True)
    for uri, text in texts.items():
        talk.open(uri, text, language="yaml")
    wanted = {uri: [of_the_command_line(d) for d in file["diagnostics"]] for uri, file in files.items()}

    def last():
        told = {p["uri"]: p["diagnostics"] for p in talk.published}
        return {uri: [of_the_editor(d) for d in told.get(uri, [])] for uri in files}

    with contextlib.suppress(AssertionError):  # The comparison says more.
        await until(lambda: last() == wanted)
    assert last() == wanted
    return files


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ".git").mkdir()
    return tmp_path


async def test_examples(talk, folder):
    shutil.copytree(ROOT / "examples", folder / "examples")
    files = await compared(talk, folder)
    assert len(files) >= 12 and any(file["diagnostics"] for file in files.values())


async def test_accidents(talk, folder):
    for number, text in enumerate(BROKEN.values()):
        (folder / f"{number}.modelspec.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    files = await compared(talk, folder)
    assert len(files) == len(BROKEN)
