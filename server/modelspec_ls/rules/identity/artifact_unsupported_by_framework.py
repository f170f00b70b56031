"""The engine must be able to load the artifact.

## What it checks

Scheme and file ending of `modelUri` against what the engine reads: `ollama://` anywhere but in Ollama,
GGUF with engines that have no reader for it, TensorRT and ONNX files with language-model engines. What
only needs a download or a mount first is information.

## Why it matters

The replica starts, fails to load and is started again.

## Bad

```yaml
spec:
  identity:
    model:
      id: llama-3.3-70b-instruct
      family: llama-3.3
      task: chat-completion
      framework: vllm
      artifacts:
        modelUri: ollama://llama3.3
#                 ^^^^^^^^^^^^^^^^^ warning[artifact-unsupported-by-framework]: vllm does not load `ollama://` addresses
  runtime:
    accelerator:
      vendor: nvidia
      type: h200
      count: 2
    batch:
      maxSequenceLengthTokens: 4096
```

## Good

```yaml
spec:
  identity:
    model:
      id: llama-3.3-70b-instruct
      family: llama-3.3
      task: chat-completion
      framework: vllm
      artifacts:
        modelUri: s3://acme-models/llama-3.3-70b-instruct/v2/
  runtime:
    accelerator:
      vendor: nvidia
      type: h200
      count: 2
    batch:
      maxSequenceLengthTokens: 4096
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.core.words import code_list
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.resources import load_package_json
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.pinning import SCHEME
from modelspec_ls.spec.view import MODEL

META = Rule(
    "MS208",
    "artifact-unsupported-by-framework",
    "identity",
    Severity.WARNING,
    "The engine must be able to load the artifact",
    fixable=True,
    about=("spec.identity.model.artifacts",),
)

_URI = (*MODEL, "artifacts", "modelUri")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the address."""
    uri, engine = stated(ctx, *_URI), ctx.deployment.engine_name
    if not uri or not engine:
        return
    table: Any = load_package_json("knowledge/data/support.json")["artifacts"]
    match = SCHEME.fullmatch(uri)
    scheme = match[1].lower() if match else ""
    for row in table["schemes"]:
        if scheme in row["schemes"] and engine in row["engines"]:
            yield _finding(ctx, engine, f"`{scheme}://` addresses", Severity.parse(row["level"]))
            return
    for row in table["formats"]:
        if uri.lower().endswith(tuple(row["endings"])) and engine in row["engines"]:
            yield _finding(ctx, engine, row["what"], Severity.WARNING)
            return


def _finding(ctx: DocumentContext, engine: str, what: str, severity: Severity) -> Finding:
    words = vocabulary("framework")
    term = words.find(engine) if words else None
    loads = term.facts["loads"] if term else ()
    accepted = code_list((f"{scheme}://" for scheme in loads), "or")
    if severity is Severity.INFORMATION:
        message = f"{engine} does not load {what} by itself; something must fetch or mount the model before it starts"
        message += f". It reads {accepted}." if accepted else "."
        return Finding(message, ctx.at(_URI), severity)
    model = ctx.deployment.uri_resolution.model if ctx.deployment.uri_resolution else None
    better = f"hf://{model.id}" if model and "hf" in loads else None
    fixes = (Fix(f"Write `{better}`", (SetValue(ctx.at(_URI), better),)),) if better else ()
    message = f"{engine} does not load {what}" + (f"; it reads {accepted}." if accepted else ".")
    return Finding(message, ctx.at(_URI), severity, fixes=fixes)
