/** The memory view: shows what the server says of the spec in front, under the numbers chosen in the view. */
import { basename } from "node:path";
import * as vscode from "vscode";
import { type MemoryView as Answer, type EditAnswer, MEMORY_FIT, MEMORY_FIT_EDIT } from "../protocol.ts";
import type { Client } from "../server/client.ts";
import type { Overrides, ToHost, ToView } from "../webview/memory/messages.ts";
import { options, page } from "./page.ts";

/** The list of accelerators costs the server more than the rest: it waits until a slider rests. */
const REST_MS = 200;

export class MemoryView implements vscode.Disposable {
  readonly #extensionUri: vscode.Uri;
  readonly #client: Client;
  readonly #disposables: vscode.Disposable[];
  #panel: vscode.WebviewPanel | undefined;
  #uri: vscode.Uri | undefined;
  #document: number | undefined;
  /** Where the lens stands that was clicked; the server knows which spec of the file that is. */
  #position: unknown;
  #overrides: Overrides = {};
  #timer: NodeJS.Timeout | undefined;
  /** One question at a time; what changed meanwhile is asked once, afterwards. */
  #asking = false;
  #again = false;

  constructor(extensionUri: vscode.Uri, client: Client) {
    this.#extensionUri = extensionUri;
    this.#client = client;
    this.#disposables = [
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.toString() === this.#uri?.toString()) this.#refresh();
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (!this.#panel || editor?.document.languageId !== "modelspec") return;
        if (editor.document.uri.toString() !== this.#uri?.toString()) this.#look(editor.document.uri);
      }),
      client.onDidChangeState(() => this.#refresh()),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#panel?.dispose();
    for (const item of this.#disposables) item.dispose();
  }

  /** Opens the view beside the editor. `uri` and `position` come from a code lens. */
  show(uri: unknown, position: unknown): void {
    const editor = vscode.window.activeTextEditor;
    const target =
      typeof uri === "string"
        ? vscode.Uri.parse(uri)
        : uri instanceof vscode.Uri
          ? uri
          : editor?.document.uri;
    if (!target) {
      void vscode.window.showInformationMessage("Open a ModelSpec first.");
      return;
    }
    this.#panel ??= this.#open();
    this.#panel.reveal(undefined, true);
    this.#look(target, position);
  }

  #open(): vscode.WebviewPanel {
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const panel = vscode.window.createWebviewPanel(
      "modelspec.memory",
      "Memory Fit",
      column,
      options(this.#extensionUri),
    );
    panel.iconPath = vscode.Uri.joinPath(this.#extensionUri, "media", "icon.png");
    panel.webview.html = page(panel.webview, this.#extensionUri, "memory", "Memory Fit", BODY);
    panel.webview.onDidReceiveMessage((message: ToHost) => this.#receive(message));
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#uri = undefined;
    });
    return panel;
  }

  #look(uri: vscode.Uri, position?: unknown): void {
    this.#uri = uri;
    this.#document = undefined;
    this.#position = position;
    this.#overrides = {};
    if (this.#panel) this.#panel.title = `Memory Fit: ${basename(uri.path)}`;
    this.#refresh();
  }

  #receive(message: ToHost): void {
    switch (message.type) {
      case "ready":
        this.#refresh();
        break;
      case "set":
        this.#overrides = { ...this.#overrides, ...message.changes };
        this.#refresh();
        break;
      case "reset":
        this.#overrides = {};
        this.#refresh();
        break;
      case "document":
        this.#document = message.document;
        this.#overrides = {};
        this.#refresh();
        break;
      case "apply":
        void this.#apply();
        break;
    }
  }

  #refresh(): void {
    this.#again = true;
    if (!this.#asking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    while (this.#again && this.#panel && this.#uri) {
      this.#again = false;
      const uri = this.#uri;
      const answer = await this.#question({ view: true, position: this.#position });
      if (this.#uri !== uri) continue;
      const views = answer?.views ?? [];
      const wanted = this.#document ?? answer?.document;
      const spec = views.find((view) => view.document === wanted) ?? views[0];
      this.#document = spec?.document;
      const specs = views.map((v) => ({
        document: v.document,
        name: v.name ?? `document ${v.document + 1}`,
      }));
      this.#post({ type: "spec", file: basename(uri.path), spec, specs });
    }
    this.#asking = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#accelerators(), REST_MS);
  }

  async #accelerators(): Promise<void> {
    const answer = await this.#question({ accelerators: this.#document });
    if (!this.#again) this.#post({ type: "accelerators", rows: answer?.accelerators ?? [] });
  }

  async #question(more: object): Promise<Answer | undefined> {
    if (!this.#uri) return undefined;
    const params = { uri: this.#uri.toString(), overrides: this.#overrides, ...more };
    return this.#client.ask<Answer>(MEMORY_FIT, params);
  }

  async #apply(): Promise<void> {
    if (!this.#uri) return;
    const params = { uri: this.#uri.toString(), document: this.#document, overrides: this.#overrides };
    const answer = await this.#client.ask<EditAnswer>(MEMORY_FIT_EDIT, params);
    if (answer?.message) void vscode.window.showWarningMessage(answer.message);
    const edit = await this.#client.converter?.asWorkspaceEdit(answer?.edit);
    if (!edit) return;
    if (await vscode.workspace.applyEdit(edit)) {
      this.#overrides = {};
      this.#refresh();
    } else {
      void vscode.window.showWarningMessage(
        "The file changed meanwhile; nothing was applied. Please try again.",
      );
    }
  }

  #post(message: ToView): void {
    void this.#panel?.webview.postMessage(message);
  }
}

const BODY = `
<p id="nothing" hidden></p>
<main id="view" hidden>
  <header>
    <h1 id="name"></h1>
    <span id="badge" class="badge"></span>
    <select id="documents" aria-label="Spec of this file" hidden></select>
    <p id="sentence"></p>
    <p id="summary" aria-live="polite"></p>
  </header>
  <section id="bars" aria-label="Memory per device"></section>
  <div class="columns">
    <section id="settings" aria-label="What if">
      <h2>What if</h2>
      <div id="controls"></div>
      <div class="buttons">
        <button id="apply" type="button">Apply to File</button>
        <button id="reset" type="button" class="secondary">Reset</button>
      </div>
    </section>
    <section aria-label="Numbers">
      <h2>Per device</h2>
      <table id="parts-table">
        <thead><tr><th scope="col">Part</th><th scope="col" class="number">GiB</th><th scope="col">How sure</th></tr></thead>
        <tbody id="parts"></tbody>
      </table>
      <h2>In reverse</h2>
      <dl id="facts"></dl>
    </section>
  </div>
  <section id="missing-section" hidden><h2>Missing</h2><ul id="missing"></ul></section>
  <section id="ignored-section" hidden><h2>Not applied</h2><ul id="ignored"></ul></section>
  <section id="fitting" hidden>
    <h2>Accelerators that would do</h2>
    <div class="scroll">
      <table>
        <thead><tr>
          <th scope="col">Fewest devices</th><th scope="col">Maker</th><th scope="col" class="number">GiB in all</th>
          <th scope="col" class="number">Of the budget</th><th scope="col">Verdict</th>
        </tr></thead>
        <tbody id="accelerators"></tbody>
      </table>
    </div>
    <div class="buttons"><button id="more" type="button" class="secondary"></button></div>
  </section>
  <section id="assumptions-section" hidden><h2>Assumed</h2><ul id="assumptions"></ul></section>
</main>`;
