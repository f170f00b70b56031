/** The packages under test, as `make vsix` leaves them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "..", "..", "out");

/** `target`: `universal` or a platform such as `linux-x64`. */
export function vsix(target: string): string {
  const found = readdirSync(FOLDER).find((name) => name.endsWith(`-${target}.vsix`));
  if (!found) throw new Error(`no package for ${target} in ${FOLDER}; run \`make vsix\``);
  return join(FOLDER, found);
}

/** The target of this machine. */
export const here = `${process.platform}-${process.arch}`;
