"""TCP and WebSockets."""

import asyncio
import json
import logging
import re

import pytest

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
