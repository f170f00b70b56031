"""A dependency must handle data as strictly as its caller promises.

## What it checks

Against the spec that `specRef` leads to: that it accepts personal data where this spec allows it, that a production
spec does not depend on one labelled for development, test or staging, and, as information, that it does not keep logs
longer than this spec allows.

## Why it matters

Data is handled only as well as at the weakest stage it passes through.

## Bad

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
  governance:
    compliance:
      pii:
        allowed: false
```

```yaml
spec:
  pipeline:
    dependencies:
      - id: embedder
        role: input
        specRef: ./embedder.modelspec.yaml
#                ^^^^^^^^^^^^^^^^^^^^^^^^^ warning[dependency-governance-conflict]: does not accept PII
  governance:
    compliance:
      pii:
        allowed: true
      retention:
        logsDays: 14
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
  governance:
    compliance:
      pii:
        allowed: false
```

```yaml
spec:
  pipeline:
    dependencies:
      - id: embedder
        role: input
        specRef: ./embedder.modelspec.yaml
  governance:
    compliance:
      pii:
        allowed: false
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.core.words import plural
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.spec.environment import PRODUCTION
from modelspec_ls.workspace.facts import LOGS, NAME, PII

META = Rule(
    "MS809",
    "dependency-governance-conflict",
    "pipeline",
    Severity.WARNING,
    "A dependency must handle data as strictly as its caller promises",
    scope="workspace",
    about=("spec.pipeline.dependencies",),
)
_LESSER = frozenset({"dev", "test", "staging"})


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield dependencies that are less strict than this spec, or not meant for where it runs."""
    mine = ctx.spec
    for edge, spec in ctx.resolved:
        node, name, where = edge.target.node, edge.reference.id, ctx.at(edge.reference.path("specRef"))
        assert node is not None
        if mine.pii_allowed and spec.pii_allowed is False:
            message = (
                f"`{name}` does not accept PII ({ctx.place(node, PII)}), but this spec allows it. "
                "Keep PII away from it, or settle the policy of both."
            )
            related = (ctx.there(node, PII, "no PII here"), ctx.there(ctx.node, PII, "PII allowed here"))
            yield Finding(message, where, None, related)
        if ctx.environment(mine) == PRODUCTION and ctx.environment(spec) in _LESSER:
            message = (
                f"This production spec depends on `{name}`, whose spec is for {spec.environment} "
                f"({ctx.called(node.key)}). Refer to its production spec."
            )
            yield Finding(message, where, None, (ctx.there(node, NAME, f"a spec for {spec.environment}"),))
        if mine.logs_days is not None and spec.logs_days is not None and spec.logs_days > mine.logs_days:
            message = (
                f"`{name}` keeps logs for {plural(spec.logs_days, 'day')} ({ctx.place(node, LOGS)}), this spec for "
                f"{mine.logs_days}. What passes through it is kept longer than promised here."
            )
            yield Finding(message, where, Severity.INFORMATION, (ctx.there(node, LOGS, "its retention"),))
