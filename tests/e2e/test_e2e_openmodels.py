"""OpenModels in plain YAML files under a real client, with what claims them and what is somebody else's."""

from lsp_client import Client
from test_e2e_workspace import WORKSPACE, line, place, until

MODEL = """\
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen2-7b
spec:
  familyName: qwen2
  source:
    uri: gs://models/Qwen2-7B
  inferenceConfig:
    flavors:
      - name: t4
        limits:
          nvidia.com/gpu: 1
      - name: a10
        limits:
          nvidia.com/gpu: 1
"""
PLAY = """\
apiVersion: inference.llmaz.io/v1alpha1
kind: Playground
metadata:
  name: chat
spec:
  modelClaim:
    modelName: qwen2-7b
    inferenceFlavors:
      - a10
      - h100
"""
OTHER = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata: {a: [1, 2\n"


def codes(items):
    return sorted(item["code"] for item in items)


def test_a_folder_of_manifests(tmp_path):
    files = {"model.yaml": MODEL, "play.yaml": PLAY, "other.yaml": OTHER}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    uris = {name: (tmp_path / name).as_uri() for name in files}
    with Client(WORKSPACE, settings={}, name="Visual Studio Code") as c:
        params = {"processId": None, "capabilities": c.capabilities, "clientInfo": {"name": "Visual Studio Code"}}
        params["workspaceFolders"] = [{"uri": tmp_path.as_uri(), "name": "w"}]
        c.server = c.request("initialize", params)["result"]["capabilities"]
        c.notify("initialized", {})
        until(lambda: c.request("workspace/symbol", {"query": "qwen2-7b"})["result"])
        for name, text in files.items():
            c.open(uris[name], text, language="yaml")
        found = {name: codes(c.pull(uri)["result"]["items"]) for name, uri in uris.items()}
        assert found == {"model.yaml": ["MS404", "OM103", "OM106"], "play.yaml": ["OM112"], "other.yaml": []}
        there = place(uris["play.yaml"], PLAY, "qwen2-7b")
        (target,) = c.request("textDocument/definition", there)["result"]
        assert line(target) == ("model.yaml", 3)
        shown = c.request("textDocument/hover", there)["result"]["contents"]["value"]
        assert "flavor `a10`: Memory: 14.3 GiB of weights" in shown
        (edit,) = [c.request("textDocument/rename", there | {"newName": "chat-model"})["result"]]
        assert {d["textDocument"]["uri"] for d in edit["documentChanges"]} == {uris["model.yaml"], uris["play.yaml"]}
        flavor = place(uris["play.yaml"], PLAY, "- a10", 2)
        assert [line(d) for d in c.request("textDocument/definition", flavor)["result"]] == [("model.yaml", 10 + 3)]
        assert c.request("textDocument/hover", place(uris["other.yaml"], OTHER, "ConfigMap"))["result"] is None
        lenses = c.request("textDocument/codeLens", {"textDocument": {"uri": uris["model.yaml"]}})["result"]
        titles = [lens["command"]["title"] for lens in lenses]
        assert titles[0].startswith("Memory: the weights do not fit") and "Used by 1 Playground" in titles
        reports = c.request("modelspec/memoryFit", {"uri": uris["model.yaml"]})["result"]["reports"]
        assert [(r["flavor"], r["verdict"]) for r in reports] == [("t4", "weights-exceed"), ("a10", "tight")]
        # A flavor that appears in the model is known to the claim at once.
        c.change(uris["model.yaml"], MODEL.replace("name: t4", "name: h100").replace("gs:", "gcs:"))
        assert codes(c.pull(uris["play.yaml"])["result"]["items"]) == []
        assert c.stop() == 0
