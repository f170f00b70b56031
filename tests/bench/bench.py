"""Measures the server and the command line as a client sees them. Standard library only.

    python tests/bench/bench.py [--quick] [--json FILE]

Latency is from sending a message to reading the answer that belongs to it; medians and 95th percentiles.
Writes docs/performance.md unless --quick is given.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "08-full-production.modelspec.yaml"
SMALL = ROOT / "examples" / "06-dependencies-rag.modelspec.yaml"
SERVER = [sys.executable, "-m", "modelspec_ls", "lsp"]
CHECK = [sys.executable, "-m", "modelspec_ls", "check"]
PULL = {"textDocument": {"diagnostic": {}, "completion": {"completionItem": {"snippetSupport": True}}}}


class Client:
    """A minimal language client."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
        )
        self.number = 0

    def send(self, method: str, params: Any, ident: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if ident is not None:
            message["id"] = ident
        body = json.dumps(message).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        assert self.process.stdout
        size = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        return json.loads(self.process.stdout.read(size))

    def ask(self, method: str, params: Any) -> Any:
        self.number += 1
        self.send(method, params, self.number)
        while True:
            message = self.read()
            if message.get("id") == self.number and "method" not in message:
                return message.get("result")
            if "id" in message and "method" in message:
                self.answer(message["id"])

    def answer(self, ident: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", "id": ident, "result": None}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def peak_mb(self) -> float:
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return float("nan")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def stop(self) -> None:
        self.ask("shutdown", None)
        self.send("exit", None)
        self.process.wait(10)


def document(lines: int) -> str:
    """A valid spec of about so many lines: the production example with dependencies and variables added."""
    if lines <= 100:
        return SMALL.read_text(encoding="utf-8")
    text = EXAMPLE.read_text(encoding="utf-8")
    out = text.rstrip("\n").split("\n")
    if lines <= len(out):
        return text
    at = next(i for i, line in enumerate(out) if line.strip() == "dependencies:") + 1
    extra: list[str] = []
    number = 0
    while len(out) + len(extra) < lines:
        extra += [
            f"      - id: dependency-{number:05d}",
            "        role: custom",
            "        required: false",
            "        interface:",
            "          inputType: text",
            "          outputType: text",
            f"          maxLatencyMs: {20 + number % 50}",
        ]
        number += 1
    return "\n".join(out[:at] + extra + out[at:]) + "\n"


def figures(values: list[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum in ms."""
    ordered = sorted(values)
    return {
        "p50": round(statistics.median(ordered), 2),
        "p95": round(ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)], 2),
        "max": round(ordered[-1], 2),
    }


def timed(action: Any) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def measure_server(lines: int, keystrokes: int) -> dict[str, Any]:
    start = time.perf_counter()
    client = Client()
    client.ask("initialize", {"processId": os.getpid(), "rootUri": None, "capabilities": PULL})
    ready = (time.perf_counter() - start) * 1000
    client.send("initialized", {})
    text, uri = document(lines), "file:///bench/spec.modelspec.yaml"
    item = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
    name = {"uri": uri}
    client.send("textDocument/didOpen", {"textDocument": item})
    first = client.ask("textDocument/diagnostic", {"textDocument": name})
    assert first["items"] == [], first
    cold = (time.perf_counter() - start) * 1000
    rows = text.split("\n")
    target = next(i for i, row in enumerate(rows) if row.strip().startswith("count:"))
    typing: list[float] = []
    for version in range(2, keystrokes + 2):
        changed = list(rows)
        if version % 2 == 0:
            changed[target] += "x"

        def flip(body: str = "\n".join(changed), number: int = version) -> None:
            client.send(
                "textDocument/didChange",
                {"textDocument": {"uri": uri, "version": number}, "contentChanges": [{"text": body}]},
            )
            reply = client.ask("textDocument/diagnostic", {"textDocument": name})
            assert len(reply["items"]) == (number % 2 == 0)

        typing.append(timed(flip))
    places = [i for i, row in enumerate(rows) if ":" in row and not row.lstrip().startswith("#")]
    places = places[:: max(len(places) // 20, 1)][:20]

    def position(row: int) -> dict[str, Any]:
        return {
            "textDocument": name,
            "position": {"line": row, "character": len(rows[row]) - len(rows[row].lstrip()) + 2},
        }

    result: dict[str, Any] = {
        "lines": len(rows),
        "start to initialize ms": round(ready, 1),
        "start to first diagnostics ms": round(cold, 1),
        "keystroke to diagnostics ms": figures(typing),
    }
    for label, method in (("completion ms", "textDocument/completion"), ("hover ms", "textDocument/hover")):
        result[label] = figures(
            [timed(lambda r=row, m=method: client.ask(m, position(r))) for row in places for _ in "ab"]
        )
    for label, method, params in (
        ("outline ms", "textDocument/documentSymbol", {"textDocument": name}),
        (
            "formatting ms",
            "textDocument/formatting",
            {"textDocument": name, "options": {"tabSize": 2, "insertSpaces": True}},
        ),
    ):
        result[label] = figures([timed(lambda m=method, p=params: client.ask(m, p)) for _ in range(5)])
    result["peak memory MB"] = round(client.peak_mb(), 1)
    client.stop()
    return result


def measure_check(files: int, repeats: int) -> dict[str, Any]:
    """Whole-process time of the command line over a folder of distinct small specs."""
    small = (ROOT / "examples" / "03-batching.modelspec.yaml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(files):
            body = small.replace("name: ", f"name: n{number}-", 1)
            (Path(folder) / f"s{number:05d}.modelspec.yaml").write_text(body, encoding="utf-8")
        times = [
            timed(lambda: subprocess.run([*CHECK, "--quiet", folder], cwd=ROOT, check=True)) for _ in range(repeats)
        ]
    return {"files": files, "whole process ms": figures(times)}


def table(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    servers = results["server"]
    head = ["| | " + " | ".join(f"{r['lines']:,} lines" for r in servers) + " |", "| --- |" + " --- |" * len(servers)]
    rows = []
    for key in servers[0]:
        if key == "lines":
            continue
        cells = []
        for result in servers:
            value = result[key]
            cells.append(f"{value['p50']} / {value['p95']}" if isinstance(value, dict) else str(value))
        rows.append(f"| {key} | " + " | ".join(cells) + " |")
    checks = ["| files | whole process, s |", "| --- | --- |"]
    checks += [f"| {c['files']:,} | {c['whole process ms']['p50'] / 1000:.2f} |" for c in results["check"]]
    return "\n".join([*head, *rows, "", "`modelspec check`, medians of whole processes:", "", *checks])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few repetitions, nothing written")
    parser.add_argument("--json", type=Path, help="write all figures here")
    options = parser.parse_args()
    keystrokes = 20 if options.quick else 200
    sizes = [100, 1_000] if options.quick else [100, 1_000, 10_000]
    results = {
        "date": date.today().isoformat(),  # noqa: DTZ011
        "python": platform.python_version(),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "server": [measure_server(n, keystrokes if n < 10_000 else max(keystrokes // 5, 10)) for n in sizes],
        "check": [measure_check(n, 3) for n in ([1, 100] if options.quick else [1, 100, 1_000])],
    }
    text = table(results)
    print(text)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    if not options.quick:
        page = f"""# Performance

Made by `make bench` on {results["date"]}: {results["machine"]}, Python {results["python"]}. Where two figures stand
they are median / 95th percentile, in milliseconds, measured at the client: from sending the message to reading
the answer. One *keystroke* makes a valid spec invalid, or valid again; the answer counts only if it fits the new text.

{text}

There is no debounce: findings follow the text as fast as it can be read.
"""
        (ROOT / "docs" / "performance.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    assert shutil.which(sys.executable)
    main()
