/** The one language client: start, restart, back-off, and what the log says of it. */
import { join } from "node:path";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  type ErrorHandler,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type StaticFeature,
} from "vscode-languageclient/node";
import { RestartPolicy } from "./backoff.ts";
import { choose, type Failure, type Server, type Settings } from "./choose.ts";
import { realHost } from "./host.ts";

/** Commands of ours that the server may put behind a code lens. */
const LENS_COMMANDS = [
  "modelspec.showMemoryFit",
  "modelspec.showReferences",
  "modelspec.showDependencyGraph",
];
const RESTART_ON = ["path", "args", "interpreter", "importStrategy", "logLevel"].map(
  (key) => `modelspec.server.${key}`,
);

export class Client implements vscode.Disposable {
  readonly log = vscode.window.createOutputChannel("ModelSpec", { log: true });
  readonly #changed = new vscode.EventEmitter<State>();
  /** The server started, stopped or is starting. */
  readonly onDidChangeState = this.#changed.event;
  readonly #extension: vscode.Extension<unknown>;
  readonly #policy = new RestartPolicy();
  readonly #disposables: vscode.Disposable[] = [];
  #client: LanguageClient | undefined;
  /** Starts and stops happen one after the other. */
  #queue: Promise<void> = Promise.resolve();
  failure: Failure | undefined;
  /** What runs, in one sentence. */
  description = "";

  constructor(extension: vscode.Extension<unknown>) {
    this.#extension = extension;
    this.#disposables.push(
      this.log,
      this.#changed,
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.restart("the workspace is trusted now")),
      vscode.workspace.onDidChangeConfiguration((event) => {
        const key = RESTART_ON.find((name) => event.affectsConfiguration(name));
        if (key) void this.restart(`${key} changed`);
      }),
    );
  }

  get running(): boolean {
    return this.#client?.state === State.Running;
  }

  get info(): { name: string; version?: string } | undefined {
    return this.#client?.initializeResult?.serverInfo;
  }

  start(): Promise<void> {
    return this.#enqueue(() => this.#start());
  }

  restart(why: string): Promise<void> {
    this.log.info(`Restart: ${why}.`);
    this.#policy.reset();
    return this.#enqueue(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  stop(): Promise<void> {
    return this.#enqueue(() => this.#stop());
  }

  /** Asks the server; undefined while there is none or where it has no answer. */
  async ask<T>(method: string, params: object): Promise<T | undefined> {
    if (!this.running || !this.#client) return undefined;
    try {
      return (await this.#client.sendRequest<T | null>(method, params)) ?? undefined;
    } catch (error) {
      this.log.warn(`${method}: ${String(error)}`);
      return undefined;
    }
  }

  get converter(): LanguageClient["protocol2CodeConverter"] | undefined {
    return this.#client?.protocol2CodeConverter;
  }

  get codeConverter(): LanguageClient["code2ProtocolConverter"] | undefined {
    return this.#client?.code2ProtocolConverter;
  }

  dispose(): void {
    for (const item of this.#disposables) item.dispose();
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(work).catch((error: unknown) => this.log.error(String(error)));
    return this.#queue;
  }

  async #start(): Promise<void> {
    const began = Date.now();
    const bundled = join(this.#extension.extensionPath, "bundled");
    const choice = await choose(realHost, readSettings(), bundled, await selectedPython());
    if ("failure" in choice) return this.#cannotStart(choice.failure);
    this.failure = undefined;
    for (const line of choice.tried) this.log.info(`Not used: ${line}.`);
    this.description = choice.server.description;
    this.log.info(`Server: ${this.description}.`);
    const client = this.#build(choice.server);
    this.#client = client;
    client.onDidChangeState(({ newState }) => this.#changed.fire(newState));
    try {
      await client.start();
      const { name = "server", version = "" } = client.initializeResult?.serverInfo ?? {};
      this.log.info(`${name} ${version} is ready after ${Date.now() - began} ms.`);
    } catch (error) {
      this.log.error(`The server did not start: ${String(error)}`);
      this.#client = undefined;
      void client.dispose().catch(() => undefined);
      this.#cannotStart({
        message: `The ModelSpec server did not start: ${error instanceof Error ? error.message : String(error)}`,
        tried: [choice.server.description],
      });
    }
  }

  #build(server: Server): LanguageClient {
    const level = vscode.workspace.getConfiguration("modelspec").get("server.logLevel", "warning");
    // A server of the user's own may know other options: it is started as the settings say.
    const own = readSettings().path !== "";
    const args = own ? [...server.args] : [...server.args, "--log-level", level];
    const client: LanguageClient = new LanguageClient(
      "modelspec",
      "ModelSpec",
      { command: server.command, args, options: { cwd: server.cwd } },
      {
        documentSelector: [
          { language: "modelspec" },
          { language: "yaml", pattern: "**/*.modelspec.{yaml,yml}" },
          { language: "json", pattern: "**/*.modelspec.json" },
          { language: "yaml", pattern: "**/{modelspec-policy,*.modelspec-policy}.{yaml,yml}" },
          { language: "yaml", pattern: "**/.modelspec/policies/*.{yaml,yml}" },
        ],
        outputChannel: this.log,
        // A request that a dying server left without an answer is no news for the user; the log has it.
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: vscode.workspace.getConfiguration("modelspec"),
        errorHandler: this.#errorHandler(() => this.#client === client),
        markdown: { supportHtml: false },
      },
    );
    client.registerFeature(announced(LENS_COMMANDS));
    return client;
  }

  #errorHandler(current: () => boolean): ErrorHandler {
    return {
      // A message that cannot be sent is followed by the end of the connection, which is handled below.
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: async () => {
        const wait = this.#policy.crashed();
        if (wait === undefined) {
          this.log.error("The server stopped too often and stays stopped.");
          this.#tell("The ModelSpec server stopped five times within three minutes.", [
            "Restart",
            "Show Log",
          ]);
          return { action: CloseAction.DoNotRestart, handled: true };
        }
        this.log.warn(`The server stopped; next start in ${wait / 1000} s.`);
        await new Promise((resolve) => setTimeout(resolve, wait));
        return { action: current() ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true };
      },
    };
  }

  #cannotStart(failure: Failure): void {
    this.failure = failure;
    for (const line of failure.tried) this.log.warn(`Tried ${line}.`);
    this.log.error(failure.message);
    this.#changed.fire(State.Stopped);
    this.#tell(failure.message, ["Select Python…", "How to Install Python", "Show Log"]);
  }

  #tell(message: string, buttons: string[]): void {
    void vscode.window.showErrorMessage(message, ...buttons).then((button) => {
      if (button === "Restart") void this.restart("asked for");
      else if (button === "Show Log") this.log.show();
      else if (button === "How to Install Python")
        void vscode.env.openExternal(vscode.Uri.parse("https://www.python.org/downloads/"));
      else if (button === "Select Python…") void selectPython();
    });
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (!client) return;
    try {
      await client.dispose(2_000);
    } catch (error) {
      this.log.warn(`While stopping: ${String(error)}`);
    }
  }
}

function readSettings(): Settings {
  const config = vscode.workspace.getConfiguration("modelspec.server");
  return {
    path: config.get("path", "").trim(),
    args: config.get("args", ["lsp"]),
    interpreter: config.get("interpreter", "").trim(),
    importStrategy: config.get("importStrategy", "useBundled"),
  };
}

/** The interpreter chosen in the Python extension, if that is there and the workspace may choose programs. */
async function selectedPython(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension("ms-python.python");
  if (!extension || !vscode.workspace.isTrusted) return undefined;
  try {
    const api: unknown = extension.isActive ? extension.exports : await extension.activate();
    const environments = (api as PythonApi | undefined)?.environments;
    const active = environments?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
    const resolved = active ? await environments?.resolveEnvironment(active) : undefined;
    return resolved?.executable.uri?.fsPath;
  } catch {
    return undefined;
  }
}

/** The part of the Python extension's interface that is used. */
interface PythonApi {
  environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): unknown;
    resolveEnvironment(path: unknown): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
  };
}

async function selectPython(): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({
    title: "Python 3.10 or newer",
    openLabel: "Use this Python",
    canSelectMany: false,
  });
  const path = chosen?.[0]?.fsPath;
  if (!path) return;
  const config = vscode.workspace.getConfiguration("modelspec.server");
  await config.update("interpreter", path, vscode.ConfigurationTarget.Global);
}

/** Tells the server which commands a code lens of its may name, as rust-analyzer's clients do. */
function announced(commands: readonly string[]): StaticFeature {
  return {
    fillClientCapabilities: (capabilities) => {
      const experimental = (capabilities.experimental ?? {}) as Record<string, unknown>;
      capabilities.experimental = { ...experimental, commands: { commands } };
    },
    initialize: () => undefined,
    getState: () => ({ kind: "static" }),
    clear: () => undefined,
  };
}
