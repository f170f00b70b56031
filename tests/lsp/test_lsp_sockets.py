"""TCP and WebSockets."""

import asyncio
import contextlib
import json
import logging
import re

import pytest

from modelspec_ls.lsp import sockets
from modelspec_ls.lsp.framing import frame
from modelspec_ls.lsp.server import create_server
from modelspec_ls.lsp.sockets import run_tcp, run_ws
from support.talk import until

MESSAGES = [
    {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}},
    {"jsonrpc": "2.0", "id": 2, "method": "shutdown"},
    {"jsonrpc": "2.0", "method": "exit"},
]


async def listening(caplog):
    found = await until(lambda: re.search(r"Listening on \('127\.0\.0\.1', (\d+)\)", caplog.text))
    return int(found[1])


@pytest.mark.parametrize("orderly", [True, False])
async def test_tcp(caplog, orderly):
    caplog.set_level(logging.WARNING)
    serving = asyncio.ensure_future(run_tcp(lambda: create_server().protocol, "127.0.0.1", 0))
    reader, writer = await asyncio.open_connection("127.0.0.1", await listening(caplog))
    writer.write(b"".join(frame(json.dumps(m).encode()) for m in MESSAGES[: 3 if orderly else 1]))
    if not orderly:
        writer.write_eof()
    answers = (await reader.read()).decode()
    assert '"positionEncoding"' in answers
    assert ('"id":2,"result":null' in answers) is orderly
    assert await asyncio.wait_for(serving, 60) == 0
    writer.close()


@pytest.mark.parametrize(
    "first",
    [b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n" + frame(b"{}"), b"\x16\x03\x01", b"{}", b"Content-Lies: 3\r\n\r\n"],
)
async def test_tcp_speaks_with_editors_only(caplog, first):
    """What a web page can send is refused before anything in it is read, and the editor is still waited for."""
    caplog.set_level(logging.WARNING)
    made = []
    serving = asyncio.ensure_future(run_tcp(lambda: made.append(create_server()) or made[0].protocol, "127.0.0.1", 0))
    port = await listening(caplog)
    page, to_page = await asyncio.open_connection("127.0.0.1", port)
    to_page.write(first)
    with contextlib.suppress(ConnectionResetError):
        assert await asyncio.wait_for(page.read(), 60) == b""
    assert made == [] and "Refused a connection" in caplog.text
    _, to_silent = await asyncio.open_connection("127.0.0.1", port)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for byte in b"".join(frame(json.dumps(m).encode()) for m in MESSAGES):
        writer.write(bytes([byte]))
    # One that was there already comes too late.
    await until(lambda: made)
    to_silent.write(frame(json.dumps(MESSAGES[0]).encode()))
    assert b'"positionEncoding"' in await reader.read()
    assert await asyncio.wait_for(serving, 60) == 0 and len(made) == 1
    for end in (to_page, to_silent, writer):
        end.close()


async def test_a_client_that_does_not_read_is_let_go(caplog, monkeypatch):
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr(sockets, "MAX_UNREAD", 100_000)
    serving = asyncio.ensure_future(run_tcp(lambda: create_server().protocol, "127.0.0.1", 0))
    _, writer = await asyncio.open_connection("127.0.0.1", await listening(caplog), limit=1_000)
    writer.write(frame(json.dumps(MESSAGES[0]).encode()))
    question = {"jsonrpc": "2.0", "method": "test/" + "x" * 1_000}
    writer.write(b"".join(frame(json.dumps({**question, "id": n}).encode()) for n in range(9, 20_000)))
    await asyncio.wait_for(serving, 60)
    assert "does not read" in caplog.text
    writer.close()


async def test_ws(caplog):
    websockets = pytest.importorskip("websockets")
    caplog.set_level(logging.WARNING)
    serving = asyncio.ensure_future(run_ws(lambda: create_server().protocol, "127.0.0.1", 0))
    address = f"ws://127.0.0.1:{await listening(caplog)}"
    for _ in range(2):
        async with websockets.connect(address) as socket:
            for message in MESSAGES[:2]:
                await socket.send(json.dumps(message))
            assert "capabilities" in json.loads(await socket.recv())["result"]
            assert json.loads(await socket.recv())["result"] is None
            await socket.send(json.dumps(MESSAGES[2]))
            with pytest.raises(websockets.ConnectionClosed):
                await socket.recv()
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(address, origin="https://example.com")
    serving.cancel()
    await asyncio.wait([serving], timeout=60)
    assert serving.cancelled()
