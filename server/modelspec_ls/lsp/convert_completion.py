"""Completion offers to protocol items, cut to what the client can do."""

from __future__ import annotations

from lsprotocol import types

from modelspec_ls.core.text import Span
from modelspec_ls.ide.results import CompletionItem, CompletionKind, Completions
from modelspec_ls.workspace.document import Document

from . import convert
from .capabilities import ClientFeatures

_KINDS: dict[CompletionKind, types.CompletionItemKind] = {
    "field": types.CompletionItemKind.Field,
    "value": types.CompletionItemKind.Value,
    "enum": types.CompletionItemKind.EnumMember,
    "constant": types.CompletionItemKind.Constant,
    "snippet": types.CompletionItemKind.Snippet,
    "file": types.CompletionItemKind.File,
    "folder": types.CompletionItemKind.Folder,
    "reference": types.CompletionItemKind.Reference,
    "unit": types.CompletionItemKind.Unit,
    "module": types.CompletionItemKind.Module,
}
_RETRIGGER = types.Command("Suggest", "editor.action.triggerSuggest")


def completions(document: Document, found: Completions, client: ClientFeatures) -> types.CompletionList:
    """All offers. Ranges are shared: the offers at a place replace the same few spans."""
    ranges: dict[Span, types.Range] = {}

    def range_of(where: Span) -> types.Range:
        known = ranges.get(where)
        if known is None:
            known = ranges[where] = convert.range_of(document, where, client)
        return known

    def one(item: CompletionItem) -> types.CompletionItem:
        prefix, replace = range_of(item.prefix), range_of(item.replace)
        return _item(document, item, prefix, replace, client)

    return types.CompletionList(is_incomplete=found.incomplete, items=[one(item) for item in found.items])


def _item(
    document: Document,
    item: CompletionItem,
    prefix: types.Range,
    replace: types.Range,
    client: ClientFeatures,
) -> types.CompletionItem:
    snippet = item.snippet and client.snippets
    text = item.insert if snippet else item.plain
    mode = None
    if "\n" in text:
        # The lines are written with their full indentation.
        if snippet and client.indents_snippets:
            text = text.replace("\n" + _indentation(document, item.prefix.start), "\n")
        elif client.insert_as_is:
            mode = types.InsertTextMode.AsIs
    edit: types.TextEdit | types.InsertReplaceEdit
    if client.insert_replace and prefix != replace:
        edit = types.InsertReplaceEdit(text, insert=prefix, replace=replace)
    else:
        edit = types.TextEdit(prefix, text)
    deprecated = item.deprecated
    return types.CompletionItem(
        label=item.label,
        label_details=_details(item) if client.label_details else None,
        kind=_KINDS[item.kind],
        tags=[types.CompletionItemTag.Deprecated] if deprecated and client.deprecated_tag else None,
        detail=item.detail or (None if client.label_details else item.description or None),
        documentation=_documentation(item, client),
        deprecated=True if deprecated and client.deprecated_flag and not client.deprecated_tag else None,
        preselect=True if item.preselect and client.preselect else None,
        sort_text=item.sort,
        filter_text=item.filter or None,
        insert_text_format=types.InsertTextFormat.Snippet if snippet else None,
        insert_text_mode=mode,
        text_edit=edit,
        additional_text_edits=[convert.text_edit(document, e, client) for e in item.extra_edits] or None,
        command=_RETRIGGER if item.retrigger and client.vscode else None,
    )


def _indentation(document: Document, at: int) -> str:
    line = document.index.line_text(document.index.line_of(at))
    return line[: len(line) - len(line.lstrip(" \t"))]


def _details(item: CompletionItem) -> types.CompletionItemLabelDetails | None:
    return types.CompletionItemLabelDetails(description=item.description) if item.description else None


def _documentation(item: CompletionItem, client: ClientFeatures) -> types.MarkupContent | None:
    if not item.documentation:
        return None
    return convert.markup(item.documentation, markdown=client.markdown_completion)
