"""A raw JSON-RPC client that runs the real server and judges every message it sends."""

import json
import os
import subprocess
import sys
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread

from support.clients import BARE
from support.ranges import check_range, check_ranges, lines_of

SERVER = Path(__file__).parents[2] / "server"
TIMEOUT = 60
"""Seconds in which something has to come. Nothing is waited for that long unless the test fails."""
_KEPT_VERSIONS = 500


class Client:
    """One server process. Use as a context manager; leaving it checks that nothing was out of order."""

    def __init__(self, capabilities=BARE, *, settings=None, options=None, name="test", process_id=None, args=()):
        self.capabilities, self.settings, self.options, self.name = capabilities, settings, options, name
        self.process_id = os.getpid() if process_id is None else process_id
        environment = {**os.environ, "PYTHONPATH": str(SERVER)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "modelspec_ls.lsp", "--stdio", *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self.encoding = "utf-16"
        self.server = {}
        self.texts = {}
        self.versions = {}
        self.requests = {}
        self.faults = []
        self.received = []
        self.pushed = {}
        self.errors = b""
        self.reading = Event()
        self.reading.set()
        self._queue = SimpleQueue()
        self._ids = iter(range(1, 1_000_000))
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        Thread(target=self._drain, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if kind is None:
            self._reader.join(TIMEOUT)
            while (message := self._queue.get()) is not None:
                self._judge(message)
            assert self.faults == [], self.faults

    # Sending.

    def raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def message(self, value):
        body = value if isinstance(value, bytes) else json.dumps({"jsonrpc": "2.0", **value}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def notify(self, method, params=None):
        self.message({"method": method, "params": params})

    def send(self, method, params=None):
        ident = next(self._ids)
        self.expect(ident, method, params)
        self.message({"id": ident, "method": method, "params": params})
        return ident

    def expect(self, ident, method, params):
        """Note a request that is sent: its answer is about the text as it is now."""
        about = params.get("textDocument", params) if isinstance(params, dict) else None
        uri = about.get("uri") if isinstance(about, dict) else None
        uri = uri if isinstance(uri, str) else None
        version = self.versions.get(uri)
        self.requests[ident] = (method, params, version, self.texts.get((uri, version), ""))

    def request(self, method, params=None):
        return self.answer(self.send(method, params))

    # Receiving.

    def answer(self, ident):
        """The whole reply to a request."""
        return self.wait(lambda m: m.get("id") == ident and "method" not in m)

    def wait(self, wanted, timeout=TIMEOUT):
        """The first message, received already or to come, that is wanted; it is taken out."""
        for i, message in enumerate(self.received):
            if wanted(message):
                return self.received.pop(i)
        while True:
            message = self._take(timeout)
            if wanted(message):
                return self.received.pop()

    def notification(self, method, timeout=TIMEOUT):
        return self.wait(lambda m: m.get("method") == method and "id" not in m, timeout)["params"]

    def diagnostics(self, uri, version=None):
        """The pushed diagnostics of a document, optionally of one version."""

        def wanted(m):
            p = m.get("params") or {}
            pushed = m.get("method") == "textDocument/publishDiagnostics" and p["uri"] == uri
            return pushed and (version is None or p.get("version") == version)

        return self.wait(wanted)["params"]["diagnostics"]

    def quiet(self):
        """Everything received so far, after a round trip; it is taken out."""
        self.request("test/unknown")
        received, self.received = self.received, []
        return received

    def _take(self, timeout):
        try:
            message = self._queue.get(timeout=timeout)
        except Empty:
            raise AssertionError(f"nothing came; stderr: {self.errors.decode()[-2000:]}") from None
        if message is None:
            self._queue.put(None)
            raise EOFError(self.errors.decode()[-2000:])
        self._judge(message)
        self.received.append(message)
        return message

    def _read(self):
        stream = self.process.stdout
        while line := stream.readline():
            name, _, value = line.partition(b":")
            if name != b"Content-Length" or stream.readline() != b"\r\n":
                self.faults.append(f"bad header {line!r}")
                break
            self._queue.put(json.loads(stream.read(int(value))))
            self.reading.wait()
        self._queue.put(None)

    def _drain(self):
        for line in self.process.stderr:
            self.errors += line

    # The usual things.

    def start(self):
        params = {"processId": self.process_id, "clientInfo": {"name": self.name}, "rootUri": None}
        params |= {"capabilities": self.capabilities, "initializationOptions": self.options}
        self.server = self.request("initialize", params)["result"]["capabilities"]
        self.encoding = self.server["positionEncoding"]
        self.notify("initialized", {})
        return self

    def open(self, uri, text, language="modelspec", version=1):
        self.texts[uri, version], self.versions[uri] = text, version
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri, text, version=None):
        self.edit(uri, [{"text": text}], text, version)

    def edit(self, uri, changes, text, version=None):
        """Send changes; ``text``: what they make of the document."""
        version = version or self.versions[uri] + 1
        self.texts[uri, version], self.versions[uri] = text, version
        self.texts.pop((uri, version - _KEPT_VERSIONS), None)
        target = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": target, "contentChanges": changes})

    def close(self, uri):
        del self.versions[uri]
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def at(self, method, uri, line, character, **more):
        where = {"line": line, "character": character}
        return self.request(method, {"textDocument": {"uri": uri}, "position": where, **more})

    def pull(self, uri, previous=None):
        params = {"textDocument": {"uri": uri}}
        return self.request("textDocument/diagnostic", params | ({"previousResultId": previous} if previous else {}))

    def findings(self, uri):
        """The diagnostics of an open document as it is now, asked for or pushed."""
        if "diagnosticProvider" in self.server:
            return self.pull(uri)["result"]["items"]
        # A list that is empty is not pushed again for another version. What was opened last is told last.
        mark = f"untitled:mark-{next(self._ids)}"
        self.open(mark, "kind: ModelSpec\napiVersion: piqc.ai/v1alpha1\nspce: {}\n")
        self.diagnostics(mark)
        self.close(mark)
        return self.pushed.get(uri, [])

    def stop(self):
        assert self.request("shutdown")["result"] is None
        self.notify("exit")
        return self.process.wait(TIMEOUT)

    # Conformance.

    def _judge(self, message):
        try:
            self._check(message)
        except AssertionError as error:
            self.faults.append(f"{error}: {json.dumps(message)[:500]}")

    def _check(self, m):
        assert m["jsonrpc"] == "2.0", "version"
        if "method" not in m:
            assert ("result" in m) != ("error" in m), "result or error"
            if m["id"] is not None:
                method, params, version, text = self.requests.pop(m["id"], (None,) * 4)
                assert method, "an answer that nobody waits for"
                if m.get("result"):
                    self._check_result(method, params, version, text, m["result"])
        elif "id" in m:
            self._serve(m)
        elif m["method"] == "textDocument/publishDiagnostics":
            p = m["params"]
            self.pushed[p["uri"]] = p["diagnostics"]
            assert "diagnosticProvider" not in self.server, "push and pull"
            version = p.get("version", self.versions.get(p["uri"]))
            self._check_diagnostics(p["diagnostics"], self.texts.get((p["uri"], version), ""))
        else:
            assert m["method"] == "window/showMessage", "unexpected notification"

    def _serve(self, m):
        method, params, has = m["method"], m.get("params"), self._has
        result = None
        if method == "workspace/configuration":
            assert has("workspace", "configuration"), method
            result = [self.settings for _ in params["items"]]
        elif method == "client/registerCapability":
            for registration in params["registrations"]:
                assert has(*registration["method"].split("/"), "dynamicRegistration"), registration["method"]
        elif method == "workspace/diagnostic/refresh":
            assert has("workspace", "diagnostics", "refreshSupport"), method
        elif method in {"workspace/codeLens/refresh", "workspace/inlayHint/refresh"}:
            assert has(*method.split("/")[:2], "refreshSupport"), method
        else:
            raise AssertionError("unexpected request")
        # A server that was killed with the test's end waits for no answer.
        if self.process.poll() is None:
            self.message({"id": m["id"], "result": result})

    def _has(self, *path):
        value = self.capabilities
        for key in path:
            value = value.get(key, {})
        return value is True

    def _check_result(self, method, params, version, text, result):
        # Requests of the protocol name a document, our own its URI.
        uri = params.get("textDocument", params).get("uri") if params else None
        item = self.capabilities.get("textDocument", {}).get("completion", {}).get("completionItem", {})
        if version is not None:
            check_ranges(result, uri, lines_of(text), self.encoding)
        if method == "textDocument/diagnostic" and result["kind"] == "full":
            self._check_diagnostics(result["items"], text)
        elif method == "textDocument/hover":
            formats = self.capabilities.get("textDocument", {}).get("hover", {}).get("contentFormat", ["plaintext"])
            assert result["contents"]["kind"] in formats, "hover format"
        elif method == "textDocument/completion":
            for offer in result["items"]:
                self._check_offer(offer, item, params["position"])
        elif method == "textDocument/codeAction":
            for action in result:
                _check_edit(action["edit"], uri, version)

    def _check_offer(self, offer, can, cursor):
        edit = offer["textEdit"]
        assert "range" in edit or can.get("insertReplaceSupport"), "insert and replace"
        for r in (edit[k] for k in ("range", "insert", "replace") if k in edit):
            assert r["start"]["line"] == r["end"]["line"] == cursor["line"], "one line"
            assert r["start"]["character"] <= cursor["character"] <= r["end"]["character"], "holds the cursor"
        assert offer.get("insertTextFormat", 1) == 1 or can.get("snippetSupport"), "snippet"
        assert "labelDetails" not in offer or can.get("labelDetailsSupport"), "label details"
        assert "commitCharacters" not in offer or can.get("commitCharactersSupport"), "commit characters"
        assert "command" not in offer or "Visual Studio" in self.name, "command"
        kind = (offer.get("documentation") or {}).get("kind", "plaintext")
        assert kind in can.get("documentationFormat", ["plaintext"]), "documentation format"

    def _check_diagnostics(self, found, text):
        push = self.capabilities.get("textDocument", {}).get("publishDiagnostics", {})
        starts = [(d["range"]["start"]["line"], d["range"]["start"]["character"]) for d in found]
        assert starts == sorted(starts), "sorted"
        lines = lines_of(text)
        for d in found:
            check_range(d["range"], lines, self.encoding)
            assert d["source"] == "modelspec" and d["code"] and d["severity"] in {1, 2, 3, 4}, "parts"
            assert "relatedInformation" not in d or push.get("relatedInformation"), "related information"
            assert "codeDescription" not in d or push.get("codeDescriptionSupport"), "code description"
            assert "data" not in d or push.get("dataSupport"), "data"


def _check_edit(edit, uri, version):
    if "documentChanges" in edit:
        made = {change["uri"] for change in edit["documentChanges"] if change.get("kind") == "create"}
        targets = [change["textDocument"] for change in edit["documentChanges"] if "textDocument" in change]
        others = [target for target in targets if target["uri"] != uri and target["uri"] not in made]
        own = [target for target in targets if target["uri"] == uri]
        # Settings that are there already are changed where they are; nobody has them open here.
        assert all(target["version"] is None for target in others), "unversioned target"
        assert own == [{"uri": uri, "version": version}] or (not own and (made or others)), "versioned target"
    else:
        assert list(edit["changes"]) == [uri], "target"
