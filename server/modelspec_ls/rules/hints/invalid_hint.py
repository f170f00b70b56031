"""A hint in the annotations must be one this tool can read.

## What it checks

Annotations under `modelspec/`: a key that is no hint, and a value that cannot be read.

## Why it matters

Annotations are free text to the schema, so a typo would switch the hint off without a word.

## Bad

```yaml
metadata:
  name: example
  annotations:
    modelspec/tensor-paralell-size: "1"
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[invalid-hint]: did you mean `modelspec/tensor-parallel-size`?
    modelspec/gpu-memory-utilization: "1.5"
#                                     ^^^^^ warning[invalid-hint]: expected a fraction above 0 up to 1
```

## Good

```yaml
metadata:
  name: example
  annotations:
    modelspec/tensor-parallel-size: "1"
    modelspec/gpu-memory-utilization: "0.9"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, RenameKey, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule

META = Rule(
    "MS171", "invalid-hint", "hints", Severity.WARNING, "A hint in the annotations must be readable", fixable=True
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield hints that cannot be used, on the key or on the value."""
    if not ctx.is_spec:
        return
    for problem in ctx.hints.problems:
        fixes: tuple[Fix, ...] = ()
        if problem.fix_key:
            rename = RenameKey(ctx.at(problem.path, "pair"), problem.fix_key)
            fixes = (Fix(f"Rename to `{problem.fix_key}`", (rename,), Applicability.SAFE),)
        yield Finding(problem.message, ctx.at(problem.path, "key" if problem.on_key else "value"), fixes=fixes)
