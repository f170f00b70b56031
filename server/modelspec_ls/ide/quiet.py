"""Ways to keep a finding quiet: a comment at its line, the annotation of its document, or the settings."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from modelspec_ls.analysis import resolve_fix
from modelspec_ls.core.finding import CreateFile, Diagnostic, Fix, InsertPairs, Place, SetValue
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Span, TextEdit
from modelspec_ls.spec.view import ANNOTATIONS
from modelspec_ls.syntax.edit import line_end, rewritten
from modelspec_ls.syntax.lookup import find, walk
from modelspec_ls.syntax.nodes import Scalar
from modelspec_ls.syntax.toml import parse_toml
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.files import is_there
from modelspec_ls.workspace.kinds import PROJECT_FILE, SETTINGS_FILE
from modelspec_ls.workspace.references import uri_of
from modelspec_ls.workspace.scopes import project_of
from modelspec_ls.workspace.settings import settings_text
from modelspec_ls.workspace.snapshot import Snapshot
from modelspec_ls.workspace.suppressions import ANNOTATION, COMMENT, suppressions

from .results import CodeAction, FileEdits

_REASON = "say why"
_LOUD = frozenset({"MS001", "MS005", "MS172", "MS173"})
"""What cannot be read, and rules about suppressions and settings themselves: those are put right, not kept quiet."""


def quieting(snapshot: Snapshot, document: Document, found: Diagnostic, *, creates: bool) -> Iterator[CodeAction]:
    """The actions that keep one finding from being told. ``creates``: the client can make new files."""
    if found.category == "internal" or found.code in _LOUD:
        return
    edits = suppressing(document, found) if found.said is None or found.said.suppressible else ()
    if edits:
        title = f"Suppress {found.ident} here with a reason"
        yield CodeAction(title, edits, codes=(found.ident,), span=found.span)
    yield from _turning_off(snapshot, document, found, creates=creates)


def suppressing(document: Document, found: Diagnostic) -> tuple[TextEdit, ...]:
    """Edits that suppress a finding where it stands; none where neither a comment nor the annotation can stand."""
    if document.is_settings or document.oversized:
        return ()
    if document.is_json:
        return _annotation(document, found)
    index = document.index
    line = index.line_of(found.span.start)
    for known in suppressions(document):
        if known.form == "line" and known.line == line and known.marks:
            at = index.span_of(known.marks[-1]).end
            return (TextEdit(Span(at, at), f", {found.ident}"),)
    start = index.starts[line]
    start += document.text.startswith("\ufeff", start)
    if any(node.start < start < node.end for node in _scalars(document)):
        return _annotation(document, found)  # A comment between the lines of a text would be part of it.
    text = document.text[start : index.line_span(line).end]
    indent = text[: len(text) - len(text.lstrip(" "))]
    if text.startswith(("---", "%")):
        return ()
    comment = f"{indent}# {COMMENT}: {found.ident} {_REASON}{line_end(document.text)}"
    return (TextEdit(Span(start, start), comment),)


def _scalars(document: Document) -> Iterator[Scalar]:
    for part in document.tree.documents:
        yield from (node for _, node, _ in walk(part) if isinstance(node, Scalar))


def _annotation(document: Document, found: Diagnostic) -> tuple[TextEdit, ...]:
    if found.document >= len(document.roles) or not document.roles[found.document].linked:
        return ()
    part = document.tree.documents[found.document]
    path: DocPath = (*ANNOTATIONS, ANNOTATION)
    there = find(part, path)
    if there is not None:
        if not isinstance(there.node, Scalar):
            return ()
        words, separator, reason = there.node.value.partition(" -- ")
        source = rewritten(there.node, f"{words}, {found.ident}{separator}{reason}", as_json=document.is_json)
        return resolve_fix(document, Fix("", (SetValue(Place(found.document, path), source),)))
    value = f'"{found.ident} -- {_REASON}"'
    if find(part, ANNOTATIONS) is not None:
        return resolve_fix(
            document, Fix("", (InsertPairs(Place(found.document, ANNOTATIONS), ((ANNOTATION, value),)),))
        )
    inner = f"\n  {ANNOTATION}: {value}"
    return resolve_fix(
        document, Fix("", (InsertPairs(Place(found.document, ("metadata",)), (("annotations", inner),)),))
    )


def _turning_off(snapshot: Snapshot, document: Document, found: Diagnostic, *, creates: bool) -> Iterator[CodeAction]:
    if not document.uri.startswith("file:") or document.is_settings or "/" not in document.key:
        return
    file = snapshot.scopes.settings_for(document.uri)
    if file is None:
        target = f"{_home(snapshot, document).rstrip('/')}/{SETTINGS_FILE}"
        if creates and not is_there(target):
            text = f'# What `modelspec` checks here, in the editor and in CI.\nignore = ["{found.name}"]\n'
            title = f"Turn {found.ident} off in a new {SETTINGS_FILE}"
            yield CodeAction(
                title, (), codes=(found.ident,), span=found.span, creates=(CreateFile(uri_of(target), text),)
            )
        return
    opened = snapshot.document_at(file.path)
    text_now = opened.text if opened is not None else settings_text(file.path, snapshot.config.limits)
    edit = ignoring(file.path, text_now, found.name) if text_now is not None else None
    if edit is None or text_now is None:
        return
    name = posixpath.basename(file.path)
    there = Document(opened.uri if opened else uri_of(file.path), text_now)
    files = (FileEdits(there.uri, opened.version if opened else None, there.index, (edit,)),)
    yield CodeAction(f"Turn {found.ident} off in {name}", (), codes=(found.ident,), span=found.span, files=files)


def _home(snapshot: Snapshot, document: Document) -> str:
    """Where settings for a file should stand: the workspace's folder, else its project's, else its own."""
    folder = posixpath.dirname(document.key)
    roots = [root for root in snapshot.graph.roots if f"{folder}/".startswith(f"{root.rstrip('/')}/")]
    return max(roots, key=len) if roots else project_of(folder) or folder


def ignoring(path: str, text: str, rule: str) -> TextEdit | None:
    """The edit that adds a rule to ``ignore`` in a settings file; None where that cannot be done safely."""
    toml = parse_toml(text)
    if toml.fault is not None:
        return None
    section: DocPath = ("tool", "modelspec") if path.endswith(PROJECT_FILE) else ()
    where = (*section, "ignore")
    if where in toml.items:
        start, end = toml.items[where]
        if text[start] != "[":
            return None
        items = [span for key, span in toml.items.items() if key[:-1] == where]
        if not items:
            return TextEdit(Span(start, end), f'["{rule}"]')
        last = max(span.end for span in items)
        return TextEdit(Span(last, last), f', "{rule}"')
    eol = line_end(text)
    header = re.search(r"(?m)^\[tool\.modelspec\][^\n]*(?:\n|$)", text) if section else None
    if header is not None:
        lead = "" if header[0].endswith("\n") else eol
        return TextEdit(Span(header.end(), header.end()), f'{lead}ignore = ["{rule}"]{eol}')
    if section:
        return None
    # Before everything else, below the comments on top: a key behind a table's header would be that table's.
    top = re.match(r"\ufeff?(?:#[^\n]*(?:\n|$))*", text)
    at = top.end() if top else 0
    return TextEdit(Span(at, at), f'ignore = ["{rule}"]{eol}')
