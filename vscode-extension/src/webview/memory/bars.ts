/** One stacked bar per device on a common scale, with a line where the engine's budget ends. */
import { h } from "../dom.ts";
import type { Amount, Spec } from "./messages.ts";

const MOST_BARS = 8;

export function bars(spec: Spec): HTMLElement[] {
  const used = spec.parts.filter((part) => part.key !== "free");
  if (used.length === 0) return [];
  const needed = used.reduce((sum, part) => sum + Math.max(0, part.gib), 0);
  const budget = spec.budget?.gib ?? 0;
  const capacity = spec.capacity?.gib ?? budget;
  const scale = Math.max(needed, capacity, budget) || 1;
  const count = Math.min(spec.devices, MOST_BARS);
  const rows = Array.from({ length: count }, (_, index) => {
    const track = h("div", { className: "track" });
    let from = 0;
    for (const part of used) {
      const segment = h("span", {
        className: `segment ${part.key}`,
        title: `${part.label} ${part.gib.toFixed(1)} GiB`,
      });
      segment.style.width = share(part.gib, scale);
      // The number stands on one side of the budget's line, never under it.
      const to = from + Math.max(0, part.gib);
      const before = Math.max(0, Math.min(to, budget) - from);
      const after = to - from - before;
      if (before > 0 && after > 0) {
        if (before >= after) segment.style.paddingRight = share(after, scale);
        else segment.style.paddingLeft = share(before, scale);
      }
      if (index === 0 && Math.max(before, after) / scale > 0.09) segment.textContent = part.gib.toFixed(1);
      from = to;
      track.append(segment);
    }
    if (capacity > budget) track.append(zone("reserve", Math.max(budget, needed), capacity, scale));
    if (needed > budget) track.append(zone("excess", budget, needed, scale));
    const line = h("span", { className: "limit" });
    line.style.left = share(budget, scale);
    track.append(line);
    return h(
      "div",
      { className: "device" },
      h("span", { className: "device-name" }, spec.devices > 1 ? `Device ${index}` : "Device"),
      track,
    );
  });
  const sentence = `${spec.devices} devices, each: ${used.map((p) => `${p.label} ${p.gib.toFixed(1)} GiB`).join(", ")}; budget ${budget.toFixed(1)} GiB of ${capacity.toFixed(1)} GiB.`;
  const picture = h(
    "div",
    { className: "devices", attributes: { role: "img", "aria-label": sentence } },
    ...rows,
  );
  const notes = [
    h("span", {}, `${needed.toFixed(1)} GiB needed`),
    h("span", {}, `budget ${budget.toFixed(1)} GiB`),
  ];
  if (capacity > budget) notes.push(h("span", {}, `memory ${capacity.toFixed(1)} GiB`));
  if (spec.devices > count) notes.push(h("span", {}, `and ${spec.devices - count} more devices`));
  return [picture, h("p", { className: "scale" }, ...notes)];
}

function zone(name: string, from: number, to: number, scale: number): HTMLElement {
  const element = h("span", { className: name });
  element.style.left = share(from, scale);
  element.style.width = share(to - from, scale);
  return element;
}

function share(value: number, scale: number): string {
  return `${(Math.max(0, value) / scale) * 100}%`;
}

/** How sure an amount is. */
export function describe(amount: Amount): string {
  if (amount.exactness === "exact" || amount.high - amount.low < 0.1) return amount.exactness;
  return `${amount.exactness}, ${amount.low.toFixed(1)} to ${amount.high.toFixed(1)}`;
}
