"""Keys that are allowed at the cursor and not there yet, the likeliest next one first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from attrs import evolve

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Span, TextEdit
from modelspec_ls.ide.describe import field_markdown, field_type, yaml_scalar
from modelspec_ls.ide.results import CompletionItem
from modelspec_ls.schema import navigate

from .map_keys import map_key_offers
from .request import Request
from .shapes import Shape, escape, plain


def key_items(request: Request) -> list[CompletionItem]:
    """Offers for a key position: fields, entries of a free map, or the start of a list item."""
    schema = request.here
    if schema is None:
        return []
    if schema.get("type") == "array":
        return _list_start(request, schema)
    if navigate.map_value(schema) is not None:
        return list(_map_keys(request))
    context = request.context
    if context.braces:
        return [_item_in_braces(request, schema)]
    required = set(schema.get("required", ()))
    fields = navigate.properties(schema).items()
    names = [n for n, f in fields if n not in context.present and _fits(request, f) and not _by_cluster(f)]
    ordered = sorted(names, key=lambda n: _rank(n, schema, required, context.above))
    items = [_field(request, name, schema, required=name in required) for name in ordered]
    if ordered and ordered[0] in required:
        items[0] = evolve(items[0], preselect=True)
    starts_item = context.needs_dash or (context.after_dash and not context.present)
    if starts_item and len(navigate.required(schema)) > 1 and not (context.has_colon or context.below or context.flow):
        return [_whole_item(request, schema), *items[1:]]
    return items


def _by_cluster(field: navigate.Schema) -> bool:
    """Whether nobody writes the field: a cluster fills it in."""
    return bool(navigate.notes(field).get("byCluster"))


def _fits(request: Request, field: navigate.Schema) -> bool:
    """Whether a field can take the value that stands behind or below the key already."""
    kinds = {"object": "map", "array": "list"}
    return request.context.holds in {"", kinds.get(navigate.main_type(field), "scalar")}


def _item_in_braces(request: Request, schema: navigate.Schema) -> CompletionItem:
    """A whole item of a flow list."""
    names = navigate.required(schema)
    item = insert_item(
        request,
        "{…}",
        Shape(request.context.step, flow=True, json_text=request.json).item(schema),
        detail=f"new item with {' and '.join(names)}" if names else "new item",
        documentation=str(schema.get("description", "")),
    )
    old = request.document.text[item.prefix.start : request.context.cursor]
    return evolve(item, filter=old) if old else item


def _whole_item(request: Request, schema: navigate.Schema) -> CompletionItem:
    """A new list item: its first field brings the other required ones along."""
    names = navigate.required(schema)
    shape = Shape(request.context.step, flow=False, json_text=request.json)
    return insert_item(
        request,
        names[0],
        shape.fields(names, schema),
        detail=f"new item with {' and '.join(names)}",
        documentation=str(schema.get("description", "")),
    )


def _rank(name: str, schema: navigate.Schema, required: set[str], above: tuple[str, ...]) -> tuple[int, int]:
    """Missing required fields first; then what comes after the last key above; then what was passed over."""
    order = list(navigate.properties(schema))
    at = order.index(name)
    last = max((order.index(k) for k in above if k in order), default=-1)
    return (0 if name in required else 1 if at > last else 2, at)


def _field(request: Request, name: str, schema: navigate.Schema, *, required: bool) -> CompletionItem:
    field = navigate.properties(schema)[name]
    path: DocPath = (*request.context.path, name)
    shape = Shape(request.context.step, flow=request.context.flow, json_text=request.json)
    if request.context.has_colon:
        snippet = escape(f'"{name}"' if request.json or request.context.quote == '"' else name)
    elif request.context.below:
        snippet = f"{name}:"
    else:
        snippet = shape.field(name, field)
    return insert_item(
        request,
        name,
        snippet,
        detail=field_type(field) + (", required" if required else ""),
        documentation=field_markdown(field, path, required=required, title=False),
        retrigger=field.get("type") in {"object", "array"} or bool(navigate.notes(field).get("vocabulary")),
    )


def _list_start(request: Request, schema: navigate.Schema) -> list[CompletionItem]:
    items = schema.get("items", {})
    shape = Shape(request.context.step, flow=request.context.flow, json_text=request.json)
    snippet = shape.item(items)
    name = str(request.context.path[-1])
    return [
        insert_item(
            request,
            snippet.split("\n", 1)[0].split(" $", 1)[0].split(" ${", 1)[0] if not request.context.flow else "{…}",
            snippet,
            detail=f"new item of {name}",
            documentation=str(items.get("description", "")),
            dash=False,
        )
    ]


def _map_keys(request: Request) -> Iterator[CompletionItem]:
    for offer in map_key_offers(request):
        if offer.key in request.context.present:
            continue
        if request.context.has_colon:
            snippet = escape(json.dumps(offer.key) if request.json else yaml_scalar(offer.key))
        else:
            key = f'"{offer.key}"' if request.json else yaml_scalar(offer.key)
            snippet = f"{escape(key)}: {offer.value_snippet}"
        yield insert_item(
            request, offer.key, snippet, detail=offer.detail, documentation=offer.documentation, retrigger=True
        )


def insert_item(
    request: Request,
    label: str,
    snippet: str,
    *,
    detail: str = "",
    documentation: str = "",
    retrigger: bool = False,
    dash: bool = True,
    **more: Any,
) -> CompletionItem:
    """Offer a snippet at a key position, put at the column where the container's keys stand."""
    context = request.context
    column = context.indent
    lines = snippet.split("\n")
    if context.needs_dash and dash:
        lines[0] = f"- {lines[0]}"
    if context.flow:
        body = snippet + ("," if context.comma_after else "")
    else:
        body = "\n".join([lines[0], *(f"{' ' * column}{line}" for line in lines[1:])])
    lead = _lead(request)
    edits: tuple[TextEdit, ...] = ()
    if context.comma_before is not None:
        edits = (TextEdit(Span(context.comma_before, context.comma_before), ","),)
    eol = "\r\n" if "\r\n" in request.document.text else "\n"
    text = escape(lead) + body
    bare = plain(text) if "$" in text or "\\" in text else text
    old = request.document.text[context.prefix.start : context.prefix.end]
    keep = old[: len(old) - len(old.lstrip(" \t\"'"))]
    return CompletionItem(
        label, "field", text.replace("\n", eol), bare.replace("\n", eol), context.prefix, context.replace, "",
        snippet=request.snippets, filter=f"{keep}{label}" if keep else "", detail=detail,
        documentation=documentation, retrigger=retrigger, extra_edits=edits, **more,
    )  # fmt: skip


def _lead(request: Request) -> str:
    """What must stand before the key on its line: the right indentation, or the space after a dash."""
    context = request.context
    if context.flow:
        return ""
    if context.after_dash:
        return " " if context.needs_space else ""
    wanted = context.indent - (2 if context.needs_dash else 0)
    start = request.document.index.starts[request.document.index.line_of(context.prefix.start)]
    return " " * max(wanted - (context.prefix.start - start), 0)
