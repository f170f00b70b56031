"""All specs of a workspace and what they refer to: an immutable graph, made anew where facts change.

Nodes are ModelSpecs, named by file key and document number. Asking costs in proportion to the answer; changing a file
costs a copy of three tables of references, not a look at the other files.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from attrs import field, frozen

from .circles import components
from .entries import Reference
from .facts import FileFacts, SpecFacts
from .files import leads_away
from .mentions import ASKED, NAMES, mentions_of, moved
from .naming import likeness
from .offers import Offers, offered
from .references import SpecRef, candidates, shared

Outcome = Literal[
    "spec", "missing", "no-name", "no-fragment", "ambiguous", "folder", "other", "broken", "unreadable",
    "external", "template", "none", "unread", "unsought",
]  # fmt: skip
"""What a reference leads to. ``none``: nothing is said; ``unread``: the file was not looked at yet;
``unsought``: a name in a file around which nobody has looked for specs."""


_MANY = 100
"""So many files change at once when a workspace is read or a branch checked out: looking at all is quicker then."""
_SHORT = 64
"""A look at so many specs in one direction is short."""
_MOST_STEPS = 1_000_000
"""So many specs are looked at for the ways round of all that hang together, where each has one."""


class Node(NamedTuple):
    """A ModelSpec: the key of its file and the number of its document."""

    key: str
    document: int


@frozen
class Target:
    """Where a reference leads.

    ``key``: the file, where there is one. ``tried``: keys that were looked at. ``names``: what could have been meant.
    """

    outcome: Outcome
    key: str = ""
    node: Node | None = None
    spec: SpecFacts | None = None
    tried: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


_NOWHERE = Target("none")


@frozen
class Edge:
    """One dependency of a spec, with where it leads."""

    source: Node
    reference: Reference
    target: Target


class Incoming(NamedTuple):
    """A spec that refers to another one."""

    node: Node
    spec: SpecFacts
    reference: Reference


@frozen(eq=False)
class Graph:
    """Facts by file key, with the tables that answer questions across files.

    ``roots``: keys of the workspace's folders. ``complete``: every spec below them is known, so that what is not
    found is not there. ``searched``: the folders in whose files names count as looked for; None: in all files.
    ``projects``: where ``/x.yaml`` starts in the files of a folder; empty where the folder is in no project.
    """

    files: Mapping[str, FileFacts] = field(factory=dict)
    roots: tuple[str, ...] = ()
    complete: bool = True
    projects: Mapping[str, str] = field(factory=dict)
    searched: tuple[str, ...] | None = None
    _named: Mapping[str, tuple[str, ...]] = field(factory=dict, alias="named")
    _referrers: Mapping[str, tuple[str, ...]] = field(factory=dict, alias="referrers")
    memo: dict[Any, Any] = field(factory=dict, init=False, repr=False)
    """Results that upper layers derive from this graph alone."""

    # ------------------------------------------------------------------ making
    def with_files(self, changes: Mapping[str, FileFacts | None]) -> Graph:
        """This graph with files added, replaced or (None) taken out; the same graph where nothing differs."""
        changes = {key: new for key, new in changes.items() if self.files.get(key) != new}
        if not changes:
            return self
        files = {**self.files, **{key: new for key, new in changes.items() if new is not None}}
        for key, new in changes.items():
            if new is None:
                files.pop(key, None)
        named, referrers = dict(self._named), dict(self._referrers)
        both = [(key, self.files.get(key), new) for key, new in changes.items()]
        moved(named, ((key, _names(old), _names(new)) for key, old, new in both))
        moved(referrers, ((key, self._mentions(key, old), self._mentions(key, new)) for key, old, new in both))
        return Graph(files, self.roots, self.complete, self.projects, self.searched, named, referrers)

    def with_roots(self, roots: Iterable[str], searched: Iterable[str] | None = None) -> Graph:
        """This graph under other workspace folders."""
        roots, searched = tuple(dict.fromkeys(roots)), tuple(searched) if searched is not None else None
        if (roots, searched) == (self.roots, self.searched):
            return self
        graph = Graph(roots=roots, complete=self.complete, projects=self.projects, searched=searched)
        return graph.with_files(self.files)

    def with_projects(self, found: Mapping[str, str]) -> Graph:
        """This graph with the projects of some folders known; the same graph where they were."""
        new = {folder: project for folder, project in found.items() if self.projects.get(folder) != project}
        if not new:
            return self
        referrers = dict(self._referrers)
        projects = {**self.projects, **new}
        graph = Graph(self.files, self.roots, self.complete, projects, self.searched, self._named, referrers)
        placed = ((key, facts) for key, facts in self.files.items() if posixpath.dirname(key) in new)
        moved(referrers, ((key, self._mentions(key, facts), graph._mentions(key, facts)) for key, facts in placed))
        return graph

    def completed(self, *, complete: bool) -> Graph:
        """This graph, said to hold every spec of its folders or not."""
        if complete == self.complete:
            return self
        return Graph(self.files, self.roots, complete, self.projects, self.searched, self._named, self._referrers)

    def _mentions(self, key: str, facts: FileFacts | None) -> set[str]:
        return mentions_of(facts, lambda ref: self.candidates(key, ref)) if facts is not None else set()

    def candidates(self, key: str, ref: SpecRef) -> tuple[str, ...]:
        """The keys that a path may mean in a file."""
        return candidates(key, ref, "" if ref.dotted else self.root_of(key))

    def root_of(self, key: str) -> str:
        """The folder that ``/x.yaml`` starts at in a file: its project, else the highest folder of the workspace.

        Of a folder that nobody has looked at, the nearest project above is taken.
        """
        project = self.projects.get(posixpath.dirname(key))
        if project is None:
            project = max(_over(key, set(self.projects.values()) - {""}), key=len, default="")
        return project or min(_over(key, self.roots), key=len, default="")

    def spans(self, key: str) -> bool:
        """Whether a file lies in one of the workspace's folders; any does where there are none."""
        starts: tuple[str, ...] | None = self.memo.get("starts")
        if starts is None:
            starts = self.memo["starts"] = tuple(f"{root.rstrip('/')}/" for root in self.roots)
        return key.startswith(starts) if starts else True

    def _beyond(self, key: str) -> bool:
        """Whether the specs around a file are not known."""
        return self.searched is not None and not any(_over(key, self.searched))

    # ------------------------------------------------------------------ nodes
    def spec(self, node: Node) -> SpecFacts | None:
        """The facts of a node; None where it is gone."""
        kept: dict[str, dict[int, SpecFacts]] = self.memo.setdefault("specs", {})
        found = kept.get(node.key)
        if found is None:
            facts = self.files.get(node.key)
            # The first of a document counts.
            found = kept[node.key] = {spec.document: spec for spec in reversed(facts.parts if facts else ())}
        return found.get(node.document)

    def nodes(self) -> Iterator[tuple[Node, SpecFacts]]:
        """Every spec, in the order of the files."""
        for key, facts in self.files.items():
            for spec in facts.specs:
                yield Node(key, spec.document), spec

    def parts(self) -> Iterator[tuple[Node, SpecFacts]]:
        """Every spec and everything that claims models, in the order of the files."""
        for key, facts in self.files.items():
            for spec in facts.parts:
                yield Node(key, spec.document), spec

    def models(self) -> tuple[tuple[Node, SpecFacts], ...]:
        """Every OpenModel of the workspace; kept with the graph."""
        kept: tuple[tuple[Node, SpecFacts], ...] | None = self.memo.get("models")
        if kept is None:
            found = (part for part in self.nodes() if part[1].kind == "OpenModel")
            kept = tuple((node, spec) for node, spec in found if not self.files[node.key].guest)
            self.memo["models"] = kept
        return kept

    def alike(self, name: str) -> tuple[tuple[Node, SpecFacts], ...]:
        """The specs of the workspace with the same Service name, by file; kept with the graph."""
        kept: dict[str, tuple[tuple[Node, SpecFacts], ...]] = self.memo.setdefault("alike", {})
        service = likeness(name)
        if service not in kept:
            kept[service] = tuple(
                (Node(key, spec.document), spec)
                for key in sorted(self._named.get(service, ()))
                for spec in self.files[key].specs
                if spec.name and likeness(spec.name) == service
            )
        return kept[service]

    def named(self, name: str) -> tuple[tuple[Node, SpecFacts], ...]:
        """The specs of the workspace whose ``metadata.name`` this is, by file."""
        return tuple(found for found in self.alike(name) if found[1].name == name)

    def names(self) -> set[str]:
        """Every ``metadata.name``."""
        return {spec.name for _, spec in self.nodes() if spec.name}

    # ------------------------------------------------------------------ references
    def mentions(self, key: str) -> set[str]:
        """File keys that a file's references may lead to."""
        return {m for m in self._mentions(key, self.files.get(key)) if not m.startswith(NAMES)}

    def wanted(self, key: str) -> set[str]:
        """File keys that a file's references may lead to and that nobody has looked at."""
        return {m for m in self.mentions(key) if m not in self.files and not leads_away(m, key)}

    def wanting(self) -> set[str]:
        """The files with such references."""
        away = (by for m, by in self._referrers.items() if m not in self.files and not m.startswith(NAMES))
        return {key for keys in away for key in keys}

    def resolve(self, key: str, ref: SpecRef) -> Target:
        """Where a reference leads from the file ``key``."""
        if ref.kind == "name" or ref.kind == "model":  # noqa: PLR1714  (the type checker follows this)
            return self._by_name(key, ref)
        if ref.kind == "empty":
            return _NOWHERE
        if ref.kind != "path":
            return Target(ref.kind)
        tried = self.candidates(key, ref)
        if leads_away(ref.text, key):
            return Target("external", tried=tried)
        for place in map(self._behind, tried):
            facts = self.files.get(place)
            if facts is None:
                return Target("unread", tried=tried)
            if facts.state != "missing":
                return self._in_file(place, facts, ref.fragment, tried)
        return Target("missing", tried=tried)

    def _behind(self, key: str) -> str:
        """The key of the file that a link leads to."""
        facts = self.files.get(key)
        return facts.real if facts is not None and facts.state == "link" else key

    def _in_file(self, key: str, facts: FileFacts, fragment: str, tried: tuple[str, ...]) -> Target:
        if facts.state != "specs":
            # The other states are outcomes of the same name; a link leads to no other link.
            return Target("missing" if facts.state == "link" else facts.state, key, tried=tried)
        kept: dict[str, tuple[tuple[str, ...], dict[str, SpecFacts]]] = self.memo.setdefault("names", {})
        if key not in kept:
            # The first of a name counts.
            kept[key] = tuple(s.name for s in facts.specs), {s.name: s for s in reversed(facts.specs)}
        names, named = kept[key]
        spec = named.get(fragment) if fragment else facts.specs[0]
        if spec is None:
            return Target("no-fragment", key, tried=tried, names=names)
        return Target("spec", key, Node(key, spec.document), spec, tried, names)

    def bearing(self, ref: SpecRef) -> tuple[tuple[Node, SpecFacts], ...]:
        """The specs that a reference by name may mean: ModelSpecs, else OpenModels; of a claim OpenModels only."""
        named = self.named(ref.text)
        if ref.kind == "model":
            return tuple(f for f in named if f[1].kind == "OpenModel")
        return tuple(f for f in named if f[1].kind == "ModelSpec") or named

    def _by_name(self, key: str, ref: SpecRef) -> Target:
        # Many files of a folder may ask for the same name.
        kept: dict[tuple[str, str, str], tuple[tuple[Node, SpecFacts], ...]] = self.memo.setdefault("nearest", {})
        asked = (posixpath.dirname(key), ref.kind, ref.text)
        if asked not in kept:
            kept[asked] = nearest(asked[0], self.bearing(ref))
        found = kept[asked]
        if len(found) > 1:
            found = tuple(f for f in found if f[0].key == key) or found
        if not found:
            return Target("unsought" if self._beyond(key) else "no-name" if self.complete else "unread")
        node, spec = found[0]
        if len(found) > 1:
            return Target("ambiguous", node.key, names=tuple(other.key for other, _ in found))
        return Target("spec", node.key, node, spec)

    def meant(self, edge: Edge) -> Node | None:
        """The spec that a dependency means: where its ``specRef`` leads; without one, the other spec its id names."""
        if edge.target.outcome != "none" or not edge.reference.id:
            return edge.target.node
        found = self._by_name(edge.source.key, SpecRef("name", edge.reference.id)).node
        return found if found != edge.source else None

    def edges(self, node: Node) -> tuple[Edge, ...]:
        """The dependencies of a spec in their order; kept with the graph."""
        kept: dict[Node, tuple[Edge, ...]] = self.memo.setdefault("edges", {})
        found = kept.get(node)
        if found is None:
            spec = self.spec(node)
            references = spec.references if spec else ()
            found = kept[node] = tuple(Edge(node, r, self.resolve(node.key, r.target)) for r in references)
        return found

    def lineage(self, key: str, spec: SpecFacts) -> tuple[Edge, ...]:
        """The hints of a spec that name another one: no dependencies, so neither circles nor totals count them."""
        node = Node(key, spec.document)
        return tuple(Edge(node, hint, self.resolve(key, hint.target)) for hint in spec.lineage)

    def entries(self, node: Node) -> tuple[Edge, ...]:
        """All that a spec refers to: its dependencies, and the specs that its hints name."""
        spec = self.spec(node)
        found = self.edges(node)
        return (*found, *self.lineage(node.key, spec)) if spec is not None and spec.lineage else found

    def made_from(self, key: str) -> tuple[str, ...]:
        """Files with a hint that may lead to a file."""
        names = (key, *self.links_to(key))
        return tuple(dict.fromkeys(by for name in names for by in self._referrers.get(f"base:{name}", ())))

    def links_to(self, key: str) -> tuple[str, ...]:
        """The keys by which references reach a file through links; hardly ever any."""
        return self._referrers.get(f"real:{key}", ())

    def referrers(self, key: str) -> tuple[str, ...]:
        """Files with a reference that may lead to this file, by path or by name, sorted."""
        out = set(self._referrers.get(key, ()))
        if links := self.links_to(key):
            out.update(by for name in links for by in self._referrers.get(name, ()))
        facts = self.files.get(key)
        for spec in facts.specs if facts else ():
            out.update(self.asking_for(spec.name))
        return tuple(sorted(out))

    def users(self, node: Node) -> tuple[Incoming, ...]:
        """The dependency entries that mean a spec, by file: those that lead to it, and those that name it by their id.

        Nothing is checked of the second sort, so ``incoming`` is what rules go by.
        """
        spec = self.spec(node)
        by_id = self.calling(spec.name) if spec is not None and spec.name else ()
        if not by_id:
            return self.incoming(node)
        return tuple(
            Incoming(edge.source, user, edge.reference)
            for key in sorted({*self.referrers(node.key), *by_id})
            for user in self.files[key].parts
            for edge in self.edges(Node(key, user.document))
            if self.meant(edge) == node
        )

    def calling(self, name: str) -> tuple[str, ...]:
        """Files with a dependency without ``specRef`` that goes by this id."""
        return self._referrers.get(f"id:{name}", ())

    def asking_for(self, name: str) -> tuple[str, ...]:
        """Files with a reference to a spec or a model of that name."""
        return (*self._referrers.get(f"name:{name}", ()), *self._referrers.get(f"model:{name}", ()))

    def incoming(self, node: Node) -> tuple[Incoming, ...]:
        """The dependency entries that lead to a spec, by file; kept with the graph for all specs of its file."""
        kept: dict[str, dict[Node, list[Incoming]]] = self.memo.setdefault("incoming", {})
        found = kept.get(node.key)
        if found is None:
            found = kept[node.key] = {}
            for key in self.referrers(node.key):
                for spec in self.files[key].parts:
                    for edge in self.edges(Node(key, spec.document)):
                        if (target := edge.target.node) is not None and target.key == node.key:
                            found.setdefault(target, []).append(Incoming(edge.source, spec, edge.reference))
        return tuple(found.get(node, ()))

    # ------------------------------------------------------------------ what a change touches
    def changed_since(self, before: Graph) -> set[str]:
        """Files whose facts are not those of an earlier graph, come and gone ones included."""
        old = before.files
        return {k for k, facts in self.files.items() if old.get(k) is not facts} | (old.keys() - self.files.keys())

    def touched_by(self, before: Graph) -> set[str]:
        """Files whose cross-file findings may differ from those under an earlier graph, the changed ones included."""
        if before is self:
            return set()
        if (before.roots, before.searched, before.complete) != (self.roots, self.searched, self.complete):
            return {*before.files, *self.files}
        changed = self.changed_since(before)
        if len(changed) > _MANY:
            return {*before.files, *self.files}
        out = set(changed)
        if before.projects is not self.projects:
            out.update(key for key in self.files if before.root_of(key) != self.root_of(key))
        # What is made from those that say or mean something else.
        from . import latency, lineage  # noqa: PLC0415  (they rest on this module)

        heirs = lineage.spread(before, self, out)
        if any(offered(before.files.get(key)) != offered(self.files.get(key)) for key in changed):
            # What leads nowhere is told what else there is.
            out |= before.dangling() | self.dangling()
        for graph in (before, self):
            for key in changed:
                facts = graph.files.get(key)
                out.update(graph.referrers(key))
                for spec in facts.specs if facts else ():
                    # A name shared, or a name that just appeared for those that ask for it.
                    for other in (before, self):
                        out.update(other._named.get(likeness(spec.name), ()))  # noqa: SLF001
                        out.update(other.asking_for(spec.name))
                    if spec.references:
                        out.update(node.key for node in graph.component(Node(key, spec.document)))
        out |= heirs
        return out | set(latency.spread(before, self, out))

    def dangling(self) -> set[str]:
        """Files with a reference that may lead nowhere."""
        missing = [key for key, facts in self.files.items() if facts.state == "missing"]
        names = [m for m in self._referrers if m.startswith(ASKED) and not self._answers(*m.split(":", 1))]
        found = {referrer for key in missing for referrer in self.referrers(key)}
        return found.union(referrer for mention in names for referrer in self._referrers.get(mention, ()))

    def _answers(self, kind: str, name: str) -> bool:
        """Whether something bears a name that references of a kind go by."""
        return any(kind == "name" or spec.kind == "OpenModel" for _, spec in self.named(name))

    def offers(self) -> Offers:
        """The specs that a wrong reference may have meant; kept with the graph."""
        kept: Offers | None = self.memo.get("offers")
        if kept is None:
            kept = self.memo["offers"] = Offers.of(self.files)
        return kept

    # ------------------------------------------------------------------ cycles
    def component(self, node: Node) -> frozenset[Node]:
        """The specs that depend on this one and that it depends on, itself included: more than one is a cycle."""
        kept: dict[Node, frozenset[Node]] = self.memo.setdefault("components", {})
        # A short look is enough where a spec leads to few others, or few lead to it.
        if node not in kept and not components(node, self.successors, kept, _SHORT):
            if self._in_no_circle(node):
                kept[node] = frozenset({node})
            else:
                components(node, self.successors, kept)
        return kept[node]

    def _in_no_circle(self, node: Node) -> bool:
        """Whether a short look at what leads to a spec shows all of it, and not the spec itself."""
        seen: set[Node] = set()
        queue = [node]
        for current in queue:
            seen.update(found := set(self._predecessors(current)) - seen)
            queue += found
            if node in seen or len(seen) > _SHORT:
                return False
        return True

    def _predecessors(self, node: Node) -> tuple[Node, ...]:
        return tuple(user.node for user in self.incoming(node))

    def successors(self, node: Node) -> tuple[Node, ...]:
        """The specs that a spec's dependencies lead to."""
        return tuple(edge.target.node for edge in self.edges(node) if edge.target.node is not None)

    def cycle(self, edge: Edge) -> tuple[Edge, ...]:
        """The shortest way round through a dependency, starting with it; empty where it closes no circle.

        Of very many specs that hang together a long way back is not looked for: then it is the dependency alone.
        """
        start, goal = edge.target.node, edge.source
        if start is None or (start != goal and start not in self.component(goal)):
            return ()
        if start == goal:
            return (edge,)
        members = self.component(goal)
        most = max(_SHORT, _MOST_STEPS // len(members))
        came: dict[Node, Edge] = {}
        queue = [start]
        for node in queue:
            if len(queue) > most:
                return (edge,)
            for step in self.edges(node):
                after = step.target.node
                if after is None or after not in members or after in came or after == start:
                    continue
                came[after] = step
                if after == goal:
                    return (edge, *_back(came, start, goal))
                queue.append(after)
        return ()

    def closure(self, node: Node, *, optional: bool, limit: int = 10_000) -> tuple[Node, ...]:
        """A spec and everything it depends on, each once, nearest first; ``optional`` dependencies too or not."""
        seen = {node: None}
        for current in (queue := [node]):
            for edge in self.edges(current):
                after = edge.target.node
                if after is None or after in seen or not (optional or edge.reference.required):
                    continue
                seen[after] = None
                queue.append(after)
                if len(seen) >= limit:
                    return tuple(seen)
        return tuple(seen)


def _over(key: str, folders: Iterable[str]) -> Iterator[str]:
    """Those of some folders that a file lies below."""
    return (folder for folder in folders if key.startswith(f"{folder.rstrip('/')}/"))


def nearest(folder: str, found: tuple[tuple[Node, SpecFacts], ...]) -> tuple[tuple[Node, SpecFacts], ...]:
    """Of some specs those nearest to a folder: in it, else below the lowest folder above it that has one below."""
    here = folder.split("/")
    folders = [posixpath.dirname(node.key).split("/") for node, _ in found]
    ranks = [(shared(here, there), here == there) for there in folders]
    best = max(ranks, default=(0, False))
    return tuple(f for f, rank in zip(found, ranks, strict=True) if rank == best)


def _names(facts: FileFacts | None) -> set[str]:
    if facts is None or facts.guest:
        return set()
    return {likeness(spec.name) for spec in facts.specs if spec.name}


def _back(came: dict[Node, Edge], start: Node, goal: Node) -> list[Edge]:
    path: list[Edge] = []
    while goal != start:
        path.append(came[goal])
        goal = came[goal].source
    return path[::-1]
