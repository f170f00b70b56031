"""The dependency graph as a picture: columns from left to right, a spec to the right of what depends on it."""

from __future__ import annotations

import re
from html import escape as _escape

from modelspec_ls.workspace.picture import Picture, PictureEdge, PictureNode

from .graph import facts_of, verdict_fill
from .source import safe

_WIDTH, _LINE, _GAP_X, _GAP_Y, _EDGE = 240, 17, 110, 22, 24
_LETTER = 6.6
_ROUNDS = 6
_STYLE = (
    "<style>text{fill:#1f2328}.box{fill:#fff}.edge{fill:none;stroke:#6e7781}.small{fill:#57606a;font-size:11px}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.box{fill:#161b22}.small{fill:#9198a1}}</style>"
)
_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>'
)


# XML has no way to write these.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """Text as XML takes it."""
    return _escape(_NOT_XML.sub("\ufffd", safe(text)))


def render_svg(found: Picture) -> str:
    """One SVG; it follows a dark or light page."""
    columns = _columns(found)
    places: dict[str, tuple[float, float, float]] = {}
    height = 0.0
    for x, column in enumerate(columns):
        y = float(_EDGE)
        for node in column:
            tall = _LINE * (1 + len(facts_of(node))) + 18
            places[node.id] = (_EDGE + x * (_WIDTH + _GAP_X), y, tall)
            y += tall + _GAP_Y
        height = max(height, y - _GAP_Y + _EDGE)
    width = max(2 * _EDGE + len(columns) * (_WIDTH + _GAP_X) - _GAP_X, 2 * _EDGE)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}" '
        f'height="{height:.0f}" role="img" aria-label="ModelSpec dependencies" font-family="sans-serif" '
        'font-size="12">'
    )
    parts = [head, _STYLE, _TIP]
    parts += [_edge(edge, places) for edge in found.edges]
    parts += [_box(node, places[node.id]) for node in found.nodes]
    return "\n".join([*parts, "</svg>"])


def _columns(found: Picture) -> list[list[PictureNode]]:
    """Nodes by their distance from the specs that nothing depends on, each column in an order with few crossings."""
    rank = {node.id: 0 for node in found.nodes}
    forward = _without_circles(found)
    waiting = dict.fromkeys(rank, 0)
    for edge in forward:
        waiting[edge.target] += 1
    after: dict[str, list[str]] = {}
    for edge in forward:
        after.setdefault(edge.source, []).append(edge.target)
    queue = [ident for ident, count in waiting.items() if not count]
    for ident in queue:
        for target in after.get(ident, ()):
            rank[target] = max(rank[target], rank[ident] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                queue.append(target)
    columns: list[list[PictureNode]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for node in found.nodes:
        columns[rank[node.id]].append(node)
    neighbours: dict[str, list[str]] = {}
    for edge in found.edges:
        neighbours.setdefault(edge.source, []).append(edge.target)
        neighbours.setdefault(edge.target, []).append(edge.source)
    for _ in range(_ROUNDS):
        order = {node.id: n / max(len(column), 1) for column in columns for n, node in enumerate(column)}
        for column in columns:
            column.sort(key=lambda node: _middle([order[o] for o in neighbours.get(node.id, ())], order[node.id]))
            order.update({node.id: n / max(len(column), 1) for n, node in enumerate(column)})
    return columns


def _middle(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _without_circles(found: Picture) -> list[PictureEdge]:
    """The edges less those that lead back to a node on the way."""
    after: dict[str, list[PictureEdge]] = {}
    for edge in found.edges:
        after.setdefault(edge.source, []).append(edge)
    out: list[PictureEdge] = []
    done: set[str] = set()
    for node in found.nodes:
        if node.id in done:
            continue
        path = {node.id}
        work = [(node.id, iter(after.get(node.id, ())))]
        while work:
            ident, edges = work[-1]
            for edge in edges:
                if edge.target in path:
                    continue
                out.append(edge)
                if edge.target not in done:
                    path.add(edge.target)
                    work.append((edge.target, iter(after.get(edge.target, ()))))
                    break
            else:
                work.pop()
                path.discard(ident)
                done.add(ident)
    return out


def _box(node: PictureNode, place: tuple[float, float, float]) -> str:
    x, y, tall = place
    dashes = "" if node.kind == "spec" else ' stroke-dasharray="5 3"'
    lines = [f'<text x="{x + 12:.0f}" y="{y + 20:.0f}" font-weight="600">{_fit(node.name, 30)}</text>']
    lines += [
        f'<text class="small" x="{x + 12:.0f}" y="{y + 20 + _LINE * n:.0f}">{_fit(part, 36)}</text>'
        for n, part in enumerate(facts_of(node), 1)
    ]
    title = escape(" · ".join([node.name, *facts_of(node)]))
    return (
        f'<g><title>{title}</title><rect class="box" x="{x:.0f}" y="{y:.0f}" width="{_WIDTH}" height="{tall:.0f}" '
        f'rx="6" stroke="{verdict_fill(node)}" stroke-width="2"{dashes}/>{"".join(lines)}</g>'
    )


def _edge(edge: PictureEdge, places: dict[str, tuple[float, float, float]]) -> str:
    (x1, y1, tall1), (x2, y2, tall2) = places[edge.source], places[edge.target]
    bad = edge.status in {"missing", "not-modelspec"} or edge.in_cycle
    start, end = (x1 + _WIDTH, y1 + tall1 / 2), (x2, y2 + tall2 / 2)
    if x2 <= x1:
        # Back, or within a column: round below.
        start, end = (x1 + _WIDTH / 2, y1 + tall1), (x2 + _WIDTH / 2, y2 + tall2)
        bend = f"C{start[0]:.0f} {start[1] + 50:.0f} {end[0]:.0f} {end[1] + 50:.0f}"
    else:
        half = (end[0] - start[0]) / 2
        bend = f"C{start[0] + half:.0f} {start[1]:.0f} {end[0] - half:.0f} {end[1]:.0f}"
    looks = ' stroke="#c62828" style="stroke:#c62828"' if bad else ""
    looks += "" if edge.required else ' stroke-dasharray="5 4"'
    label = edge.role + (f", {edge.max_latency_ms:g} ms" if edge.max_latency_ms is not None else "")
    at = (end[0] - 12, end[1] - 6) if x2 > x1 else (end[0] + 40, end[1] + 14)
    return (
        f'<path class="edge" marker-end="url(#tip)" d="M{start[0]:.0f} {start[1]:.0f}{bend} {end[0]:.0f} {end[1]:.0f}"'
        f'{looks}/><text class="small" text-anchor="end" x="{at[0]:.0f}" y="{at[1]:.0f}">{escape(label)}</text>'
    )


def _fit(text: str, most: int) -> str:
    return escape(text if len(text) <= most else text[: most - 1] + "…")
