"""``modelspec check`` over folders, beside what Python people use."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_specs import ROOT, folder

SCHEMA = ROOT / "schema" / "modelspec-v1alpha1.schema.json"
OWN = "modelspec check"
VALIDATOR = """
import json, sys, yaml
from pathlib import Path
from jsonschema import Draft202012Validator
schema = json.loads(Path(sys.argv[1]).read_text("utf-8"))
loader = getattr(yaml, sys.argv[3])
found = []
for ending in ("*.yaml", "*.yml", "*.json"):
    for path in Path(sys.argv[2]).rglob(ending):
        try:
            document = yaml.load(path.read_text("utf-8"), loader)
        except yaml.YAMLError as error:
            found.append((path, "", error))
            continue
        errors = Draft202012Validator(schema).iter_errors(document)
        for error in sorted(errors, key=lambda e: list(e.absolute_path)):
            found.append((path, "/".join(map(str, error.absolute_path)), error.message))
        spec = document.get("spec", {}) if isinstance(document, dict) else {}
        vllm = spec.get("identity", {}).get("model", {}).get("framework") == "vllm"
        if vllm and "maxSequenceLengthTokens" not in spec.get("runtime", {}).get("batch", {}):
            found.append((path, "spec/runtime/batch", "maxSequenceLengthTokens is missing"))
for row in found:
    print(*row, sep=": ")
sys.exit(bool(found))
"""
"""What the reference validator of ModelSpec does: the schema, a validator for each document, one rule of its own."""


def programs(place: Path, cache: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """What is measured: by name the command and its environment."""
    # Unbuffered output is the machine's habit, not a user's.
    own = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    python, schema = sys.executable, str(SCHEMA)
    loop = [python, "-c", VALIDATOR, schema, str(place)]
    found = {
        "PyYAML + jsonschema": ([*loop, "SafeLoader"], own),
        "PyYAML (libyaml) + jsonschema": ([*loop, "CSafeLoader"], own),
        OWN: ([python, "-m", "modelspec_ls", "check", "--quiet", str(place)], {**own, "MODELSPEC_CACHE": str(cache)}),
    }
    if (tool := Path(sys.executable).parent / "check-jsonschema").exists():
        files = sorted(map(str, place.rglob("*.modelspec.yaml")))
        found["check-jsonschema"] = ([str(tool), "--schemafile", schema, *files], own)
    return found


def measure_check(files: int, repeats: int, *, others: bool = True) -> dict[str, Any]:
    """Each program over the same folder, one after the other and again, in turned order.

    Of ours: from nothing, again with nothing changed, and with one file changed. Seconds of whole processes, seconds
    of processors, and MB at the peak of the largest process.
    """
    out: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as top:
        place, cache = Path(top) / "specs", Path(top) / "cache"
        folder(place, files)
        chosen = programs(place, cache)
        for number in range(repeats):
            names = list(chosen) if others else [OWN]
            for name in names if number % 2 == 0 else reversed(names):
                command, environment = chosen[name]
                if name != OWN:
                    _run(command, environment, out.setdefault(name, {}))
                    continue
                shutil.rmtree(cache, ignore_errors=True)
                _run(command, environment, out.setdefault(OWN, {}))
                _run(command, environment, out.setdefault(f"{OWN}, nothing changed", {}))
                with (place / "s00000.modelspec.yaml").open("a", encoding="utf-8") as file:
                    file.write(f"# {number}\n")
                _run(command, environment, out.setdefault(f"{OWN}, one file changed", {}))
    return {"files": files, "programs": out}


def _run(command: list[str], environment: dict[str, str], out: dict[str, list[float]]) -> None:
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if hasattr(os, "wait4"):
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        # Its own processes are counted in, the memory of the largest.
        out.setdefault("cpu s", []).append(used.ru_utime + used.ru_stime)
        out.setdefault("peak MB", []).append(used.ru_maxrss / (2**20 if sys.platform == "darwin" else 1024))
    else:
        process.wait()
    out.setdefault("s", []).append(time.perf_counter() - start)
    if process.returncode not in {0, 1}:
        raise AssertionError(f"{command[:4]} ended with {process.returncode}")
