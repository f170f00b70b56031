"""Files and folders that move take their references along: those to them, and their own."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from attrs import frozen

from modelspec_ls.core.text import Span, TextEdit, apply_edits
from modelspec_ls.spec.view import SpecView
from modelspec_ls.syntax.edit import rewritten
from modelspec_ls.syntax.nodes import Node as YamlNode
from modelspec_ls.syntax.nodes import Scalar, deref, span_of
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.entries import Reference
from modelspec_ls.workspace.facts import facts
from modelspec_ls.workspace.graph import Graph, Node, Target, nearest
from modelspec_ls.workspace.references import SpecRef, candidates, parse_ref, relative_ref, uri_of
from modelspec_ls.workspace.snapshot import Snapshot

from .pipeline import load_from
from .rename import file_edits
from .results import FileEdits
from .way_back import Before, Lead, Memory, Past, Place, new_key, remembered, taken_back


@frozen
class Moved:
    """The changes that keep references true, and what is remembered for the way back."""

    edits: tuple[FileEdits, ...]
    memory: Memory


class _Home(NamedTuple):
    """A file that a move touches: its key, its new one, and the folder that ``/x.yaml`` will start at in it."""

    key: str
    new: str
    root: str


@frozen
class _After:
    """What a move makes of a workspace.

    ``back``: the renames of the way back. ``undone``: the moves that this one takes back. ``there``: the files that are
    there then, found once for all references. ``starts``: the folders that ``/x.yaml`` starts at and that move along.
    ``places``: a graph without files that knows of the others. ``links``: the files that links lead to.
    """

    graph: Graph
    renames: Mapping[str, str]
    back: Mapping[str, str]
    undone: Memory
    there: frozenset[str]
    starts: tuple[str, ...]
    places: Graph
    links: Mapping[str, str]

    def new(self, key: str) -> str:
        """The key that a file or folder gets."""
        return new_key(self.renames, key)

    def home(self, key: str) -> _Home:
        """Where a file will be."""
        new = self.new(key)
        inside = (start for start in self.starts if new.startswith(f"{start}/"))
        return _Home(key, new, max(inside, key=len, default="") or self.places.root_of(new))

    def lead(self, home: _Home, text: str) -> Lead:
        """Where a reference will lead from a file's new place, among the files in theirs."""
        ref = parse_ref(text)
        if ref.kind == "name":
            moved = tuple((Node(self.new(node.key), node.document), spec) for node, spec in self.graph.bearing(ref))
            found = tuple(f for f in moved if f[0].key == home.new) or nearest(posixpath.dirname(home.new), moved)
            return Lead(found[0][0].key, there=True) if len(found) == 1 else _NOWHERE
        tried = candidates(home.new, ref, home.root)
        key = next((key for key in tried if key in self.there), None)
        return Lead(self.links.get(key, key) if key else "".join(tried[:1]), there=key is not None)


class _Reference(NamedTuple):
    """A reference of a file that a move touches: what says it, how it was, and the source and text it gets."""

    node: YamlNode
    place: Place
    before: Before
    text: str


_NOWHERE = Lead("", there=False)


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
    new = {key: new_key(renames, key) for key in graph.files}
    after = _after(graph, renames, new, taken_back(memory, renames), projects_of)
    # What moves, and what it moves to: a reference may lead there, to something else, or to nothing yet.
    touched = [key for key in graph.files if new[key] != key or new_key(after.back, key) != key]
    affected = {*touched, *(referrer for key in touched for referrer in graph.referrers(key))}
    affected |= {place.key for past in after.undone for place in past.before if place.key in graph.files}
    out: list[FileEdits] = []
    before: dict[Place, Before] = {}
    for key in sorted(affected):
        document = load(key) if graph.files[key].specs else None
        edits = _edits(after, document, before) if document is not None else {}
        if edits:
            out.append(file_edits(load, key, edits))
    return Moved(tuple(out), remembered(memory, Past(after.back, before), renames))


def _after(
    graph: Graph,
    renames: Mapping[str, str],
    new: Mapping[str, str],
    undone: Memory,
    projects_of: Callable[[Iterable[str]], Mapping[str, str]],
) -> _After:
    """``new``: the keys that all files get."""
    moved = [key for key in new if new[key] != key]
    projects = {**graph.projects, **projects_of(new[key] for key in moved if graph.files[key].linked)}
    roots = {root: new_key(renames, root) for root in {graph.root_of(key) for key in moved}}
    return _After(
        graph,
        renames,
        back={new: old for old, new in reversed([*renames.items()])},
        undone=undone,
        there=frozenset(
            new[key]
            for key, facts in graph.files.items()
            if facts.state != "missing" and (facts.state != "link" or new.get(facts.real) == facts.real)
        ),
        starts=tuple(new for root, new in roots.items() if new != root),
        places=Graph(roots=graph.roots, projects=projects),
        links={new[key]: facts.real for key, facts in graph.files.items() if facts.state == "link"},
    )


def _edits(after: _After, document: Document, before: dict[Place, Before]) -> dict[Span, str]:
    """What changes in a file; ``before`` gets what must be known of it on the way back."""
    found = list(_references(after, document))
    restored = [one for one in found if one.place.source[:1] == "*" != one.before.source[:1]]
    if restored and not _say_so(document, found):
        found = list(_references(after, document, aliases=False))
    for one in found:
        # The plain way back restores the others.
        if one.place.source != one.before.source or new_key(after.back, one.before.since.key) != one.before.lead.key:
            before[one.place] = one.before
    return _changed(found)


def _changed(found: list[_Reference]) -> dict[Span, str]:
    return {span_of(one.node): one.place.source for one in found if one.place.source != one.before.source}


def _say_so(document: Document, found: list[_Reference]) -> bool:
    """Whether a file's references will say what they should: what an alias stands for may have been edited."""
    edits = [TextEdit(span, source) for span, source in sorted(_changed(found).items())]
    later = facts(Document(document.uri, apply_edits(document.text, edits)))
    said = {(spec.document, reference.index): reference.spec_ref for spec in later for reference in spec.entries}
    return all(said.get((one.place.document, one.place.entry)) == one.text for one in found)


def _references(after: _After, document: Document, *, aliases: bool = True) -> Iterator[_Reference]:
    """The references of a file, and what becomes of them. ``aliases``: whether these are restored."""
    home = after.home(document.key)
    for place, reference, node in _written(document):
        target = after.graph.resolve(home.key, reference.target)
        if target.outcome == "external":
            continue
        lead, goals = _led(after, reference.target, target)
        source, text = place.source, reference.spec_ref
        since = after.lead(home, text)
        was = _was(after, home, place, lead, goals)
        if was is not None and (aliases or was.source[:1] != "*"):
            source, text, since = was.source, was.text, after.lead(home, was.text)
        elif goals and since.key not in goals:
            # No reference leads to some, such as to a path with `#` in it.
            for way in _ways(after, home, reference, target, lead.key):
                led = after.lead(home, way)
                if led.key in goals and reference.takes(way):
                    source, text, since = rewritten(node, reference.saying(way), as_json=document.is_json), way, led
                    break
        before = Before(place.source, reference.spec_ref, lead, since)
        yield _Reference(node, place._replace(key=home.new, source=source), before, text)


def _written(document: Document) -> Iterator[tuple[Place, Reference, YamlNode]]:
    """The references of a file that are paths or names, with what says them."""
    for spec in facts(document):
        view = SpecView(document.tree.documents[spec.document])
        for reference in spec.entries:
            found = view.find(reference.path("specRef"))
            if reference.target.kind not in {"path", "name"} or not reference.target.text or found is None:
                continue
            span = span_of(found.node)
            if isinstance(deref(found.node), Scalar) and not document.tree.tainted(span):
                source = document.text[span.start : span.end]
                yield Place(document.key, spec.document, reference.index, source), reference, found.node


def _led(after: _After, ref: SpecRef, target: Target) -> tuple[Lead, set[str]]:
    """Where a reference leads before a move, and the files that it may lead to after it."""
    if ref.kind == "name":
        # What leads to several, or to none, has no file to follow.
        lead = Lead(target.key, there=True) if target.node is not None else _NOWHERE
        return lead, {after.new(lead.key)} if lead.there else set()
    if target.key:
        return Lead(target.key, there=True), {after.new(target.key)}
    return Lead(target.tried[0], there=False), {after.new(key) for key in target.tried}


def _was(after: _After, home: _Home, place: Place, lead: Lead, goals: set[str]) -> Before | None:
    """How a reference was before a move that is taken back: where it then leads right, or as it led before.

    The second is for those that led to nothing: they do so again once the file that they lead to is back.
    """
    for past in after.undone:
        before = past.before.get(place)
        if before is None:
            continue
        then = after.lead(home, before.text)
        goes_back = lead == before.since and after.new(lead.key) == new_key(past.back, lead.key)
        if then.key in goals or (goes_back and then == before.lead):
            return before
    return None


def _ways(after: _After, home: _Home, reference: Reference, target: Target, old: str) -> Iterator[str]:
    """A reference in the style it was written in: from the root, from its folder, with or without ``./``.

    Then as it leads there for certain; a name that would lead elsewhere becomes such a path at once.
    """
    ref, new = reference.target, after.new(old)
    fragment = f"#{ref.fragment}" if ref.fragment else ""
    if ref.kind == "name":
        if target.spec is not None and len(after.graph.files[old].specs) > 1:
            # It takes the name to say which spec of the file is meant.
            fragment = f"#{target.spec.name}"
    elif reference.spec_ref.strip().startswith("file:"):
        yield uri_of(new) + fragment
    elif not ref.dotted:
        inside = f"{home.root.rstrip('/')}/"
        from_root = ref.rooted or old != candidates(home.key, ref, "")[0]
        if home.root and from_root and new.startswith(inside):
            yield ("/" if ref.rooted else "") + new[len(inside) :] + fragment
        else:
            yield posixpath.relpath(new, posixpath.dirname(home.new)) + fragment
    yield (relative_ref(home.new, new) or new) + fragment
