"""What a session in an editor takes, message by message, for one server."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench_client import Client, Program
from bench_specs import document

# What is half typed most of the time: each is put on the line of a value, looked at, and taken back.
BROKEN = ("'", '"', "[", "{", "\t", ": :", "&", "*x", "- ", "%", "\U0001f600 ' ")
_MOST = 1_000
"""Longer texts are not broken: what goes wrong there goes wrong in shorter ones."""
_REPEATS = 3
Samples = dict[str, list[float]]


def session(program: Program, root: Path, lines: int, keystrokes: int, places: int) -> tuple[Samples, dict[str, int]]:
    """One session with a document of so many lines: times in ms (memory in MB), and what went wrong."""
    out: Samples = {}
    text = document(lines)
    uri = (root / f"bench-{lines}.modelspec.yaml").as_uri()
    client = Client(program, root)
    out["start to first answer"] = [client.start() * 1000]
    # With a mistake, so that the first diagnostics are worth something.
    line, width = _target(text)
    client.open(uri, _mistaken(text))
    out["start to first diagnostics"] = [(client.diagnostics(uri, _broken_on(line)) - client.started) * 1000]
    client.settle(0.3)
    client.edit(uri, line, width, width + 1, "")
    client.diagnostics(uri, _clean)
    _open(client, root, text, out)
    _typing(client, uri, keystrokes, out)
    _requests(client, uri, places, out)
    if (peak := client.peak_mb()) is not None:
        out["peak memory MB"] = [peak]
    valid = client.outside
    if lines <= _MOST:
        _broken(client, uri)
    counts = {
        "positions": client.places,
        "outside valid text": valid,
        "outside broken text": client.outside - valid,
        "error answers": client.errors,
    }
    client.stop()
    return out, counts


def _clean(found: list[Any]) -> bool:
    return not any(d.get("severity", 1) == 1 for d in found)


def _broken_on(line: int) -> Callable[[list[Any]], bool]:
    return lambda found: any(d["range"]["start"]["line"] == line and d.get("severity", 1) == 1 for d in found)


def _target(text: str) -> tuple[int, int]:
    """The line of a count, and its length."""
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if line.strip().startswith("count:"))
    return at, len(lines[at])


def _mistaken(text: str) -> str:
    """The text with a word in place of a number."""
    rows = text.split("\n")
    rows[_target(text)[0]] += "x"
    return "\n".join(rows)


def _open(client: Client, root: Path, text: str, out: Samples) -> None:
    """Opening further documents in a server that runs. They have a mistake, so that there is something to tell."""
    line, _ = _target(text)
    for number in range(3):
        uri = (root / f"other-{number}.modelspec.yaml").as_uri()
        sent = client.open(uri, _mistaken(text))
        out.setdefault("open to diagnostics", []).append((client.diagnostics(uri, _broken_on(line)) - sent) * 1000)
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    client.settle(0.2)


def _typing(client: Client, uri: str, keystrokes: int, out: Samples) -> None:
    """Each keystroke makes the text invalid, or valid again; diagnostics count only if they fit it."""
    line, width = _target(client.texts[uri])
    before = client.processor_ms()
    for number in range(keystrokes):
        if number % 2 == 0:
            sent, right = client.edit(uri, line, width, width, "x"), _broken_on(line)
        else:
            sent, right = client.edit(uri, line, width, width + 1, ""), _clean
        out.setdefault("keystroke to diagnostics", []).append((client.diagnostics(uri, right) - sent) * 1000)
    if before is not None:
        # What else the machine does hardly changes this.
        out["keystroke, processor time"] = [((client.processor_ms() or before) - before) / keystrokes]


def _requests(client: Client, uri: str, places: int, out: Samples) -> None:
    rows = client.texts[uri].split("\n")
    lines = [i for i, row in enumerate(rows) if ":" in row and not row.lstrip().startswith("#")]
    lines = lines[:: max(len(lines) // places, 1)][:places]
    name = {"uri": uri}
    for label, method in (("completion", "textDocument/completion"), ("hover", "textDocument/hover")):
        for line in lines:
            column = len(rows[line]) - len(rows[line].lstrip()) + 2
            params = {"textDocument": name, "position": {"line": line, "character": column}}
            _timed(client, uri, label, method, params, out)
    options = {"tabSize": 2, "insertSpaces": True}
    for _ in range(_REPEATS):
        _timed(client, uri, "symbols", "textDocument/documentSymbol", {"textDocument": name}, out)
        params = {"textDocument": name, "options": options}
        _timed(client, uri, "formatting", "textDocument/formatting", params, out)


def _timed(client: Client, uri: str, label: str, method: str, params: Any, out: Samples) -> None:
    sent = time.perf_counter()
    answer, when = client.ask(method, params)
    out.setdefault(label, []).append((when - sent) * 1000)
    client.look(uri, answer)


def _broken(client: Client, uri: str) -> None:
    """Look at positions while the text is broken."""
    line, width = _target(client.texts[uri])
    at = client.texts[uri].split("\n")[line].index(":") + 2
    for new in BROKEN:
        old = client.texts[uri].split("\n")[line]
        client.edit(uri, line, at, width, new)
        if "diagnosticProvider" in client.capabilities:
            client.diagnostics(uri, lambda _: True)
        else:
            # It is told late, and more than once; what comes next is about this text.
            client.published.pop(uri, None)
            client.diagnostics(uri, lambda _: True)
            client.settle(0.5)
            client.look(uri, client.published[uri][1])
        for method in ("textDocument/completion", "textDocument/hover"):
            params = {"textDocument": {"uri": uri}, "position": {"line": line, "character": at}}
            answer, _ = client.ask(method, params)
            client.look(uri, answer)
        answer, _ = client.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
        client.look(uri, answer)
        client.edit(uri, line, 0, len(client.texts[uri].split("\n")[line]), old)
        client.settle(0.4 if "diagnosticProvider" not in client.capabilities else 0)
