"""Own values to protocol values and back. The only place, with ``session``, where offsets meet positions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lsprotocol import types

from modelspec_ls.core.finding import CreateFile, Diagnostic, RelatedSpan
from modelspec_ls.core.text import Mark, Position, Span, TextEdit
from modelspec_ls.ide.results import CodeAction, FileEdits, Hover, Location
from modelspec_ls.resources import find_file
from modelspec_ls.workspace.document import Document

from .capabilities import ClientFeatures
from .plain import plain_text

SOURCE = "modelspec"
"""The name under which diagnostics are shown."""


def offset(document: Document, position: types.Position, client: ClientFeatures) -> int:
    """A position as an offset in code points; outside the text it is the nearest one inside."""
    return document.index.offset(Position(position.line, position.character), client.encoding)


def span(document: Document, range_: types.Range, client: ClientFeatures) -> Span:
    """A range as a span; its ends may come in either order."""
    ends = sorted(offset(document, p, client) for p in (range_.start, range_.end))
    return Span(*ends)


def position(document: Document, at: int, client: ClientFeatures) -> types.Position:
    """An offset as a position."""
    return types.Position(*document.index.position(at, client.encoding))


def range_of(document: Document, where: Span, client: ClientFeatures) -> types.Range:
    """A span as a range."""
    return types.Range(position(document, where.start, client), position(document, where.end, client))


def text_edit(document: Document, edit: TextEdit, client: ClientFeatures) -> types.TextEdit:
    """One edit."""
    return types.TextEdit(range_of(document, edit.span, client), edit.new_text)


def workspace_edit(document: Document, edits: tuple[TextEdit, ...], client: ClientFeatures) -> types.WorkspaceEdit:
    """Edits of one document, tied to its version where the client can check it."""
    return files_edit((_own(document, edits),), client)


def _own(document: Document, edits: tuple[TextEdit, ...]) -> FileEdits:
    return FileEdits(document.uri, document.version, document.index, edits)


def markup(text: str, *, markdown: bool) -> types.MarkupContent:
    """Markdown, or the same as plain text for a client that cannot show it."""
    if markdown:
        return types.MarkupContent(types.MarkupKind.Markdown, text)
    return types.MarkupContent(types.MarkupKind.PlainText, plain_text(text))


def mark_range(mark: Mark, client: ClientFeatures) -> types.Range:
    """A mark as a range, without the text it stands in."""
    start, end = mark.range(client.encoding)
    return types.Range(types.Position(*start), types.Position(*end))


def location(place: Location, client: ClientFeatures) -> types.Location:
    """A place in any file."""
    return types.Location(place.uri, mark_range(place.mark, client))


def files_edit(
    files: Iterable[FileEdits],
    client: ClientFeatures,
    creates: Iterable[CreateFile] = (),
    label: Callable[[str], str] | None = None,
) -> types.WorkspaceEdit:
    """Changes of several files, open ones tied to their versions where the client can check them; new files first.

    ``label``: the words under which a client that can shows the changes of a file, by its URI, in a preview.
    """
    changes: list[Any] = []
    labels: dict[types.ChangeAnnotationIdentifier, types.ChangeAnnotation] = {}
    for file in creates:
        changes.append(types.CreateFile(file.uri, options=types.CreateFileOptions(ignore_if_exists=True)))
        top = types.Position(0, 0)
        target = types.OptionalVersionedTextDocumentIdentifier(file.uri, None)
        changes.append(types.TextDocumentEdit(target, [types.TextEdit(types.Range(top, top), file.text)]))
    plain: dict[str, list[types.TextEdit]] = {}
    for found in files:
        edits = [
            types.TextEdit(
                types.Range(*(types.Position(*found.index.position(at, client.encoding)) for at in edit.span)),
                edit.new_text,
            )
            for edit in found.edits
        ]
        plain[found.uri] = edits
        target = types.OptionalVersionedTextDocumentIdentifier(found.uri, found.version)
        if label is not None and client.change_annotations:
            words = label(found.uri)
            labels[words] = types.ChangeAnnotation(words, needs_confirmation=False)
            annotated = [types.AnnotatedTextEdit(words, edit.range, edit.new_text) for edit in edits]
            changes.append(types.TextDocumentEdit(target, annotated))
        else:
            changes.append(types.TextDocumentEdit(target, list(edits)))
    if not client.document_changes:
        return types.WorkspaceEdit(changes=plain)
    return types.WorkspaceEdit(document_changes=changes, change_annotations=labels or None)


def diagnostic(document: Document, found: Diagnostic, client: ClientFeatures) -> types.Diagnostic:
    """One diagnostic of a document, with the optional parts that the client can use."""
    return _diagnostic(document.uri, found, range_of(document, found.span, client), client, document)


def far_diagnostic(uri: str, found: Diagnostic, client: ClientFeatures) -> types.Diagnostic:
    """One diagnostic that stands at a mark, in a file whose text is not at hand."""
    assert found.mark is not None
    return _diagnostic(uri, found, mark_range(found.mark, client), client, None)


def _diagnostic(
    uri: str, found: Diagnostic, where: types.Range, client: ClientFeatures, document: Document | None
) -> types.Diagnostic:
    related = None
    if client.related_information and found.related:
        related = [_related(uri, item, client, document) for item in found.related]
    data: dict[str, Any] | None = None
    if client.diagnostic_data:
        data = {"code": found.ident, "fixes": len(found.fixes)}
    return types.Diagnostic(
        range=where,
        message=found.message,
        severity=types.DiagnosticSeverity(found.severity),
        code=found.ident,
        code_description=_page(found) if client.code_description else None,
        source=SOURCE if found.said is None else found.said.policy,
        related_information=related,
        data=data,
    )


OPEN_PAGE = "modelspec.server.openRulePage"
"""The command that shows a rule's page; its arguments are the code and the name."""


def rule_page(code: str, name: str) -> types.CodeDescription | None:
    """The link from a diagnostic to its rule: the page that was installed with the server."""
    page = find_file("docs/rules", f"{code}-{name}.md")
    return types.CodeDescription(page.as_uri()) if page else None


def _page(found: Diagnostic) -> types.CodeDescription | None:
    """The link from a diagnostic to its rule; a policy's own page where it names one."""
    if found.said is None:
        return rule_page(found.code, found.name)
    return types.CodeDescription(found.said.docs) if found.said.docs else rule_page(found.code, "policy-violation")


def _related(
    uri: str, item: RelatedSpan, client: ClientFeatures, document: Document | None
) -> types.DiagnosticRelatedInformation:
    if item.mark is not None:
        where = mark_range(item.mark, client)
    else:
        assert document is not None
        where = range_of(document, item.span, client)
    return types.DiagnosticRelatedInformation(types.Location(item.uri or uri, where), item.message)


def hover(document: Document, found: Hover | None, client: ClientFeatures) -> types.Hover | None:
    """A hover, or nothing."""
    if found is None:
        return None
    contents = markup(found.markdown, markdown=client.markdown_hover)
    return types.Hover(contents, range_of(document, found.span, client))


def code_action(
    document: Document, found: CodeAction, context: list[types.Diagnostic], client: ClientFeatures
) -> types.CodeAction:
    """One action, tied to those diagnostics of the client that it settles."""
    settled = None
    if found.codes and found.span is not None:
        where = range_of(document, found.span, client)
        sources = {SOURCE, found.policy}
        settled = [d for d in context if d.source in sources and d.code in found.codes and d.range == where]
    files = ((_own(document, found.edits),) if found.edits else ()) + found.files
    command = None
    if found.page is not None:
        command = types.Command(found.title, OPEN_PAGE, arguments=list(found.page))
    return types.CodeAction(
        found.title,
        kind=found.kind,
        diagnostics=settled or None,
        is_preferred=True if found.preferred and client.code_action_preferred else None,
        edit=files_edit(files, client, found.creates) if command is None else None,
        command=command,
    )
