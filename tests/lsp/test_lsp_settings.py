"""Settings files in a running server: as they are typed, and when they change on disk; actions that reach them."""

import json

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from support.specs import spec
from support.talk import until

SHOWS = {"window": {"showDocument": {"support": True}}}
EDITS = {
    "workspace": {"workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]}},
    "textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}}},
}


@pytest.fixture
def root(tmp_path):
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.fixture
def uri(root):
    return (root / "a.modelspec.yaml").as_uri()


async def told(talk, uri, code, *, there):
    """Wait until the last word about a document has a finding of this rule, or has none."""

    def found():
        last = next((p for p in reversed(talk.published) if p["uri"] == uri), None)
        return None if last is None else [d for d in last["diagnostics"] if d["code"] == code]

    await until(lambda: found() is not None and bool(found()) == there)
    return found()


def watched(talk, path, kind=2):
    changes = [{"uri": path.as_uri(), "type": kind}]
    talk.send("workspace/didChangeWatchedFiles", {"changes": changes}, notify=True)


async def test_typing_in_settings_checks_the_open_specs_again(talk, root, uri):
    path = root / "modelspec.toml"
    path.write_text("")
    await talk.start()
    talk.open(uri, spec())
    await told(talk, uri, "MS402", there=True)
    talk.open(path.as_uri(), "", language="toml")
    talk.change('ignore = ["MS402"]', 2, path.as_uri())
    await told(talk, uri, "MS402", there=False)
    talk.change('ignore = ["MS402"', 3, path.as_uri())
    (finding,) = await told(talk, path.as_uri(), "MS173", there=True)
    assert finding["severity"] == 1
    await told(talk, uri, "MS402", there=True)
    talk.change('ignore = ["MS402"]', 4, path.as_uri())
    await told(talk, path.as_uri(), "MS173", there=False)
    await told(talk, uri, "MS402", there=False)
    talk.send("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}}, notify=True)
    await told(talk, uri, "MS402", there=True)


async def test_settings_that_come_and_go_on_disk(talk, root, uri):
    await talk.start()
    talk.open(uri, spec())
    await told(talk, uri, "MS402", there=True)
    path, base = root / "pyproject.toml", root / "base.toml"
    base.write_text('ignore = ["MS402"]')
    path.write_text('[tool.modelspec]\nextends = ["base.toml"]\n')
    watched(talk, path, 1)
    await told(talk, uri, "MS402", there=False)
    base.write_text("")
    watched(talk, base)
    await told(talk, uri, "MS402", there=True)
    path.write_text('[tool.modelspec]\nignore = ["MS402"]\n')
    watched(talk, path)
    await told(talk, uri, "MS402", there=False)
    path.unlink()
    watched(talk, path, 3)
    await told(talk, uri, "MS402", there=True)


async def test_no_feature_takes_settings_for_a_spec(talk, root):
    uri = (root / "modelspec.toml").as_uri()
    text = "ignore = []\n\n\n\n[severity]  \n"
    await talk.start()
    talk.open(uri, text, language="toml")
    document, at = {"textDocument": {"uri": uri}}, {"position": {"line": 0, "character": 0}}
    options = {"options": {"tabSize": 2, "insertSpaces": True}}
    for method, more in (
        ("completion", at), ("hover", at), ("documentSymbol", {}), ("foldingRange", {}), ("codeLens", {}),
        ("formatting", options), ("definition", at), ("documentLink", {}), ("documentHighlight", at),
    ):  # fmt: skip
        answer = await talk.request(f"textDocument/{method}", {**document, **more})
        assert not answer["result"] or not answer["result"].get("items"), method


async def act(talk, uri, line, character):
    place = {"line": line, "character": character}
    params = {"textDocument": {"uri": uri}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
    return {action["title"]: action for action in (await talk.request("textDocument/codeAction", params))["result"]}


async def test_turning_off_edits_the_file_or_makes_it(talk, root, uri):
    await talk.start(EDITS)
    text = spec(count="two")
    talk.open(uri, text)
    line = text[: text.index("two")].count("\n")
    new = (await act(talk, uri, line, 14))["Turn MS103 off in a new modelspec.toml"]["edit"]["documentChanges"]
    assert [c.get("kind") for c in new] == ["create", None] and new[0]["uri"] == (root / "modelspec.toml").as_uri()
    path = root / "modelspec.toml"
    path.write_text(new[1]["edits"][0]["newText"])
    watched(talk, path, 1)
    await told(talk, uri, "MS103", there=False)
    path.write_text('ignore = ["MS9"]\n')
    watched(talk, path)
    await told(talk, uri, "MS103", there=True)
    (change,) = (await act(talk, uri, line, 14))["Turn MS103 off in modelspec.toml"]["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": path.as_uri(), "version": None}
    assert change["edits"][0]["newText"] == ', "wrong-type"'


async def test_the_page_of_a_rule_is_shown(talk, uri):
    await talk.start({**EDITS, **SHOWS})
    text = spec(count="two")
    talk.open(uri, text)
    line = text[: text.index("two")].count("\n")
    command = (await act(talk, uri, line, 14))["Open the page of MS103 wrong-type"]["command"]
    answer = await talk.request("workspace/executeCommand", command)
    assert answer["result"] is None
    (shown,) = [m["params"] for m in talk.sent if m.get("method") == "window/showDocument"]
    assert shown["uri"].endswith("/docs/rules/MS103-wrong-type.md")
    for arguments in ([], ["MS103", "../../x"], ["MS103"], [1, 2]):
        await talk.request("workspace/executeCommand", {"command": command["command"], "arguments": arguments})
    assert len([m for m in talk.sent if m.get("method") == "window/showDocument"]) == 1


async def test_settings_and_suppressions_say_the_same_as_the_command_line(talk, root, uri, monkeypatch):
    monkeypatch.chdir(root)
    text = spec(count="two  # modelspec-ignore: MS103, MS104 x")
    (root / "modelspec.toml").write_text(
        '[severity]\nMS402 = "error"\n[[overrides]]\npaths = ["b*"]\nignore = ["hints"]\n'
    )
    for name in ("a", "b"):
        (root / f"{name}.modelspec.yaml").write_text(text.replace("example", name))
    await talk.start()
    answer = json.loads(CliRunner().invoke(modelspec, ["check", "--format", "json", "."]).stdout)
    for file in answer["files"]:
        place = (root / file["path"]).as_uri()
        talk.open(place, (root / file["path"]).read_text())
        await told(talk, place, "MS402", there=True)
        last = next(p for p in reversed(talk.published) if p["uri"] == place)
        mine = [(d["code"], d["message"], d["range"]) for d in last["diagnostics"]]
        assert mine == [(d["code"], d["message"], d["range"]) for d in file["diagnostics"]]
    assert [len(file["diagnostics"]) for file in answer["files"]] == [2, 1]
