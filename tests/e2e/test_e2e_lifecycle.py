"""Starting and ending: exit codes, order of messages, processes that vanish."""

import subprocess
import sys

import pytest
from lsp_client import TIMEOUT, Client

from support.clients import BARE, NEOVIM, VSCODE

NAME = "file:///a.modelspec.yaml"
INITIALIZE = {"processId": None, "rootUri": None, "capabilities": {}}


def test_orderly_end():
    with Client() as c:
        early = c.request("textDocument/hover", {})
        assert early["error"]["code"] == -32002
        c.notify("textDocument/didOpen", {"nonsense": 1})
        c.start()
        assert c.request("initialize", INITIALIZE)["error"]["code"] == -32600
        assert c.request("shutdown")["result"] is None
        assert c.request("textDocument/hover", {})["error"]["code"] == -32600
        c.notify("textDocument/didOpen", {"nonsense": 1})
        c.notify("exit")
        assert c.process.wait(TIMEOUT) == 0
        assert c.received == []


def test_exit_without_shutdown():
    with Client().start() as c:
        c.notify("exit")
        assert c.process.wait(TIMEOUT) == 1


def test_end_of_input():
    with Client().start() as c:
        ident = c.send("textDocument/hover", {"textDocument": {"uri": NAME}, "position": {"line": 0, "character": 0}})
        c.process.stdin.close()
        assert c.answer(ident)["result"] is None
        assert c.process.wait(TIMEOUT) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="the process is not watched there")
def test_client_process_gone():
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with Client(process_id=editor.pid).start() as c:
        editor.kill()
        editor.wait()
        assert c.process.wait(TIMEOUT) == 1


@pytest.mark.parametrize("capabilities, name", [(BARE, "bare"), (NEOVIM, "Neovim"), (VSCODE, "Visual Studio Code")])
def test_everything_advertised_is_answered(capabilities, name):
    text = "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\nmetadata:\n  nam: 🤖 x\n"
    with Client(capabilities, name=name).start() as c:
        assert c.server["textDocumentSync"]["change"] == 1
        assert ("diagnosticProvider" in c.server) == ("diagnostic" in capabilities.get("textDocument", {}))
        assert ("codeActionProvider" in c.server) == ("codeAction" in capabilities.get("textDocument", {}))
        shows = capabilities.get("window", {}).get("showDocument", {}).get("support", False)
        assert ("executeCommandProvider" in c.server) == shows
        c.open(NAME, text)
        where = {"textDocument": {"uri": NAME}, "position": {"line": 3, "character": 3}}
        spot = {"start": where["position"], "end": where["position"]}
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
        more = {
            "textDocument/codeAction": {"range": whole, "context": {"diagnostics": []}},
            "textDocument/inlayHint": {"range": whole},
            "textDocument/references": {"context": {"includeDeclaration": True}},
            "textDocument/rename": {"newName": "x"},
            "textDocument/selectionRange": {"positions": [where["position"]]},
            "textDocument/formatting": {"options": {"tabSize": 2, "insertSpaces": True}},
            "textDocument/onTypeFormatting": {"ch": "\n", "options": {"tabSize": 2, "insertSpaces": True}},
            "textDocument/rangeFormatting": {"range": spot, "options": {"tabSize": 2, "insertSpaces": True}},
        }
        for key in c.server:
            if not key.endswith("Provider"):
                continue
            method = {"workspaceSymbolProvider": "workspace/symbol"}.get(key)
            stem = key.removesuffix("Provider").removeprefix("document")
            stem = stem[:1].lower() + stem[1:]
            names = {
                "formatting": "formatting",
                "rangeFormatting": "rangeFormatting",
                "symbol": "documentSymbol",
                "link": "documentLink",
                "highlight": "documentHighlight",
                "callHierarchy": "prepareCallHierarchy",
            }
            method = method or "textDocument/" + names.get(stem, stem)
            if stem == "semanticTokens":
                method += "/full"
            params = {"query": ""} if method == "workspace/symbol" else where | more.get(method, {})
            answer = c.request(method, params)
            assert "result" in answer, (method, answer)
        assert c.stop() == 0
        assert b"failed" not in c.errors, c.errors.decode()
