"""A server in this process, spoken to by dictionaries."""

import asyncio
import json
import time

from modelspec_ls.lsp.server import create_server


async def until(true, seconds=60):
    """Wait until something holds, as long as a slow machine may need; returns what it was."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not come true"
        await asyncio.sleep(0.01)
    return found


class Talk:
    """A conversation with a server over memory."""

    def __init__(self):
        self.server = create_server()
        self.sent = []
        self.finished = self.server.protocol.connect(lambda data: self.sent.append(json.loads(data)), framed=False)
        self._ids = iter(range(1, 100_000))

    def send(self, method, params=None, *, notify=False, ident=None):
        ident = None if notify else ident or next(self._ids)
        message = {"jsonrpc": "2.0", "method": method, "params": params} | ({} if notify else {"id": ident})
        self.receive(message)
        return ident

    def receive(self, message):
        """Have the server take any JSON value as a message."""
        self.server.protocol.wire.receive(json.dumps(message))

    async def settle(self, until=lambda: False):
        for _ in range(200):
            await asyncio.sleep(0)
            if until():
                break

    async def request(self, method, params=None):
        ident = self.send(method, params)
        await self.settle(lambda: self.answers(ident))
        (answer,) = self.answers(ident)
        return answer

    def answers(self, ident):
        return [m for m in self.sent if m.get("id") == ident and "method" not in m]

    async def start(self, capabilities=None, options=None):
        params = {"processId": None, "rootUri": None, "capabilities": capabilities or {}}
        await self.request("initialize", params | {"initializationOptions": options})
        return self

    def open(self, uri="file:///a.modelspec.yaml", text="kind: ModelSpec\n", version=1, language="modelspec"):
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.send("textDocument/didOpen", {"textDocument": item}, notify=True)

    def change(self, text, version, uri="file:///a.modelspec.yaml"):
        changes = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
        self.send("textDocument/didChange", changes, notify=True)

    @property
    def published(self):
        return [m["params"] for m in self.sent if m.get("method") == "textDocument/publishDiagnostics"]
