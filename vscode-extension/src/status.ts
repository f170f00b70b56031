/** The verdict on the spec in front, in the status bar. */
import * as vscode from "vscode";
import { State } from "vscode-languageclient/node";
import { MEMORY_FIT, type Summary } from "./protocol.ts";
import type { Client } from "./server/client.ts";

/** An edit is followed by others. */
const SETTLE_MS = 250;
const LOOKS: Record<string, { icon: string; background?: string }> = {
  good: { icon: "$(pass)" },
  warning: { icon: "$(warning)", background: "statusBarItem.warningBackground" },
  bad: { icon: "$(error)", background: "statusBarItem.errorBackground" },
  unknown: { icon: "$(question)" },
};

export class Status implements vscode.Disposable {
  readonly #client: Client;
  readonly #item = vscode.window.createStatusBarItem("modelspec.fit", vscode.StatusBarAlignment.Right, 100);
  readonly #server = vscode.languages.createLanguageStatusItem("modelspec.server", { language: "modelspec" });
  readonly #disposables: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;
  #asked = 0;

  constructor(client: Client) {
    this.#client = client;
    this.#item.name = "ModelSpec Memory Fit";
    this.#item.command = "modelspec.showMemoryFit";
    this.#server.name = "ModelSpec";
    this.#server.command = { command: "modelspec.showOutput", title: "Show Log" };
    this.#disposables = [
      this.#item,
      this.#server,
      client.onDidChangeState((state) => this.#stateChanged(state)),
      vscode.window.onDidChangeActiveTextEditor(() => this.#soon(0)),
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document.languageId === "modelspec") this.#soon(SETTLE_MS);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("modelspec")) this.#soon(SETTLE_MS);
      }),
    ];
    this.#stateChanged(State.Starting);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const item of this.#disposables) item.dispose();
  }

  #stateChanged(state: State): void {
    const { failure, info } = this.#client;
    this.#server.busy = state === State.Starting;
    this.#server.severity = failure
      ? vscode.LanguageStatusSeverity.Error
      : state === State.Running || state === State.Starting
        ? vscode.LanguageStatusSeverity.Information
        : vscode.LanguageStatusSeverity.Warning;
    const version = info?.version ?? "";
    const running = state === State.Running ? `Server ${version}` : "No server";
    this.#server.text = state === State.Starting ? "Server starts" : running;
    this.#server.detail = failure?.message ?? "";
    this.#soon(0);
  }

  #soon(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#update(), wait);
  }

  async #update(): Promise<void> {
    // While a view has the focus there is no active editor; the spec beside it is meant.
    const editor =
      vscode.window.activeTextEditor ??
      vscode.window.visibleTextEditors.find(({ document }) => document.languageId === "modelspec");
    const document = editor?.document;
    const wanted = vscode.workspace.getConfiguration("modelspec").get("editor.statusBar", true);
    if (document?.languageId !== "modelspec" || !wanted) return this.#item.hide();
    const asked = ++this.#asked;
    const answer = await this.#client.ask<Summary>(MEMORY_FIT, { uri: document.uri.toString() });
    // A later question has a better answer.
    if (asked !== this.#asked) return;
    const report = worst(answer?.reports ?? []);
    if (!report?.label) return this.#item.hide();
    const look = LOOKS[report.tone] ?? { icon: "" };
    this.#item.text = `${look.icon} ${report.label}`;
    this.#item.backgroundColor = look.background ? new vscode.ThemeColor(look.background) : undefined;
    const tooltip = new vscode.MarkdownString();
    for (const { name, flavor, summary } of answer?.reports ?? []) {
      const title = [name, flavor].filter((words) => words?.trim()).join(", ");
      tooltip.appendMarkdown("**").appendMarkdown(plain(title || "ModelSpec"));
      tooltip.appendMarkdown("**: ").appendMarkdown(plain(summary)).appendMarkdown("\n\n");
    }
    this.#item.tooltip = tooltip.appendMarkdown("_Click for the memory view._");
    this.#item.accessibilityInformation = { label: `ModelSpec: ${report.summary}`, role: "button" };
    this.#item.show();
  }
}

/** Names are whatever a file says: text on one line, no marks and no links; `appendText` would keep it from wrapping. */
function plain(text: string): string {
  return text
    .trim()
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[!-/:-@[-`{-~]/g, "\\$&");
}

function worst(reports: Summary["reports"]): Summary["reports"][number] | undefined {
  const order = ["bad", "warning", "unknown", "good"];
  return [...reports].sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone))[0];
}
