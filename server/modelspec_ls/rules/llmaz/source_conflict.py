"""An OpenModel should have one source.

## What it checks

That not both `modelHub` and `uri` are set.

## Why it matters

llmaz takes the model from the hub and ignores the address, whichever was meant.

## Bad

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
    uri: s3://models/qwen3-8b
#        ^^^^^^^^^^^^^^^^^^^^ warning[source-conflict]: ignores
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
    uri: s3://models/qwen3-8b
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, RemovePair, Severity
from modelspec_ls.core.words import shorten
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import MODELS, Rule
from modelspec_ls.spec.openmodel import HUB, URI
from modelspec_ls.syntax.nodes import Mapping, deref

META = Rule(
    "OM102",
    "source-conflict",
    "openmodel",
    Severity.WARNING,
    "An OpenModel should have one source",
    fixable=True,
    kinds=MODELS,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield an address beside a hub, on the address."""
    hub, uri = ctx.find(HUB), ctx.view.text(*URI).value
    if hub is None or not isinstance(deref(hub.node), Mapping) or uri is None:
        return
    yield Finding(
        f"Both `modelHub` and `uri` are set; llmaz uses `modelHub` and ignores `{shorten(uri)}`. "
        "Delete one of the two.",
        ctx.at(URI),
        fixes=(
            Fix("Delete `uri`", (RemovePair(ctx.at(URI, "pair")),)),
            Fix("Delete `modelHub`", (RemovePair(ctx.at(HUB, "pair")),)),
        ),
    )
