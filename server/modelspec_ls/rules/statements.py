"""What an author has really said: no placeholder, no template expression."""

from __future__ import annotations

import re

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import near
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.schema import placeholder_value
from modelspec_ls.syntax.nodes import Mapping, deref

_TEMPLATE = re.compile(r"\$[{(]|\{[{%]")


def stated(ctx: DocumentContext, *path: str | int) -> str | None:
    """The text at a path, unless it is one that something or somebody still has to fill in."""
    if path in ctx.stated:
        return ctx.stated[path]
    text = ctx.view.text(*path).value
    if text is not None and (path in placeholder_value.places(ctx) or ("{" in text and _TEMPLATE.search(text))):
        text = None
    ctx.stated[path] = text
    return text


def absent(ctx: DocumentContext, path: DocPath) -> bool:
    """Whether a field is left out for certain: not null, misspelt or misplaced, its sections readable."""
    if ctx.find(path) is not None:
        return False
    holder = ctx.find(anchor(ctx, path))
    if holder is None or not isinstance(deref(holder.node), Mapping):
        return False
    names = [str(part) for part in path if isinstance(part, str)]
    return not any(p.kind == "unknown" and near(str(p.path[-1]), names) is not None for p in ctx.problems)


def anchor(ctx: DocumentContext, path: DocPath) -> DocPath:
    """The innermost section on the way to a field that is there: where a missing one is told."""
    while path and ctx.find(path) is None:
        path = path[:-1]
    return path
