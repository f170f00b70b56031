"""A row of the catalogue must make sense as a whole.

## What it checks

Rows below `.modelspec/models/` and `.modelspec/accelerators/`: a known format of the weights, heads that divide each
other and the width, parameters that at least hold the embedding table, parts that are no more than the whole, a date.

## Why it matters

A row with an error is not used, and the specs that name it go unchecked. A parameter count without its zeros would
let every model fit.

## Bad

```yaml
# .modelspec/models/acme-chat.yaml
id: acme/chat-13b
parameters: 13
#           ^^ error[unusable-row]: fewer than the embedding table alone has
layers: 40
hidden: 5120
heads: 40
kvHeads: 12
#        ^^ error[unusable-row]: 12 KV heads do not divide 40 query heads
vocab: 32000
dtype: bf17
#      ^^^^ error[unusable-row]: Did you mean `bf16`?
source: config.json, release 3
date: "2026-11-25"
```

## Good

```yaml
# .modelspec/models/acme-chat.yaml
id: acme/chat-13b
parameters: 13015864320
layers: 40
hidden: 5120
heads: 40
kvHeads: 8
vocab: 32000
dtype: bf16
source: config.json, release 3
date: "2026-11-25"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import ROWS, Rule
from modelspec_ls.spec.rows import flaws
from modelspec_ls.workspace.kinds import Standing

META = Rule(
    "MS181",
    "unusable-row",
    "catalogue",
    Severity.ERROR,
    "A row of the catalogue must make sense as a whole",
    kinds=ROWS,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield what keeps a row that its schema accepts from being used."""
    if ctx.role.standing is Standing.ROW and not ctx.problems and isinstance(ctx.data.value, dict):
        for flaw in flaws(ctx.kind, ctx.data.value):
            yield Finding(flaw.message, ctx.at(flaw.path))
