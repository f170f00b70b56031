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
    """One entry of ``snippets/modelspec.json``. ``place`` is the path of the mapping its keys belong to."""

    prefix: str
    body: str
    description: str
    place: DocPath | None


@cache
def all_snippets() -> tuple[Snippet, ...]:
    """Every snippet, in the file's order; whole documents have no place."""
    try:
        data: Mapping[str, Any] = load_json("snippets", "modelspec.json")
    except FileNotFoundError:
        return ()
    return tuple(_snippet(row) for row in data.values())


def _snippet(row: Mapping[str, Any]) -> Snippet:
    body = row["body"]
    place = row.get("x-modelspec-place")
    path = None if place is None else tuple(int(p) if p.isdigit() else p for p in place.split("/") if p)
    return Snippet(row["prefix"], body if isinstance(body, str) else "\n".join(body), row["description"], path)


def document_items(request: Request) -> Iterator[CompletionItem]:
    """Whole specs, where the document at the cursor holds nothing yet."""
    context = request.context
    if context.path or context.present or context.flow or request.json:
        return
    for snippet in all_snippets():
        if snippet.place is None:
            yield _item(request, snippet, "whole spec")


def section_items(request: Request) -> Iterator[CompletionItem]:
    """Sections whose keys may stand at the cursor and are not there."""
    context = request.context
    if context.flow or request.json or context.has_colon:
        return
    for snippet in all_snippets():
        if snippet.place is None or not _same_place(snippet.place, context.path):
            continue
        key = snippet.body.lstrip("- ").split(":", 1)[0]
        if key in context.present and not snippet.body.startswith("- "):
            continue
        yield _item(request, snippet, "section")


def _same_place(place: DocPath, path: DocPath) -> bool:
    return len(place) == len(path) and all(
        a == b or (isinstance(a, int) and isinstance(b, int)) for a, b in zip(place, path, strict=True)
    )


def _item(request: Request, snippet: Snippet, what: str) -> CompletionItem:
    body = snippet.body
    if request.context.step != 2:
        body = "\n".join(_rescale(line, request.context.step) for line in body.split("\n"))
    item = insert_item(
        request,
        snippet.prefix,
        body,
        detail=what,
        documentation=snippet.description,
        dash=not body.startswith("- "),
    )
    return evolve(item, kind="snippet", documentation=f"{snippet.description}\n\n```yaml\n{item.plain}\n```")


def _rescale(line: str, step: int) -> str:
    body = line.lstrip(" ")
    return " " * ((len(line) - len(body)) // 2 * step) + body
