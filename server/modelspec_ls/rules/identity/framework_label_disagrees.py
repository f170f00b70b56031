"""Label and framework should name the same engine.

## What it checks

A label `runtime`, `engine`, `inference-engine`, `serving` or `framework` that names another engine than
`framework`. A platform around an engine, as KServe around vLLM, is no contradiction, and the hint
`modelspec/engine` settles the question.

## Why it matters

Tools that read the label and tools that read the field prepare for two different engines. The serving
checks here go by the label.

## Bad

```yaml
metadata:
  name: example
  labels:
    runtime: vllm
#            ^^^^ information[framework-label-disagrees]: serving checks assume vllm
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
```

## Good

```yaml
metadata:
  name: example
  labels:
    runtime: vllm
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
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, Related, RemovePair, Severity
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.servers import framework
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.deployment import Source
from modelspec_ls.spec.view import LABELS, MODEL

META = Rule(
    "MS206",
    "framework-label-disagrees",
    "identity",
    Severity.INFORMATION,
    "Label and framework should name the same engine",
    fixable=True,
    about=("metadata.labels",),
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the label."""
    text, source, words = stated(ctx, *MODEL, "framework"), ctx.deployment.engine_source, vocabulary("framework")
    field = words.find(text) if text and words else None
    label = words.find(source.text) if source and source.path[:-1] == LABELS and words else None
    if source is None or field is None or label is None or field == label:
        return
    # What runs around an engine or below it: naming both is no contradiction.
    if field.facts.get("around") or label.facts.get("around"):
        return
    yield Finding(
        f"Label `{source.path[-1]}: {source.text}` and `framework: {text}` disagree; serving checks assume "
        f"{label.value}. Set `framework: {label.value}` if it serves this model.",
        ctx.at(source.path),
        related=(Related(ctx.at((*MODEL, "framework")), "the other statement"),),
        fixes=tuple(_fixes(ctx, source, label.value)),
    )


def _fixes(ctx: DocumentContext, source: Source, engine: str) -> Iterator[Fix]:
    operations = framework(ctx, engine)
    if operations:
        yield Fix(f"Set `framework: {engine}`", operations)
    yield Fix(f"Remove the label `{source.path[-1]}`", (RemovePair(ctx.at(source.path)),))
