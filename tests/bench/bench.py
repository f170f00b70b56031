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
    text, uri = document(lines), (ROOT / "examples" / "bench.modelspec.yaml").as_uri()
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
    """Whole-process time of the command line over a folder of distinct small specs that refer to each other.

    From nothing, again with nothing changed, and with one file changed.
    """
    with tempfile.TemporaryDirectory() as top:
        folder, cache = Path(top) / "specs", Path(top) / "cache"
        specs(folder, files)
        command, env = [*CHECK, "--quiet", str(folder)], {**os.environ, "MODELSPEC_CACHE": str(cache)}

        def run() -> None:
            subprocess.run(command, cwd=ROOT, env=env, check=False, stdout=subprocess.DEVNULL)

        cold, warm, changed = [], [], []
        for number in range(repeats):
            shutil.rmtree(cache, ignore_errors=True)
            cold.append(timed(run))
            warm.append(timed(run))
            with (folder / "s00000.modelspec.yaml").open("a", encoding="utf-8") as file:
                file.write(f"# {number}\n")
            changed.append(timed(run))
    return {"files": files, "cold": figures(cold), "unchanged": figures(warm), "one changed": figures(changed)}


def specs(folder: Path, files: int) -> None:
    """A folder of small specs, each with a reference to another one."""
    folder.mkdir()
    small = (ROOT / "examples" / "01-artifacts.modelspec.yaml").read_text(encoding="utf-8").rstrip("\n")
    for number in range(files):
        body = small.replace("name: ", f"name: n{number}-", 1)
        reference = f"    - id: next\n      role: custom\n      specRef: ./s{number + 1:05d}.modelspec.yaml\n"
        if number + 1 < files:
            body += f"\n  pipeline:\n    dependencies:\n{reference.replace('    ', '      ', 1)}"
        (folder / f"s{number:05d}.modelspec.yaml").write_text(
            body.replace("      role", "        role").replace("      specRef", "        specRef"), encoding="utf-8"
        )


def measure_workspace(files: int) -> dict[str, Any]:
    """Opening a large folder: typing in one spec while the others are read, the time until all are, and memory."""
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top) / "specs"
        specs(folder, files)
        path = folder / "s00000.modelspec.yaml"
        text, uri = path.read_text(encoding="utf-8"), path.as_uri()
        os.environ["MODELSPEC_CACHE"] = str(Path(top) / "cache")
        cold, typing, memory = _open_workspace(folder, uri, text, files)
        warm, _, _ = _open_workspace(folder, uri, text, files)
    return {
        "files": files,
        "all specs known s": round(cold, 1),
        "again s": round(warm, 1),
        "keystroke meanwhile ms": figures(typing) if typing else "-",
        "peak memory MB": round(memory, 1),
    }


def _open_workspace(folder: Path, uri: str, text: str, files: int) -> tuple[float, list[float], float]:
    client = Client()
    start = time.perf_counter()
    workspace = [{"uri": folder.as_uri(), "name": "w"}]
    client.ask("initialize", {"processId": None, "rootUri": None, "capabilities": PULL, "workspaceFolders": workspace})
    client.send("initialized", {})
    item = {"uri": uri, "languageId": "modelspec", "version": 1, "text": text}
    client.send("textDocument/didOpen", {"textDocument": item})
    typing: list[float] = []
    version = 1
    # The last spec is found once all are read.
    while not client.ask("workspace/symbol", {"query": f"n{files - 1}-"}):
        for _ in range(5):
            version += 1
            change = {
                "textDocument": {"uri": uri, "version": version},
                "contentChanges": [{"text": text + "# " * version}],
            }

            def type_one(change: Any = change) -> None:
                client.send("textDocument/didChange", change)
                client.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})

            typing.append(timed(type_one))
            time.sleep(0.02)
    done = time.perf_counter() - start
    memory = client.peak_mb()
    time.sleep(3)  # What was read is kept for the next start.
    client.stop()
    return done, typing, memory


RULES = (
    "require: {spec.runtime.accelerator.type: {in: [l4, l40s, a100-80gb, h100-80gb]}}",
    "require: {metadata.labels.team: {present: true}, metadata.labels.environment: {in: [dev, staging, prod]}}",
    "match: {environments: [prod]}\n      require: {spec.operations.scaling.minReplicas: {min: 2}}",
    "require: {metadata.name: {matches: '^[a-z0-9]+(-[a-z0-9]+)*-(dev|staging|prod)$'}}",
    "require: {spec.identity.model.artifacts.modelUri: {startsWith: ['s3://', 'oci://'], optional: true}}",
    "forbid: {spec.governance.cost.pricingHints.spotAllowed: {equals: true}}",
    "require: {'spec.pipeline.dependencies[].specRef': {present: true}}",
    "require: {derived.hourlyUsdAtMax: {max: 500, optional: true}}",
    "require: {derived.fits: {equals: true, optional: true}}",
    "exclude: {names: ['*-batch'], paths: [old/]}\n      require: {spec.operations.serving.port: {max: 9000}}",
)
EXPRESSION = "expression: object.spec.?pipeline.?dependencies.orValue([]).all(d, d.role != 'none')"


def measure_policy(repeats: int) -> dict[str, Any]:
    """What policies add to the check of one spec, without the wire: each time a text that nobody has seen."""
    from modelspec_ls.analysis import check_document
    from modelspec_ls.policy import cel
    from modelspec_ls.workspace.document import Document
    from modelspec_ls.workspace.snapshot import Snapshot

    text = EXAMPLE.read_text(encoding="utf-8")
    head = "apiVersion: modelspec-policy/v1alpha1\nkind: ModelSpecPolicy\nmetadata: {name: bench}\nspec:\n  rules:\n"
    plain = [f"    - name: rule-{n}\n      {RULES[n % len(RULES)]}\n" for n in range(50)]
    some = [f"    - name: cel-{n}\n      {EXPRESSION}\n" for n in range(5)] if cel.available() else []
    result: dict[str, Any] = {}
    cases = {"no policy": None, "50 rules": "".join(plain), "50 rules and 5 expressions": "".join((*plain, *some))}
    for name, rules in cases.items():
        with tempfile.TemporaryDirectory() as top:
            (Path(top) / ".git").mkdir()
            if rules is not None:
                (Path(top) / "modelspec-policy.yaml").write_text(head + rules, encoding="utf-8")
            around = Snapshot().covering((Path(top) / "a.modelspec.yaml").as_uri())
            times = []
            for number in range(repeats + 5):
                document = Document((Path(top) / "a.modelspec.yaml").as_uri(), f"{text}# {number}\n")
                snapshot = around.with_document(document)
                times.append(timed(lambda s=snapshot, d=document: check_document(s, d.uri)))
        result[name] = figures(times[5:])
    return result


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
    checks = ["| files | from nothing, s | nothing changed, s | one file changed, s |", "| --- | --- | --- | --- |"]
    for c in results["check"]:
        cells = [f"{c[key]['p50'] / 1000:.2f}" for key in ("cold", "unchanged", "one changed")]
        checks.append(f"| {c['files']:,} | " + " | ".join(cells) + " |")
    spaces = ["| files | all specs known, s | after a restart, s | keystroke meanwhile, ms | peak memory, MB |"]
    spaces.append("| --- | --- | --- | --- | --- |")
    for w in results["workspace"]:
        typing = w["keystroke meanwhile ms"]
        typing = f"{typing['p50']} / {typing['p95']}" if isinstance(typing, dict) else typing
        cells = [w["all specs known s"], w["again s"], typing, w["peak memory MB"]]
        spaces.append(f"| {w['files']:,} | " + " | ".join(map(str, cells)) + " |")
    said = ["| one spec of 140 lines, text to findings | ms |", "| --- | --- |"]
    said += [f"| {name} | {value['p50']} / {value['p95']} |" for name, value in results["policy"].items()]
    parts = [*head, *rows, "", "`modelspec check`, medians of whole processes:", "", *checks]
    return "\n".join([*parts, "", "A workspace of so many specs, opened for the first time and again:", "", *spaces,
                      "", "What [policies](policy.md) cost, without the wire:", "", *said])  # fmt: skip


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
        "check": [measure_check(n, 3) for n in ([1, 100] if options.quick else [1, 100, 1_000, 10_000])],
        "policy": measure_policy(50 if options.quick else 300),
        "workspace": [measure_workspace(n) for n in ([100] if options.quick else [100, 1_000, 10_000])],
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
