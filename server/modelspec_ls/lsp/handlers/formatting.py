"""Formatting of a document, of a range, and while typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelspec_ls.core.text import TextEdit
from modelspec_ls.ide.formatting import format_document
from modelspec_ls.ide.on_type import on_dash, on_newline
from modelspec_ls.lsp import convert
from modelspec_ls.workspace.document import Document

if TYPE_CHECKING:
    from lsprotocol import types

    from modelspec_ls.lsp.server import ModelSpecServer


def formatting(server: ModelSpecServer, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """Format everything; nothing for broken text."""
    snapshot = server.session.snapshot
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    edits = format_document(snapshot, document.uri, step=_step(params.options))
    return _edits(server, document, edits)


def range_formatting(
    server: ModelSpecServer, params: types.DocumentRangeFormattingParams
) -> list[types.TextEdit] | None:
    """Format the lines of a range."""
    snapshot = server.session.snapshot
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    start, end = params.range.start, params.range.end
    last = end.line - (end.character == 0 and end.line > start.line)
    edits = format_document(snapshot, document.uri, step=_step(params.options), lines=(start.line, last))
    return _edits(server, document, edits)


def on_type(server: ModelSpecServer, params: types.DocumentOnTypeFormattingParams) -> list[types.TextEdit] | None:
    """Indent the line after Enter, and align a list item's dash."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    offset = convert.offset(document, params.position, client)
    help_ = on_newline if params.ch == "\n" else on_dash
    return _edits(server, document, help_(snapshot, document.uri, offset))


def _step(options: types.FormattingOptions) -> int:
    # YAML takes no tabs, and a width of 1 or 8 is a client's default rather than a choice.
    return options.tab_size if options.tab_size in {2, 3, 4} else 2


def _edits(server: ModelSpecServer, document: Document, edits: tuple[TextEdit, ...]) -> list[types.TextEdit]:
    return [convert.text_edit(document, edit, server.session.client) for edit in edits]
