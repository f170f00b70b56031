/** Everything behind the entry: the client, the views and the commands. */
import * as vscode from "vscode";
import { Examples } from "./examples.ts";
import type { CommandName } from "./extension.ts";
import type { Location } from "./protocol.ts";
import { explainRule } from "./rules.ts";
import { Client } from "./server/client.ts";
import { Status } from "./status.ts";
import { GraphView } from "./views/graph.ts";
import { MemoryView } from "./views/memory.ts";

export class App {
  readonly #client: Client;
  readonly #examples: Examples;
  readonly #memory: MemoryView;
  readonly #graph: GraphView;

  constructor(context: vscode.ExtensionContext) {
    const { extensionUri, subscriptions } = context;
    this.#client = new Client(context.extension);
    this.#examples = new Examples(context.extension);
    this.#memory = new MemoryView(extensionUri, this.#client);
    this.#graph = new GraphView(extensionUri, this.#client);
    const status = new Status(this.#client);
    subscriptions.push(this.#client, this.#examples, this.#memory, this.#graph, status);
    const { version } = context.extension.packageJSON as { version: string };
    this.#client.log.info(`ModelSpec extension ${version}, VS Code ${vscode.version}.`);
    void this.#client.start();
  }

  async run(name: CommandName, args: readonly unknown[]): Promise<void> {
    switch (name) {
      case "newSpec":
        return this.#examples.create(args[0]);
      case "insertExample":
        return this.#examples.insert();
      case "showMemoryFit":
        return this.#memory.show(args[0], args[1]);
      case "showDependencyGraph":
        return this.#graph.show(args[0]);
      case "showReferences":
        return this.#showReferences(args[0], args[1], args[2]);
      case "fixAll":
        return this.#fixAll();
      case "explainRule":
        return explainRule(this.#client, args[0]);
      case "restart":
        return this.#client.restart("asked for");
      case "showOutput":
        return this.#client.log.show();
      case "showVersion":
        return this.#showVersion();
    }
  }

  stop(): Promise<void> {
    return this.#client.stop();
  }

  /** Not by the editor's own command, which was seen to do nothing and does not say so. */
  async #fixAll(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (!document) return;
    const found = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      document.validateRange(new vscode.Range(0, 0, document.lineCount, 0)),
      "source.fixAll.modelspec",
      1,
    );
    const edit = found.find((action) => action.edit)?.edit;
    if (edit) await vscode.workspace.applyEdit(edit);
    else void vscode.window.showInformationMessage("Nothing in this file can be fixed automatically.");
  }

  async #showReferences(uri: unknown, position: unknown, locations: unknown): Promise<void> {
    const { converter } = this.#client;
    if (!converter || typeof uri !== "string" || !Array.isArray(locations)) return;
    await vscode.commands.executeCommand(
      "editor.action.showReferences",
      vscode.Uri.parse(uri),
      converter.asPosition(position as Location["range"]["start"]),
      (locations as Location[]).map(converter.asLocation),
    );
  }

  async #showVersion(): Promise<void> {
    const { info, failure, description } = this.#client;
    const running = info && `${info.name} ${info.version ?? ""}: ${description}.`;
    const text = running ?? failure?.message ?? "No server runs.";
    const button = await vscode.window.showInformationMessage(text, "Show Log");
    if (button) this.#client.log.show();
  }
}

export function start(context: vscode.ExtensionContext): App {
  return new App(context);
}
