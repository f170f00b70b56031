"""The dependency graph as a tree for the terminal, as Mermaid and as DOT."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from attrs import evolve

from modelspec_ls.cli.inputs import path_of
from modelspec_ls.cli.render.source import safe
from modelspec_ls.core.words import from_to, plural
from modelspec_ls.workspace.graph import Graph, Node
from modelspec_ls.workspace.picture import Picture, PictureEdge, PictureNode
from modelspec_ls.workspace.pipeline import Load, Totals, totals

from .style import TextStyle, verdict_color

_BRANCHES = {False: ("├─ ", "└─ ", "│  ", "   "), True: ("|- ", "`- ", "|  ", "   ")}
_COLORS = {"fits": "#2e7d32", "tight": "#b26a00", "unknown": "#546e7a", None: "#546e7a"}
_EXCEEDS = "#c62828"


def verdict_fill(node: PictureNode) -> str:
    """The colour of a node in a diagram: by its verdict, red where it is no spec."""
    if node.kind in {"missing", "not-modelspec"}:
        return _EXCEEDS
    return _COLORS.get(node.verdict, _EXCEEDS) if node.kind == "spec" else "#546e7a"


def facts_of(node: PictureNode) -> list[str]:
    """What a diagram says of a node below its name."""
    if node.kind != "spec":
        return [{"missing": "not found", "not-modelspec": "not a ModelSpec"}.get(node.kind, "not checked")]
    out = [part for part in (node.task, node.model) if part]
    if node.accelerator:
        out.append(f"{node.count or '?'} x {node.accelerator}{f': {node.verdict}' if node.verdict else ''}")
    return out


def render_text(found: Picture, graph: Graph, load: Load, style: TextStyle, *, ascii_only: bool) -> str:
    """Trees from the specs that nothing depends on; a spec that was shown is not unfolded again."""
    nodes = {node.id: node for node in found.nodes}
    below: dict[str, list[PictureEdge]] = {}
    for edge in found.edges:
        below.setdefault(edge.source, []).append(edge)
    targets = {edge.target for edge in found.edges if edge.target != edge.source}
    linked = {edge.source for edge in found.edges} | targets
    specs = [node for node in found.nodes if node.kind == "spec"]
    tops = [node for node in specs if node.id in below and node.id not in targets]
    writer = _Writer(nodes, below, style, _BRANCHES[ascii_only])
    blocks = [[*writer.tree(top), *_needs(graph, load, top)] for top in tops]
    # What is only part of circles hangs from no top.
    blocks += [
        [*writer.tree(node), *_needs(graph, load, node)]
        for node in specs
        if node.id in below and node.id not in writer.shown
    ]
    alone = [writer.line(node) for node in specs if node.id not in linked]
    if alone:
        blocks.append([style.paint("Without dependencies:", bold=True), *(f"  {line}" for line in alone)])
    blocks.append([_summary(found, specs, style)])
    return "\n\n".join("\n".join(block) for block in blocks)


def _needs(graph: Graph, load: Load, node: PictureNode) -> Iterator[str]:
    """What a whole pipeline needs, and with optional dependencies where that is something else."""
    top = Node(node.key, node.document)
    required, everything = (totals(graph, top, optional=optional, load=load) for optional in (False, True))
    if required.devices:
        yield f"   needs {_total(required)}"
    if everything.devices and everything != required:
        yield f"   with optional ones {_total(everything)}"


def _total(found: Totals) -> str:
    types = ", ".join(safe(d.type) or "unnamed" for d in found.devices)
    noun = "accelerator" if found.most == 1 else "accelerators"
    line = f"{from_to(found.least, found.most)} {noun} ({types}) in {plural(found.specs, 'spec')}"
    if found.memory_least is not None and found.memory_most:
        line += f" with {from_to(round(found.memory_least), round(found.memory_most))} GiB"
    if found.latency is not None:
        line += f"; dependencies may take {found.latency:g} ms"
    if found.uncounted:
        line += f"; {plural(found.uncounted, 'spec')} without a count"
    return f"{line}; {safe(found.left_out)}" if found.unresolved else line


def _summary(found: Picture, specs: list[PictureNode], style: TextStyle) -> str:
    broken = sum(e.status in {"missing", "not-modelspec"} for e in found.edges)
    circles = sum(e.in_cycle for e in found.edges)
    parts = [plural(len(specs), "spec"), plural(len(found.edges), "dependency").replace("dependencys", "dependencies")]
    if broken:
        parts.append(style.paint(f"{broken} broken", "bright_red", bold=True))
    if circles:
        parts.append(style.paint(f"{circles} in circles", "bright_red", bold=True))
    return ", ".join(parts)


class _Writer:
    """Writes trees, each spec's own dependencies once."""

    def __init__(
        self,
        nodes: dict[str, PictureNode],
        below: dict[str, list[PictureEdge]],
        style: TextStyle,
        branches: tuple[str, str, str, str],
    ) -> None:
        self._nodes, self._below, self._style, self._branches = nodes, below, style, branches
        self.shown: set[str] = set()

    def tree(self, top: PictureNode) -> list[str]:
        out = [self.line(top)]
        # Not by recursion: a chain may be longer than Python's stack.
        self.shown.add(top.id)
        work = [(edge, "", n == 0) for n, edge in enumerate(reversed(self._below.get(top.id, [])))]
        while work:
            edge, indent, last = work.pop()
            tee, corner, bar, space = self._branches
            again = edge.target in self.shown and bool(self._below.get(edge.target))
            out.append(f"{indent}{corner if last else tee}{self.edge(edge, again=again)}")
            if edge.target not in self.shown:
                self.shown.add(edge.target)
                inner = indent + (space if last else bar)
                below = list(reversed(self._below.get(edge.target, [])))
                work += [(e, inner, n == 0) for n, e in enumerate(below)]
        return out

    def edge(self, edge: PictureEdge, *, again: bool) -> str:
        node = self._nodes[edge.target]
        note = [edge.role, "" if edge.required else "optional"]
        if edge.max_latency_ms is not None:
            note.append(f"{edge.max_latency_ms:g} ms")
        # What is no spec is called as it is written here; others may spell it in another way.
        called = node if node.kind == "spec" else evolve(node, name=edge.spec_ref or edge.dependency)
        text = self.line(called) + f"  [{', '.join(safe(part) for part in note if part)}]"
        if edge.in_cycle:
            text += self._style.paint("  circular", "bright_red", bold=True)
        return text + ("  (above)" if again and not edge.in_cycle else "")

    def line(self, node: PictureNode) -> str:
        name = self._style.paint(safe(node.name), bold=True)
        if node.kind != "spec":
            color = "bright_red" if node.kind != "external" else "bright_blue"
            return f"{name}  {self._style.paint(facts_of(node)[0], color)}"
        parts = [safe(part) for part in (node.task,) if part]
        if node.accelerator:
            parts.append(f"{node.count or '?'} x {safe(node.accelerator)}")
        if node.verdict:
            parts.append(self._style.paint(node.verdict, verdict_color(node.verdict)))
        if node.errors:
            parts.append(self._style.paint(plural(node.errors, "error"), "bright_red"))
        return "  ".join([name, " · ".join(parts), safe(path_of(node.uri or ""))]).rstrip()


def render_mermaid(found: Picture) -> str:
    """A flowchart for Markdown."""
    ids = {node.id: f"n{i}" for i, node in enumerate(found.nodes)}
    lines = ["flowchart LR"]
    for node in found.nodes:
        label = "<br/>".join([f"<b>{_html(node.name)}</b>", *(_html(part) for part in facts_of(node))])
        shape = ('["', '"]') if node.kind == "spec" else ('(["', '"])')
        lines.append(f"  {ids[node.id]}{shape[0]}{label}{shape[1]}")
    for edge in found.edges:
        arrow = "-->" if edge.required else "-.->"
        label = _html(edge.role + (f" {edge.max_latency_ms:g} ms" if edge.max_latency_ms is not None else ""))
        text = f"|{label}|" if label else ""
        lines.append(f"  {ids[edge.source]} {arrow}{text} {ids[edge.target]}")
    lines += [f"  style {ids[node.id]} stroke:{verdict_fill(node)},stroke-width:2px" for node in found.nodes]
    bad = [str(n) for n, edge in enumerate(found.edges) if edge.status in {"missing", "not-modelspec"} or edge.in_cycle]
    if bad:
        lines.append(f"  linkStyle {','.join(bad)} stroke:{_EXCEEDS}")
    return "\n".join(lines)


def render_dot(found: Picture) -> str:
    """A digraph for Graphviz."""
    lines = ["digraph modelspec {", "  rankdir=LR;", '  node [shape=box, style=rounded, fontname="sans-serif"];']
    for node in found.nodes:
        label = "\\n".join(_dot(part) for part in (node.name, *facts_of(node)))
        style = ', style="rounded,dashed"' if node.kind != "spec" else ""
        lines.append(f'  "{_dot(node.id)}" [label="{label}", color="{verdict_fill(node)}"{style}];')
    for edge in found.edges:
        bad = edge.status in {"missing", "not-modelspec"} or edge.in_cycle
        looks = [f'label="{_dot(edge.role)}"']
        looks += ["style=dashed"] * (not edge.required) + [f'color="{_EXCEEDS}"'] * bad
        lines.append(f'  "{_dot(edge.source)}" -> "{_dot(edge.target)}" [{", ".join(looks)}];')
    return "\n".join([*lines, "}"])


def _html(text: str) -> str:
    """A label of Mermaid, in which `#` and `;` also have a meaning."""
    return escape(safe(text)).replace("#", "&num;").replace("|", "&vert;").replace("\n", " ")


def _dot(text: str) -> str:
    return safe(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
