"""Values for rows of a workspace's own catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from modelspec_ls.ide.results import CompletionItem
from modelspec_ls.knowledge import models

from .request import Request


def row_values(request: Request) -> Iterator[CompletionItem]:
    """What may stand at a field of a row, beyond its vocabulary."""
    field = request.context.path[-1]
    if field == "date":
        yield request.value_item(date.today().isoformat(), detail="today")  # noqa: DTZ011  (the author's own day)
    elif field == "family":
        for family in models.families():
            yield request.value_item(family)
    elif field == "id" and request.role.schema == "Accelerator":
        for card in request.catalogue.all_accelerators:
            if not card.origin:
                yield request.value_item(card.id, detail=f"measured anew: replaces the built-in row of {card.name}")
