"""What clients should never send, and slow or impatient ones do."""

import json

from lsp_client import Client

from support.clients import NEOVIM, PUSH

NAME = "file:///a.modelspec.yaml"
HOVER = {"textDocument": {"uri": NAME}, "position": {"line": 0, "character": 0}}


def test_malformed_messages():
    with Client().start() as c:
        for params in (None, [], "x", 3, {"nonsense": True}, HOVER | {"position": {"line": -1, "character": 0}}):
            assert c.request("textDocument/hover", params)["error"]["code"] == -32602, params
        for method in ("textDocument/didOpen", "textDocument/didChange", "textDocument/didClose", "$/cancelRequest"):
            for params in (None, [], {"textDocument": 1}, {"textDocument": {"uri": NAME, "text": None}}):
                c.notify(method, params)
        c.notify("$/unknown", {})
        c.notify("nonsense", {})
        assert c.request("nonsense")["error"]["code"] == -32601
        for wrong in ({"id": True, "method": "x"}, {"id": None, "method": "x"}, {"method": 3}, {"id": 1.5}):
            c.message(wrong)
            assert c.answer(None)["error"]["code"] == -32600, wrong
        c.message(b'[{"jsonrpc": "2.0", "id": 5, "method": "shutdown"}]')
        assert c.answer(None)["error"]["code"] == -32600
        for broken in (b"{", b"\xff\xfe\xfd", b"[" * 100_000, b"nonsense"):
            c.message(broken)
            assert c.answer(None)["error"]["code"] == -32700
        assert c.quiet() == []
        assert c.stop() == 0


def test_garbage_between_messages():
    with Client().start() as c:
        c.raw(b"garbage\r\n\r\nmore: garbage\r\nContent-Length: none\r\n\r\n{}" + b"\0\n" * 20_000)
        assert c.request("textDocument/hover", HOVER)["result"] is None
        c.raw(b"Content-Length: 99999999999\r\n\r\n" + b" " * 1000)
        assert c.request("textDocument/hover", HOVER)["result"] is None
        assert c.answer(None)["error"]["code"] == -32600
        # A header that promises too much swallows the next message, but not the one after.
        c.raw(b"Content-Length: 300\r\n\r\n{}")
        first, second = c.send("textDocument/hover", HOVER), c.send("textDocument/hover", HOVER)
        c.send("textDocument/hover", HOVER)
        assert c.answer(first)["result"] is None
        assert c.answer(second)["result"] is None
        body = json.dumps({"jsonrpc": "2.0", "id": "text", "method": "textDocument/hover", "params": HOVER}).encode()
        c.expect("text", "textDocument/hover", HOVER)
        c.raw(
            b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length: %d\r\n\r\n" % len(body) + body
        )
        assert c.answer("text")["result"] is None
        assert c.stop() == 0


def test_cancel_overtakes_waiting_requests():
    with Client(NEOVIM).start() as c:
        c.open(NAME, "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\n" + "# x\n" * 50_000)
        c.pull(NAME)
        ids = [c.send("textDocument/hover", HOVER) for _ in range(3)]
        batch = b""
        for ident in range(1000, 1010):
            c.expect(ident, "textDocument/hover", HOVER)
            for m in (
                {"id": ident, "method": "textDocument/hover", "params": HOVER},
                {"method": "$/cancelRequest", "params": {"id": ident}},
            ):
                body = json.dumps({"jsonrpc": "2.0", **m}).encode()
                batch += b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        c.raw(batch)
        answers = [c.answer(ident) for ident in range(1000, 1010)]
        assert all(a.get("error", {}).get("code") == -32800 for a in answers)
        assert all("result" in c.answer(i) for i in ids)
        c.notify("$/cancelRequest", {"id": 99_999})
        assert c.stop() == 0


def test_client_that_does_not_read():
    """The client sends a megabyte and reads nothing meanwhile; then every answer is there."""
    bad = "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\n" + "".join(f"unknown{i}: 1\n" for i in range(50))
    names = [f"file:///{i}.modelspec.yaml" for i in range(20)]
    with Client(PUSH).start() as c:
        c.reading.clear()
        for name in names:
            c.open(name, bad + "# padding\n" * 5_000)
        c.reading.set()
        for name in names:
            assert len(c.diagnostics(name, 1)) >= 50
        assert c.stop() == 0
