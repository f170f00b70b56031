"""Metrics must be scraped where the engine serves them.

## What it checks

`metrics.port` against the port on which the engine serves metrics: vLLM, SGLang, TensorRT-LLM, llama.cpp and NIM on
the serving port, TGI on the serving port or its own port 9000, Triton on 8002. Quiet where the serving port is not
stated and the metrics port is the engine's default one.

## Why it matters

Nothing listens on any other port, so the scrape yields no data.

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
      port: 8000
    observability:
      metrics:
        enabled: true
        port: 9090
#             ^^^^ warning[metrics-port-mismatch]: vllm exposes metrics on the serving port 8000
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
      port: 8000
    observability:
      metrics:
        enabled: true
        port: 8000
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, Related, RemovePair, SetValue, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.servers import server
from modelspec_ls.spec.view import SERVING

from .metrics_disabled import METRICS

META = Rule(
    "MS652",
    "metrics-port-mismatch",
    "observability",
    Severity.WARNING,
    "Metrics must be scraped where the engine serves them",
    fixable=True,
    about=("spec.operations.observability",),
)
_PORT = (*METRICS, "port")
_SERVING_PORT = (*SERVING, "port")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the port of the metrics."""
    port = ctx.view.integer(*_PORT).value
    if port is None or ctx.view.boolean(*METRICS, "enabled").value is False:
        return
    if ctx.view.text(*METRICS, "provider").value not in {None, "prometheus"}:
        return  # What is pushed has another port.
    term = server(ctx)
    if term is None or not term.facts.get("metricsPort"):
        return
    serving = ctx.view.integer(*_SERVING_PORT)
    others = tuple(term.facts.get("otherMetricsPorts", ()))
    if term.facts.get("metricsOnServingPort"):
        if serving.state == "invalid" or ctx.view.text(*SERVING, "protocol").value == "grpc":
            return
        right = serving.value or int(term.facts["port"])
        where = f"the serving port {right}" + "".join(f" or on {other}" for other in others)
    else:
        right = int(term.facts["metricsPort"])
        where = str(right)
    if port == right or port in others:
        return
    related = (Related(ctx.at(_SERVING_PORT), "the serving port"),) if serving.value else ()
    fixes = (
        Fix(f"Set `port: {right}`", (SetValue(ctx.at(_PORT), str(right)),)),
        Fix("Remove `port`", (RemovePair(ctx.at(_PORT, "pair")),)),
    )
    message = f"{term.value} exposes metrics on {where}; nothing of it listens on {port}. Use {right}, or leave it out."
    yield Finding(message, ctx.at(_PORT), related=related, fixes=fixes)
