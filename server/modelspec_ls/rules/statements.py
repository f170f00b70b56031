"""What an author has really said: no placeholder, no template expression."""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Place
from modelspec_ls.core.path import DocPath
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.schema import placeholder_value

_TEMPLATES = ("${", "{{", "{%", "$(")


def stated(ctx: DocumentContext, *path: str | int) -> str | None:
    """The text at a path, unless it is one that something or somebody still has to fill in."""
    text = ctx.view.text(*path).value if ctx.is_spec else None
    if text is None or any(mark in text for mark in _TEMPLATES) or path in _placeholders(ctx):
        return None
    return text


def _placeholders(ctx: DocumentContext) -> Iterator[DocPath]:
    """Where MS107 speaks."""
    for finding in placeholder_value.check(ctx):
        if isinstance(finding.where, Place):
            yield finding.where.path
