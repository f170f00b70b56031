"""Files and folders that move take their references along: those to them, and their own."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from attrs import frozen

from modelspec_ls.core.text import Span
from modelspec_ls.spec.view import SpecView
from modelspec_ls.syntax.edit import rewritten
from modelspec_ls.syntax.nodes import Scalar, deref, span_of
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import Reference, facts
from modelspec_ls.workspace.graph import Graph, Node, Target, nearest
from modelspec_ls.workspace.references import SpecRef, candidates, folders_above, parse_ref, relative_ref, uri_of
from modelspec_ls.workspace.snapshot import Snapshot

from .pipeline import load_from
from .rename import file_edits
from .results import FileEdits


class Place(NamedTuple):
    """A reference that we changed: its file's key now, where it stands in it, and the source that we wrote."""

    key: str
    document: int
    entry: int
    source: str


class Before(NamedTuple):
    """How a reference was written before: its source, and what that says."""

    source: str
    text: str


Memory = Mapping[Place, Before]
"""How references were written before we changed them."""


@frozen
class Moved:
    """The changes that keep references true, and how they were written before, for the way back."""

    edits: tuple[FileEdits, ...]
    memory: Memory


@frozen
class _After:
    """What a move makes of a workspace.

    ``there``: the files that are there then, found once for all references. ``places``: a graph without files that
    knows where ``/x.yaml`` starts in folders that files move to.
    """

    graph: Graph
    renames: Mapping[str, str]
    there: frozenset[str]
    places: Graph

    def new(self, key: str) -> str:
        """The key that a file or folder gets."""
        return _new(self.renames, key)


def _unknown(_: Iterable[str]) -> Mapping[str, str]:
    return {}


def move(
    snapshot: Snapshot,
    renames: Mapping[str, str],
    memory: Memory,
    projects_of: Callable[[Iterable[str]], Mapping[str, str]] = _unknown,
) -> Moved:
    """What changes when files or folders get other keys. The edits are for the files where they still are.

    ``projects_of``: where ``/x.yaml`` starts in files by their new keys, as the folders on disk tell; of a folder that
    is not told of, the nearest project that the graph knows counts.
    """
    graph, load = snapshot.graph, load_from(snapshot)
    there = {key: _new(renames, key) for key in graph.files}
    moved = {key for key, new in there.items() if new != key}
    present = frozenset(new for key, new in there.items() if graph.files[key].state != "missing")
    projects = {**graph.projects, **projects_of(there[key] for key in moved if graph.files[key].linked)}
    after = _After(graph, renames, present, Graph(roots=graph.roots, projects=projects))
    affected = moved | {referrer for key in moved for referrer in graph.referrers(key)}
    out: list[FileEdits] = []
    kept: dict[Place, Before] = {}
    for key in sorted(affected):
        document = load(key) if graph.files[key].specs else None
        edits = _edits(after, document, key, memory, kept) if document is not None else {}
        if edits:
            out.append(file_edits(load, key, edits))
    return Moved(tuple(out), kept)


def _new(renames: Mapping[str, str], key: str) -> str:
    found = [old for old in (key, *folders_above(key)) if old in renames]
    if not found:
        return key
    # Where a folder and something in it get other names, the first that was named counts.
    old = found[0] if len(found) == 1 else next(old for old in renames if old in found)
    return renames[old] + key[len(old) :]


def _edits(after: _After, document: Document, key: str, memory: Memory, kept: dict[Place, Before]) -> dict[Span, str]:
    out: dict[Span, str] = {}
    graph, here = after.graph, after.new(key)
    root = _root(after, key, here)
    for spec in facts(document):
        view = SpecView(document.tree.documents[spec.document])
        for reference in spec.references:
            ref = reference.target
            found = view.find(reference.path("specRef"))
            if ref.kind not in {"path", "name"} or not ref.text or found is None:
                continue
            span = span_of(found.node)
            if document.tree.tainted(span) or not isinstance(deref(found.node), Scalar):
                continue
            target = graph.resolve(key, ref)
            if target.outcome == "external" or (ref.kind == "name" and target.node is None):
                continue
            old_target = target.key or target.tried[0]
            new_target = after.new(old_target)
            old = document.text[span.start : span.end]
            before = memory.get(Place(key, spec.document, reference.index, old))
            if before is not None and _true(after, here, root, before.text, new_target):
                new = before.source
            elif _true(after, here, root, reference.spec_ref, new_target):
                continue
            else:
                text = _rewritten(reference, key, here, root, old_target, new_target, _fragment(graph, target))
                if not _true(after, here, root, text, new_target):
                    continue  # No reference leads there, such as to a path with `#` in it.
                new = rewritten(found.node, text, as_json=document.is_json)
            if new != old:
                out[span] = new
                kept[Place(here, spec.document, reference.index, new)] = Before(old, reference.spec_ref)
    return out


def _root(after: _After, key: str, here: str) -> str:
    """Where ``/x.yaml`` will start in a file in its new place ``here``; a whole project may move."""
    root = after.graph.root_of(key)
    moved = after.new(root)
    return moved if moved != root else after.places.root_of(here)


def _leads(after: _After, here: str, root: str, ref: SpecRef) -> str:
    """Where a reference will lead from a file's new place, among the files in theirs."""
    tried = candidates(here, ref, root)
    return next((key for key in tried if key in after.there), tried[0])


def _true(after: _After, here: str, root: str, text: str, target: str) -> bool:
    """Whether a reference will lead to a file from another one's new place."""
    ref = parse_ref(text)
    if ref.kind == "name":
        moved = tuple((Node(after.new(node.key), node.document), spec) for node, spec in after.graph.bearing(ref))
        found = tuple(f for f in moved if f[0].key == here) or nearest(posixpath.dirname(here), moved)
        return [node.key for node, _ in found] == [target]
    return ref.kind == "path" and _leads(after, here, root, ref) == target


def _fragment(graph: Graph, target: Target) -> str:
    """What says which spec of a file is meant, where there are several."""
    several = target.spec is not None and len(graph.files[target.key].specs) > 1
    return f"#{target.spec.name}" if several and target.spec is not None else ""


def _rewritten(reference: Reference, key: str, here: str, root: str, old: str, new: str, fragment: str) -> str:
    """A reference in the style it was written in: from the root, from its folder, with or without ``./``.

    A name that would lead elsewhere becomes a path. ``fragment``: what it then takes to say which spec is meant.
    """
    ref = reference.target
    if ref.kind == "name":
        return (relative_ref(here, new) or new) + fragment
    fragment = f"#{ref.fragment}" if ref.fragment else ""
    if reference.spec_ref.strip().startswith("file:"):
        return uri_of(new) + fragment
    inside = f"{root.rstrip('/')}/"
    from_root = ref.rooted or (not ref.dotted and old != candidates(key, ref, "")[0])
    if root and from_root and new.startswith(inside):
        return ("/" if ref.rooted else "") + new[len(inside) :] + fragment
    path = posixpath.relpath(new, posixpath.dirname(here))
    if ref.dotted and not path.startswith("../"):
        path = f"./{path}"
    return path + fragment
