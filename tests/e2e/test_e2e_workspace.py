"""Several files under a real client: going from one to the other, renaming, moving, and findings of files not open."""

import json
import time

import pytest
from lsp_client import Client

from support.clients import PUSH, VSCODE

EMBEDDER = """\
apiVersion: piqc.ai/v1alpha1
kind: ModelSpec
metadata:
  name: embedder
spec:
  identity:
    model:
      id: bge-m3
      family: bge
      task: embedding
      framework: transformers
  runtime:
    accelerator:
      vendor: nvidia
      type: l4
      count: 1
  operations:
    scaling:
      targetLatencyMsP95: 40
"""
CHAT = (
    EMBEDDER.replace("name: embedder", "name: chat").replace("    scaling:\n      targetLatencyMsP95: 40\n", "")
    + """\
    serving:
      port: 8000
  pipeline:
    dependencies:
      - id: embedder
        role: input
        specRef: ./deps/embedder.modelspec.yaml
        interface:
          maxLatencyMs: 60
      - id: gone
        role: custom
        specRef: ./gone.modelspec.yaml
"""
)
WORKSPACE = json.loads(json.dumps(VSCODE))
WORKSPACE["workspace"]["workspaceEdit"]["resourceOperations"] = ["create", "rename", "delete"]
WORKSPACE["experimental"] = {"commands": {"commands": ["modelspec.showReferences"]}}


@pytest.fixture
def files(tmp_path):
    (tmp_path / "deps").mkdir()
    (tmp_path / "chat.modelspec.yaml").write_text(CHAT, encoding="utf-8")
    (tmp_path / "deps/embedder.modelspec.yaml").write_text(EMBEDDER, encoding="utf-8")
    return tmp_path


def start(c, folder, specs=2):
    params = {"processId": None, "capabilities": c.capabilities, "clientInfo": {"name": "Visual Studio Code"}}
    params["workspaceFolders"] = [{"uri": folder.as_uri(), "name": "w"}]
    c.server = c.request("initialize", params)["result"]["capabilities"]
    c.notify("initialized", {})
    until(lambda: len(c.request("workspace/symbol", {"query": ""})["result"]) >= specs)


def until(true, seconds=60):
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def at(text, mark, after=0):
    before = text[: text.index(mark) + after]
    return {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}


def place(uri, text, mark, after=0):
    return {"textDocument": {"uri": uri}, "position": at(text, mark, after)}


def line(location):
    return location["uri"].rpartition("/")[2], location["range"]["start"]["line"]


def test_from_spec_to_spec(files):
    chat, embedder = (files / n for n in ("chat.modelspec.yaml", "deps/embedder.modelspec.yaml"))
    uri = chat.as_uri()
    with Client(WORKSPACE, settings={}, name="Visual Studio Code") as c:
        start(c, files)
        c.open(uri, CHAT)
        there = place(uri, CHAT, "./deps/embedder", 3)
        (found,) = c.request("textDocument/definition", there)["result"]
        assert line(found) == ("embedder.modelspec.yaml", 3)
        assert c.request("textDocument/declaration", there)["result"] == [found]
        users = c.request("textDocument/references", there | {"context": {"includeDeclaration": True}})["result"]
        assert [line(u) for u in users] == [("embedder.modelspec.yaml", 3), ("chat.modelspec.yaml", 23)]
        model = place(uri, CHAT, "bge-m3")
        deployed = c.request("textDocument/implementation", model)["result"]
        assert {line(d)[0] for d in deployed} == {"embedder.modelspec.yaml", "chat.modelspec.yaml"}
        (item,) = c.request("textDocument/prepareCallHierarchy", place(uri, CHAT, "chat"))["result"]
        (call,) = c.request("callHierarchy/outgoingCalls", {"item": item})["result"]
        assert call["to"]["name"] == "embedder" and call["fromRanges"][0]["start"]["line"] == 23
        (back,) = c.request("callHierarchy/incomingCalls", {"item": call["to"]})["result"]
        assert back["from"]["name"] == "chat"
        shown = c.request("textDocument/hover", there)["result"]["contents"]["value"]
        assert "**embedder**" in shown and "Memory: fits" in shown
        c.open(embedder.as_uri(), EMBEDDER)
        lenses = c.request("textDocument/codeLens", {"textDocument": {"uri": embedder.as_uri()}})["result"]
        used = next(lens["command"] for lens in lenses if lens["command"]["title"] == "Used by 1 spec")
        assert used["command"] == "modelspec.showReferences" and line(used["arguments"][2][0]) == (
            "chat.modelspec.yaml",
            23,
        )
        graph = c.request("modelspec/dependencyGraph", {"uri": uri})["result"]
        assert [(e["dependency"], e["status"]) for e in graph["edges"]] == [("embedder", "ok"), ("gone", "missing")]
        assert graph["totals"]["required"]["accelerators"] == {"min": 2, "max": 2}
        assert c.stop() == 0


def test_changes_are_grouped_in_a_preview_where_the_client_can(files):
    chat, embedder = (files / n for n in ("chat.modelspec.yaml", "deps/embedder.modelspec.yaml"))
    by_name = CHAT.replace("./deps/embedder.modelspec.yaml", "embedder").replace("./gone", "./deps/embedder")
    chat.write_text(by_name, encoding="utf-8")
    capabilities = json.loads(json.dumps(WORKSPACE))
    capabilities["workspace"]["workspaceEdit"]["changeAnnotationSupport"] = {"groupsOnLabel": True}
    move = {"files": [{"oldUri": (files / "deps").as_uri(), "newUri": (files / "parts").as_uri()}]}
    for able in (capabilities, WORKSPACE):
        with Client(able, settings={}, name="Visual Studio Code") as c:
            start(c, files)
            c.open(chat.as_uri(), by_name)
            # From the use, in one file, of a name that another one declares.
            use = place(chat.as_uri(), by_name, "specRef: ", 9)
            edit = c.request("textDocument/rename", use | {"newName": "vectors"})["result"]
            moved = c.request("workspace/willRenameFiles", move)["result"]
            labels = {
                change["textDocument"]["uri"]: [e.get("annotationId") for e in change["edits"]]
                for change in [*edit["documentChanges"], *moved["documentChanges"]]
            }
            if able is capabilities:
                assert edit["changeAnnotations"] == {
                    name: {"label": name, "needsConfirmation": False} for name in ("In this file", "In other files")
                }
                assert labels[embedder.as_uri()] == ["In other files"]
                assert labels[chat.as_uri()] == ["References to files that move"]
            else:
                assert "changeAnnotations" not in edit and all(ids == [None] for ids in labels.values())
            assert c.stop() == 0


def test_renaming_and_moving(files):
    chat, embedder = (files / n for n in ("chat.modelspec.yaml", "deps/embedder.modelspec.yaml"))
    by_name = CHAT.replace("./deps/embedder.modelspec.yaml", "embedder")
    chat.write_text(by_name, encoding="utf-8")
    with Client(WORKSPACE, settings={}, name="Visual Studio Code") as c:
        start(c, files)
        c.open(embedder.as_uri(), EMBEDDER)
        name = place(embedder.as_uri(), EMBEDDER, "name: ", 6)
        assert c.request("textDocument/prepareRename", name)["result"]["placeholder"] == "embedder"
        edit = c.request("textDocument/rename", name | {"newName": "vectors"})["result"]
        changed = {d["textDocument"]["uri"]: d for d in edit["documentChanges"]}
        assert changed.keys() == {chat.as_uri(), embedder.as_uri()}
        assert changed[embedder.as_uri()]["textDocument"]["version"] == 1
        (only,) = changed[chat.as_uri()]["edits"]
        assert (only["newText"], only["range"]["start"]["line"]) == ("vectors", 23)
        refused = c.request("textDocument/rename", name | {"newName": "chat"})["error"]
        assert "is the name of another spec already" in refused["message"]
        # An edit in the editor counts before the file on disk.
        c.open(chat.as_uri(), CHAT)
        move = {"files": [{"oldUri": embedder.as_uri(), "newUri": (files / "vectors.modelspec.yaml").as_uri()}]}
        edit = c.request("workspace/willRenameFiles", move)["result"]
        (only,) = edit["documentChanges"]
        assert only["edits"][0]["newText"] == "./vectors.modelspec.yaml"
        assert c.stop() == 0


def test_a_move_is_taken_back_as_it_was_written(files):
    chat, old, new = (files / n for n in ("chat.modelspec.yaml", "deps/embedder.modelspec.yaml", "gone.modelspec.yaml"))
    # The second leads to nothing until the file comes there.
    before = CHAT.replace("./deps", ".//deps").replace("./gone", ".//gone")
    chat.write_text(before, encoding="utf-8")
    with Client(WORKSPACE, settings={}, name="Visual Studio Code") as c:
        start(c, files)
        c.open(chat.as_uri(), before)
        texts = []
        for version, (source, goal) in enumerate([(old, new), (new, old)], 2):
            move = {"files": [{"oldUri": source.as_uri(), "newUri": goal.as_uri()}]}
            (changed,) = c.request("workspace/willRenameFiles", move)["result"]["documentChanges"]
            texts.append([edit["newText"] for edit in changed["edits"]])
            source.rename(goal)
            c.notify(
                "textDocument/didChange",
                {
                    "textDocument": {"uri": chat.as_uri(), "version": version},
                    "contentChanges": [{"range": e["range"], "text": e["newText"]} for e in changed["edits"]],
                },
            )
            gone_and_new = [{"uri": source.as_uri(), "type": 3}, {"uri": goal.as_uri(), "type": 1}]
            c.notify("workspace/didChangeWatchedFiles", {"changes": gone_and_new})
        assert texts == [["./gone.modelspec.yaml"], [".//deps/embedder.modelspec.yaml"]]
        assert c.stop() == 0


def test_findings_of_files_that_are_not_open(files):
    chat = files / "chat.modelspec.yaml"
    with Client(WORKSPACE, settings={}, name="Visual Studio Code") as c:
        start(c, files)
        items = c.request("workspace/diagnostic", {"previousResultIds": []})["result"]["items"]
        by_uri = {item["uri"]: item for item in items}
        assert [d["code"] for d in by_uri[chat.as_uri()]["items"] if d["code"].startswith("MS8")] == ["MS801"]
        known = [{"uri": item["uri"], "value": item["resultId"]} for item in items]
        again = c.request("workspace/diagnostic", {"previousResultIds": known})["result"]["items"]
        assert {item["kind"] for item in again} == {"unchanged"}
        # A change in one file tells what depends on it, open or not.
        slow = files / "deps/embedder.modelspec.yaml"
        slow.write_text(EMBEDDER.replace("P95: 40", "P95: 90"), encoding="utf-8")
        c.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": slow.as_uri(), "type": 2}]})
        items = c.request("workspace/diagnostic", {"previousResultIds": known})["result"]["items"]
        (full,) = (item for item in items if item["kind"] == "full")
        assert full["uri"] == chat.as_uri()
        assert "MS806" in [d["code"] for d in full["items"]]
        assert c.stop() == 0


def test_a_missing_spec_is_made(files):
    uri = (files / "chat.modelspec.yaml").as_uri()
    with Client(WORKSPACE, settings={}, name="Visual Studio Code") as c:
        start(c, files)
        c.open(uri, CHAT)
        where = at(CHAT, "./gone")
        params = {"textDocument": {"uri": uri}, "range": {"start": where, "end": where}, "context": {"diagnostics": []}}
        actions = {a["title"]: a for a in c.request("textDocument/codeAction", params)["result"]}
        create, fill = actions["Create `./gone.modelspec.yaml`"]["edit"]["documentChanges"]
        assert (create["kind"], create["uri"]) == ("create", (files / "gone.modelspec.yaml").as_uri())
        assert "  name: gone\n" in fill["edits"][0]["newText"]
        assert c.stop() == 0


def test_a_spec_is_converted_to_a_file_beside_it(files):
    uri = (files / "chat.modelspec.yaml").as_uri()
    with Client(WORKSPACE, settings={}, name="Visual Studio Code") as c:
        start(c, files)
        c.open(uri, CHAT)
        where = at(CHAT, "kind")
        context = {"diagnostics": [], "only": ["refactor.rewrite"]}
        params = {"textDocument": {"uri": uri}, "range": {"start": where, "end": where}, "context": context}
        actions = {a["title"]: a for a in c.request("textDocument/codeAction", params)["result"]}
        (title,) = (t for t in actions if t.startswith("Convert to an OpenModel"))
        create, fill = actions[title]["edit"]["documentChanges"]
        assert create["kind"] == "create" and create["uri"].endswith(".openmodel.yaml")
        assert "kind: OpenModel\n" in fill["edits"][0]["newText"]
        assert c.stop() == 0


def test_a_client_that_is_told_hears_of_open_dependants(files):
    chat, embedder = (files / n for n in ("chat.modelspec.yaml", "deps/embedder.modelspec.yaml"))
    with Client(PUSH, name="test") as c:
        start(c, files)
        c.open(chat.as_uri(), CHAT)
        assert "MS806" not in [d["code"] for d in c.diagnostics(chat.as_uri())]
        c.open(embedder.as_uri(), EMBEDDER)
        c.change(embedder.as_uri(), EMBEDDER.replace("P95: 40", "P95: 90"))
        assert "MS806" in [d["code"] for d in c.diagnostics(chat.as_uri())]
        c.close(embedder.as_uri())
        assert "MS806" not in [d["code"] for d in c.diagnostics(chat.as_uri())]
        assert c.stop() == 0


def test_a_lens_counts_dependants_that_appear_on_disk(files):
    embedder, other = files / "deps/embedder.modelspec.yaml", files / "other.modelspec.yaml"
    capabilities = json.loads(json.dumps(WORKSPACE))
    capabilities["workspace"]["codeLens"] = {"refreshSupport": True}

    def titles(c):
        lenses = c.request("textDocument/codeLens", {"textDocument": {"uri": embedder.as_uri()}})["result"]
        return [lens["command"]["title"] for lens in lenses]

    with Client(capabilities) as c:
        start(c, files)
        c.open(embedder.as_uri(), EMBEDDER)
        until(lambda: "Used by 1 spec" in titles(c))
        c.quiet()
        other.write_text(CHAT.replace("name: chat", "name: other"), encoding="utf-8")
        c.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": other.as_uri(), "type": 1}]})
        c.wait(lambda m: m.get("method") == "workspace/codeLens/refresh")
        assert "Used by 2 specs" in titles(c)
        assert c.stop() == 0


def test_no_name_is_missing_before_the_workspace_was_read(files):
    chat = files / "chat.modelspec.yaml"
    text = CHAT.replace("specRef: ./deps/embedder.modelspec.yaml", "specRef: embedder")
    params = {"processId": None, "capabilities": WORKSPACE, "clientInfo": {"name": "Visual Studio Code"}}
    params["workspaceFolders"] = [{"uri": files.as_uri(), "name": "w"}]
    with Client(WORKSPACE) as c:
        c.server = c.request("initialize", params)["result"]["capabilities"]
        c.open(chat.as_uri(), text)
        assert not [d for d in c.findings(chat.as_uri()) if "No spec of the workspace" in d["message"]]
        c.notify("initialized", {})
        until(lambda: len(c.request("workspace/symbol", {"query": ""})["result"]) >= 2)
        found = c.findings(chat.as_uri())
        assert ["gone" in d["message"] for d in found if d["code"] == "MS801"] == [True]
        assert c.stop() == 0


@pytest.mark.parametrize("what", ["modelspec.toml", ".git"])
def test_where_paths_from_the_root_start_may_change(files, what):
    (files / "team").mkdir()
    (files / "shared.modelspec.yaml").write_text(EMBEDDER, encoding="utf-8")
    caller, root = files / "team" / "caller.modelspec.yaml", files / "team" / what
    text = CHAT.replace("./deps/embedder.modelspec.yaml", "/shared.modelspec.yaml")
    caller.write_text(text, encoding="utf-8")

    def missing():
        return any("`/shared.modelspec.yaml` does not exist" in d["message"] for d in c.findings(caller.as_uri()))

    with Client(WORKSPACE, settings={}, name="Visual Studio Code") as c:
        start(c, files)
        c.open(caller.as_uri(), text)
        assert not missing()
        if what == ".git":
            root.mkdir()
        else:
            root.write_text("", encoding="utf-8")
        c.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": root.as_uri(), "type": 1}]})
        until(missing)
        if what == ".git":
            root.rmdir()
        else:
            root.unlink()
        c.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": root.as_uri(), "type": 3}]})
        until(lambda: not missing())
        assert c.stop() == 0


@pytest.mark.parametrize("told", [[3, 1], [3], [1]])
def test_a_folder_that_moves_outside_of_the_editor_is_found_again(files, told):
    """Watchers tell of the folder, not of what is in it; the one registered for folders hears of deletions only."""
    chat, old, new = files / "chat.modelspec.yaml", files / "deps", files / "lib"
    text = CHAT.replace("./deps/embedder.modelspec.yaml", "embedder")

    def lost():
        return any("No spec of the workspace" in d["message"] for d in c.findings(chat.as_uri()))

    if told == [1]:
        old.rename(files.with_name(f"{files.name}-outside"))
    with Client(WORKSPACE, settings={}, name="Visual Studio Code") as c:
        start(c, files, specs=1 if told == [1] else 2)
        c.open(chat.as_uri(), text)
        assert lost() is (told == [1])
        (files.with_name(f"{files.name}-outside") if told == [1] else old).rename(new)
        events = [{"uri": (old if kind == 3 else new).as_uri(), "type": kind} for kind in told]
        c.notify("workspace/didChangeWatchedFiles", {"changes": events})
        until(lambda: not lost())
        assert c.stop() == 0
