/** Places the nodes of a directed graph in layers from left to right. Pure: numbers in, numbers out. */

export interface Place {
  x: number;
  y: number;
}

export interface Arrow {
  from: string;
  to: string;
}

export const WIDTH = 230;
export const HEIGHT = 84;
const GAP_X = 120;
const GAP_Y = 26;

/**
 * Longest-path layers, then a few rounds of ordering each layer by the middle of its neighbours (Sugiyama's method).
 * Edges that would close a cycle count for no layer.
 */
export function layout(ids: readonly string[], arrows: readonly Arrow[]): Map<string, Place> {
  const known = new Set(ids);
  const edges = arrows.filter(({ from, to }) => known.has(from) && known.has(to) && from !== to);
  const forward = withoutCycles(ids, edges);
  const layers = inLayers(ids, forward);
  for (let round = 0; round < 4; round++) {
    const down = round % 2 === 0;
    const order = down ? layers : [...layers].reverse();
    for (const layer of order) sortByNeighbours(layer, layers, forward, down);
  }
  const places = new Map<string, Place>();
  const tallest = Math.max(1, ...layers.map((layer) => layer.length));
  for (const [column, layer] of layers.entries()) {
    const top = ((tallest - layer.length) * (HEIGHT + GAP_Y)) / 2;
    for (const [row, id] of layer.entries()) {
      places.set(id, { x: column * (WIDTH + GAP_X), y: top + row * (HEIGHT + GAP_Y) });
    }
  }
  return places;
}

function withoutCycles(ids: readonly string[], edges: readonly Arrow[]): Arrow[] {
  const out = new Map<string, Arrow[]>(ids.map((id) => [id, []]));
  for (const edge of edges) out.get(edge.from)?.push(edge);
  const kept: Arrow[] = [];
  const state = new Map<string, "open" | "done">();
  for (const start of ids) {
    if (state.has(start)) continue;
    // A stack of our own: a chain of specs may be longer than the engine's.
    const stack = [{ id: start, next: 0 }];
    state.set(start, "open");
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const edge = out.get(top.id)?.[top.next++];
      if (!edge) {
        state.set(top.id, "done");
        stack.pop();
        continue;
      }
      if (state.get(edge.to) === "open") continue;
      kept.push(edge);
      if (state.has(edge.to)) continue;
      state.set(edge.to, "open");
      stack.push({ id: edge.to, next: 0 });
    }
  }
  return kept;
}

function inLayers(ids: readonly string[], edges: readonly Arrow[]): string[][] {
  const before = new Map<string, number>(ids.map((id) => [id, 0]));
  for (const { to } of edges) before.set(to, (before.get(to) ?? 0) + 1);
  const level = new Map<string, number>(ids.map((id) => [id, 0]));
  const ready = ids.filter((id) => before.get(id) === 0);
  for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
    for (const { from, to } of edges) {
      if (from !== id) continue;
      level.set(to, Math.max(level.get(to) ?? 0, (level.get(id) ?? 0) + 1));
      const left = (before.get(to) ?? 1) - 1;
      before.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  const layers: string[][] = [];
  for (const id of ids) {
    const at = level.get(id) ?? 0;
    while (layers.length <= at) layers.push([]);
    layers[at]?.push(id);
  }
  return layers;
}

function sortByNeighbours(
  layer: string[],
  layers: readonly string[][],
  edges: readonly Arrow[],
  down: boolean,
): void {
  const rank = new Map(
    layers.flatMap((ids) => ids.map((id, index) => [id, index - ids.length / 2] as const)),
  );
  const own = new Map(layer.map((id, index) => [id, index - layer.length / 2]));
  const middle = (id: string): number => {
    const near = edges.flatMap(({ from, to }) =>
      down ? (to === id ? [from] : []) : from === id ? [to] : [],
    );
    if (near.length === 0) return own.get(id) ?? 0;
    return near.reduce((sum, other) => sum + (rank.get(other) ?? 0), 0) / near.length;
  };
  const weights = new Map(layer.map((id) => [id, middle(id)]));
  layer.sort((a, b) => (weights.get(a) ?? 0) - (weights.get(b) ?? 0));
}
