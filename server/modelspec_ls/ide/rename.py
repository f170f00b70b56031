"""Renaming a spec or a dependency id wherever it is used, from where it is declared or from a use.

Renaming back gives the same bytes: what could not be told apart afterwards is refused, with what to do instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Span, TextEdit
from modelspec_ls.core.words import code_list, shorten
from modelspec_ls.knowledge import kubernetes
from modelspec_ls.spec.view import SpecView
from modelspec_ls.syntax.edit import rewritten
from modelspec_ls.syntax.nodes import Node as YamlNode
from modelspec_ls.syntax.nodes import Scalar, deref, span_of
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.entries import Reference
from modelspec_ls.workspace.facts import NAME
from modelspec_ls.workspace.graph import Edge, Graph, Node
from modelspec_ls.workspace.lineage import heirs
from modelspec_ls.workspace.pipeline import Load
from modelspec_ls.workspace.references import parse_ref, shown
from modelspec_ls.workspace.snapshot import Snapshot

from .aftermath import refusal_of, straying, texts_after, with_texts
from .pipeline import load_from
from .results import FileEdits, Refusal
from .subject import Subject, models_of_flavor, places_of_flavor, subject_at

_SHOWN = 3


def prepare_rename(snapshot: Snapshot, uri: str, offset: int) -> tuple[Span, str] | None:
    """The text to be renamed, without its quotes; None where only its own file knows what is under the cursor."""
    document = snapshot.document(uri)
    subject = _subject(snapshot, document, offset) if document is not None else None
    if document is None or subject is None:
        return None
    return _name_span(document, subject), subject.text


def _name_span(document: Document, subject: Subject) -> Span:
    """Where the name stands in its scalar: a use may say more before it, such as a path."""
    node = subject.spot.node
    quoted = isinstance(node, Scalar) and node.style in {"'", '"'}
    start, end = node.start + quoted, node.end - quoted
    rest = subject.edge.reference.saying("") if subject.edge is not None else ""
    ends_so = document.text[start:end].endswith(subject.text + rest)
    end -= len(rest) if ends_so else 0
    return Span(end - len(subject.text) if ends_so else start, end)


def rename(snapshot: Snapshot, uri: str, offset: int, new: str) -> tuple[FileEdits, ...] | Refusal:
    """The changes that give a spec or a dependency id another name everywhere; none for anything else."""
    document = snapshot.document(uri)
    subject = _subject(snapshot, document, offset) if document is not None else None
    if document is None or subject is None:
        return ()
    new = new.strip()
    if new == subject.text:
        return ()
    if not new or any(c.isspace() or c in "#/\\:" for c in new) or parse_ref(new).kind != "name":
        return Refusal(f"`{new}` cannot be a name here: use letters, digits, `-`, `_` and `.`.")
    if subject.kind == "flavor":
        return _rename_flavor(snapshot, subject, new)
    if subject.kind == "spec":
        return _rename_spec(snapshot, subject.node, subject.text, new)
    assert subject.edge is not None
    return _rename_id(snapshot, subject, subject.edge, new)


def _subject(snapshot: Snapshot, document: Document, offset: int) -> Subject | None:
    subject = subject_at(snapshot, document, offset)
    if subject is None or subject.spot.place.part != "value" or not subject.text:
        return None
    if document.tree.tainted(subject.spot.span) or not isinstance(subject.spot.node, Scalar):
        return None
    if subject.kind == "flavor":
        return subject if models_of_flavor(snapshot.graph, subject) else None
    if subject.kind == "dependency" and subject.edge is not None:
        used = _used(snapshot.graph, subject, subject.edge)
        if used is None:
            return subject if _has_id(subject, subject.edge) else None
        span = _name_span(document, used)
        return used if span.start <= offset <= span.end else None
    return subject if subject.kind == "spec" else None


def _has_id(subject: Subject, edge: Edge) -> bool:
    """Whether a subject is an id of its own: a claim has none, it is the model that is renamed."""
    return subject.field == "id" and edge.reference.target.kind != "model"


def _used(graph: Graph, subject: Subject, edge: Edge) -> Subject | None:
    """The spec that is named at a use: by its name, behind the path of its file, or by an id without ``specRef``."""
    if subject.field != ("specRef" if edge.reference.spec_ref else "id"):
        return None
    ref, node = edge.reference.target, graph.meant(edge)
    spec = graph.spec(node) if node is not None else None
    said = {"path": ref.fragment, "empty": edge.reference.id}.get(ref.kind, ref.text)
    if node is None or spec is None or spec.name != said:
        return None
    return Subject("spec", subject.spot, node, said, edge)


def _rename_flavor(snapshot: Snapshot, subject: Subject, new: str) -> tuple[FileEdits, ...] | Refusal:
    graph, models = snapshot.graph, models_of_flavor(snapshot.graph, subject)
    if not graph.complete:
        return Refusal("The workspace is still being read; try again in a moment.")
    if len(models) != 1:
        names = code_list(dict.fromkeys(spec.title for node in models if (spec := graph.spec(node))))
        return Refusal(f"{names} each have a flavor `{subject.text}`. Rename it in the model that is meant.")
    spec = graph.spec(models[0])
    if spec is not None and new in spec.flavors:
        return Refusal(f"`{new}` is another flavor of `{spec.title}` already.")
    places = list(places_of_flavor(graph, models[0], subject.text, declaration=True))
    for node, _ in places:
        user = graph.spec(node)
        if node != models[0] and user is not None and (new in user.flavors or _shared(graph, node, subject.text)):
            return Refusal(
                f"{shown(node.key, subject.node.key)} picks flavors of several models; rename there by hand."
            )
    return _edits(snapshot, subject.node.key, [(node, path, new) for node, path in places])


def _shared(graph: Graph, node: Node, flavor: str) -> bool:
    """Whether more than one of the models that something claims has a flavor of that name."""
    specs = (edge.target.spec for edge in graph.edges(node))
    return sum(spec is not None and flavor in spec.flavors for spec in specs) > 1


def _rename_spec(snapshot: Snapshot, node: Node, old: str, new: str) -> tuple[FileEdits, ...] | Refusal:
    graph = snapshot.graph
    if not graph.complete:
        return Refusal("The workspace is still being read; try again in a moment.")
    own = graph.spec(node)
    if own is not None and own.kind == "OpenModel" and (fault := kubernetes.name_fault(new)):
        return Refusal(f"`{new}` cannot be the name of an OpenModel ({fault}).")
    for user in heirs(graph, node):
        if user.reference.target.fragment and not user.reference.takes(f"#{new}"):
            where = shown(user.node.key, node.key)
            return Refusal(f"`{new}` cannot stand in a hint of {where}: what follows `;` there is no part of a name.")
    found = _edits(snapshot, node.key, _changes(graph, node, new))
    if isinstance(found, Refusal):
        return found
    after = with_texts(snapshot, texts_after(snapshot, found))
    strays = straying(graph, after.graph, node, old, new)
    return refusal_of(strays, graph, node, old, new) or _clash(graph, node, new) or _one_way(after, node, old) or found


def _one_way(after: Snapshot, node: Node, old: str) -> Refusal | None:
    """Why the old name could not be given back; None where it could.

    The same references are changed on the way back, as each means what it meant.
    """
    back = _edits(after, node.key, _changes(after.graph, node, old))
    why = back if isinstance(back, Refusal) else _clash(after.graph, node, old)
    return Refusal(f"Renaming back to `{old}` would not work: {why.message}") if why is not None else None


def _changes(graph: Graph, node: Node, new: str) -> list[tuple[Node, DocPath, str]]:
    """What says a spec's name: itself, and all that refer to it by its name."""
    changes: list[tuple[Node, DocPath, str]] = [(node, NAME, new)]
    for user in (*graph.users(node), *heirs(graph, node)):
        ref = user.reference.target
        if ref.kind in {"name", "model"}:
            changes.append((user.node, user.reference.told_at, _swap(user.reference, ref.text, new)))
        elif ref.kind == "empty":
            changes.append((user.node, user.reference.told_at, new))
        elif ref.fragment:
            changes.append((user.node, user.reference.told_at, _swap(user.reference, ref.fragment, new)))
    return changes


def _clash(graph: Graph, node: Node, new: str) -> Refusal | None:
    """Why the ids that name a spec cannot get another name: another dependency goes by it."""
    for user in graph.users(node):
        if user.reference.target.kind == "empty" and any(other.id == new for other in user.spec.references):
            return Refusal(f"`{new}` is the id of another dependency in {shown(user.node.key, node.key)} already.")
    return None


def _swap(reference: Reference, old: str, new: str) -> str:
    """The specRef with the name at its end replaced."""
    text = reference.spec_ref.rstrip()
    return reference.saying(text[: len(text) - len(old)] + new + reference.spec_ref[len(text) :])


def _rename_id(snapshot: Snapshot, subject: Subject, edge: Edge, new: str) -> tuple[FileEdits, ...] | Refusal:
    for name in (new, edge.reference.id) if edge.target.outcome == "none" else ():
        if named := snapshot.graph.named(name):
            where = shown(named[0][0].key, subject.node.key)
            return Refusal(
                f"`{name}` is the name of a spec ({where}), which a dependency without `specRef` means. Write a "
                "`specRef` first."
            )
    same = list(_same_target(snapshot.graph, edge))
    entries = [e for e in same if e.reference.id == edge.reference.id]
    for entry in entries:
        for other in snapshot.graph.edges(entry.source):
            where, said = shown(entry.source.key, subject.node.key), other.reference.id
            if said == new:
                return Refusal(f"`{new}` is the id of another dependency in {where} already.")
            if said == edge.reference.id and other not in entries:
                why = f"{where} has another dependency of that id. Change one of the two by hand"
                return Refusal(f"Renaming back to `{said}` would not work: {why}.")
    if clash := [e for e in same if e.reference.id == new]:
        where = code_list(dict.fromkeys(shown(e.source.key, subject.node.key) for e in clash[:_SHOWN]))
        return Refusal(f"`{new}` is what {where} calls the same spec already; they could not be told apart afterwards.")
    return _edits(snapshot, subject.node.key, [(e.source, e.reference.path("id"), new) for e in entries])


def _same_target(graph: Graph, edge: Edge) -> Iterator[Edge]:
    """The dependencies of all specs that lead to the same spec; only this one where it leads nowhere."""
    if edge.target.node is None:
        yield edge
        return
    for user in graph.incoming(edge.target.node):
        yield from (e for e in graph.edges(user.node) if e.reference is user.reference)


def _edits(
    snapshot: Snapshot, base: str, changes: Iterable[tuple[Node, DocPath, str]]
) -> tuple[FileEdits, ...] | Refusal:
    """Values at paths replaced, file by file, as they stand in the editor or on disk now. ``base``: who asks."""
    load = load_from(snapshot)
    by_file: dict[str, dict[Span, str]] = {}
    for node, path, value in changes:
        document = load(node.key)
        found = _scalar(document, node, path) if document is not None else None
        if document is None or found is None:
            return Refusal(f"{shown(node.key, base)} could not be read as it was indexed. Save it, and try again.")
        edit = TextEdit(span_of(found), rewritten(found, value, as_json=document.is_json))
        source = document.text[edit.span.start : edit.span.end]
        if edit.new_text[:1] == '"' and source[:1] != '"':
            return Refusal(
                f"`{value}` would need quotes in {shown(node.key, base)}; choose a name that YAML reads as text."
            )
        target = deref(found)
        if isinstance(target, Scalar) and rewritten(found, target.value, as_json=document.is_json) != source:
            line = document.index.line_of(edit.span.start) + 1
            return Refusal(
                f"{shown(node.key, base)}:{line} says this name in a way that renaming back would not restore "
                f"(`{shorten(source)}`). Write it plainly there first."
            )
        by_file.setdefault(node.key, {})[edit.span] = edit.new_text
    return tuple(file_edits(load, key, edits) for key, edits in by_file.items())


def _scalar(document: Document, node: Node, path: DocPath) -> YamlNode | None:
    """The scalar at a path, or the alias that stands for one."""
    if node.document >= len(document.tree.documents):
        return None
    found = SpecView(document.tree.documents[node.document]).find(path)
    if found is None or not isinstance(deref(found.node), Scalar):
        return None
    return found.node


def file_edits(load: Load, key: str, edits: dict[Span, str]) -> FileEdits:
    """The changes of one file."""
    document = load(key)
    assert document is not None
    return FileEdits(
        document.uri,
        document.version,
        document.index,
        tuple(TextEdit(span, text) for span, text in sorted(edits.items())),
    )
