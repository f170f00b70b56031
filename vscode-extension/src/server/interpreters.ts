/** Which Python could run the server, best first. Nothing is started here. */
import { posix, win32 } from "node:path";
import type { Host } from "./host.ts";

export interface Candidate {
  /** Absolute path. */
  command: string;
  args: readonly string[];
  /** Where it comes from, for the log. */
  from: string;
}

const NAMES = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

export interface Wishes {
  /** The setting `modelspec.server.interpreter`. */
  interpreter: string;
  /** The environment that the Python extension has selected, where it is there. */
  selected?: string | undefined;
}

export function candidates(host: Host, wishes: Wishes): Candidate[] {
  const found: Candidate[] = [];
  const add = (command: string | undefined, from: string, args: readonly string[] = []): void => {
    if (command && !found.some((known) => known.command === command)) found.push({ command, args, from });
  };
  if (wishes.interpreter) {
    // A choice that was made stands alone: another Python in its place would be a surprise.
    add(locate(host, wishes.interpreter), "setting modelspec.server.interpreter");
    return found;
  }
  add(wishes.selected && locate(host, wishes.selected), "selected in the Python extension");
  for (const name of NAMES) add(onPath(host, name), "PATH");
  if (host.platform === "win32") add(onPath(host, "py"), "PATH", ["-3"]);
  return found;
}

/** A path as it is, with `~` for the home folder; or a name on PATH. Undefined where there is no such program. */
export function locate(host: Host, text: string): string | undefined {
  const path = host.platform === "win32" ? win32 : posix;
  const home = host.env["HOME"] ?? host.env["USERPROFILE"] ?? "";
  const expanded = text.trim().replace(/^~(?=[\\/]|$)/, home);
  if (path.isAbsolute(expanded)) return withExtension(host, expanded);
  return /[\\/]/.test(expanded) ? undefined : onPath(host, expanded);
}

/** A program by name in the absolute folders of PATH; a relative one would depend on the folder that is open. */
export function onPath(host: Host, name: string): string | undefined {
  const path = host.platform === "win32" ? win32 : posix;
  const folders = (host.env["PATH"] ?? host.env["Path"] ?? "").split(path.delimiter);
  for (const folder of folders) {
    if (!path.isAbsolute(folder)) continue;
    const found = withExtension(host, path.join(folder, name));
    if (found) return found;
  }
  return undefined;
}

function withExtension(host: Host, file: string): string | undefined {
  const endings = host.platform === "win32" && !/\.exe$/i.test(file) ? [".exe"] : [""];
  return endings.map((ending) => file + ending).find((path) => host.isProgram(path));
}
