"""A small language client: sends, waits for the answer that belongs, and looks at what it is told."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from attrs import define, field, frozen

PATIENCE_S = 120
CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "configuration": True,
        "workspaceFolders": True,
        "symbol": {},
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "diagnostics": {"refreshSupport": True},
    },
    "window": {"workDoneProgress": True},
    "textDocument": {
        "synchronization": {"didSave": True},
        "diagnostic": {},
        "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
        "completion": {
            "completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"], "labelDetailsSupport": True}
        },
        "hover": {"contentFormat": ["markdown"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "formatting": {},
    },
}


@frozen
class Program:
    """A server to measure. ``settings``: what it is told when it asks, or by ``didChangeConfiguration``."""

    name: str
    command: tuple[str, ...]
    settings: dict[str, Any] = field(factory=dict)
    environment: dict[str, str] | None = None


@define
class Client:
    """One server process with one document."""

    program: Program
    root: Path
    started: float = field(factory=time.perf_counter)
    process: subprocess.Popen[bytes] = field(init=False)
    inbox: Queue[tuple[float, dict[str, Any]]] = field(factory=Queue)
    number: int = 0
    capabilities: dict[str, Any] = field(factory=dict)
    texts: dict[str, str] = field(factory=dict)
    versions: dict[str, int] = field(factory=dict)
    published: dict[str, tuple[float, list[Any]]] = field(factory=dict)
    """What was told of each document, and when."""
    outside: int = 0
    """Positions that do not lie within the text that they are about."""
    places: int = 0
    """Positions that were looked at."""
    errors: int = 0
    """Error answers; all requests are valid."""

    def __attrs_post_init__(self) -> None:
        self.process = subprocess.Popen(
            self.program.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.root,
            env=self.program.environment,
        )
        threading.Thread(target=self._read, daemon=True).start()

    # ------------------------------------------------------------------ messages
    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            size = 0
            while line := stream.readline().strip():
                if line.lower().startswith(b"content-length:"):
                    size = int(line.split(b":")[1])
            if not size:
                return
            body = stream.read(size)
            # The clock stops when the answer is there; taking it apart is the client's own time.
            self.inbox.put((time.perf_counter(), json.loads(body)))

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> tuple[Any, float]:
        """The answer to a request, and when it came."""
        self.number += 1
        ident = self.number
        self._send({"id": ident, "method": method, "params": params})
        when, message = self._until(lambda m: m.get("id") == ident and "method" not in m)
        if "error" in message:
            self.errors += 1
        return message.get("result"), when

    def _until(self, wanted: Callable[[dict[str, Any]], bool], patience: float = PATIENCE_S) -> tuple[float, dict]:
        end = time.perf_counter() + patience
        while True:
            try:
                when, message = self.inbox.get(timeout=max(end - time.perf_counter(), 0.001))
            except Empty:
                raise TimeoutError(self.program.name) from None
            if "id" in message and "method" in message:
                self._answer(message)
            elif message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                self.published[params["uri"]] = when, params["diagnostics"]
            if wanted(message):
                return when, message

    def _answer(self, message: dict[str, Any]) -> None:
        result: Any = None
        if message["method"] == "workspace/configuration":
            result = [self.program.settings.get(item.get("section") or "") for item in message["params"]["items"]]
        self._send({"id": message["id"], "result": result})

    # ------------------------------------------------------------------ a session
    def start(self) -> float:
        """Initialize; returns the seconds since the process was started."""
        params = {
            "processId": None,
            "rootUri": self.root.as_uri(),
            "workspaceFolders": [{"uri": self.root.as_uri(), "name": "bench"}],
            "capabilities": CAPABILITIES,
        }
        result, when = self.ask("initialize", params)
        self.capabilities = result["capabilities"]
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": self.program.settings})
        return when - self.started

    def open(self, uri: str, text: str) -> float:
        """Open a document; returns when that was sent."""
        self.texts[uri], self.versions[uri] = text, 1
        self.published.pop(uri, None)
        sent = time.perf_counter()
        item = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return sent

    def edit(self, uri: str, line: int, start: int, end: int, new: str) -> float:
        """Replace characters of a line, as an editor tells it; returns when that was sent."""
        lines = self.texts[uri].split("\n")
        lines[line] = lines[line][:start] + new + lines[line][end:]
        text = self.texts[uri] = "\n".join(lines)
        self.versions[uri] += 1
        where = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        kind = self.capabilities.get("textDocumentSync")
        whole = (kind.get("change") if isinstance(kind, dict) else kind) != 2
        change = {"text": text} if whole else {"range": where, "text": new}
        params = {"textDocument": {"uri": uri, "version": self.versions[uri]}, "contentChanges": [change]}
        sent = time.perf_counter()
        self.notify("textDocument/didChange", params)
        return sent

    def diagnostics(self, uri: str, right: Callable[[list[Any]], bool]) -> float:
        """Wait for the diagnostics of the text as it is now; returns when they came."""
        if "diagnosticProvider" in self.capabilities:
            result, when = self.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
            found = result["items"]
            if not right(found):
                raise AssertionError(f"{self.program.name}: {found}")
        else:
            if not self._told(uri, right):
                self._until(lambda _: self._told(uri, right))
            when, found = self.published[uri]
        self.look(uri, found)
        return when

    def _told(self, uri: str, right: Callable[[list[Any]], bool]) -> bool:
        return uri in self.published and right(self.published[uri][1])

    def settle(self, seconds: float) -> None:
        """Let the server say what it still has to say."""
        try:
            self._until(lambda _: False, seconds)
        except TimeoutError:
            return

    def stop(self) -> None:
        """End the session."""
        try:
            self.ask("shutdown", None)
            self.notify("exit", None)
            self.process.wait(10)
        except (OSError, TimeoutError, subprocess.TimeoutExpired):
            self.process.kill()

    def peak_mb(self) -> float | None:
        """The most memory that the process has held, where the system tells."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        except OSError:
            return None
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def processor_ms(self) -> float | None:
        """The processor time that the process has used, where the system tells."""
        try:
            status = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        except OSError:
            return None
        user, system = status.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) * 1000 / os.sysconf("SC_CLK_TCK")

    # ------------------------------------------------------------------ what is answered
    def look(self, uri: str, answer: Any) -> None:
        """Count the positions of an answer about a document, and those outside of its text."""
        lines = self.texts[uri].split("\n")
        for position in _positions(answer):
            self.places += 1
            line, character = position["line"], position["character"]
            inside = 0 <= line < len(lines)
            units = len(lines[line].removesuffix("\r").encode("utf-16-le")) // 2 if inside else -1
            # The end of a whole text is often told as the line after its last.
            self.outside += not (inside and 0 <= character <= units) and (line, character) != (len(lines), 0)


def _positions(answer: Any) -> Iterator[dict[str, int]]:
    """Every position of an answer that is about the document itself."""
    stack = [answer]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += value
        elif isinstance(value, dict):
            if value.keys() == {"line", "character"}:
                yield value
            else:
                stack += [v for k, v in value.items() if k not in {"relatedInformation", "data", "command"}]
