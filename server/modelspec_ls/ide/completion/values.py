"""Values for the field at the cursor: closed choices, vocabularies, and what the field's own provider knows."""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.ide.describe import term_markdown
from modelspec_ls.ide.results import CompletionItem
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.schema import navigate
from modelspec_ls.workspace.kinds import MODEL_API, MODEL_KIND, is_spec_name

from .fields import field_values
from .map_keys import find_entry
from .request import Request
from .shapes import Shape, plain


def value_items(request: Request) -> list[CompletionItem]:
    """Offers for a value position, without repetition."""
    schema = request.here
    if schema is None:
        return []
    seen: set[str] = set()
    out: list[CompletionItem] = []
    for item in _offers(request, schema):
        if item.label not in seen:
            seen.add(item.label)
            out.append(item)
    return out


def _offers(request: Request, schema: navigate.Schema) -> Iterator[CompletionItem]:
    facts = navigate.notes(schema)
    if options := navigate.choices(schema):
        meanings = facts.get("enumDescriptions", {})
        ordered = sorted(options, key=lambda o: o != schema.get("default"))
        for option in ordered:
            yield request.value_item(
                option, kind="enum", detail=str(meanings.get(option, "")), preselect=len(options) == 1
            )
        yield from _other_kind(request)
        return
    if navigate.main_type(schema) in {"object", "array"}:
        yield from _block(request, schema)
        return
    known = False
    for item in field_values(request):
        known = True
        yield item
    words = vocabulary(str(facts.get("vocabulary", "")))
    if words is not None:
        for term in words.terms:
            if _phase_fits(request, term.facts.get("phase")):
                yield request.value_item(
                    term.value, kind="enum", detail=term.description, documentation=term_markdown(term, words)
                )
    path = request.context.path
    if len(path) > 1 and (row := find_entry(str(path[-2]), str(path[-1]))):
        for value in row.get("values", []):
            yield request.value_item(str(value), kind="enum", detail=row.get("detail", ""))
    if known and path[-1:] == ("specRef",):
        # Files that are there; the schema's are made up.
        return
    for example in schema.get("examples", ()):
        if isinstance(example, (str, int, float)):
            yield request.value_item(example, detail="example")


def _other_kind(request: Request) -> Iterator[CompletionItem]:
    """The head of an OpenModel, where the rest of the head does not say what the document is."""
    values = {("kind",): MODEL_KIND, ("apiVersion",): MODEL_API}
    rest = {("kind",): "apiVersion", ("apiVersion",): "kind"}
    path = request.context.path
    if is_spec_name(request.document.uri) or request.document.declared:
        return
    if path in values and not request.is_open_model and not request.is_row and not request.text_value(rest[path]):
        yield request.value_item(values[path], kind="enum", detail="a model of llmaz")


def _phase_fits(request: Request, phase: str | None) -> bool:
    return phase in {None, "both"} or phase in request.context.path


def _block(request: Request, schema: navigate.Schema) -> Iterator[CompletionItem]:
    """Behind the key of a section or a list that is empty: its shape, on lines of its own."""
    context, document = request.context, request.document
    if context.flow or context.value or context.quote:
        return
    number = document.index.line_of(context.prefix.start)
    below = (document.index.line_text(n) for n in range(number + 1, document.index.line_count))
    following = next((line for line in below if line.strip() and not line.lstrip().startswith("#")), "")
    deeper = len(following) - len(following.lstrip(" ")) > context.indent
    if deeper or (following[context.indent :].startswith("-") and not following[: context.indent].strip()):
        return
    shape = Shape(context.step, flow=False, json_text=False)
    listed = schema.get("type") == "array"
    names = navigate.required(schema)
    body = shape.item(schema.get("items", {})) if listed else shape.fields(names, schema) if names else "$1"
    eol = "\r\n" if "\r\n" in document.text else "\n"
    pad = " " * (context.indent + context.step)
    text = eol + eol.join(f"{pad}{line}" for line in body.split("\n"))
    label = "new item" if listed else ", ".join(names) or "fields below"
    yield CompletionItem(
        label, "field", text, plain(text), context.prefix, context.replace, "", snippet=request.snippets,
        detail="on the next lines", documentation=str(schema.get("description", "")), retrigger=True,
    )  # fmt: skip
