"""One reply per request, in every case; and what handlers may do."""

import asyncio
import logging

import pytest
from lsprotocol import types

from modelspec_ls.lsp.handlers import ROUTES, LazyHandler
from modelspec_ls.lsp.messages import INVALID_PARAMS, InvalidParamsError, make_converter, structure

HOVER = {"textDocument": {"uri": "file:///x"}, "position": {"line": 0, "character": 0}}


def handle(talk, method, function):
    talk.server.protocol.fm.features[method] = function


async def test_async_handler_is_cancelled_once(talk):
    await talk.start()
    seen = []

    async def slow(params):
        try:
            await asyncio.sleep(60)
        finally:
            seen.append(params)

    handle(talk, "textDocument/hover", slow)
    ident = talk.send("textDocument/hover", HOVER)
    await talk.settle()
    for _ in range(2):
        talk.send("$/cancelRequest", {"id": ident}, notify=True)
        await talk.settle()
    assert [a["error"]["code"] for a in talk.answers(ident)] == [-32800]
    assert len(seen) == 1
    assert not talk.server.protocol._running and not talk.server.protocol._open


async def test_waiting_request_is_cancelled_without_being_run(talk):
    await talk.start()
    seen = []
    handle(talk, "textDocument/hover", seen.append)
    first, second = talk.send("textDocument/hover", HOVER), talk.send("textDocument/hover", HOVER)
    talk.send("$/cancelRequest", {"id": second}, notify=True)
    await talk.settle()
    assert "result" in talk.answers(first)[0]
    assert [a["error"]["code"] for a in talk.answers(second)] == [-32800]
    assert len(seen) == 1


async def test_a_cancellation_that_asks_for_an_answer_gets_one(talk):
    await talk.start()
    for params in ({"id": 1}, {}, None):
        ident = talk.send("$/cancelRequest", params)
        await talk.settle()
        assert [a["error"]["code"] for a in talk.answers(ident)] == [-32601]


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_handler_that_fails_answers_empty_and_tells_once(talk, caplog, asynchronous):
    await talk.start()

    def fail(params):
        raise ValueError("se" + "cret text of the document")

    async def fail_later(params):
        await asyncio.sleep(0)
        fail(params)

    handle(talk, "textDocument/hover", fail_later if asynchronous else fail)
    handle(talk, "textDocument/diagnostic", fail)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert (await talk.request("textDocument/hover", HOVER))["result"] is None
    empty = await talk.request("textDocument/diagnostic", {"textDocument": {"uri": "file:///x"}})
    assert empty["result"] == {"kind": "full", "items": []}
    assert len([m for m in talk.sent if m.get("method") == "window/showMessage"]) == 1
    assert "textDocument/hover failed for file:///x: ValueError" in caplog.text
    assert "in fail" in caplog.text
    assert "secret" not in caplog.text


async def test_a_failing_initialize_is_an_error(talk):
    def fail(params):
        raise ValueError

    handle(talk, "initialize", fail)
    assert (await talk.request("initialize", {"capabilities": {}}))["error"]["code"] == -32603
    assert (await talk.request("textDocument/hover", HOVER))["error"]["code"] == -32002


async def test_the_same_id_twice(talk):
    await talk.start()
    talk.send("textDocument/hover", HOVER, ident=77)
    talk.send("textDocument/hover", HOVER, ident=77)
    await talk.settle()
    assert sorted("error" in a for a in talk.answers(77)) == [False, True]


async def test_answers_that_nobody_asked_for(talk):
    await talk.start()
    before = len(talk.sent)
    for answer in ('{"jsonrpc": "2.0", "id": null, "error": {}}', '{"id": 9, "result": 1}', '{"id": "x", "error": 4}'):
        talk.server.protocol.wire.receive(answer)
    await talk.settle()
    assert len(talk.sent) == before


async def test_a_client_that_refuses_everything(talk, caplog):
    await talk.start({
        "workspace": {"configuration": True, "didChangeWatchedFiles": {"dynamicRegistration": True}}
    })  # fmt: skip
    talk.send("initialized", {}, notify=True)
    await talk.settle()
    asked = [m for m in talk.sent if "method" in m and "id" in m]
    assert [m["method"] for m in asked] == ["client/registerCapability", "workspace/configuration"]
    for m in asked:
        refusal = '{"jsonrpc": "2.0", "id": "%s", "error": {"code": -32601, "message": "no"}}'
        talk.server.protocol.wire.receive(refusal % m["id"])
    await talk.settle()
    assert "refused client/registerCapability" in caplog.text
    assert "gave no settings" in caplog.text
    assert not [m for m in talk.sent if m.get("method") == "window/showMessage"]


async def test_exit_codes(talk):
    await talk.start()
    talk.send("exit", notify=True)
    assert await asyncio.wait_for(talk.finished, 60) == 1


def test_every_route_leads_to_a_handler_and_is_a_method():
    for method, route in ROUTES.items():
        assert method in types.METHOD_TO_TYPES or method.startswith("modelspec/")
        assert callable(LazyHandler(None, route).load()), method


@pytest.mark.parametrize(
    "method, params",
    [
        ("initialize", None),
        ("initialize", {"capabilities": []}),
        ("textDocument/hover", {"textDocument": {"uri": 5}, "position": {"line": 0, "character": 0}}),
        ("textDocument/hover", {"textDocument": {"uri": "x"}, "position": {"line": "1", "character": 0}}),
        ("textDocument/hover", {"textDocument": {"uri": "x"}, "position": {"line": True, "character": 0}}),
        ("textDocument/hover", {"textDocument": {"uri": "x"}, "position": {"line": 0}}),
        ("textDocument/didChange", {"textDocument": {"uri": "x", "version": 1}, "contentChanges": [{"text": None}]}),
    ],
)
def test_malformed(method, params):
    with pytest.raises(InvalidParamsError):
        structure(make_converter(), method, params)
    assert INVALID_PARAMS == -32602


def test_what_clients_get_away_with():
    converter = make_converter()
    far = {"textDocument": {"uri": "x"}, "position": {"line": 2**32 - 1, "character": 2**63}}
    assert structure(converter, "textDocument/hover", far).position.line == 2**31 - 1
    change = {"textDocument": {"uri": "x", "version": 1}, "contentChanges": [{"text": "a", "range": None}]}
    (event,) = structure(converter, "textDocument/didChange", change).content_changes
    assert event == types.TextDocumentContentChangeWholeDocument("a")
    assert structure(converter, "shutdown", {"any": "thing"}) == {"any": "thing"}
    odd = {"capabilities": {"textDocument": {"completion": {"completionItemKind": {"valueSet": [99]}}}}}
    assert structure(converter, "initialize", odd) is odd


async def test_reading_stops_while_enough_waits(talk):
    """Nothing is lost, what waits is bounded, and a cancellation that was read overtakes what it names."""
    await talk.start()
    told, seen = [], []
    talk.server.protocol.inbox.on_full = told.append
    handle(talk, "test/take", lambda params: seen.append(params["number"]))
    padding = "x" * 1_000_000
    for number in range(20):
        talk.send("test/take", {"number": number, "padding": padding}, notify=True)
    late = talk.send("textDocument/hover", HOVER)
    talk.send("$/cancelRequest", {"id": late}, notify=True)
    assert told == [True] and seen == []
    assert [a["error"]["code"] for a in talk.answers(late)] == [-32800]
    await talk.settle()
    assert told == [True, False] and seen == list(range(20))
    for _ in range(100_000):
        talk.send("test/take", {"number": 0}, notify=True)
    assert told == [True, False, True]
    await talk.settle()
    assert told == [True, False, True, False] and len(seen) == 100_020
