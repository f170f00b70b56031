/** Opens a copy of the examples in VS Code: the desktop's `code`, else one in the browser. Ends with Ctrl-C. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { install, installed, VSCode } from "./vscode.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const FOLDER = join(ROOT, ".cache", "run");
const WORKSPACE = join(FOLDER, "examples");
const FIRST = join(WORKSPACE, "broken", "does-not-fit.modelspec.yaml");
const TRY = `What to try:
  - broken/does-not-fit: hover over the red words, press Ctrl+. for a fix
  - 08-full-production: click the line above "accelerator" and move the sliders
  - the graph button at the top right: what depends on what
  - a new file x.modelspec.yaml: start from an example
  - Help > Welcome > "Learn ModelSpec step by step"`;

const { name, version } = JSON.parse(
  readFileSync(join(ROOT, "vscode-extension", "package.json"), "utf8"),
) as Record<string, string>;
const out = join(ROOT, "vscode-extension", "out");
const packages = [`${process.platform}-${process.arch}`, "universal"].map((t) =>
  join(out, `${name}-${version}-${t}.vsix`),
);
const vsix = packages.find((file) => existsSync(file));
if (!vsix) throw new Error("no package: run `make vsix`");

rmSync(WORKSPACE, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
cpSync(join(ROOT, "examples"), WORKSPACE, { recursive: true });

let stop: () => Promise<void> | void = () => undefined;
let stopping = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    console.log("\nClosing VS Code ...");
    void Promise.resolve(stop()).finally(() => process.exit(0));
  });
}

const desktop = process.env["MODELSPEC_RUN"] === "browser" ? undefined : onPath("code");
if (desktop && (process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"] || process.platform !== "linux")) {
  await inDesktop(desktop, vsix);
} else {
  await inBrowser(vsix);
}

/** A window of its own profile, so that nothing of the user's changes. */
async function inDesktop(code: string, file: string): Promise<void> {
  const data = join(FOLDER, "desktop");
  const where = ["--user-data-dir", data, "--extensions-dir", join(FOLDER, "desktop-extensions")];
  execFileSync(code, [...where, "--install-extension", file, "--force"], { stdio: "ignore" });
  console.log(`Opening VS Code. ${TRY}\nClose the window or press Ctrl-C to end.`);
  const child = spawn(
    code,
    [...where, "--new-window", "--wait", "--disable-workspace-trust", WORKSPACE, FIRST],
    {
      stdio: "ignore",
    },
  );
  stop = () => closeDesktop(child, join(data, "code.lock"));
  await new Promise<void>((resolve) => child.once("exit", () => resolve()));
}

/** The command only waits for the window; the window's process is named in a lock file. */
function closeDesktop(child: ChildProcess, lock: string): void {
  child.kill();
  const pid = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
  try {
    if (pid > 1) process.kill(pid, "SIGTERM");
  } catch {
    // It is closed already.
  }
}

async function inBrowser(file: string): Promise<void> {
  if (!installed())
    console.log("No desktop VS Code here: getting one for the browser (about 600 MB, once) ...");
  try {
    install();
  } catch (error) {
    console.log(
      `That did not work (${error instanceof Error ? error.message.split("\n")[0] : String(error)}).`,
    );
    console.log("Install Visual Studio Code so that `code` is on PATH, or install the package by hand:");
    console.log(`  code --install-extension ${file}`);
    process.exit(1);
  }
  const profile = join(FOLDER, "browser");
  const code = await VSCode.start({ folder: profile }, [file], ["--disable-workspace-trust"]);
  stop = () => code.stop();
  console.log(`\nVS Code:  ${code.url(WORKSPACE, FIRST)}\n\n${TRY}\n\nCtrl-C ends it.`);
  await code.exit();
  if (!stopping) console.log("VS Code has ended.");
}

function onPath(program: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
