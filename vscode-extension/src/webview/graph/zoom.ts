/** Zoom by wheel, keys and buttons; pan by dragging and arrow keys. */
import type { Box } from "./draw.ts";

const SMALLEST = 0.1;
const LARGEST = 3;
const MARGIN = 40;

export class Zoom {
  readonly #svg: SVGSVGElement;
  #box: Box = { width: 1, height: 1 };
  #scale = 1;
  #x = 0;
  #y = 0;
  /** The user chose a place: a change of the window's size does not take it away. */
  #chosen = false;

  constructor(svg: SVGSVGElement) {
    this.#svg = svg;
    svg.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    svg.addEventListener("pointerdown", (event) => this.#drag(event));
    svg.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => (this.#chosen ? this.#show() : this.fit())).observe(svg);
  }

  content(box: Box): void {
    this.#box = box;
    this.#show();
  }

  fit(): void {
    const { width, height } = this.#svg.getBoundingClientRect();
    if (!width || !height) return;
    const room = Math.min((width - 2 * MARGIN) / this.#box.width, (height - 2 * MARGIN) / this.#box.height);
    this.#scale = clamp(Math.min(room, 1.1));
    this.#x = (width - this.#box.width * this.#scale) / 2;
    this.#y = (height - this.#box.height * this.#scale) / 2;
    this.#chosen = false;
    this.#show();
  }

  /** `at`: the point that stays where it is, in pixels of the picture; its middle by default. */
  by(factor: number, at?: { x: number; y: number }): void {
    const { width, height } = this.#svg.getBoundingClientRect();
    const { x, y } = at ?? { x: width / 2, y: height / 2 };
    const scale = clamp(this.#scale * factor);
    this.#x = x - ((x - this.#x) * scale) / this.#scale;
    this.#y = y - ((y - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#chosen = true;
    this.#show();
  }

  #show(): void {
    const transform = `translate(${this.#x} ${this.#y}) scale(${this.#scale})`;
    this.#svg.querySelector("#content")?.setAttribute("transform", transform);
  }

  #move(x: number, y: number): void {
    this.#x += x;
    this.#y += y;
    this.#chosen = true;
    this.#show();
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const { left, top } = this.#svg.getBoundingClientRect();
    this.by(Math.exp(-event.deltaY / 400), { x: event.clientX - left, y: event.clientY - top });
  }

  #drag(event: PointerEvent): void {
    if (event.button !== 0 || (event.target as Element).closest("[role=button]")) return;
    this.#svg.setPointerCapture(event.pointerId);
    const move = (next: PointerEvent): void => this.#move(next.movementX, next.movementY);
    this.#svg.addEventListener("pointermove", move);
    this.#svg.addEventListener("pointerup", () => this.#svg.removeEventListener("pointermove", move), {
      once: true,
    });
  }

  #key(event: KeyboardEvent): void {
    const step = 60;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [step, 0],
      ArrowRight: [-step, 0],
      ArrowUp: [0, step],
      ArrowDown: [0, -step],
    };
    const move = moves[event.key];
    if (move) this.#move(...move);
    else if (event.key === "+" || event.key === "=") this.by(1.25);
    else if (event.key === "-") this.by(0.8);
    else if (event.key === "0") this.fit();
    else return;
    event.preventDefault();
  }
}

function clamp(scale: number): number {
  return Math.min(LARGEST, Math.max(SMALLEST, scale));
}
