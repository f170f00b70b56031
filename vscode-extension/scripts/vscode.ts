/** A real VS Code for the browser, from npm: installed once into `.cache`, started on the loopback address. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
const VERSION = "4.139.1";
const FOLDER = join(ROOT, ".cache", `code-server-${VERSION}`);
const PACKAGE = join(FOLDER, "node_modules", "code-server");
const START_MS = 60_000;

export function installed(): boolean {
  return existsSync(FOLDER);
}

/** Its own install script would compile parts that nothing here needs; this does the rest of what it does. */
export function install(): void {
  if (installed()) return;
  const fresh = `${FOLDER}.part`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  writeFileSync(join(fresh, "package.json"), '{"private": true}\n');
  const npm = (folder: string, ...args: string[]): void => {
    execFileSync(
      "npm",
      [
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-progress",
        "--loglevel=error",
        ...args,
      ],
      {
        cwd: folder,
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
  };
  npm(fresh, `code-server@${VERSION}`);
  const inner = join(fresh, "node_modules", "code-server", "lib", "vscode");
  npm(inner, "--omit=dev");
  npm(join(inner, "extensions"), "--omit=dev");
  renameSync(fresh, FOLDER);
}

export interface Profile {
  /** Where everything that VS Code writes goes. */
  folder: string;
  settings?: Record<string, unknown>;
}

const SETTINGS = {
  "telemetry.telemetryLevel": "off",
  "workbench.startupEditor": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
};

export class VSCode {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#process = child;
  }

  static async start(
    profile: Profile,
    extensions: readonly string[],
    more: readonly string[] = [],
  ): Promise<VSCode> {
    prepare(profile);
    const where = [
      "--user-data-dir",
      join(profile.folder, "data"),
      "--extensions-dir",
      join(profile.folder, "extensions"),
    ];
    const run = { env: environment(profile), cwd: profile.folder } as const;
    const entry = join(PACKAGE, "out", "node", "entry.js");
    for (const file of extensions) {
      execFileSync(process.execPath, [entry, ...where, "--install-extension", file], {
        ...run,
        stdio: "pipe",
      });
    }
    const port = await freePort();
    const options = [
      "--auth",
      "none",
      "--bind-addr",
      `127.0.0.1:${port}`,
      "--disable-telemetry",
      "--disable-update-check",
    ];
    options.push("--disable-getting-started-override", "--disable-proxy", "--ignore-last-opened");
    // A closed tab would leave its extensions and our server running for hours.
    options.push("--reconnection-grace-time", "1", ...more);
    const child = spawn(process.execPath, [entry, ...where, ...options], {
      ...run,
      stdio: "ignore",
      detached: true,
    });
    const server = new VSCode(port, child);
    try {
      await server.#ready();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** The address that opens a folder, with a file in front. */
  url(folder: string, file?: string): string {
    const payload = [["skipWelcome", "true"]];
    if (file) payload.unshift(["openFile", `vscode-remote://127.0.0.1:${this.port}${file}`]);
    const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
    return `http://127.0.0.1:${this.port}/?${query.toString().replaceAll("+", "%20")}`;
  }

  /** Ends it with everything it started. */
  async stop(): Promise<void> {
    const { pid } = this.#process;
    if (pid === undefined || this.#process.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#process.once("exit", () => resolve()));
    this.#process.kill("SIGTERM");
    await Promise.race([ended, delay(5_000)]);
    // Its watchers are slow to notice.
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Nobody is left in the group.
    }
  }

  /** When it ends. */
  exit(): Promise<void> {
    return new Promise((resolve) => this.#process.once("exit", () => resolve()));
  }

  async #ready(): Promise<void> {
    const end = Date.now() + START_MS;
    while (Date.now() < end && this.#process.exitCode === null) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => undefined);
      if (answer?.ok) return;
      await delay(200);
    }
    throw new Error("VS Code did not start");
  }
}

function prepare({ folder, settings }: Profile): void {
  mkdirSync(join(folder, "data", "User"), { recursive: true });
  writeFileSync(join(folder, "data", "User", "settings.json"), JSON.stringify({ ...SETTINGS, ...settings }));
}

function environment({ folder }: Profile): NodeJS.ProcessEnv {
  const own = Object.fromEntries(
    ["CONFIG", "DATA", "CACHE"].map((name) => [`XDG_${name}_HOME`, join(folder, "xdg", name.toLowerCase())]),
  );
  // No gallery: nothing is looked up anywhere.
  return { ...process.env, ...own, EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (process.argv[1] === import.meta.filename) install();
