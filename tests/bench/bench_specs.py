"""Texts to measure with: one document of so many lines, and folders of small specs that refer to each other."""

from __future__ import annotations

import random
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "08-full-production.modelspec.yaml"
SMALL = ROOT / "examples" / "06-dependencies-rag.modelspec.yaml"

_MODELS = (
    ("meta-llama/Llama-3.1-8B-Instruct", "llama"),
    ("Qwen/Qwen3-8B", "qwen"),
    ("mistralai/Mistral-7B-Instruct-v0.3", "mistral"),
    ("google/gemma-2-9b-it", "gemma"),
    ("microsoft/phi-4", "phi"),
)
_CARDS = (("nvidia", "l40s"), ("nvidia", "a100-80gb"), ("nvidia", "h100"), ("amd", "mi300x"))


def document(lines: int) -> str:
    """A valid spec of about so many lines: an example with dependencies added."""
    if lines <= 100:
        return SMALL.read_text(encoding="utf-8")
    out = EXAMPLE.read_text(encoding="utf-8").rstrip("\n").split("\n")
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


def folder(place: Path, files: int, references: int = 1) -> None:
    """A folder of distinct small specs; each refers to others, and one in twenty has a mistake."""
    place.mkdir(parents=True)
    chance = random.Random(files)
    for number in range(files):
        text = _spec(number, files, references, chance)
        (place / f"s{number:05d}.modelspec.yaml").write_text(text, encoding="utf-8")


def _spec(number: int, files: int, references: int, chance: random.Random) -> str:
    model, family = chance.choice(_MODELS)
    vendor, card = chance.choice(_CARDS)
    low = chance.choice((1, 2))
    out = [
        "apiVersion: piqc.ai/v1alpha1",
        "kind: ModelSpec",
        "metadata:",
        f"  name: n{number}-{family}",
        "  labels:",
        f"    team: team-{number % 40}",
        f"    environment: {chance.choice(('dev', 'staging', 'prod'))}",
        "spec:",
        "  identity:",
        "    model:",
        f"      id: {model}",
        f"      family: {family}",
        "      task: chat-completion",
        "      framework: vllm",
        "      precision: bf16",
        "  runtime:",
        "    accelerator:",
        f"      vendor: {vendor}",
        f"      type: {card}",
        f"      count: {chance.choice((1, 2, 4))}",
        "    batch:",
        f"      maxBatchSize: {chance.choice((8, 16, 32))}",
        "      maxSequenceLengthTokens: 4096",
    ]
    if chance.random() < 0.5:
        out += [
            "    resources:",
            "      cpuCores: 8",
            f"      memoryGb: {chance.choice((64, 128))}",
        ]
    out += [
        "  operations:",
        "    serving:",
        "      protocol: http",
        f"      port: {8000 + number % 100}",
        "      readinessProbe:",
        "        path: /health",
        "        timeoutSeconds: 5",
        "    scaling:",
        f"      minReplicas: {low}",
        f"      maxReplicas: {low + 4}",
        f"      targetLatencyMsP95: {chance.choice((800, 1500))}",
    ]
    if chance.random() < 0.5:
        out += [
            "    observability:",
            "      metrics:",
            "        enabled: true",
            "      logging:",
            "        level: info",
        ]
    others = range(number + 1, min(number + 1 + references, files))
    if others:
        out += ["  pipeline:", "    dependencies:"]
    for other in others:
        out += [
            f"      - id: next-{other}",
            "        role: custom",
            f"        specRef: ./s{other:05d}.modelspec.yaml",
        ]
    if chance.random() < 0.5:
        out += [
            "  governance:",
            "    compliance:",
            "      pii:",
            "        allowed: false",
            "      governance:",
            f"        owner: team-{number % 40}",
        ]
    if chance.random() < 0.05:
        at = out.index("      framework: vllm")
        out[at] = "      framwork: vllm"
    return "\n".join(out) + "\n"
