"""What the editor says of dependencies: where a specRef leads, what a spec needs with all of them, who uses it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from modelspec_ls.core.markdown import code, prose
from modelspec_ls.core.words import from_to, join, plural
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.entries import DEPENDENCIES
from modelspec_ls.workspace.facts import NAME
from modelspec_ls.workspace.graph import Edge, Graph, Incoming, Node
from modelspec_ls.workspace.lineage import heirs
from modelspec_ls.workspace.pipeline import Load, Totals, totals
from modelspec_ls.workspace.references import shown
from modelspec_ls.workspace.snapshot import Snapshot

from .claims import open_model_markdown
from .describe import spec_markdown
from .memory import verdict_line
from .results import Lens, Location

_SHOWN = 5
_MOST_COUNTED = 20_000
"""Most specs that are counted for the lenses of one file; pipelines below that show no total."""
_WORDS = {"ModelSpec": "spec"}


def load_from(snapshot: Snapshot) -> Load:
    """Files of the workspace: as they are open in the editor, else as they lie on disk."""
    return Load(snapshot)


def edge_at(snapshot: Snapshot, document: Document, number: int, index: int) -> Edge | None:
    """A dependency by its place in the list."""
    edges = snapshot.graph.edges(Node(document.key, number))
    return next((edge for edge in edges if edge.reference.index == index), None)


def reference_markdown(snapshot: Snapshot, edge: Edge) -> str:
    """Where a dependency leads, with the other spec in a few lines and whether it fits its accelerators."""
    graph, target = snapshot.graph, edge.target
    text = edge.reference.target.text
    if target.node is not None and target.spec is not None and target.spec.kind == "OpenModel":
        return open_model_markdown(snapshot, target.node, edge.source.key)
    if target.node is not None and target.spec is not None:
        load = load_from(snapshot)
        report = load.report(target.node)
        parts = [spec_markdown(target.spec), code(shown(target.key, edge.source.key))]
        if report is not None:
            parts.append(prose(verdict_line(report)))
        if target.spec.references:
            needs = totals(graph, target.node, optional=False, load=load)
            parts.append(f"With what it requires: {totals_markdown(needs)}")
        return "\n\n".join(parts)
    if target.outcome == "external":
        return f"{code(text)} is not a file of this workspace: it is not fetched, and nothing about it is checked."
    if target.outcome in {"none", "template"}:
        return ""
    if target.outcome == "unread":
        return "The workspace is still being read."
    if target.outcome == "unsought":
        return f"{code(text)} was not looked for: this file lies in no folder that is open."
    facts = graph.files.get(target.key)
    if facts is not None and facts.what:
        return f"{code(text)} is {prose(facts.what)}."
    if target.outcome == "no-fragment":
        return f"No spec in {code(text)} is called {code(edge.reference.target.fragment)}."
    if target.outcome == "ambiguous":
        return f"Several specs are called {code(text)}, and none of them is nearer than the others."
    return (
        f"No spec is known at {code(text)}."
        if edge.reference.target.kind == "path"
        else f"No spec of the workspace is called {code(text)}."
    )


def pipeline_markdown(snapshot: Snapshot, node: Node) -> str:
    """A spec with everything it requires, and with what is optional where that is more; empty without dependencies."""
    graph = snapshot.graph
    if not graph.edges(node):
        return ""
    load = load_from(snapshot)
    required = totals(graph, node, optional=False, load=load)
    everything = totals(graph, node, optional=True, load=load)
    parts = ["**The whole pipeline**", "Required: " + totals_markdown(required)]
    if everything.specs != required.specs:
        parts.append("With optional ones: " + totals_markdown(everything))
    spec = graph.spec(node)
    if required.latency is not None:
        of = f" of the {spec.target_latency_ms:g} ms target" if spec and spec.target_latency_ms else ""
        more = f"; {everything.latency:g} ms with optional ones" if everything.latency != required.latency else ""
        parts.append(f"Required dependencies may take {required.latency:g} ms{of}{more}.")
    elif everything.latency is not None:
        parts.append(f"Optional dependencies may take {everything.latency:g} ms.")
    if everything.unresolved:
        parts.append(f"Not counted, as they lead nowhere that can be read: {join(map(code, everything.unresolved))}.")
    return "\n\n".join(parts)


def totals_markdown(found: Totals) -> str:
    """``3 specs, 6 to 14 accelerators (2 to 6 l40s, 4 to 8 h100), 430 to 988 GiB``."""
    parts = [plural(found.specs, "spec")]
    if found.devices:
        each = ", ".join(f"{from_to(d.least, d.most)} {code(d.type or 'unnamed')}" for d in found.devices)
        parts.append(f"{from_to(found.least, found.most)} accelerator{'' if found.most == 1 else 's'} ({each})")
    if found.memory_least is not None and found.memory_most:
        parts.append(f"{from_to(round(found.memory_least), round(found.memory_most))} GiB of accelerator memory")
    text = ", ".join(parts)
    return f"{text}; {plural(found.uncounted, 'spec')} without a count" if found.uncounted else text


def users_markdown(graph: Graph, node: Node) -> str:
    """Who depends on a spec, and which models are made from its own; empty where there are none."""
    lines = (("Used by", graph.users(node)), ("Base or draft of", heirs(graph, node)))
    return "\n\n".join(f"{word} {_titles(found)}." for word, found in lines if found)


def _titles(found: Sequence[Incoming]) -> str:
    names = list(dict.fromkeys(code(user.spec.title) for user in found))
    more = [f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return join([*names[:_SHOWN], *more])


def lenses(snapshot: Snapshot, uri: str) -> tuple[Lens, ...]:
    """``Used by 3 specs`` above a name, and what all dependencies need above their list."""
    document, graph = snapshot.document(uri), snapshot.graph
    facts = graph.files.get(document.key) if document is not None else None
    if document is None or facts is None:
        return ()
    out: list[Lens] = []
    # A lens is asked for at every keystroke: the disk is left alone.
    load, left = Load(snapshot, looks=False), _MOST_COUNTED
    for spec in facts.specs:
        node = Node(document.key, spec.document)
        for word, users in (("Used by", graph.users(node)), ("Base or draft of", heirs(graph, node))):
            if not users or NAME not in spec.marks:
                continue
            places = tuple(Location(graph.files[u.node.key].uri, u.spec.mark(u.reference.told_at)) for u in users)
            span = document.index.span_of(spec.mark(NAME))
            kinds = Counter(kind for kind, _ in {(user.spec.kind, user.node) for user in users})
            title = join(plural(n, _WORDS.get(kind, kind)) for kind, n in sorted(kinds.items()))
            out.append(Lens(span, f"{word} {title}", "modelspec.showReferences", places))
        if spec.references and DEPENDENCIES in spec.marks and left > 0:
            required, everything = (totals(graph, node, optional=optional, load=load) for optional in (False, True))
            left -= required.specs + everything.specs
            if everything.specs > 1:
                span = document.index.span_of(spec.mark(DEPENDENCIES))
                out.append(Lens(span, _pipeline_title(required, everything), "modelspec.showDependencyGraph"))
    return tuple(out)


def _pipeline_title(required: Totals, everything: Totals) -> str:
    """What all dependencies need in one line."""
    parts = [f"Whole pipeline: {totals_markdown(required).replace('`', '')}"]
    if required.latency is not None:
        parts.append(f"dependencies may take {required.latency:g} ms")
    if everything.specs != required.specs:
        more = [f"with optional ones {plural(everything.specs, 'spec')}"]
        if everything.most > 1:
            more.append(f"{from_to(everything.least, everything.most)} accelerators")
        if everything.memory_least is not None and everything.memory_most:
            more.append(f"{from_to(round(everything.memory_least), round(everything.memory_most))} GiB")
        if everything.latency not in {None, required.latency}:
            more.append(f"{everything.latency:g} ms")
        parts.append(", ".join(more))
    return "; ".join(filter(None, (*parts, everything.left_out)))
