/** Sliders and menus as the server describes them. They are changed in place, so that a drag is not interrupted. */
import { h, number } from "../dom.ts";
import type { Control, Menu, Overrides, Slider } from "./messages.ts";

/** Milliseconds after which a slider counts as let go. */
const REST_MS = 400;

interface Shown {
  element: HTMLElement;
  update(control: Control): void;
}

export class Controls {
  readonly #parent: HTMLElement;
  readonly #send: (changes: Overrides) => void;
  readonly #shown = new Map<string, Shown>();

  constructor(parent: HTMLElement, send: (changes: Overrides) => void) {
    this.#parent = parent;
    this.#send = send;
  }

  show(controls: readonly Control[]): void {
    const wanted = new Set(controls.map(({ key }) => key));
    for (const [key, { element }] of this.#shown) {
      if (wanted.has(key)) continue;
      element.remove();
      this.#shown.delete(key);
    }
    for (const control of controls) {
      let shown = this.#shown.get(control.key);
      if (!shown) {
        shown = control.kind === "slider" ? slider(control, this.#send) : menu(control, this.#send);
        this.#shown.set(control.key, shown);
        this.#parent.append(shown.element);
      }
      shown.update(control);
    }
  }
}

function slider(first: Slider, send: (changes: Overrides) => void): Shown {
  const id = `control-${first.key}`;
  const input = h("input", { type: "range", id, min: "0", step: "1" });
  const output = h("output", { htmlFor: id } as object);
  const note = h("span", { className: "hint" });
  const element = h(
    "div",
    { className: "control" },
    h("label", { htmlFor: id }, first.label),
    input,
    h("span", { className: "value" }, output, note),
  );
  let stops = first.stops;
  let unit = first.unit;
  const say = (value: number): void => {
    const text = unit === "share" ? `${Math.round(value * 100)}%` : number(value);
    output.textContent = text;
    input.setAttribute("aria-valuetext", unit === "share" ? text : `${text} ${unit}`);
  };
  let latest = first;
  /** The user moves the thumb: answers to earlier places do not pull it back. */
  let moving: number | undefined;
  input.addEventListener("input", () => {
    const value = stops[Number(input.value)];
    if (value === undefined) return;
    say(value);
    send({ [first.key]: value });
    clearTimeout(moving);
    moving = setTimeout(() => {
      moving = undefined;
      show();
    }, REST_MS);
  });
  const show = (): void => {
    ({ stops, unit } = latest);
    input.max = String(stops.length - 1);
    input.value = String(stops.indexOf(latest.value));
    say(latest.value);
    const stated = latest.stated === null ? "not in the file" : `file: ${said(latest.stated, unit)}`;
    note.textContent = latest.stated === latest.value ? ` ${unit === "share" ? "" : unit}` : ` ${stated}`;
    element.classList.toggle("changed", latest.stated !== null && latest.stated !== latest.value);
  };
  const update = (control: Control): void => {
    if (control.kind !== "slider") return;
    latest = control;
    if (moving === undefined) show();
  };
  return { element, update };
}

function said(value: number, unit: string): string {
  return unit === "share" ? `${Math.round(value * 100)}%` : number(value);
}

function menu(first: Menu, send: (changes: Overrides) => void): Shown {
  const id = `control-${first.key}`;
  const select = h("select", { id });
  const note = h("span", { className: "hint" });
  const element = h(
    "div",
    { className: "control" },
    h("label", { htmlFor: id }, first.label),
    select,
    h("span", { className: "value" }, note),
  );
  select.addEventListener("change", () => send({ [first.key]: select.value }));
  let drawn = "";
  const update = (control: Control): void => {
    if (control.kind !== "menu") return;
    const signature = JSON.stringify([control.options, control.value === ""]);
    if (signature !== drawn) {
      drawn = signature;
      select.replaceChildren(...options(control));
    }
    select.value = control.value;
    note.textContent =
      control.stated === control.value ? "" : control.stated ? `file: ${control.stated}` : "not in the file";
    element.classList.toggle("changed", control.stated !== control.value);
  };
  return { element, update };
}

function options(control: Menu): HTMLElement[] {
  const groups = new Map<string, HTMLElement[]>();
  for (const { value, label, group } of control.options) {
    const option = h("option", { value }, label);
    groups.set(group, [...(groups.get(group) ?? []), option]);
  }
  const all = [...groups].flatMap(([label, items]) => (label ? [h("optgroup", { label }, ...items)] : items));
  return control.value === "" ? [h("option", { value: "", disabled: true }, "not stated"), ...all] : all;
}
