"""Help while typing: where the next line starts after Enter, and where a list item's dash belongs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from modelspec_ls.core.text import Span, TextEdit
from modelspec_ls.schema import navigate
from modelspec_ls.syntax.edit import indent_step
from modelspec_ls.syntax.lookup import document_at, spot_at
from modelspec_ls.syntax.nodes import Scalar
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

_OPENS = re.compile(r"^(?P<head>\s*(?:-\s+)*)[^\s#][^#]*:\s*(?:#.*)?$")
_LONE_DASH = re.compile(r"(?P<indent> *)- ?")


def on_newline(snapshot: Snapshot, uri: str, offset: int) -> tuple[TextEdit, ...]:
    """After Enter behind ``key:``: indent the new line, and start the first item of a list."""
    document = snapshot.document(uri)
    if document is None or not document.ours or document.is_json:
        return ()
    index = document.index
    number = index.line_of(offset)
    if number == 0 or index.line_text(number).strip():
        return ()
    if _inside_scalar(document, offset) or not _ours(document, offset):
        return ()
    above = index.line_text(number - 1)
    match = _OPENS.match(above)
    if match is None:
        return ()
    below = _next_content(index.line_text(n) for n in range(number + 1, min(number + 20, index.line_count)))
    opened = _opened(document, index.starts[number - 1] + len(match["head"]))
    if opened is not None and opened not in {"object", "array"}:
        return ()
    column = len(match["head"]) + indent_step(document.text)
    if below is not None and below > len(match["head"]):
        # The key has content already: the new line joins it.
        column = below
    wanted = " " * column
    if below is None or below <= len(match["head"]):
        wanted += "- " if opened == "array" else ""
    start, end = index.line_span(number)
    return (TextEdit(Span(start, end), wanted),) if index.line_text(number) != wanted else ()


def on_dash(snapshot: Snapshot, uri: str, offset: int) -> tuple[TextEdit, ...]:
    """After ``- ``: put a dash that is a column or so off under those of its list."""
    document = snapshot.document(uri)
    if document is None or not document.ours or document.is_json or _inside_scalar(document, offset):
        return ()
    if not _ours(document, offset):
        return ()
    index = document.index
    number = index.line_of(offset)
    match = _LONE_DASH.fullmatch(index.line_text(number))
    if match is None:
        return ()
    now = len(match["indent"])
    step = indent_step(document.text)
    wanted: int | None = None
    for above in range(number - 1, -1, -1):
        text = index.line_text(above)
        body = text.lstrip(" ")
        if not body or body.startswith("#"):
            continue
        column = len(text) - len(body)
        if body.startswith("- "):
            wanted = column
            break
        if column < now:
            wanted = column + step if _opened(document, index.starts[above] + column) == "array" else None
            break
    # A whole step off may be meant: a list in a list.
    if wanted is None or wanted == now or abs(wanted - now) >= step:
        return ()
    start = index.starts[number]
    return (TextEdit(Span(start, start + now), " " * wanted),)


def _ours(document: Document, offset: int) -> bool:
    """Whether the document at the offset is ours, in a file that may hold others."""
    return document.roles[document_at(document.tree, offset).number].ours


def _next_content(lines: Iterable[str]) -> int | None:
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            return len(line) - len(line.lstrip(" "))
    return None


def _inside_scalar(document: Document, offset: int) -> bool:
    """Whether the new line belongs to a text of several lines, whose indentation means something."""
    before = document.text[:offset].rstrip()
    spot = spot_at(document.tree, len(before) - 1) if before else None
    node = spot.node if spot and spot.place.part == "value" else None
    return isinstance(node, Scalar) and (
        "\n" in document.text[node.start : offset].rstrip() or node.style in {"|", ">"}
    )


def _opened(document: Document, key: int) -> str | None:
    """The type that the schema wants behind the key; None where it has no say."""
    spot = spot_at(document.tree, key)
    schema = None
    if spot is not None:
        role = document.roles[spot.place.document]
        schema = navigate.at(navigate.schema_for(role.schema), spot.place.path)
    return str(schema.get("type")) if schema is not None else None
