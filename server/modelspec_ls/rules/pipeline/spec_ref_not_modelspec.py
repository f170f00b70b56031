"""What a specRef leads to must be a sound spec.

## What it checks

That the file of a `specRef` is a ModelSpec: not a folder, not another kind of document, not broken YAML. A spec that
has errors of its own is a warning here, with the first of them.

## Why it matters

What the other side promises cannot be read, so nothing about this dependency is known.

## Bad

```yaml title="values.yaml"
replicas: 2
```

```yaml
spec:
  pipeline:
    dependencies:
      - id: embedder
        role: input
        specRef: ./values.yaml
#                ^^^^^^^^^^^^^ error[spec-ref-not-modelspec]: a file without `kind: ModelSpec`
```

## Good

```yaml title="embedder.modelspec.yaml"
metadata:
  name: embedder
spec:
  identity:
    model:
      id: bge-m3
      family: bge
      task: embedding
      framework: vllm
  runtime:
    batch:
      maxSequenceLengthTokens: 8192
```

```yaml
spec:
  pipeline:
    dependencies:
      - id: embedder
        role: input
        specRef: ./embedder.modelspec.yaml
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.core.words import plural, shorten
from modelspec_ls.rules.leads import no_spec
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.workspace.facts import FileFacts
from modelspec_ls.workspace.graph import Edge

META = Rule(
    "MS802",
    "spec-ref-not-modelspec",
    "pipeline",
    Severity.ERROR,
    "What a specRef leads to must be a sound spec",
    scope="workspace",
    about=("spec.pipeline.dependencies",),
)
_MESSAGE = 120


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield references to what is no spec, or to one with errors."""
    for edge in ctx.edges:
        facts = ctx.graph.files.get(edge.target.key)
        if facts is not None and (facts.state != "specs" or (facts.faults and facts.faults[0])):
            yield from _unsound(ctx, edge, facts)


def _unsound(ctx: LinkedContext, edge: Edge, facts: FileFacts) -> Iterator[Finding]:
    target, text, where = edge.target, edge.reference.target.text, ctx.at(edge.reference.path("specRef"))
    if fault := no_spec(ctx, edge):
        yield Finding(fault, where)
    elif target.node is not None and target.node != ctx.node and facts.faults and facts.faults[0]:
        count, first = facts.faults
        message = f"`{text or target.key}` has {plural(count, 'error')}; the first: {shorten(first, _MESSAGE)}"
        related = (ctx.there(target.node, (), "the spec with errors"),)
        yield Finding(message, where, Severity.WARNING, related)
