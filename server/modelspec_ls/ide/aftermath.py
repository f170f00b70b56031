"""What a rename makes of a workspace, found out before it is offered: no reference may come to mean another spec."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from attrs import evolve

from modelspec_ls.core.text import apply_edits
from modelspec_ls.core.words import plural
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import file_facts
from modelspec_ls.workspace.graph import Edge, Graph, Node
from modelspec_ls.workspace.references import key_of, shown
from modelspec_ls.workspace.snapshot import Snapshot

from .pipeline import load_from
from .results import FileEdits, Refusal


class Stray(NamedTuple):
    """A reference as it is, the spec that it means, and the one that it would mean."""

    edge: Edge
    now: Node | None
    then: Node | None


def texts_after(snapshot: Snapshot, edits: Iterable[FileEdits]) -> dict[str, str]:
    """The texts of some files with their edits applied, by file key."""
    load = load_from(snapshot)
    found = ((load(key_of(file.uri)), file) for file in edits)
    return {doc.key: apply_edits(doc.text, file.edits) for doc, file in found if doc is not None}


def with_texts(snapshot: Snapshot, texts: dict[str, str]) -> Snapshot:
    """A workspace as it would be with other texts."""
    graph = snapshot.graph
    documents = [Document(graph.files[key].uri, text) for key, text in texts.items()]
    for document in documents:
        snapshot = snapshot.with_document(document)
    files = {document.key: document for document in documents}
    return snapshot.with_graph(
        graph.with_files({key: evolve(file_facts(doc), guest=graph.files[key].guest) for key, doc in files.items()})
    )


def straying(before: Graph, after: Graph, node: Node, old: str, new: str) -> list[Stray]:
    """The references that would mean another spec, or another number of specs, once a spec has another name."""
    keys = {node.key, *before.referrers(node.key), *after.referrers(node.key)}
    for graph in (before, after):
        for name in (old, new):
            keys.update(graph.asking_for(name), graph.calling(name))
    return [stray for key in sorted(keys) for stray in _straying_in(before, after, key)]


def _straying_in(before: Graph, after: Graph, key: str) -> Iterator[Stray]:
    for spec in before.files[key].parts:
        source = Node(key, spec.document)
        for edge, later in zip(before.entries(source), after.entries(source), strict=False):
            now, then = before.meant(edge), after.meant(later)
            if now != then or edge.target.outcome != later.target.outcome:
                yield Stray(edge, now, then)


def refusal_of(strays: list[Stray], graph: Graph, node: Node, old: str, new: str) -> Refusal | None:
    """Why a spec must not get another name, with one of the references that speak against it; None where none do."""
    if not strays:
        return None

    def file(key: str) -> str:
        return shown(key, node.key)

    where = file(strays[0].edge.source.key)
    if taken := [other for other, _ in graph.named(new) if other != node]:
        return Refusal(
            f"`{new}` is the name of another spec already: {file(taken[0].key)}. A reference in {where} would then "
            "mean another spec than now. Choose another name, or refer to it by its path first."
        )
    sharing = [other for other, _ in graph.named(old) if other != node]
    waiting = [s for s in strays if s.now is None and s.then == node]
    if waiting or not sharing:
        said = file(waiting[0].edge.source.key) if waiting else where
        return Refusal(
            f"{plural(len(waiting or strays), 'reference')} to `{new}` would then lead to this spec, for example in "
            f"{said}. If that is meant, change the name by hand."
        )
    return Refusal(
        f"{file(sharing[0].key)} is called `{old}` too, and a reference to `{old}` in {where} would then mean another "
        "spec than now. Refer to it by its path there first."
    )
