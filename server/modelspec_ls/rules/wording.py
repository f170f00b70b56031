"""How messages name a place."""

from __future__ import annotations

from modelspec_ls.core.path import DocPath, last_key


def holder(path: DocPath) -> str:
    """A mapping by its key, an item by its number and list, the root as ``a ModelSpec``."""
    if not path:
        return "a ModelSpec"
    if isinstance(path[-1], int):
        return f"item {path[-1] + 1} of `{last_key(path)}`"
    return f"`{path[-1]}`"
