"""A scripted session with a real server: edits and requests of all sorts in any order, judged as they come.

Used by a test for some hundred edits, by ``make soak`` for as long as is asked.
"""

import random

from .typist import Typist, as_change, position

PLACED = (
    "completion",
    "hover",
    "definition",
    "references",
    "prepareRename",
    "prepareCallHierarchy",
    "documentHighlight",
)
WHOLE = ("documentSymbol", "foldingRange", "codeLens", "documentLink")


class Marathon:
    """Types in some documents of a client and asks about them; ``texts``: by URI."""

    def __init__(self, client, texts, seed):
        self.c, self.rng = client, random.Random(seed)
        self.typists = {uri: Typist(text, self.rng) for uri, text in texts.items()}
        self.waiting = []
        self.edits = self.answered = self.cancelled = 0
        for uri, typist in self.typists.items():
            client.open(uri, typist.text)

    def run(self, steps):
        """Some steps, most of them an edit; no more than 40 answers are awaited at a time."""
        for _ in range(steps):
            self.step()
            if len(self.waiting) > 40:
                self.settle()
        self.settle()

    def step(self):
        """An edit, and perhaps requests that overlap it and each other."""
        uri = self.rng.choice(list(self.typists))
        typist = self.typists[uri]
        changes = [as_change(found, self.c.encoding) for found in typist.step()]
        self.c.edit(uri, changes, typist.text)
        self.edits += len(changes)
        while self.rng.random() < 0.3:
            ident = self.c.send(*self.request(uri, typist.text))
            cancel = self.rng.random() < 0.15
            if cancel:
                self.c.notify("$/cancelRequest", {"id": ident})
            self.waiting.append((ident, cancel))
        if self.rng.random() < 0.02:
            self.c.close(uri)
            self.c.open(uri, typist.text, version=self.edits + 1_000)

    def request(self, uri, text):
        """A request about a place of the text."""
        at = position(text, self.rng.randrange(len(text) + 1), self.c.encoding)
        document = {"textDocument": {"uri": uri}}
        kind = self.rng.random()
        if kind < 0.5:
            method = self.rng.choice(PLACED)
            more = {"context": {"includeDeclaration": True}} if method == "references" else {}
            return f"textDocument/{method}", {**document, "position": at, **more}
        if kind < 0.7:
            return f"textDocument/{self.rng.choice(WHOLE)}", document
        options = {"tabSize": 2, "insertSpaces": True}
        here = {"start": at, "end": at}
        return self.rng.choice([
            ("textDocument/formatting", {**document, "options": options}),
            ("textDocument/onTypeFormatting", {**document, "position": at, "ch": "\n", "options": options}),
            ("textDocument/codeAction", {**document, "range": here, "context": {"diagnostics": []}}),
            ("textDocument/selectionRange", {**document, "positions": [at]}),
            ("textDocument/inlayHint", {**document, "range": here}),
            ("textDocument/rename", {**document, "position": at, "newName": "renamed"}),
            ("workspace/symbol", {"query": "e"}),
            ("modelspec/memoryFit", {"uri": uri, "view": True, "overrides": {"count": self.rng.randrange(1, 9)}}),
            ("modelspec/dependencyGraph", {"uri": uri}),
            ("textDocument/hover", {**document, "position": {"line": 2**31 - 1, "character": 2**31 - 1}}),
        ])  # fmt: skip

    def settle(self):
        """Every request has its answer; only a cancelled one may be refused, and renaming what has no name."""
        for ident, cancelled in self.waiting:
            method = self.c.requests[ident][0] if ident in self.c.requests else ""
            error = self.c.answer(ident).get("error")
            allowed = ({-32800} if cancelled else set()) | (
                {-32803} if method in {"", "textDocument/rename"} else set()
            )
            assert error is None or error["code"] in allowed, (method, error)
            self.answered += 1
            self.cancelled += error is not None and error["code"] == -32800
        self.waiting = []

    def findings(self):
        """What the server says now of every document, without what only says where others lie."""
        return {uri: self.c.findings(uri) for uri in self.typists}
