"""The vendor must be the maker of the accelerator.

## What it checks

`accelerator.vendor` against the maker of `accelerator.type`, as the catalogue has it. Other spellings of the vendor
are accepted.

## Why it matters

The resource that a pod asks for is derived from the vendor: `nvidia.com/gpu`, `amd.com/gpu`. With the wrong one it
is never scheduled.

## Bad

```yaml
spec:
  runtime:
    accelerator:
      vendor: amd
#             ^^^ warning[accelerator-vendor-mismatch]: made by nvidia, not amd
      type: l40s
      count: 1
```

## Good

```yaml
spec:
  runtime:
    accelerator:
      vendor: nvidia
      type: l40s
      count: 1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, Related, SetValue, Severity
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import TYPE
from modelspec_ls.rules.meta import Rule
from modelspec_ls.spec.view import ACCELERATOR

META = Rule(
    "MS308",
    "accelerator-vendor-mismatch",
    "memory",
    Severity.WARNING,
    "The vendor must be the maker of the accelerator",
    fixable=True,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield a vendor that makes nothing of that name, on the vendor."""
    field = ctx.view.text(*ACCELERATOR, "vendor")
    match = ctx.deployment.accelerator
    words = vocabulary("vendor")
    term = words.find(field.value.strip()) if words and field.value else None
    if match is None or term is None or field.value is None:
        return
    makers = sorted({candidate.vendor for candidate in match.candidates})
    if not makers or term.value in makers:
        return
    message = f"`{ctx.view.text(*TYPE).value}` is made by {' or '.join(makers)}, not {field.value}."
    fix = Fix(f"Write `{makers[0]}`", (SetValue(ctx.at(field.path), makers[0]),), Applicability.SAFE)
    yield Finding(message, ctx.at(field.path), related=(Related(ctx.at(TYPE), "the accelerator"),), fixes=(fix,))
