"""A probe must ask for a path that the engine answers.

## What it checks

The paths of `readinessProbe` and `livenessProbe` over HTTP against those that the engine answers, for engines whose
paths are known from their documentation or code: vLLM, SGLang, TGI, TensorRT-LLM, llama.cpp, Triton and NIM. Where a
server around the engine is named too, the paths of both count.

## Why it matters

Any other path gets 404. The readiness probe then never succeeds, and the liveness probe restarts the pod for ever.

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: vllm
  runtime:
    batch:
      maxSequenceLengthTokens: 4096
  operations:
    serving:
      readinessProbe:
        path: /healthz/ready
#             ^^^^^^^^^^^^^^ warning[probe-path-unknown]: vllm does not serve `/healthz/ready`
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
  runtime:
    batch:
      maxSequenceLengthTokens: 4096
  operations:
    serving:
      readinessProbe:
        path: /health
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import code_list, join, shorten
from modelspec_ls.knowledge.vocabularies import Term
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.servers import servers
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.view import SERVING

META = Rule(
    "MS601",
    "probe-path-unknown",
    "serving",
    Severity.WARNING,
    "A probe must ask for a path that the engine answers",
    fixable=True,
    about=("spec.operations.serving",),
)
PROBES = {"readinessProbe": "readinessPaths", "livenessProbe": "livenessPaths"}
_SHOWN = 6


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield unknown paths, on the path."""
    if ctx.view.text(*SERVING, "protocol").value not in {None, "http"}:
        return
    for probe, suited in PROBES.items():
        at = (*SERVING, probe, "path")
        path = stated(ctx, *at)
        if path is None:
            continue
        found = _answering(ctx)
        if not path.startswith("/"):
            fix = Fix(f"Write `/{path}`", (SetValue(ctx.at(at), f"/{path}"),), Applicability.SAFE)
            message = f"A probe's path starts with a slash: `/{shorten(path)}`."
            yield Finding(message, ctx.at(at), Severity.HINT, fixes=() if "://" in path else (fix,))
        if found and not any(_answers(term, path) for term in found):
            yield _unknown(ctx, probe, path, found, suited)


def answered(ctx: DocumentContext) -> Iterator[tuple[DocPath, str]]:
    """For each probe that asks for an unknown path over HTTP: where it says so, and the path to ask for instead."""
    for probe, suited in PROBES.items():
        at = (*SERVING, probe, "path")
        path = stated(ctx, *at)
        found = _answering(ctx) if path is not None else []
        if path is not None and found and not any(_answers(term, path) for term in found):
            yield at, found[0].facts[suited][0]


def _answering(ctx: DocumentContext) -> list[Term]:
    """The servers whose paths are known."""
    return [term for term in servers(ctx) if term.facts.get("paths")]


def _answers(term: Term, path: str) -> bool:
    asked = "/" + path.partition("?")[0].strip("/")
    return any(asked.startswith(known[:-1]) if known.endswith("*") else asked == known for known in term.facts["paths"])


def _unknown(ctx: DocumentContext, probe: str, path: str, found: list[Term], suited: str) -> Finding:
    at = (*SERVING, probe, "path")
    good = list(dict.fromkeys(p for term in found for p in term.facts.get(suited, ())))
    others = [p for term in found for p in term.facts["paths"] if p not in good and p not in {"/", "/docs"}]
    listed = code_list([*good, *others][:_SHOWN])
    name = join((term.value for term in found), "or")
    message = (
        f"{name} does not serve `{shorten(path)}`; it answers {listed}. A probe on `{shorten(path)}` gets 404 unless "
        "a proxy adds it."
    )
    fixes = tuple(Fix(f"Write `{better}`", (SetValue(ctx.at(at), better),)) for better in good)
    return Finding(message, ctx.at(at), fixes=fixes)
