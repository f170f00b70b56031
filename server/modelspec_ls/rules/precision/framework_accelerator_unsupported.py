"""The engine must run on the accelerator.

## What it checks

Pairs of engine and hardware that are known not to work: TensorRT-LLM, NIM and TensorRT engine files off
NVIDIA, MLX off Apple, SGLang below compute capability 7.5 and vLLM below 7.0. Pairs outside of a
documented list, such as TensorRT-LLM on GPUs before Ampere, are warnings.

## Why it matters

No setting helps: the engine does not start there.

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: tensorrt-llm
#                ^^^^^^^^^^^^ error[framework-accelerator-unsupported]: does not run on amd mi300x
      precision: bf16
  runtime:
    accelerator:
      vendor: amd
      type: mi300x
      count: 1
```

## Good

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: vllm
      precision: bf16
  runtime:
    accelerator:
      vendor: amd
      type: mi300x
      count: 1
    batch:
      maxSequenceLengthTokens: 4096
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelspec_ls.core.finding import Finding, Fix, Related, SetValue, Severity
from modelspec_ls.core.words import code_list
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.resources import load_package_json
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.precision.precision_unsupported import capability
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.deployment import Source
from modelspec_ls.spec.view import ACCELERATOR, ANNOTATIONS, BATCH, MODEL

META = Rule(
    "MS406",
    "framework-accelerator-unsupported",
    "precision",
    Severity.ERROR,
    "The engine must run on the accelerator",
    fixable=True,
)

_FRAMEWORK = (*MODEL, "framework")
_URI = (*MODEL, "artifacts", "modelUri")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the statement that names the engine."""
    engine, source, maker = ctx.deployment.engine_name, ctx.deployment.engine_source, _maker(ctx)
    if engine is None or source is None or maker is None:
        return
    limits: Any = load_package_json("knowledge/data/support.json")["engines"]["limits"]
    have = capability(ctx.deployment)
    for row in limits:
        if row["engine"] != engine:
            continue
        if maker not in row.get("vendors", (maker,)):
            yield _finding(ctx, source, engine, row, maker, f"it runs on {code_list(row['vendors'])}")
            return
        need = row.get("minComputeCapability")
        if need and have is not None and have < need:
            yield _finding(ctx, source, engine, row, maker, f"compute capability {have}, {engine} needs {need}")
            return
    uri = stated(ctx, *_URI)
    if maker != "nvidia" and uri and uri.lower().endswith((".plan", ".engine")):
        message = f"TensorRT engine files run on NVIDIA GPUs only, not on {maker}. Use the original checkpoint."
        yield Finding(message, ctx.at(_URI), related=(Related(ctx.at((*ACCELERATOR, "vendor")), maker),))


def _maker(ctx: DocumentContext) -> str | None:
    """Who makes the accelerator; None where vendor and type do not agree, or say nothing."""
    text, words, match = stated(ctx, *ACCELERATOR, "vendor"), vocabulary("vendor"), ctx.deployment.accelerator
    term = words.find(text) if text and words else None
    by_type = {candidate.vendor for candidate in match.candidates} if match else set[str]()
    if term is None or (by_type and by_type != {term.value}):
        return None
    return term.value


def _finding(
    ctx: DocumentContext, source: Source, engine: str, row: dict[str, Any], maker: str, numbers: str
) -> Finding:
    level = Severity.parse(row["level"])
    # A label and a framework that disagree leave open which of the two is meant.
    if source.path not in {_FRAMEWORK, (*ANNOTATIONS, "modelspec/engine")}:
        level = max(level, Severity.WARNING)
    others = [e for e in _instead(maker) if e != engine and not (e != "llama.cpp" and "minComputeCapability" in row)]
    advice = f" Engines that do: {code_list(others)}." if others else ""
    verb = "does not run on" if row["level"] == "error" else "is not documented to run on"
    return Finding(
        f"{engine} {verb} {maker} {stated(ctx, *ACCELERATOR, 'type') or ''}: {row['why']} ({numbers}).{advice}",
        ctx.at(source.path),
        level,
        related=(Related(ctx.at((*ACCELERATOR, "type")), "the accelerator"),),
        fixes=tuple(_fixes(ctx, source, others)),
    )


def _instead(maker: str) -> tuple[str, ...]:
    return tuple(load_package_json("knowledge/data/support.json")["engines"]["instead"].get(maker, ()))


def _fixes(ctx: DocumentContext, source: Source, others: list[str]) -> Iterator[Fix]:
    if source.path != _FRAMEWORK:
        return
    for engine in others:
        # vLLM would have the length stated.
        if engine != "vllm" or ctx.view.integer(*BATCH, "maxSequenceLengthTokens"):
            yield Fix(f"Write `framework: {engine}`", (SetValue(ctx.at(_FRAMEWORK), engine),))
