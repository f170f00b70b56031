"""A production spec should name its owner.

## What it checks

`governance.compliance.governance.owner`, and labels and annotations named `owner`, `team`, `contact` or `maintainer`,
in a production spec.

## Why it matters

When it breaks at night, or when somebody asks to change it, the owner is the first thing looked for. The field is
nested in a second `governance`, which is easy to miss.

## Bad

```yaml
metadata:
  name: chat
  labels:
    environment: prod
spec:
# <- information[owner-missing]: No owner recorded
  identity:
```

## Good

```yaml
metadata:
  name: chat
  labels:
    environment: prod
spec:
  governance:
    compliance:
      governance:
        owner: ml-platform-team
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.core.words import fold
from modelspec_ls.knowledge import conventions
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import absent, anchor
from modelspec_ls.spec.view import ANNOTATIONS, LABELS

META = Rule("MS901", "owner-missing", "governance", Severity.INFORMATION, "A production spec should name its owner")
_OWNER = ("spec", "governance", "compliance", "governance", "owner")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the innermost section that lacks the owner."""
    if not ctx.view.production or not absent(ctx, _OWNER):
        return
    named = conventions.words("owner", "keys")
    if any(fold(key.rpartition("/")[2]) in named for path in (LABELS, ANNOTATIONS) for key in ctx.view.map(*path)):
        return
    message = "No owner recorded for this production spec. Add `governance.compliance.governance.owner`."
    yield Finding(message, ctx.at(anchor(ctx, _OWNER), "key"))
