"""A checkpoint that modelUri leads to should be readable.

## What it checks

Where `modelUri` is a path that exists on this machine, or one relative to the spec: that a checkpoint lies there and
its `config.json` and the headers of its safetensors or GGUF files can be read. Weights themselves are not read. An
absolute path that does not exist here is that of a container or a node, and nothing is said.

## Why it matters

Sizes from the files are exact. Where they cannot be read, memory is judged by the catalogue instead, which may know
another version of the model, or not at all.

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
      artifacts:
        modelUri: file:///
#                 ^^^^^^^^ information[checkpoint-not-read]: neither config.json nor weights
```

## Good

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
      artifacts:
        modelUri: file:///models/qwen3-8b
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.spec.view import MODEL

META = Rule(
    "MS210",
    "checkpoint-not-read",
    "identity",
    Severity.INFORMATION,
    "A checkpoint that modelUri leads to should be readable",
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the URI."""
    reading = ctx.known.reading if ctx.known is not None else None
    if reading is not None and reading.named and reading.fault is not None:
        yield Finding(
            f"The checkpoint there was not read: {reading.fault} Memory is judged by the catalogue and the "
            "annotations alone.",
            ctx.at((*MODEL, "artifacts", "modelUri")),
        )
