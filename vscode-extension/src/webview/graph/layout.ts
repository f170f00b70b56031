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
export const GAP_X = 150;
const GAP_Y = 26;

/**
 * Longest-path layers, then a few rounds of ordering each layer by the middle of its neighbours (Sugiyama's method).
 * Edges that would close a cycle count for no layer. Nodes without edges stand in rows below.
 */
export function layout(ids: readonly string[], arrows: readonly Arrow[]): Map<string, Place> {
  const known = new Set(ids);
  const edges = arrows.filter(({ from, to }) => known.has(from) && known.has(to) && from !== to);
  const linked = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const forward = withoutCycles(ids, edges);
  const layers = inLayers(
    ids.filter((id) => linked.has(id)),
    forward,
  );
  const rank = new Map(
    layers.flatMap((layer) => layer.map((id, index) => [id, index - layer.length / 2] as const)),
  );
  const [left, right] = [neighbours(forward, "to", "from"), neighbours(forward, "from", "to")];
  for (let round = 0; round < 2; round++) {
    for (const layer of layers) sortByNeighbours(layer, rank, left);
    for (const layer of [...layers].reverse()) sortByNeighbours(layer, rank, right);
  }
  const places = new Map<string, Place>();
  const tallest = Math.max(1, ...layers.map((layer) => layer.length));
  for (const [column, layer] of layers.entries()) {
    const top = ((tallest - layer.length) * (HEIGHT + GAP_Y)) / 2;
    for (const [row, id] of layer.entries()) {
      places.set(id, { x: column * (WIDTH + GAP_X), y: top + row * (HEIGHT + GAP_Y) });
    }
  }
  const below = linked.size ? tallest * (HEIGHT + GAP_Y) + GAP_Y : 0;
  const alone = ids.filter((id) => !linked.has(id));
  const across = Math.max(layers.length, Math.ceil(Math.sqrt(alone.length / 2)), 1);
  for (const [index, id] of alone.entries()) {
    const column = index % across;
    places.set(id, {
      x: column * (linked.size ? WIDTH + GAP_X : WIDTH + GAP_Y),
      y: below + Math.floor(index / across) * (HEIGHT + GAP_Y),
    });
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
  const after = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { from, to } of edges) {
    before.set(to, (before.get(to) ?? 0) + 1);
    after.get(from)?.push(to);
  }
  const level = new Map<string, number>(ids.map((id) => [id, 0]));
  const ready = ids.filter((id) => before.get(id) === 0);
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    for (const to of after.get(id) ?? []) {
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

/** `rank`: where each node stands in its layer, counted from the layer's middle. */
function sortByNeighbours(layer: string[], rank: Map<string, number>, near: Map<string, string[]>): void {
  const weights = new Map(
    layer.map((id) => {
      const others = near.get(id) ?? [];
      const sum = others.reduce((total, other) => total + (rank.get(other) ?? 0), 0);
      return [id, others.length ? sum / others.length : (rank.get(id) ?? 0)];
    }),
  );
  layer.sort((a, b) => (weights.get(a) ?? 0) - (weights.get(b) ?? 0));
  for (const [index, id] of layer.entries()) rank.set(id, index - layer.length / 2);
}

function neighbours(edges: readonly Arrow[], of: "from" | "to", to: "from" | "to"): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const edge of edges) found.set(edge[of], [...(found.get(edge[of]) ?? []), edge[to]]);
  return found;
}
