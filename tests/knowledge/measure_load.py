"""Print what loading the catalogue costs: ``PYTHONPATH=server python tests/knowledge/measure_load.py``."""

from __future__ import annotations

import time
from importlib import import_module
from pathlib import Path

import attrs  # noqa: F401 - counted with core, not here

START = time.perf_counter()
LAST = START


def step(label: str) -> None:
    global LAST  # noqa: PLW0603
    now = time.perf_counter()
    print(f"{label:<44}{(now - LAST) * 1000:7.2f} ms")
    LAST = time.perf_counter()


knowledge = "modelspec_ls.knowledge"
match = import_module(f"{knowledge}.match")
accelerators = import_module(f"{knowledge}.accelerators")
models = import_module(f"{knowledge}.models")
step("import all modules")
models.ids(), models.aliases()
step("models.json and its names")
match.resolve("llama-3-8b-instruct")
step("first name resolved")
match.resolve("Llama 3 8B Instruct!")
step("first unknown name (folded names, suggestions)")
match.resolve("Llama 3 8B Instruct?")
step("another unknown name")
models.all_models()
step("all models as objects")
accelerators.find("NVIDIA A100-SXM4-80GB")
step("accelerators.json, first name")
for path in sorted(Path(models.__file__).parent.glob("data/*.json")):
    print(f"{path.name:<44}{path.stat().st_size / 1024:7.0f} KiB")
