"""The learning path: whole specs for an empty document, sections where they may stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from attrs import evolve, frozen

from modelspec_ls.core.path import DocPath
from modelspec_ls.ide.results import CompletionItem
from modelspec_ls.resources import load_json

from .keys import insert_item
from .request import Request


@frozen
class Snippet:
    """One entry of a file below ``snippets``. ``place`` is the path of the mapping its keys belong to."""

    prefix: str
    body: str
    description: str
    place: DocPath | None


_WHOLE = {"ModelSpec": "whole spec", "OpenModel": "whole OpenModel", "ModelSpecPolicy": "whole policy"}


@cache
def all_snippets(kind: str = "ModelSpec") -> tuple[Snippet, ...]:
    """Every snippet for a kind of document, in the file's order; whole documents have no place."""
    try:
        data: Mapping[str, Any] = load_json("snippets", f"{kind.lower()}.json")
    except FileNotFoundError:
        return ()
    return tuple(_snippet(row) for row in data.values())


def _snippet(row: Mapping[str, Any]) -> Snippet:
    body = row["body"]
    place = row.get("x-modelspec-place")
    path = None if place is None else tuple(int(p) if p.isdigit() else p for p in place.split("/") if p)
    return Snippet(row["prefix"], body if isinstance(body, str) else "\n".join(body), row["description"], path)


def document_items(request: Request) -> Iterator[CompletionItem]:
    """Whole documents, where the document at the cursor holds nothing yet."""
    context = request.context
    if context.path or context.present or context.flow or request.json or context.has_colon or context.below:
        return
    kinds = ["ModelSpecPolicy"] if request.is_policy else ["ModelSpec", "OpenModel"]
    for kind in kinds:
        for snippet in all_snippets(kind):
            if snippet.place is None:
                yield _item(request, snippet, snippet.body, _WHOLE[kind])


def section_items(request: Request) -> Iterator[CompletionItem]:
    """Sections whose keys may stand at the cursor and are not there."""
    context = request.context
    if context.flow or request.json or context.has_colon:
        return
    for snippet in all_snippets(request.role.schema):
        body = _section(snippet, context.path)
        if context.below and not body.startswith("- "):
            # The lines below would become the value of its last key.
            continue
        if body and _keys(body).isdisjoint(context.present):
            yield _item(request, snippet, body, "section")


def _section(snippet: Snippet, path: DocPath) -> str:
    """What of a section may be written at the path: nothing, its body, or a list item without its dash."""
    if snippet.place is None:
        return ""
    if _same_place(snippet.place, path):
        return snippet.body
    if snippet.body.startswith("- ") and _same_place((*snippet.place, 0), path):
        return "\n".join(line[2:] for line in snippet.body.split("\n"))
    return ""


def _keys(body: str) -> set[str]:
    """The keys that a body adds to the mapping at the cursor; with a dash it adds none."""
    return {line.split(":", 1)[0] for line in body.split("\n") if line[:1].isalpha()}


def _same_place(place: DocPath, path: DocPath) -> bool:
    return len(place) == len(path) and all(
        a == b or (isinstance(a, int) and isinstance(b, int)) for a, b in zip(place, path, strict=True)
    )


def _item(request: Request, snippet: Snippet, body: str, what: str) -> CompletionItem:
    body = _rescale(body, request.context.step)
    item = insert_item(
        request,
        snippet.prefix,
        body,
        detail=what,
        documentation=snippet.description,
        dash=not body.startswith("- "),
    )
    return evolve(item, kind="snippet", documentation=f"{snippet.description}\n\n```yaml\n{item.plain}\n```")


def _rescale(body: str, step: int) -> str:
    """The body with the document's indentation; what follows a dash stays two columns behind it."""
    if step == 2:
        return body
    lines: list[str] = []
    columns = {0: 0}
    for line in body.split("\n"):
        text = line.lstrip(" ")
        old = len(line) - len(text)
        columns = {column: new for column, new in columns.items() if column <= old}
        if old not in columns:
            columns[old] = columns[max(columns)] + step
        if text.startswith("- "):
            columns[old + 2] = columns[old] + 2
        lines.append(" " * columns[old] + text)
    return "\n".join(lines)
