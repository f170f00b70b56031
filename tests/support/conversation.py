"""A conversation with a server in this process, made of choices: sound, odd and malformed messages in any order."""

import asyncio

from modelspec_ls.lsp.handlers import ROUTES

from .clients import BARE, NEOVIM, PUSH, VSCODE
from .ranges import check_ranges, lines_of
from .talk import Talk

URIS = [
    "file:///ws/a.modelspec.yaml", "file:///ws/b.yaml", "file:///ws/c.modelspec.json", "untitled:Untitled-1", "",
    "file:///ws/modelspec.toml", "file:///ws/.modelspec/models/m.yaml", "file:///C%3A/x/a.modelspec.yaml", "file://[",
    "file:///c:/x/%00.modelspec.yaml", "file://host/share/a.modelspec.yaml", "file:///ws/%ED%A0%80.modelspec.yaml",
    "x", "file:///\ud800.yaml",
    "file:///" + "a/" * 3000 + "a.modelspec.yaml", "file:///ws/A.MODELSPEC.YAML", "git:/ws/a.modelspec.yaml?%7B%7D",
]  # fmt: skip
SILENT = {"initialize", "initialized", "shutdown", "exit", "textDocument/didOpen", "textDocument/didChange"}
METHODS = [m for m in sorted(ROUTES) if m not in SILENT] + ["nonsense", "$/unknown", "textDocument/hover"]
MAY_FAIL = {-32602, -32601, -32600, -32800, -32803}
ODD = [-1, 2**31, 2**63, 1.5, True, None, "1", [], 10**400]


async def converse(feed):
    """Talk until the choices run out; every request has one answer, and places lie in the text."""
    talk = Talk()
    capabilities = feed.pick([VSCODE, NEOVIM, BARE, PUSH])
    await talk.start(capabilities if feed.below(8) else {k: feed.json() for k in capabilities})
    talk.send("initialized", {}, notify=True)
    speaker = _Speaker(talk, feed)
    while feed and speaker.said < 120:
        await speaker.turn()
    await speaker.end()


class _Speaker:
    def __init__(self, talk, feed):
        self.talk, self.feed = talk, feed
        self.asked = {}
        self.said = 0
        self.version = 0

    async def turn(self):
        """A few messages at once, then the answers."""
        calm = True
        for _ in range(1 + self.feed.below(4)):
            self.said += 1
            kind = self.feed.below(10)
            if kind < 2:
                self.open()
                calm = False
            elif kind < 5:
                self.change()
                calm = False
            elif kind == 5:
                self.odd()
                calm = False
            else:
                self.ask()
        before = len(self.talk.sent)
        await self.talk.settle()
        if calm:
            self.judge(before)

    def text_of(self, uri):
        document = self.talk.server.session.snapshot.document(uri)
        return None if document is None else document.text

    def open(self):
        uri, language = self.feed.pick(URIS), self.feed.pick(["modelspec", "yaml", "json"])
        self.version += 1
        self.talk.open(uri, self.feed.document(), self.version, language)

    def change(self):
        uri = self.uri()
        text = self.text_of(uri) or ""
        self.version += 1
        changes = []
        for _ in range(1 + self.feed.below(3)):
            if self.feed.below(3) == 0:
                changes.append({"text": self.feed.edited(text)})
            else:
                changes.append({"range": self.range(text), "text": self.feed.text(4)})
        self.talk.send(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": self.version}, "contentChanges": changes},
            notify=True,
        )

    def uri(self):
        """One that is open, or any."""
        opened = list(self.talk.server.session.snapshot.documents)
        return self.feed.pick(opened) if opened and self.feed.below(8) else self.feed.pick(URIS)

    def position(self, text):
        lines = lines_of(text)
        line = self.feed.below(len(lines))
        where = {"line": line, "character": self.feed.below(len(lines[line]) + 1)}
        if self.feed.below(12) == 0:
            where[self.feed.pick(["line", "character"])] = self.feed.pick(ODD)
        return where

    def range(self, text):
        return {"start": self.position(text), "end": self.position(text)}

    def params(self, method, uri):
        if self.feed.below(10) == 0:
            return self.feed.json()
        text = self.text_of(uri) or ""
        options = {"tabSize": self.feed.pick([2, 4, 0, 8]), "insertSpaces": True}
        kinds = self.feed.pick([None, None, ["source"], ["quickfix"], ["refactor"], [""]])
        numbers = {"count": self.feed.number(), "batch": self.feed.number(), "sequence": self.feed.number()}
        item = {"name": "x", "kind": 2, "uri": uri, "range": self.range(text), "selectionRange": self.range(text)}
        return {
            "textDocument": {"uri": uri},
            "position": self.position(text),
            "range": self.range(text),
            "positions": [self.position(text) for _ in range(self.feed.below(3))],
            "options": options,
            "ch": self.feed.pick(["\n", " ", "", "xx"]),
            "newName": self.feed.text(3) or "renamed",
            "query": self.feed.text(2),
            "context": {
                "diagnostics": [],
                "includeDeclaration": True,
                "triggerKind": 1,
                **({"only": kinds} if kinds else {}),
            },
            "previousResultIds": [{"uri": uri, "value": "x"}],
            **({"partialResultToken": "t"} if method == "workspace/diagnostic" and self.feed.below(2) else {}),
            "item": item | {"data": self.feed.json()},
            "uri": uri,
            "document": self.feed.pick([0, 1, 7, None, "x"]),
            "overrides": numbers if self.feed.below(2) else self.feed.json(),
            "view": True,
            "accelerators": self.feed.pick([None, 0, 3]),
            "files": [{"uri": uri, "oldUri": uri, "newUri": self.feed.pick(URIS)}],
            "changes": [{"uri": self.feed.pick(URIS), "type": self.feed.pick([1, 2, 3, 9])}],
            "settings": {"modelspec": self.feed.json()} if method == "workspace/didChangeConfiguration" else None,
            "event": {"added": [], "removed": [{"uri": uri, "name": "x"}]},
            "command": "modelspec.openRulePage",
            "arguments": self.feed.json(),
            "token": self.feed.pick(["modelspec/index", 1]),
        }

    def ask(self):
        method, uri = self.feed.pick(METHODS), self.uri()
        params = self.params(method, uri)
        notify = "/did" in method or method.startswith(("$/", "window/"))
        ident = self.talk.send(method, params, notify=notify and bool(self.feed.below(10)))
        if ident is not None:
            self.asked[ident] = (method, uri)

    def odd(self):
        """What should not be sent."""
        kind = self.feed.below(5)
        if kind == 0 and self.asked:
            self.talk.send("$/cancelRequest", {"id": self.feed.pick(list(self.asked))}, notify=True)
        elif kind == 1:
            self.talk.server.protocol.wire.receive(self.feed.text(6))
        elif kind == 2:
            self.talk.send(self.feed.pick(METHODS), self.feed.json(), notify=True)
        elif kind == 3:
            answer = {"jsonrpc": "2.0", "id": self.feed.pick([1, "x", None, True]), "result": self.feed.json()}
            self.talk.receive(answer)
        else:
            self.talk.receive(self.feed.json())

    def judge(self, since):
        """Places of what was just answered lie in the text, which nobody changed meanwhile."""
        encoding = self.talk.server.session.client.encoding
        for message in self.talk.sent[since:]:
            method, uri = self.asked.get(message.get("id"), (None, None))
            text = self.text_of(uri) if method and "result" in message else None
            if text is not None:
                check_ranges(message["result"], uri, lines_of(text), encoding)

    async def end(self):
        """What waits for news is cancelled; then all is answered, once."""
        await self.talk.settle()
        for ident in self.asked:
            if not self.talk.answers(ident):
                self.talk.send("$/cancelRequest", {"id": ident}, notify=True)
        await self.talk.settle()
        for ident, (method, _) in self.asked.items():
            answers = self.talk.answers(ident)
            assert len(answers) == 1, (method, answers)
            error = answers[0].get("error")
            assert error is None or error["code"] in MAY_FAIL, (method, error)
        assert not self.talk.server.protocol._open
        last = self.talk.send("shutdown")
        self.talk.send("exit", notify=True)
        await self.talk.settle()
        assert self.talk.answers(last)[0].get("result", 0) is None
        assert await asyncio.wait_for(self.talk.finished, 60) == 0
