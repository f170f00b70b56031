"""A long session in little time: ``python tests/soak/soak.py --minutes N``; ends with 1 where memory grows.

A real server, a workspace of some hundred specs, and everything that people do in an hour, without their pauses:
typing, undoing, opening and closing, requests that overlap and are cancelled, files that come, change and go on disk,
settings that change. A huge spec is opened first and closed again, so that what is remembered of lines and items,
within bounds, is there from the start: what grows later is no such cache. Memory is read when all is answered, every
round; after the first third the line through the readings must be flat. Every answer is judged as in the other
end-to-end tests.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "e2e"), str(TESTS.parent / "server")]

from lsp_client import Client  # noqa: E402

from support.clients import PUSH, VSCODE  # noqa: E402
from support.marathon import Marathon  # noqa: E402
from support.specs import spec  # noqa: E402
from support.texts import PRODUCTION, long_text  # noqa: E402

GROWTH = 0.05
"""Most that memory may grow after the first third, as a part of it, in a whole session."""
SLACK_MB = 3.0


def main() -> int:
    """Run the session and judge its memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--push", action="store_true", help="be a client that is told diagnostics, not one that asks")
    parser.add_argument("--json", type=Path, help="write all readings here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MODELSPEC_CACHE"] = f"{folder}/cache"
        found = session(Path(folder) / "work", options)
    if options.json:
        options.json.write_text(json.dumps(found), encoding="utf-8")
    return judge(found)


def session(work: Path, options: argparse.Namespace) -> dict:
    """Play until the time is over; the readings."""
    rng = random.Random(options.seed)
    work.mkdir()
    for n in range(200):
        (work / f"s{n}.modelspec.yaml").write_text(
            spec(REFERENCE.format((n + 1) % 210), name=f"s-{n}"), encoding="utf-8"
        )
    started, readings = time.monotonic(), []
    with Client(PUSH if options.push else VSCODE, settings={}) as c:
        params = {"processId": os.getpid(), "capabilities": c.capabilities}
        params["workspaceFolders"] = [{"uri": work.as_uri(), "name": "w"}]
        c.server = c.request("initialize", params)["result"]["capabilities"]
        c.notify("initialized", {})
        while len(c.request("workspace/symbol", {"query": "s-"})["result"]) < 200:
            time.sleep(0.05)
        huge(c, f"{work.as_uri()}/huge.modelspec.yaml")
        names = {f"{work.as_uri()}/open{n}.modelspec.yaml": long_text(1 + 2 * (n == 0)) for n in range(3)}
        marathon = Marathon(c, {**names, "untitled:one": PRODUCTION.replace("\n", "\r\n")}, options.seed)
        rounds = 0
        while time.monotonic() - started < options.minutes * 60:
            marathon.run(40)
            disk(c, work, rng, rounds)
            c.findings(rng.choice(list(marathon.typists)))
            c.received.clear()
            rounds += 1
            seconds = time.monotonic() - started
            readings.append((round(seconds, 1), marathon.edits, round(memory(c.process.pid), 2)))
            if rounds % 20 == 0:
                words = f"{marathon.edits:8,} edits  {marathon.answered:7,} answers  {readings[-1][2]:6.1f} MB"
                print(f"{seconds:6.0f} s  {words}", flush=True)
        assert c.stop() == 0
        errors = c.errors.decode()
    assert "Traceback" not in errors and "failed" not in errors, errors
    return {
        "edits": marathon.edits,
        "answers": marathon.answered,
        "cancelled": marathon.cancelled,
        "readings": readings,
    }


def huge(c: Client, uri: str) -> None:
    """Open a spec with more lines, values and items than are remembered, and close it again."""
    items = "".join(f"    - id: d{n}\n      role: custom\n      specRef: ./d{n}.modelspec.yaml\n" for n in range(9_000))
    c.open(uri, spec(f"pipeline:\n  dependencies:\n{items}"))
    c.findings(uri)
    c.close(uri)


REFERENCE = "pipeline:\n  dependencies:\n    - id: next\n      role: custom\n      specRef: ./s{}.modelspec.yaml\n"


def disk(c: Client, work: Path, rng: random.Random, rounds: int) -> None:
    """Files come, change and go outside of the editor; now and then so do settings and rows."""
    changes = []
    for _ in range(3):
        path = work / f"s{rng.randrange(210)}.modelspec.yaml"
        if path.exists() and rng.random() < 0.3:
            path.unlink()
            changes.append((path, 3))
        else:
            there = path.exists()
            path.write_text(spec(REFERENCE.format(rng.randrange(210)), name=f"r-{rounds}"), encoding="utf-8")
            changes.append((path, 2 if there else 1))
    if rounds % 15 == 5:
        path = work / "modelspec.toml"
        path.write_text(f'ignore = ["MS{rng.choice(["403", "602", "901"])}"]\n', encoding="utf-8")
        changes.append((path, 2))
    params = {"changes": [{"uri": path.as_uri(), "type": kind} for path, kind in changes]}
    c.notify("workspace/didChangeWatchedFiles", params)
    if "diagnosticProvider" in c.server and rounds % 10 == 0:
        c.request("workspace/diagnostic", {"previousResultIds": []})


def memory(pid: int) -> float:
    """Resident memory in MB: of the process itself where the system tells, else as ``ps`` says."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
        return int(next(line for line in lines if line.startswith("Rss:")).split()[1]) / 1024
    except FileNotFoundError:
        return int(os.popen(f"ps -o rss= -p {pid}").read()) / 1024


def judge(found: dict) -> int:
    """Whether memory is flat: the line through the readings after the first third."""
    readings = found["readings"][len(found["readings"]) // 3 :]
    print(f"{found['edits']:,} edits, {found['answers']:,} answers, {found['cancelled']:,} cancelled")
    if len(readings) < 10:
        print("too short to say something about memory")
        return 1
    times = [seconds for seconds, _, _ in readings]
    rss = [value for _, _, value in readings]
    slope = statistics.linear_regression(times, rss).slope
    growth = slope * (times[-1] - times[0])
    limit = max(GROWTH * rss[0], SLACK_MB)
    print(
        f"memory {min(rss):.1f} to {max(rss):.1f} MB, {growth:+.1f} MB along its line; at most {limit:+.1f} MB is flat"
    )
    return int(growth > limit)


if __name__ == "__main__":
    sys.exit(main())
