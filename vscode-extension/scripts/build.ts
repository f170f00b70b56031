/** Bundles the extension and its views; copies what is written elsewhere in the repository. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const HERE = join(import.meta.dirname, "..");
const ROOT = join(HERE, "..");
const common = { bundle: true, minify: true, absWorkingDir: HERE, logLevel: "warning" } as const;
/** The client without the server; what is larger costs every start. */
const MOST_BYTES = 500_000;

rmSync(join(HERE, "dist"), { recursive: true, force: true });
const node = {
  ...common,
  platform: "node",
  target: "node20",
  format: "cjs",
  outExtension: { ".js": ".cjs" },
} as const;
await build({
  ...node,
  entryPoints: ["src/extension.ts", "src/app.ts"],
  outdir: "dist",
  external: ["vscode", "./app.cjs"],
});
await build({
  ...common,
  entryPoints: { memory: "src/webview/memory/main.ts", graph: "src/webview/graph/main.ts" },
  outdir: "dist",
  platform: "browser",
  target: "es2022",
  format: "iife",
});

for (const name of ["snippets", "walkthrough"]) mkdirSync(join(HERE, name), { recursive: true });
copyFileSync(join(ROOT, "snippets", "modelspec.json"), join(HERE, "snippets", "modelspec.json"));
for (const name of ["LICENSE", "CHANGELOG.md"]) copyFileSync(join(ROOT, name), join(HERE, name));
for (const name of readdirSync(join(ROOT, "examples"))) {
  const step = /^(\d\d-.+)\.modelspec\.yaml$/.exec(name)?.[1];
  if (!step) continue;
  const text = readFileSync(join(ROOT, "examples", name), "utf8");
  writeFileSync(join(HERE, "walkthrough", `${step}.md`), `\`\`\`yaml\n${text}\`\`\`\n`);
}

const sizes = readdirSync(join(HERE, "dist"))
  .filter((name) => !name.endsWith(".map"))
  .map((name) => ({ name, bytes: statSync(join(HERE, "dist", name)).size }));
const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
console.log(
  `${sizes.map(({ name, bytes }) => `${name} ${Math.ceil(bytes / 1024)} kB`).join(", ")}; together ${Math.ceil(total / 1024)} kB`,
);
if (total > MOST_BYTES) throw new Error(`the client takes ${total} bytes, more than ${MOST_BYTES}`);
