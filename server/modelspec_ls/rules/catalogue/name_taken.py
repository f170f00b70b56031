"""Each name of the catalogue should mean one row.

## What it checks

The id and the aliases of rows below `.modelspec/`. An id or an alias that another row of the same folder has is an
error: the first row, by file name, keeps it. An alias that a built-in row of another id has is information: here it
means the workspace's row. The id of a built-in row is no mistake: it replaces that row.

## Why it matters

A spec that names the model by a name with two owners would be judged by figures that its author did not think of.

## Bad

```yaml
# .modelspec/models/acme-chat.yaml
id: acme/chat-8b
aliases:
  - llama-3.1-8b-instruct
#   ^^^^^^^^^^^^^^^^^^^^^ information[name-taken]: in the built-in catalogue
parameters: 8030261248
layers: 32
hidden: 4096
heads: 32
vocab: 128256
dtype: bf16
source: config.json, release 3
date: "2026-11-25"
---
id: acme/chat-8b
#   ^^^^^^^^^^^^ error[name-taken]: this row is not used
parameters: 8030261248
layers: 32
hidden: 4096
heads: 32
vocab: 128256
dtype: bf16
source: config.json, release 4
date: "2026-11-25"
```

## Good

```yaml
# .modelspec/models/acme-chat.yaml
id: acme/chat-8b
aliases:
  - acme-chat
parameters: 8030261248
layers: 32
hidden: 4096
heads: 32
vocab: 128256
dtype: bf16
source: config.json, release 3
date: "2026-11-25"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import shorten
from modelspec_ls.knowledge.catalogue import BUILT_IN
from modelspec_ls.knowledge.types import Accelerator, Model
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import ROWS, Rule
from modelspec_ls.workspace.rows import rows_of
from modelspec_ls.workspace.scopes import layer_of

META = Rule(
    "MS182", "name-taken", "catalogue", Severity.ERROR, "Each name of the catalogue should mean one row", kinds=ROWS
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield names of a row that another row owns."""
    row = rows_of(ctx.file).rows.get(ctx.document.number)
    if row is None or row.origin is None:
        return
    layer = layer_of(ctx.scope, ctx.file)
    for path, name in _names(ctx, row):
        owner = layer.owner(ctx.kind, name)
        if owner is not None and owner.origin is not None and owner.origin != row.origin:
            lost = "this row is not used" if path == ("id",) else "it means that row"
            place = owner.origin.short
            yield Finding(f"`{shorten(name)}` is taken by the row at `{place}`; {lost}. Choose another.", ctx.at(path))
        elif path != ("id",) and (other := _built_in(ctx.kind, name)) and other.casefold() != row.id.casefold():
            yield Finding(
                f"`{shorten(name)}` means {other} in the built-in catalogue; for the specs of this folder it means "
                f"{row.id} now. Choose another name if that is not meant.",
                ctx.at(path),
                Severity.INFORMATION,
            )


def _names(ctx: DocumentContext, row: Model | Accelerator) -> Iterator[tuple[DocPath, str]]:
    yield ("id",), row.id
    for number in range(ctx.view.length("aliases")):
        if alias := ctx.view.text("aliases", number).value:
            yield ("aliases", number), alias


def _built_in(kind: str, name: str) -> str | None:
    """The id of the built-in row that a name means for certain."""
    if kind == "Model":
        found = BUILT_IN.resolve(name)
        return found.model.id if found.model and found.grade in {"exact", "alias"} else None
    match = BUILT_IN.find_accelerator(name)
    return match.accelerator.id if match.accelerator else None
