import { byId, connect, h } from "../dom.ts";
import { bars, describe } from "./bars.ts";
import { Controls } from "./controls.ts";
import type { Row, Spec, ToHost, ToView } from "./messages.ts";

const host = connect<ToView, ToHost>(receive);
const controls = new Controls(byId("controls"), (changes) => host.postMessage({ type: "set", changes }));
/** More rows are of little help and hide what stands below. */
const MOST_ROWS = 12;
let allRows = false;
let rows: readonly Row[] = [];

const reset = byId<HTMLButtonElement>("reset");
const apply = byId<HTMLButtonElement>("apply");
const documents = byId<HTMLSelectElement>("documents");
reset.addEventListener("click", () => host.postMessage({ type: "reset" }));
apply.addEventListener("click", () => host.postMessage({ type: "apply" }));
documents.addEventListener("change", () =>
  host.postMessage({ type: "document", document: Number(documents.value) }),
);

function receive(message: ToView): void {
  if (message.type === "accelerators") {
    rows = message.rows;
    byId("fitting").setAttribute("aria-busy", "false");
    showRows();
  } else if (message.type === "gone") {
    byId("view").hidden = true;
    byId("nothing").hidden = false;
    byId("nothing").textContent = message.message;
  } else {
    showSpec(message);
  }
}

function showSpec({ file, spec, specs }: Extract<ToView, { type: "spec" }>): void {
  byId("view").hidden = !spec;
  // The list follows a moment later.
  byId("fitting").setAttribute("aria-busy", "true");
  byId("nothing").hidden = Boolean(spec);
  if (!spec) {
    byId("nothing").textContent = `${file} holds no ModelSpec that can be judged.`;
    return;
  }
  documents.hidden = specs.length < 2;
  documents.replaceChildren(
    ...specs.map((s) =>
      h("option", { value: String(s.document), selected: s.document === spec.document }, s.name),
    ),
  );
  byId("name").textContent = spec.name ?? file;
  byId("sentence").textContent = spec.sentence;
  const badge = byId("badge");
  badge.textContent = spec.label;
  badge.dataset["tone"] = spec.tone;
  byId("summary").textContent = spec.summary;
  byId("bars").replaceChildren(...bars(spec));
  byId("parts").replaceChildren(...partRows(spec));
  byId("parts-table").hidden = spec.parts.length === 0;
  controls.show(spec.controls);
  byId("settings").hidden = spec.controls.length === 0;
  byId("facts").replaceChildren(
    ...spec.facts.flatMap((fact) => [h("dt", {}, fact.label), h("dd", {}, fact.value)]),
  );
  list(
    "missing",
    spec.missing.map((gap) => `${gap.fact}: ${gap.how}`),
  );
  list("assumptions", spec.assumptions);
  list(
    "ignored",
    spec.ignored.map((key) => `${key} cannot be written into this file as it stands.`),
  );
  reset.disabled = !spec.changed;
  apply.disabled = !spec.changed;
}

function partRows(spec: Spec): Node[] {
  const amounts = [
    ...spec.parts,
    ...(spec.budget ? [{ key: "budget", label: "Budget of the engine", ...spec.budget }] : []),
    ...(spec.capacity ? [{ key: "capacity", label: "Memory of the device", ...spec.capacity }] : []),
  ];
  return amounts.map((part) =>
    h(
      "tr",
      { title: part.why },
      h("th", { scope: "row" }, h("span", { className: `swatch ${part.key}` }), part.label),
      h("td", { className: "number" }, part.gib.toFixed(1)),
      h("td", {}, describe(part)),
    ),
  );
}

function list(id: string, texts: readonly string[]): void {
  byId(id).replaceChildren(...texts.map((text) => h("li", {}, text)));
  byId(`${id}-section`).hidden = texts.length === 0;
}

function showRows(): void {
  const shown = allRows ? rows : rows.slice(0, MOST_ROWS);
  byId("accelerators").replaceChildren(...shown.map(acceleratorRow));
  byId("fitting").hidden = rows.length === 0;
  const more = byId<HTMLButtonElement>("more");
  more.hidden = rows.length <= MOST_ROWS;
  more.textContent = allRows ? "Show fewer" : `Show all ${rows.length}`;
}

byId("more").addEventListener("click", () => {
  allRows = !allRows;
  showRows();
});

function acceleratorRow(row: Row): Node {
  const use = h("button", { className: "link", type: "button" }, `${row.count} x ${row.name}`);
  use.title = "Try it here";
  use.addEventListener("click", () =>
    host.postMessage({ type: "set", changes: { accelerator: row.value, count: row.count } }),
  );
  const meter = h("span", { className: "meter", attributes: { "aria-hidden": "true" } }, h("span"));
  const fill = meter.firstElementChild as HTMLElement;
  fill.style.width = `${Math.min(100, row.usedShare * 100)}%`;
  fill.dataset["tone"] = row.tone;
  return h(
    "tr",
    { className: row.current ? "current" : "" },
    h("th", { scope: "row" }, use, row.current && h("span", { className: "hint" }, " in this view")),
    h("td", {}, row.vendor),
    h("td", { className: "number" }, row.totalGiB.toFixed(0)),
    h("td", { className: "number" }, meter, `${Math.round(row.usedShare * 100)}%`),
    h("td", {}, row.verdict),
  );
}

host.postMessage({ type: "ready" });
