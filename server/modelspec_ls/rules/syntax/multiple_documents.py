"""A ModelSpec file should hold one document.

## What it checks

A file with a ModelSpec and more than one YAML document, split by `---`. All of them are checked all
the same; an empty document at the end is ignored.

## Why it matters

The reference validator reads one document per file and fails on more.

## Bad

```yaml
apiVersion: piqc.ai/v1alpha1
# <- information[multiple-documents]: 2 documents
kind: ModelSpec
metadata:
  name: first
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
  runtime:
    accelerator:
      vendor: nvidia
      type: l40s
      count: 1
---
apiVersion: piqc.ai/v1alpha1
kind: ModelSpec
metadata:
  name: second
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
  runtime:
    accelerator:
      vendor: nvidia
      type: l40s
      count: 1
```

## Good

A file of its own for each, `first.modelspec.yaml` and `second.modelspec.yaml`:

```yaml
apiVersion: piqc.ai/v1alpha1
kind: ModelSpec
metadata:
  name: first
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
  runtime:
    accelerator:
      vendor: nvidia
      type: l40s
      count: 1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Place, Severity
from modelspec_ls.rules.context import FileContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.syntax.nodes import Missing
from modelspec_ls.workspace.kinds import Standing

META = Rule(
    "MS004",
    "multiple-documents",
    "syntax",
    Severity.INFORMATION,
    "A ModelSpec file should hold one document",
    scope="file",
)


def check(ctx: FileContext) -> Iterator[Finding]:
    """Yield one finding per file, at its first ModelSpec."""
    specs = [d for d, role in zip(ctx.tree.documents, ctx.file.roles, strict=True) if role.standing is Standing.SPEC]
    held = [d for d in ctx.tree.documents if not isinstance(d.root, Missing)]
    if specs and len(held) > 1:
        yield Finding(
            f"This file holds {len(held)} documents; the reference ModelSpec validator reads one per file. "
            "Split it, or check it with this tool only.",
            Place(specs[0].number, (), "key"),
        )
