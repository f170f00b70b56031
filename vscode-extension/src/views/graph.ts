/** The dependency graph: of the spec in front, or of the whole workspace. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { DEPENDENCY_GRAPH, type DependencyGraph } from "../protocol.ts";
import type { Client } from "../server/client.ts";
import type { Range, ToHost, ToView } from "../webview/graph/messages.ts";
import { options, page } from "./page.ts";

/** The server first has to read the new text. */
const SETTLE_MS = 300;

export class GraphView implements vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #client: Client;
  readonly #disposables: vscode.Disposable[];
  #panel: vscode.WebviewPanel | undefined;
  #uri: vscode.Uri | undefined;
  #whole = false;
  #timer: NodeJS.Timeout | undefined;
  #asked = 0;

  constructor(extensionUri: vscode.Uri, client: Client) {
    this.#extensionUri = extensionUri;
    this.#client = client;
    this.#disposables = [
      vscode.languages.onDidChangeDiagnostics(() => this.#soon()),
      vscode.workspace.onDidChangeTextDocument(
        ({ document }) => document.languageId === "modelspec" && this.#soon(),
      ),
      vscode.workspace.onDidSaveTextDocument(() => this.#soon()),
      client.onDidChangeState(() => this.#soon()),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#panel?.dispose();
    for (const item of this.#disposables) item.dispose();
  }

  show(uri: unknown): void {
    const editor = vscode.window.activeTextEditor;
    const inFront = editor?.document.languageId === "modelspec" ? editor.document.uri : undefined;
    this.#uri = typeof uri === "string" ? vscode.Uri.parse(uri) : uri instanceof vscode.Uri ? uri : inFront;
    this.#whole = !this.#uri;
    this.#panel ??= this.#open();
    this.#panel.reveal(undefined, true);
    void this.#refresh();
  }

  #open(): vscode.WebviewPanel {
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const panel = vscode.window.createWebviewPanel(
      "modelspec.graph",
      "Dependency Graph",
      column,
      options(this.#extensionUri),
    );
    panel.iconPath = vscode.Uri.joinPath(this.#extensionUri, "media", "icon.png");
    panel.webview.html = page(panel.webview, this.#extensionUri, "graph", "Dependency Graph", BODY);
    panel.webview.onDidReceiveMessage((message: ToHost) => this.#receive(message));
    panel.onDidDispose(() => {
      this.#panel = undefined;
    });
    return panel;
  }

  #receive(message: ToHost): void {
    switch (message.type) {
      case "ready":
        void this.#refresh();
        break;
      case "whole":
        this.#whole = message.whole;
        void this.#refresh();
        break;
      case "open":
        void this.#reveal(message.uri, message.range);
        break;
    }
  }

  async #reveal(uri: string, range: Range | null): Promise<void> {
    const selection = range ? (this.#client.converter?.asRange(range) ?? undefined) : undefined;
    // The editor that is there, not a new one on top of the graph.
    const viewColumn = vscode.window.visibleTextEditors[0]?.viewColumn ?? vscode.ViewColumn.One;
    try {
      await vscode.window.showTextDocument(vscode.Uri.parse(uri), {
        viewColumn,
        ...(selection && { selection }),
      });
    } catch (error) {
      void vscode.window.showWarningMessage(`Cannot open ${uri}: ${String(error)}`);
    }
  }

  #soon(): void {
    if (!this.#panel?.visible) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#refresh(), SETTLE_MS);
  }

  async #refresh(): Promise<void> {
    if (!this.#panel) return;
    const asked = ++this.#asked;
    const whole = this.#whole || !this.#uri;
    const params = whole ? {} : { uri: this.#uri?.toString() };
    const graph = await this.#client.ask<DependencyGraph>(DEPENDENCY_GRAPH, params);
    if (asked !== this.#asked) return;
    const title = whole ? "All specs of the workspace" : basename(this.#uri?.path ?? "");
    const message: ToView = { type: "graph", title, whole, graph };
    void this.#panel?.webview.postMessage(message);
  }
}

const BODY = `
<header>
  <h1 id="title"></h1>
  <span id="counts" aria-live="polite"></span>
  <label><input id="whole" type="checkbox"> whole workspace</label>
  <div class="tools">
    <button id="zoom-out" type="button" aria-label="Zoom out">−</button>
    <button id="zoom-fit" type="button">Fit</button>
    <button id="zoom-in" type="button" aria-label="Zoom in">+</button>
  </div>
</header>
<p id="nothing" hidden>No ModelSpec with dependencies here.</p>
<main id="canvas" hidden>
  <svg id="graph" tabindex="0" role="group" aria-label="Dependency graph; plus and minus zoom, arrow keys move, 0 shows all"></svg>
</main>
<ul id="list" class="spoken" aria-label="Dependencies"></ul>`;
