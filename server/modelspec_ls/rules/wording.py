"""How messages name a place."""

from __future__ import annotations

from modelspec_ls.core.path import DocPath, last_key
from modelspec_ls.rules.context import DocumentContext


def holder(path: DocPath, root: str = "a ModelSpec") -> str:
    """A mapping by its key, an item by its number and list, the root in the given words."""
    if not path:
        return root
    if isinstance(path[-1], int):
        return f"item {path[-1] + 1} of `{last_key(path)}`"
    return f"`{path[-1]}`"


def broken(ctx: DocumentContext, kind: str, text: str) -> str:
    """Where to look for an unknown name: a row that has errors. ``kind``: ``Model`` or ``Accelerator``."""
    row = ctx.catalogue.broken_for(kind, text)
    if row is None:
        return ""
    place = row.path[row.path.rfind("/.modelspec/") + 1 :]
    return f"The row at line {row.line} of `{place}` has errors and is not used; look there."
