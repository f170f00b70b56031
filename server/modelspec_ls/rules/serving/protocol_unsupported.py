"""The engine must speak the protocol.

## What it checks

`protocol: grpc` with an engine that serves HTTP only (TGI, NIM, llama.cpp, Ollama), and, as information, with one that
needs a flag for gRPC (vLLM, SGLang).

## Why it matters

Clients and probes would speak a protocol that nobody answers.

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: tgi
  operations:
    serving:
      protocol: grpc
#               ^^^^ warning[protocol-unsupported]: tgi serves HTTP only
```

## Good

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: tgi
  operations:
    serving:
      protocol: http
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.servers import server
from modelspec_ls.spec.view import SERVING

from .probe_path_unknown import PROBES, answered

META = Rule(
    "MS605",
    "protocol-unsupported",
    "serving",
    Severity.WARNING,
    "The engine must speak the protocol",
    fixable=True,
    about=("spec.operations.serving",),
)
_PROTOCOL = (*SERVING, "protocol")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the protocol."""
    if ctx.view.text(*_PROTOCOL).value != "grpc":
        return
    term = server(ctx)
    if term is None:
        return
    # Paths do not matter over gRPC; over HTTP they do.
    paths = tuple(SetValue(ctx.at(at), better) for at, better in answered(ctx))
    title = "Write `http`" + (f", with the probe paths of {term.value}" if paths else "")
    fixes = (Fix(title, (SetValue(ctx.at(_PROTOCOL), "http"), *paths)),)
    match term.facts.get("grpc"):
        case "none":
            message = f"{term.value} serves HTTP only; `protocol: grpc` needs a proxy in front of it. Use `http`."
            yield Finding(message, ctx.at(_PROTOCOL), fixes=fixes)
        case "flag":
            port = f" (default port {term.facts['grpcPort']})" if term.facts.get("grpcPort") else ""
            probes = any(ctx.find((*SERVING, probe, "path")) is not None for probe in PROBES)
            also = " HTTP probe paths are not answered then." if probes else ""
            message = f"{term.value} speaks gRPC only when started with `{term.facts['grpcFlag']}`{port}.{also}"
            yield Finding(message, ctx.at(_PROTOCOL), Severity.INFORMATION, fixes=fixes)
