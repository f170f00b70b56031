"""Text, positions, diagnostics and settings, through the real server."""

import pytest
from lsp_client import Client

from support.clients import NEOVIM, PUSH, VSCODE

HEAD = "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\n"
NAME = "file:///a.modelspec.yaml"


def codes(found):
    return [d["code"] for d in found]


def test_push():
    with Client(PUSH).start() as c:
        assert c.encoding == "utf-16"
        c.open(NAME, HEAD + "spce: {}\n")
        first = c.diagnostics(NAME, 1)
        assert first
        c.change(NAME, HEAD + "# a line\nspce: {}\n")
        second = c.diagnostics(NAME, 2)
        assert codes(second) == codes(first)
        for i in range(50):
            c.change(NAME, HEAD + f"spce: {{}}\nx{i}: 1\n")
        assert len(c.diagnostics(NAME, 52)) > len(first)
        # Bursts are taken together: far fewer messages than changes.
        assert len(c.received) < 50
        c.received.clear()
        c.close(NAME)
        assert c.diagnostics(NAME) == []
        c.open("file:///b.yaml", "a: [\n", language="yaml")
        assert c.diagnostics("file:///b.yaml") == []
        for uri in ("untitled:Untitled-1", "git:/x/y.modelspec.yaml?ref=HEAD", "vscode-notebook-cell:/x.ipynb#1"):
            c.open(uri, HEAD + "spce: {}\n")
            assert codes(c.diagnostics(uri)) == codes(first)
        c.notify("textDocument/didChange", {
            "textDocument": {"uri": "file:///closed", "version": 1},
            "contentChanges": [{"text": "x"}],
        })  # fmt: skip
        c.open(NAME, "x: 1\n")
        c.open(NAME, HEAD + "spce: {}\n", version=7)
        assert codes(c.diagnostics(NAME, 7)) == codes(first)
        assert c.stop() == 0


def test_pull():
    with Client(VSCODE, settings={}, name="Visual Studio Code").start() as c:
        c.open(NAME, HEAD + "spce: {}\n")
        full = c.pull(NAME)["result"]
        assert full["kind"] == "full" and full["items"]
        same = c.pull(NAME, full["resultId"])["result"]
        assert same == {"kind": "unchanged", "resultId": full["resultId"]}
        c.change(NAME, HEAD + "\nspce: {}\n")
        assert c.pull(NAME, full["resultId"])["result"]["kind"] == "full"
        c.settings = {"ignore": [d["code"] for d in full["items"]]}
        c.notify("workspace/didChangeConfiguration", {"settings": None})
        c.wait(lambda m: m.get("method") == "workspace/diagnostic/refresh")
        assert c.pull(NAME)["result"]["items"] == []
        c.close(NAME)
        assert c.pull(NAME)["result"]["items"] == []
        assert c.stop() == 0


@pytest.mark.parametrize("capabilities, encoding, character", [(PUSH, "utf-16", 10), (NEOVIM, "utf-32", 9)])
def test_astral_characters_and_line_ends(capabilities, encoding, character):
    """The client's checks see every range; here the exact one. A robot is one code point, two UTF-16 units."""
    text = HEAD.replace("\n", "\r\n") + "metadata: {\r\n  '🤖\x85\u2028': {x: 1}, spce: }\r\n# 🤖\f\r\n'🤖': 1, x\r\n"
    with Client(capabilities).start() as c:
        assert c.encoding == encoding
        c.open(NAME, text)
        found = c.diagnostics(NAME) if capabilities is PUSH else c.pull(NAME)["result"]["items"]
        assert found
        plain = HEAD + "'🤖🤖': 1\n'🤖': {b: 1}\nspec: {'🤖': {}, unknown: 1}\n"
        c.change(NAME, plain)
        found = c.diagnostics(NAME, 2) if capabilities is PUSH else c.pull(NAME)["result"]["items"]
        assert [d["range"]["end"]["character"] for d in found if d["range"]["start"]["line"] == 2]
        # An incremental change from a client that ignores what it was told.
        where = {"line": 2, "character": 3 if encoding == "utf-16" else 2}
        edit = {"range": {"start": where, "end": where}, "text": "x\ny"}
        target = {"uri": NAME, "version": 3}
        changed = plain.replace("'🤖🤖'", "'🤖x\ny🤖'")
        c.texts[NAME, 3], c.versions[NAME] = changed, 3
        c.notify("textDocument/didChange", {"textDocument": target, "contentChanges": [edit]})
        after = c.diagnostics(NAME, 3) if capabilities is PUSH else c.pull(NAME)["result"]["items"]
        c.change(NAME, changed)
        whole = c.diagnostics(NAME, 4) if capabilities is PUSH else c.pull(NAME)["result"]["items"]
        assert after == whole
        assert c.stop() == 0


def test_settings_without_configuration_requests():
    with Client(PUSH, options={"ignore": "MS", "nonsense": 1}).start() as c:
        assert "nonsense" in c.notification("window/showMessage")["message"]
        c.open(NAME, HEAD + "spce: {}\n")
        assert c.diagnostics(NAME, 1) == []
        c.notify("workspace/didChangeConfiguration", {"settings": {"modelspec": {"ignore": []}, "other": {"a": 1}}})
        found = c.diagnostics(NAME)
        assert found
        severity = {"severity": {found[0]["code"]: "hint"}, "ignore": []}
        c.notify("workspace/didChangeConfiguration", {"settings": {"modelspec": severity}})
        assert c.diagnostics(NAME)[0]["severity"] == 4
        for _ in range(3):
            c.notify("workspace/didChangeConfiguration", {"settings": {"modelspec": {"ignore": [3]}}})
        messages = [m for m in c.quiet() if m.get("method") == "window/showMessage"]
        assert len(messages) == 1
        assert c.stop() == 0


def test_log_never_holds_text():
    with Client(PUSH, args=("--log-level", "debug")).start() as c:
        c.open(NAME, HEAD + "secret_of_the_user: 1\n")
        c.diagnostics(NAME)
        c.at("textDocument/hover", NAME, 2, 3)
        c.at("textDocument/completion", NAME, 2, 3)
        assert c.stop() == 0
        assert b"secret" not in c.errors
