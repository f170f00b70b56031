"""Specs into files of their own: the documents of a stream, and dependencies that have no file yet."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from modelspec_ls.analysis import resolve_fix
from modelspec_ls.core.finding import CreateFile, Fix, InsertPairs, Operation, Place, SetValue
from modelspec_ls.core.text import Span, TextEdit
from modelspec_ls.ide.results import CodeAction
from modelspec_ls.rules.skeletons import skeleton
from modelspec_ls.syntax.lookup import find
from modelspec_ls.syntax.nodes import Document as Part
from modelspec_ls.syntax.nodes import Missing
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.entries import DEPENDENCIES, Reference
from modelspec_ls.workspace.facts import facts
from modelspec_ls.workspace.files import is_there
from modelspec_ls.workspace.graph import Node
from modelspec_ls.workspace.references import uri_of

from .where import Where

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


def extract(where: Where) -> Iterator[CodeAction]:
    """In an entry of ``dependencies``: its spec, from this file or not written yet, as a file beside this one."""
    depth = len(DEPENDENCIES)
    if where.path[:depth] != DEPENDENCIES or len(where.path) <= depth or not where.document.uri.startswith("file:"):
        return
    spec = next((s for s in facts(where.document) if s.document == where.part.number), None)
    entry = next((r for r in spec.references if r.index == where.path[depth]), None) if spec else None
    if entry is None or not _NAME.fullmatch(entry.id):
        return
    name = f"{entry.id}.modelspec.yaml"
    target = _beside(where, name)
    if target is None:
        return
    edges = where.snapshot.graph.edges(Node(where.document.key, where.part.number))
    edge = next((e for e in edges if e.reference.index == entry.index), None)
    node = edge.target.node if edge is not None else None
    if node is not None and node.key == where.document.key and node.document != where.part.number:
        edits = (*_removed(where.document, node.document), *_pointed(where, entry, name))
        text = _text_of(where.document, where.document.tree.documents[node.document])
        yield CodeAction(
            f"Move `{entry.id}` to `{name}`", edits, kind="refactor.extract", creates=(CreateFile(target, text),)
        )
    elif not entry.spec_ref.strip() and spec is not None:
        text = skeleton(entry, spec.environment)
        edits = _pointed(where, entry, name)
        if edits:
            yield CodeAction(
                f"Create `{name}` for `{entry.id}`", edits, kind="refactor.extract", creates=(CreateFile(target, text),)
            )


def split(where: Where) -> Iterator[CodeAction]:
    """On the top keys of a file with several documents: each further document as a file of its own."""
    document = where.document
    if len(where.path) > 1 or document.is_json or not document.uri.startswith("file:"):
        return
    further = [part for part in document.tree.documents[1:] if not isinstance(part.root, Missing)]
    if not further or _refers_to_itself(where):
        return
    creates: list[CreateFile] = []
    for part in further:
        name = _file_name(document, part)
        target = _beside(where, name) if name else None
        if target is None or any(c.uri == target for c in creates):
            return
        creates.append(CreateFile(target, _text_of(document, part)))
    start = document.tree.documents[1].start
    edit = TextEdit(Span(start, len(document.text)), "")
    yield CodeAction(f"Split into {len(further) + 1} files", (edit,), kind="refactor.extract", creates=tuple(creates))


def _pointed(where: Where, entry: Reference, name: str) -> tuple[TextEdit, ...]:
    """The edits that lead an entry to a file beside this one."""
    number, path = where.part.number, entry.path("specRef")
    there = find(where.part, path) is not None
    operation: Operation = SetValue(Place(number, path), f"./{name}")
    if not there:
        operation = InsertPairs(Place(number, entry.path()), (("specRef", f"./{name}"),))
    return resolve_fix(where.document, Fix("", (operation,)))


def _removed(document: Document, number: int) -> tuple[TextEdit, ...]:
    part = document.tree.documents[number]
    if number == 0 and len(document.tree.documents) > 1:
        return (TextEdit(Span(part.start, document.tree.documents[1].start), ""),)
    return (TextEdit(Span(part.start, part.end), ""),)


def _refers_to_itself(where: Where) -> bool:
    """Whether a spec of the file depends on another one in it, which a plain split would part."""
    graph, key = where.snapshot.graph, where.document.key
    edges = (edge for spec in facts(where.document) for edge in graph.edges(Node(key, spec.document)))
    return any(edge.target.node is not None and edge.target.node.key == key for edge in edges)


def _text_of(document: Document, part: Part) -> str:
    text = document.text[part.start : part.end].removeprefix("\ufeff")
    text = re.sub(r"\A(?:---[ \t]*(?:\r?\n|$)|\s*\n)+", "", text)
    text = re.sub(r"(?:\r?\n)?\.\.\.\s*\Z", "", text)
    return text.rstrip() + ("\r\n" if "\r\n" in text else "\n")


def _file_name(document: Document, part: Part) -> str | None:
    spec = next((s for s in facts(document) if s.document == part.number), None)
    return f"{spec.name}.modelspec.yaml" if spec and _NAME.fullmatch(spec.name) else None


def _beside(where: Where, name: str) -> str | None:
    """The URI of a new file beside this one; None where there is one of that name."""
    key = posixpath.join(posixpath.dirname(where.document.key), name)
    return None if is_there(key) or key in _taken(where) else uri_of(key)


def _taken(where: Where) -> set[str]:
    return {document.key for document in where.snapshot.documents.values()}
