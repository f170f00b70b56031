"""Large workspaces in the editor: how soon all specs are known, and what an edit costs that many others depend on."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_client import Client, Program
from bench_specs import folder

DEPENDANTS = 500
_EDITS = 11
_ENOUGH = 1_000
"""In a workspace of so many specs there is one that many depend on."""
_HUB = "hub.modelspec.yaml"
_LATENCIES = ("900", "100")


def measure_workspace(program: Program, files: int) -> dict[str, Any]:
    """Opening a large folder: typing in one spec while the others are read, the time until all are, and memory.

    After a restart nobody types: how long it takes until the last spec is found again. Then a spec is edited that 500
    others depend on: the time until the findings of all these, which are not open, are with the client.
    """
    with tempfile.TemporaryDirectory() as top:
        place = Path(top) / "specs"
        folder(place, files, references=3)
        dependants = DEPENDANTS if files >= _ENOUGH else 0
        if dependants:
            _depending(place, dependants)
        kept = {**os.environ, **(program.environment or {}), "MODELSPEC_CACHE": str(Path(top) / "cache")}
        program = Program(program.name, program.command, program.settings, kept)
        first, typing, peak = _opened(program, place, files)
        again, edits, _ = _opened(program, place, files, keystrokes=0, dependants=dependants)
    return {
        "files": files,
        "all known s": first,
        "again s": again,
        "keystroke ms": typing,
        "peak MB": peak,
        "dependants ms": edits,
    }


def _depending(place: Path, number: int) -> None:
    """A spec, and others that allow it less time than it may come to promise."""
    text = (place / "s00000.modelspec.yaml").read_text(encoding="utf-8").partition("  pipeline:")[0]
    head, mark, rest = text.partition("targetLatencyMsP95: ")
    hub = f"{head}{mark}{_LATENCIES[1]}\n{rest.partition(chr(10))[2]}".replace("name: n0-", "name: hub-", 1)
    (place / _HUB).write_text(hub, encoding="utf-8")
    entry = (
        "  pipeline:\n    dependencies:\n      - id: hub\n        role: input\n"
        f"        specRef: ./{_HUB}\n        interface:\n          maxLatencyMs: 200\n"
    )
    for index in range(number):
        own = text.replace("name: n0-", f"name: user{index}-", 1)
        (place / f"user{index:03d}.modelspec.yaml").write_text(f"{own}{entry}", encoding="utf-8")


def _opened(
    program: Program, place: Path, files: int, keystrokes: int = 5, dependants: int = 0
) -> tuple[float, list[float], float | None]:
    """Seconds until all is known, the milliseconds of keystrokes or of edits, and MB at the peak."""
    client = Client(program, place)
    client.start()
    path = place / "s00000.modelspec.yaml"
    uri, times = path.as_uri(), []
    client.open(uri, path.read_text(encoding="utf-8"))
    # The last spec is found once all are read.
    while not client.ask("workspace/symbol", {"query": f"n{files - 1}-"})[0]:
        for number in range(keystrokes):
            sent = client.edit(uri, 0, 28, 28, " #"[number % 2])
            times.append((client.diagnostics(uri, lambda _: True) - sent) * 1000)
            time.sleep(0.02)
        time.sleep(0.02)
    done, peak = time.perf_counter() - client.started, client.peak_mb()
    if dependants:
        times = _edited(client, place, dependants)
    client.settle(3)  # What was read is kept for the next start.
    client.stop()
    return done, times, peak


def _edited(client: Client, place: Path, dependants: int) -> list[float]:
    """Milliseconds from an edit to the findings of all that depend on the spec."""
    path = place / _HUB
    uri, text = path.as_uri(), path.read_text(encoding="utf-8")
    client.open(uri, text)
    line = next(n for n, found in enumerate(text.split("\n")) if "targetLatencyMsP95" in found)
    start = text.split("\n")[line].index(_LATENCIES[1])
    known, times = {}, []
    for number in range(-1, _EDITS):
        sent = time.perf_counter()
        if number >= 0:
            sent = client.edit(uri, line, start, start + 3, _LATENCIES[number % 2])
        previous = [{"uri": name, "value": ident} for name, ident in known.items()]
        answer, when = client.ask("workspace/diagnostic", {"previousResultIds": previous})
        news = [item for item in answer["items"] if item["kind"] == "full"]
        known |= {item["uri"]: item["resultId"] for item in news}
        if number >= 0:
            users = [item for item in news if "/user" in item["uri"]]
            wrong = [item for item in users if any(d["code"] == "MS806" for d in item["items"])]
            if (len(users), len(wrong)) != (dependants, dependants * (number % 2 == 0)):
                raise AssertionError(f"{len(users)} of {dependants} are told anew, {len(wrong)} of them are wrong")
            times.append((when - sent) * 1000)
    return times
