/** Lines that are looked at: what a file is, it says at its top or at the top of its first documents. */
const LINES = 400;
const DECLARES = /^["']?kind["']?:\s*["']?ModelSpec["']?\s*(?:#.*)?,?\s*$/;

/** Whether a YAML text says that it is a ModelSpec. */
export function declaresModelSpec(text: string): boolean {
  let from = 0;
  for (let line = 0; line < LINES && from < text.length; line++) {
    const end = text.indexOf("\n", from);
    const stop = end < 0 ? text.length : end;
    if (DECLARES.test(text.slice(from, stop).replace(/\r$/, ""))) return true;
    from = stop + 1;
  }
  return false;
}
