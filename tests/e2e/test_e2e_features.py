"""Editor features through the real server: lenses, hints, the memory request, the index of a folder."""

import time
from pathlib import Path

from lsp_client import Client

from support.clients import VSCODE

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PRODUCTION = EXAMPLES / "08-full-production.modelspec.yaml"


def test_memory_fit():
    uri = PRODUCTION.as_uri()
    with Client(VSCODE, settings={}, name="Visual Studio Code").start() as c:
        c.open(uri, PRODUCTION.read_text(encoding="utf-8"))
        lenses = c.request("textDocument/codeLens", {"textDocument": {"uri": uri}})["result"]
        memory, pipeline = (lens["command"]["title"] for lens in lenses)
        assert memory.startswith("Memory: fits")
        assert pipeline.startswith("Whole pipeline: ")
        everything = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}
        hints = c.request("textDocument/inlayHint", {"textDocument": {"uri": uri}, "range": everything})["result"]
        assert [h["label"] for h in hints][1] == "79.2 GiB"
        what_if = {"uri": uri, "overrides": {"accelerator": "l4"}}
        (report,) = c.request("modelspec/memoryFit", what_if)["result"]["reports"]
        assert report["verdict"] == "weights-exceed" and report["perDevice"]["capacityGiB"] < 23
        for odd in (None, [], {}, {"uri": 7}, {"uri": uri, "overrides": 1}, {"uri": uri, "position": {"line": -1}}):
            assert c.request("modelspec/memoryFit", odd)["error"]["code"] == -32602, odd
        assert c.request("modelspec/memoryFit", {"uri": "file:///not/open"})["result"] is None
        here = {"uri": uri, "view": True, "accelerators": 0, "position": lenses[0]["range"]["start"]}
        answer = c.request("modelspec/memoryFit", here)["result"]
        assert answer["document"] == 0 and answer["accelerators"] and answer["views"][0]["tone"] == "good"
        change = {"uri": uri, "document": 0, "overrides": {"batch": 3, "odd": 1}}
        answer = c.request("modelspec/memoryFitEdit", change)["result"]
        (edit,) = answer["edit"]["documentChanges"][0]["edits"]
        assert edit["newText"].strip() == "maxBatchSize: 3" and "odd" in answer["message"]
        assert c.request("modelspec/memoryFitEdit", {"uri": uri, "document": 5})["result"] is None
        rules = c.request("modelspec/rules", {})["result"]["rules"]
        assert any(rule["code"] == "MS301" and rule["page"].startswith("file:") for rule in rules)
        assert c.stop() == 0


def test_other_specs_of_the_folder_are_offered(tmp_path):
    deps = tmp_path / "deps"
    deps.mkdir()
    embedder = deps / "embedder.modelspec.yaml"
    embedder.write_text("kind: ModelSpec\nmetadata: {name: embedder}\n", encoding="utf-8")
    folder = {"uri": tmp_path.as_uri(), "name": "w"}
    uri = (tmp_path / "chat.modelspec.yaml").as_uri()
    text = "kind: ModelSpec\nspec:\n  pipeline:\n    dependencies:\n      - id: embedder\n        specRef: \n"
    with Client({**VSCODE}, settings={}, name="Visual Studio Code") as c:
        c.request("initialize", {"processId": None, "capabilities": VSCODE, "workspaceFolders": [folder]})
        c.notify("initialized", {})
        c.open(uri, text)

        def offered():
            place = {"textDocument": {"uri": uri}, "position": {"line": 5, "character": 17}}
            result = c.request("textDocument/completion", place)["result"]
            return [item["label"] for item in result["items"]]

        deadline = time.monotonic() + 60
        while "./deps/embedder.modelspec.yaml" not in offered() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert offered()[0] == "./deps/embedder.modelspec.yaml"
        embedder.unlink()
        change = {"uri": embedder.as_uri(), "type": 3}
        c.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
        assert "./deps/embedder.modelspec.yaml" not in offered()
