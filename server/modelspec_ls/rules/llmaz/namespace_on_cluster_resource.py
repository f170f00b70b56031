"""An OpenModel has no namespace.

## What it checks

`metadata.namespace` of an OpenModel.

## Why it matters

OpenModels belong to the whole cluster. The namespace says nothing, some tools refuse it, and it suggests that the same
name may be used in another namespace.

## Bad

```yaml
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3-8b
  namespace: default
# ^^^^^^^^^ warning[namespace-on-cluster-resource]: belong to the whole cluster
spec:
  familyName: qwen3
  source:
    uri: s3://models/qwen3-8b
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

from modelspec_ls.core.finding import Applicability, Finding, Fix, RemovePair, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import MODELS, Rule

META = Rule(
    "OM108",
    "namespace-on-cluster-resource",
    "openmodel",
    Severity.WARNING,
    "An OpenModel has no namespace",
    fixable=True,
    kinds=MODELS,
)
_NAMESPACE = ("metadata", "namespace")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the key."""
    if ctx.view.text(*_NAMESPACE).value is not None:
        fix = Fix("Delete `namespace`", (RemovePair(ctx.at(_NAMESPACE, "pair")),), Applicability.SAFE)
        message = "OpenModels belong to the whole cluster, so `namespace` has no meaning. Delete it."
        yield Finding(message, ctx.at(_NAMESPACE, "key"), fixes=(fix,))
