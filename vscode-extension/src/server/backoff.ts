/** When to start a crashed server again: soon, then later and later, and not for ever. */
export class RestartPolicy {
  readonly #crashes: number[] = [];
  readonly #now: () => number;

  /** `now`: a clock in milliseconds. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A crash happened. Returns milliseconds to wait before the next start; undefined: give up. */
  crashed(): number | undefined {
    const now = this.#now();
    while (this.#crashes[0] !== undefined && now - this.#crashes[0] > WINDOW_MS) this.#crashes.shift();
    this.#crashes.push(now);
    return DELAYS_MS[this.#crashes.length - 1];
  }

  /** The user asked for a start: earlier crashes no longer count. */
  reset(): void {
    this.#crashes.length = 0;
  }
}

/** Crashes further apart than this are not related. */
export const WINDOW_MS = 180_000;
export const DELAYS_MS: readonly number[] = [100, 1_000, 4_000, 10_000];
