import { byId, connect, h } from "../dom.ts";
import { draw } from "./draw.ts";
import type { DependencyGraph, Range, ToHost, ToView } from "./messages.ts";
import { Zoom } from "./zoom.ts";

const host = connect<ToView, ToHost>(receive);
const svg = document.getElementById("graph") as unknown as SVGSVGElement;
const zoom = new Zoom(svg);
const whole = byId<HTMLInputElement>("whole");
whole.addEventListener("change", () => host.postMessage({ type: "whole", whole: whole.checked }));
byId("zoom-in").addEventListener("click", () => zoom.by(1.25));
byId("zoom-out").addEventListener("click", () => zoom.by(0.8));
byId("zoom-fit").addEventListener("click", () => zoom.fit());

let shape = "";

function receive(message: ToView): void {
  const { graph } = message;
  const empty = !graph || graph.nodes.length === 0;
  byId("title").textContent = message.title;
  byId("nothing").hidden = !empty;
  byId("canvas").hidden = empty;
  whole.checked = message.whole;
  if (empty) {
    byId("counts").textContent = "";
    byId("list").replaceChildren();
    return;
  }
  const open = (uri: string, range: Range | null) => host.postMessage({ type: "open", uri, range });
  const box = draw(svg, graph, open);
  // The same picture with other colours keeps the place that was looked at.
  const now = JSON.stringify([graph.nodes.map((n) => n.id), graph.edges.map((e) => [e.from, e.to])]);
  zoom.content(box);
  if (now !== shape) zoom.fit();
  shape = now;
  byId("counts").textContent = counts(graph);
  byId("list").replaceChildren(...graph.edges.map((edge) => describe(graph, edge)));
}

function counts({ nodes, edges }: DependencyGraph): string {
  const broken = edges.filter((edge) => edge.status === "missing" || edge.status === "not-modelspec").length;
  const cycles = edges.some((edge) => edge.inCycle);
  const specs = nodes.filter((node) => node.kind === "spec").length;
  const words = [plural(specs, "spec"), edges.length === 1 ? "1 dependency" : `${edges.length} dependencies`];
  if (broken) words.push(`${broken} broken`);
  if (cycles) words.push("with a cycle");
  return words.join(", ");
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** The same in words, for screen readers. */
function describe({ nodes }: DependencyGraph, edge: DependencyGraph["edges"][number]): HTMLElement {
  const name = (id: string): string => nodes.find((node) => node.id === id)?.name ?? id;
  const kind = edge.required === false ? "optional" : "required";
  const state = edge.status === "ok" ? "" : `, ${edge.status}`;
  return h(
    "li",
    {},
    `${name(edge.from)} needs ${name(edge.to)} as ${edge.role ?? edge.dependency} (${kind}${state})`,
  );
}

host.postMessage({ type: "ready" });
