"""The family must be a label value.

## What it checks

That `familyName` has at most 63 characters, only letters, digits, `-`, `_` and `.`, and starts and ends with a letter
or digit.

## Why it matters

llmaz copies it into the label `llmaz.io/model-family-name`, and Kubernetes refuses an object with an invalid label.

## Bad

```yaml
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3-8b
spec:
  familyName: Qwen 3
#             ^^^^^^ error[family-name-invalid]: becomes a label value
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

from modelspec_ls.core.finding import Applicability, Finding, Fix, SetValue, Severity
from modelspec_ls.core.words import shorten
from modelspec_ls.knowledge import kubernetes
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import MODELS, Rule
from modelspec_ls.rules.metadata.name_not_dns_label import source
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.openmodel import FAMILY

META = Rule(
    "OM105",
    "family-name-invalid",
    "openmodel",
    Severity.ERROR,
    "The family must be a label value",
    fixable=True,
    kinds=MODELS,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the family."""
    family = stated(ctx, *FAMILY)
    fault = kubernetes.label_fault(family) if family else None
    if family is None or fault is None:
        return
    slug = kubernetes.label_slug(family)
    use = f"; use `{slug}`" if slug else ""
    fixes = (Fix(f"Write `{slug}`", (SetValue(ctx.at(FAMILY), source(slug)),), Applicability.SAFE),) if slug else ()
    yield Finding(
        f"`{shorten(family)}` becomes a label value, which Kubernetes refuses ({fault}){use}.",
        ctx.at(FAMILY),
        fixes=fixes,
    )
