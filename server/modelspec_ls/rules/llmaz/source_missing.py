"""An OpenModel must say where its weights are.

## What it checks

That `source` has `modelHub` or `uri`, and `modelHub` a `modelID`. The first is an error, because llmaz refuses the
object; without `modelID` it is accepted, but there is nothing to download.

## Why it matters

llmaz rejects an OpenModel whose source is empty.

## Bad

```yaml
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3-8b
spec:
  familyName: qwen3
  source: {}
# ^^^^^^ error[source-missing]: needs `modelHub` or `uri`
```

## Good

```yaml
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3-8b
spec:
  familyName: qwen3
  source:
    modelHub:
      modelID: Qwen/Qwen3-8B
      revision: 9c925d64d72725edaf899c6cb9c377fd0709d9c5
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, InsertPairs, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import MODELS, Rule
from modelspec_ls.rules.statements import absent
from modelspec_ls.spec.openmodel import HUB, MODEL_ID, SOURCE, URI
from modelspec_ls.syntax.nodes import Mapping, deref

META = Rule(
    "OM101",
    "source-missing",
    "openmodel",
    Severity.ERROR,
    "An OpenModel must say where its weights are",
    fixable=True,
    kinds=MODELS,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield an empty source, or a hub without a model, on the key."""
    source = ctx.find(SOURCE)
    if source is None or not isinstance(deref(source.node), Mapping):
        return
    if absent(ctx, HUB) and absent(ctx, URI):
        fixes = (Fix("Insert `modelHub`", (InsertPairs(ctx.at(SOURCE), (("modelHub", "\n  modelID: "),)),)),)
        yield Finding(
            "`source` needs `modelHub` or `uri`; llmaz refuses a model without either.",
            ctx.at(SOURCE, "key"),
            fixes=fixes,
        )
    hub = ctx.find(HUB)
    if hub is not None and isinstance(deref(hub.node), Mapping) and absent(ctx, MODEL_ID):
        fix = Fix("Insert `modelID`", (InsertPairs(ctx.at(HUB), (("modelID", ""),)),))
        message = "`modelHub` has no `modelID`, so there is nothing to download. Write the repository, as `org/name`."
        yield Finding(message, ctx.at(HUB, "key"), Severity.WARNING, fixes=(fix,))
