/** Packages the built extension with the server bundled for one target: `node scripts/package.ts [universal|linux-x64|…]`. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const HERE = join(import.meta.dirname, "..");
const target = process.argv[2] ?? "universal";
const { name, version } = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8")) as Record<
  string,
  string
>;
const folder = join(HERE, "out");
mkdirSync(folder, { recursive: true });
const file = join(folder, `${name}-${version}-${target}.vsix`);
const vsce = join(HERE, "node_modules", "@vscode", "vsce", "vsce");
const options = [
  "--no-dependencies",
  "--allow-missing-repository",
  "--no-rewrite-relative-links",
  "--out",
  file,
];
if (target !== "universal") options.push("--target", target);
// No terminal on standard input: it would ask questions.
execFileSync(process.execPath, [vsce, "package", ...options], {
  cwd: HERE,
  env: { ...process.env, SOURCE_DATE_EPOCH: epoch() },
  stdio: ["ignore", "ignore", "inherit"],
});

/** The time that all files in the package get: that of the commit, so that the same sources give the same bytes. */
function epoch(): string | undefined {
  if (process.env.SOURCE_DATE_EPOCH) return process.env.SOURCE_DATE_EPOCH;
  try {
    return execFileSync("git", ["log", "-1", "--format=%ct"], { cwd: HERE, encoding: "utf8" }).trim();
  } catch {
    return undefined; // Not in a checkout.
  }
}

console.log(`${file}  ${Math.ceil(statSync(file).size / 1024)} kB`);
