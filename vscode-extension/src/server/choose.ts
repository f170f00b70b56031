/** Decides what to start: the user's own server, the bundled one with a Python found here, or uv as the last resort. */
import { join } from "node:path";
import type { Host } from "./host.ts";
import { type Candidate, candidates, locate, onPath } from "./interpreters.ts";

export interface Settings {
  path: string;
  args: readonly string[];
  interpreter: string;
  importStrategy: "useBundled" | "fromEnvironment";
}

export interface Server {
  command: string;
  args: readonly string[];
  /** Folder to start in: never the user's. */
  cwd: string;
  /** One sentence for the log. */
  description: string;
}

export interface Failure {
  /** What to tell the user, with what to do. */
  message: string;
  /** Every candidate and what was wrong with it. */
  tried: readonly string[];
}

export type Choice = { server: Server; tried: readonly string[] } | { failure: Failure };

export const OLDEST = [3, 10] as const;
const PROBE_MS = 10_000;
const ISOLATED = ["-I", "-S", "-X", "utf8"];
const MODULE = "modelspec_ls.lsp";
const DISTRIBUTION = "modelspec-language-server";

/**
 * @param bundled folder with `launch.py`
 * @param selected the Python extension's interpreter, if any
 */
export async function choose(
  host: Host,
  settings: Settings,
  bundled: string,
  selected?: string,
): Promise<Choice> {
  if (settings.path) return own(host, settings, bundled);
  const environment = settings.importStrategy === "fromEnvironment";
  const tried: string[] = [];
  const found = candidates(host, { interpreter: settings.interpreter, selected });
  for (const candidate of found) {
    const result = environment ? await installed(host, candidate) : await bundle(host, candidate, bundled);
    if (typeof result === "string") {
      tried.push(`${candidate.command} (${candidate.from}): ${result}`);
      continue;
    }
    return { server: { ...result, command: candidate.command, cwd: bundled }, tried };
  }
  if (!environment && !settings.interpreter) {
    const uv = await withUv(host, bundled);
    if (uv) return { server: uv, tried };
  }
  return { failure: { message: advice(settings, found.length > 0), tried } };
}

function own(host: Host, settings: Settings, cwd: string): Choice {
  const command = locate(host, settings.path);
  if (command) {
    const description = `${command}, from the setting modelspec.server.path`;
    return { server: { command, args: settings.args, cwd, description }, tried: [] };
  }
  const message =
    `The setting modelspec.server.path names \`${settings.path}\`, which is no program here. ` +
    "Give the full path of `modelspec`, or clear the setting to use the bundled server.";
  return { failure: { message, tried: [] } };
}

type Started = Pick<Server, "args" | "description">;

/** The bundled server under one Python; else what is wrong with it. */
async function bundle(host: Host, candidate: Candidate, bundled: string): Promise<Started | string> {
  const args = [...candidate.args, ...ISOLATED, join(bundled, "launch.py")];
  const probe = await host.run(candidate.command, [...args, "--probe"], PROBE_MS);
  if (!probe.ok) return probe.problem;
  const facts = readFacts(probe.stdout);
  if (!facts) return "did not answer like a Python";
  if (older(facts.version)) return `Python ${facts.text} is too old`;
  return {
    args,
    description:
      `bundled, Python ${facts.text} at ${candidate.command} (${candidate.from}), ` +
      `YAML parser: ${facts.parser}${facts.parser === "C" ? "" : " (slower; fine for files of usual size)"}`,
  };
}

function older([major, minor]: readonly [number, number]): boolean {
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

interface Facts {
  version: readonly [number, number];
  text: string;
  parser: string;
}

function readFacts(stdout: string): Facts | undefined {
  try {
    const { version, parser } = JSON.parse(stdout) as { version?: unknown; parser?: unknown };
    if (!Array.isArray(version) || typeof parser !== "string") return undefined;
    return { version: [Number(version[0]), Number(version[1])], text: version.join("."), parser };
  } catch {
    return undefined;
  }
}

/** A server that the user installed into an environment. */
async function installed(host: Host, candidate: Candidate): Promise<Started | string> {
  const script = "import modelspec_ls, sys; print(modelspec_ls.__version__, sys.version.split()[0])";
  const probe = await host.run(candidate.command, [...candidate.args, "-I", "-c", script], PROBE_MS);
  if (!probe.ok) return `${DISTRIBUTION} is not installed there (${probe.problem})`;
  const [version, python] = probe.stdout.trim().split(" ");
  return {
    args: [...candidate.args, "-I", "-X", "utf8", "-m", MODULE],
    description: `${DISTRIBUTION} ${version} of the environment, Python ${python} at ${candidate.command} (${candidate.from})`,
  };
}

/** uv brings a Python of its own, or finds one where we do not look. */
async function withUv(host: Host, bundled: string): Promise<Server | undefined> {
  const uv = onPath(host, "uv");
  if (!uv) return undefined;
  const found = await host.run(uv, ["python", "find", "--no-project", `>=${OLDEST.join(".")}`], PROBE_MS);
  const command = found.stdout.trim().split("\n").at(-1)?.trim();
  if (!found.ok || !command || !host.isProgram(command)) return undefined;
  const started = await bundle(host, { command, args: [], from: "found by uv" }, bundled);
  return typeof started === "string" ? undefined : { ...started, command, cwd: bundled };
}

function advice(settings: Settings, any: boolean): string {
  const oldest = OLDEST.join(".");
  if (settings.importStrategy === "fromEnvironment") {
    return (
      `No Python with ${DISTRIBUTION} was found. Run \`python -m pip install ${DISTRIBUTION}\` in your environment, ` +
      "or set modelspec.server.importStrategy to useBundled."
    );
  }
  if (settings.interpreter) {
    return (
      `The setting modelspec.server.interpreter names \`${settings.interpreter}\`, which cannot run the server. ` +
      `It must be the full path of Python ${oldest} or newer; clear it to let ModelSpec look for one.`
    );
  }
  const what = any ? `Every Python that was found is too old or does not work` : "No Python was found";
  return `${what}: the ModelSpec server needs Python ${oldest} or newer. Install one, or choose the one you have.`;
}
