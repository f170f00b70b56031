/** Draws the graph as SVG: boxes that open files, curves that say what depends on what. */
import { GAP_X, HEIGHT, layout, type Place, WIDTH } from "./layout.ts";
import type { DependencyGraph, GraphEdge, GraphNode, Range } from "./messages.ts";

const SVG = "http://www.w3.org/2000/svg";
const TONES: Record<string, string> = { fits: "good", tight: "warning", unknown: "unknown" };
const VERDICTS: Record<string, string> = {
  "batch-exceeds": "batch too large",
  "sequence-exceeds": "does not fit",
  "weights-exceed": "does not fit",
  unknown: "memory fit unknown",
};
const KINDS: Record<GraphNode["kind"], string> = {
  spec: "",
  missing: "file not found",
  external: "outside this workspace",
  "not-modelspec": "not a ModelSpec",
};

export interface Box {
  width: number;
  height: number;
}

export function draw(
  svg: SVGSVGElement,
  graph: DependencyGraph,
  open: (uri: string, range: Range | null) => void,
): Box {
  const places = layout(
    graph.nodes.map((node) => node.id),
    graph.edges,
  );
  const group = element("g", { id: "content" });
  const labels: SVGElement[] = [];
  for (const edge of graph.edges) {
    const from = places.get(edge.from);
    const to = places.get(edge.to);
    if (!from || !to) continue;
    const [path, label] = curve(edge, from, to, open);
    group.append(path);
    labels.push(label);
  }
  // No curve crosses out the words of another.
  group.append(...labels);
  for (const node of graph.nodes) {
    const place = places.get(node.id);
    if (place) group.append(box(node, place, node.id === graph.root, open));
  }
  svg.replaceChildren(arrowheads(), group);
  fit(svg);
  const all = [...places.values()];
  return {
    width: Math.max(...all.map(({ x }) => x)) + WIDTH,
    height: Math.max(...all.map(({ y }) => y)) + HEIGHT,
  };
}

function box(
  node: GraphNode,
  { x, y }: Place,
  root: boolean,
  open: (uri: string, range: Range | null) => void,
): SVGElement {
  const tone = node.kind === "spec" ? toneOf(node) : node.kind === "external" ? "unknown" : "bad";
  const accelerator = node.accelerator?.type
    ? `${node.accelerator.count ?? "?"} x ${node.accelerator.type}`
    : "";
  const lines = [
    KINDS[node.kind] || (node.model ?? ""),
    [accelerator, VERDICTS[node.verdict ?? ""] ?? node.verdict ?? ""].filter(Boolean).join(" · "),
  ];
  const problems = [count(node.errors, "error"), count(node.warnings, "warning")].filter(Boolean).join(", ");
  const label = [node.name, node.task, ...lines, problems].filter(Boolean).join(", ");
  const group = element("g", {
    class: `node ${node.kind} ${root ? "root" : ""}`,
    transform: `translate(${x} ${y})`,
    "data-tone": tone,
    "data-name": node.name,
  });
  group.append(
    element("rect", { class: "card", width: WIDTH, height: HEIGHT, rx: 6 }),
    element("rect", { class: "edge-of-card", width: 5, height: HEIGHT, rx: 2 }),
    text("name", 18, 25, shorten(node.name, 26)),
    text("detail", 18, 46, shorten(lines[0] ?? "", 33)),
    text("detail", 18, 65, shorten(lines[1] ?? "", 33)),
  );
  if (problems) {
    const mark = text(
      node.errors ? "mark bad" : "mark warning",
      WIDTH - 12,
      25,
      String((node.errors ?? 0) + (node.warnings ?? 0)),
    );
    mark.setAttribute("text-anchor", "end");
    group.append(mark);
  }
  group.append(title(label));
  if (node.uri) {
    const { uri } = node;
    clickable(group, `Open ${label}`, () => open(uri, node.range ?? null));
  } else {
    group.setAttribute("role", "img");
    group.setAttribute("aria-label", label);
  }
  return group;
}

function curve(
  edge: GraphEdge,
  from: Place,
  to: Place,
  open: (uri: string, range: Range | null) => void,
): [SVGElement, SVGElement] {
  const broken = edge.status === "missing" || edge.status === "not-modelspec";
  const state = broken ? "broken" : edge.inCycle ? "cycle" : edge.status;
  const start = { x: from.x + WIDTH, y: from.y + HEIGHT / 2 };
  const end = { x: to.x - 3, y: to.y + HEIGHT / 2 };
  const forward = end.x > start.x;
  const bend = forward ? (end.x - start.x) / 2 : 90;
  const dip = forward ? 0 : HEIGHT;
  const d = `M ${start.x} ${start.y} C ${start.x + bend} ${start.y + dip}, ${end.x - bend} ${end.y + dip}, ${end.x} ${end.y}`;
  const path = element("path", {
    class: `edge ${state} ${edge.required === false ? "optional" : ""}`,
    d,
    "marker-end": `url(#arrow-${broken ? "broken" : edge.inCycle ? "cycle" : "ok"})`,
  });
  const words = [edge.role ?? edge.dependency, edge.maxLatencyMs ? `${edge.maxLatencyMs} ms` : ""]
    .filter(Boolean)
    .join(" · ");
  // On the curve at six tenths of its way, where curves from one node have parted.
  const label = text(
    `edge-label ${state}`,
    start.x + 0.576 * (end.x - start.x),
    start.y + 0.648 * (end.y - start.y) + 4 + dip * 0.63,
    shorten(words, 22),
  );
  label.setAttribute("text-anchor", "middle");
  const about = `${edge.dependency}: ${edge.specRef ?? "no specRef"}, ${edge.required === false ? "optional" : "required"}, ${edge.status}${edge.inCycle ? ", in a cycle" : ""}`;
  label.append(title(about));
  if (edge.uri) {
    const { uri } = edge;
    clickable(label, `Open the reference ${about}`, () => open(uri, edge.range ?? null));
  }
  return [path, label];
}

function toneOf(node: GraphNode): string {
  if (node.errors) return "bad";
  if (!node.verdict) return "unknown";
  return TONES[node.verdict] ?? "bad";
}

function clickable(target: SVGElement, label: string, act: () => void): void {
  target.setAttribute("role", "button");
  target.setAttribute("tabindex", "0");
  target.setAttribute("aria-label", label);
  target.addEventListener("click", act);
  target.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  });
}

function arrowheads(): SVGElement {
  const definitions = element("defs", {});
  for (const name of ["ok", "broken", "cycle"]) {
    const marker = element("marker", {
      id: `arrow-${name}`,
      class: `arrow ${name}`,
      viewBox: "0 0 10 10",
      refX: 9,
      refY: 5,
      markerWidth: 8,
      markerHeight: 8,
      orient: "auto",
    });
    marker.append(element("path", { d: "M 0 1 L 10 5 L 0 9 z" }));
    definitions.append(marker);
  }
  return definitions;
}

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function text(name: string, x: number, y: number, words: string): SVGElement {
  const made = element("text", { class: name, x, y });
  made.textContent = words;
  return made;
}

function title(words: string): SVGElement {
  const made = element("title", {});
  made.textContent = words;
  return made;
}

function count(n: number | undefined, word: string): string {
  return n ? `${n} ${word}${n === 1 ? "" : "s"}` : "";
}

/** Fonts differ in width: what sticks out of its box is cut. All is measured before anything changes. */
function fit(svg: SVGSVGElement): void {
  const long = [...svg.querySelectorAll<SVGTextElement>(".name, .detail, .edge-label")].flatMap((words) => {
    const mark =
      words.classList.contains("name") && words.parentElement?.querySelector<SVGTextElement>(".mark");
    const room = words.classList.contains("edge-label")
      ? GAP_X - 24
      : WIDTH - 30 - (mark ? mark.getComputedTextLength() + 8 : 0);
    const length = words.getComputedTextLength();
    return length > room ? [{ words: words.firstChild, share: room / length }] : [];
  });
  for (const { words, share } of long) {
    const text = words?.textContent ?? "";
    if (words) words.textContent = shorten(text, Math.max(2, Math.floor([...text].length * share)));
  }
}

function shorten(words: string, most: number): string {
  const letters = [...words];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : words;
}
