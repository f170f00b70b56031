"""The document at a place as one of another kind, in a file of its own beside this one."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from modelspec_ls.convert.listing import notes_of
from modelspec_ls.convert.stream import Fault, Result, convert
from modelspec_ls.core.finding import CreateFile
from modelspec_ls.core.text import Span
from modelspec_ls.core.words import plural
from modelspec_ls.ide.results import CodeAction
from modelspec_ls.knowledge.kubernetes import name_fault, name_slug
from modelspec_ls.syntax.edit import line_end
from modelspec_ls.syntax.lookup import document_at, spot_at
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.files import is_there
from modelspec_ls.workspace.kinds import KIND, MODEL_KIND, Standing
from modelspec_ls.workspace.references import uri_of
from modelspec_ls.workspace.snapshot import Snapshot

_OTHER = {Standing.SPEC: MODEL_KIND, Standing.NEIGHBOUR: KIND}
_ENDINGS = {MODEL_KIND: ".openmodel.yaml", KIND: ".modelspec.yaml"}
_ARTICLES = {MODEL_KIND: "an OpenModel", KIND: "a ModelSpec"}


def conversions(snapshot: Snapshot, document: Document, span: Span) -> Iterator[CodeAction]:
    """On the top keys of a document: the same model as the other kind describes it."""
    if document.oversized or document.is_settings or document.tree.problems or not document.uri.startswith("file:"):
        return
    part = document_at(document.tree, span.start)
    kind = _OTHER.get(document.roles[part.number].standing)
    spot = spot_at(document.tree, span.start)
    if kind is None or (spot is not None and len(spot.place.path) > 1):
        return
    found = convert(document, kind, snapshot.scope(document.uri).catalogue, only=part.number)
    if isinstance(found, Fault):
        return
    (result,) = found.results
    stem = result.name if name_fault(result.name) is None else name_slug(result.name) or "model"
    name = f"{stem}{_ENDINGS[kind]}"
    key = posixpath.join(posixpath.dirname(document.key), name)
    if is_there(key) or any(other.key == key for other in snapshot.documents.values()):
        return
    blanks = sum(note.kind == "unknown" for note in result.notes)
    more = f", {plural(blanks, 'value')} to fill in" if blanks else ""
    text = _head(document, result) + found.text
    creates = (CreateFile(uri_of(key), text),)
    yield CodeAction(f"Convert to {_ARTICLES[kind]}: `{name}`{more}", (), kind="refactor.rewrite", creates=creates)


def _head(document: Document, result: Result) -> str:
    """What the command line lists, as comments at the top."""
    end = line_end(document.text)
    notes = list(notes_of(result))
    if not notes:
        return ""
    lines = [f"Converted from {posixpath.basename(document.key)}. Delete these lines once they are read.", *notes]
    return "".join(f"# {line}{end}" for line in lines) + end
