/** New specs from the snippets that the server offers too, and an offer where a spec is still empty. */
import * as vscode from "vscode";

const SELECTOR: vscode.DocumentSelector = { language: "modelspec" };

interface Snippet {
  prefix: string;
  body: string | string[];
  description: string;
}

interface Choice extends vscode.QuickPickItem {
  snippet?: Snippet;
}

export class Examples implements vscode.Disposable, vscode.CodeLensProvider {
  readonly #extension: vscode.Extension<unknown>;
  readonly #registration: vscode.Disposable;
  #snippets: Map<string, Snippet> | undefined;

  constructor(extension: vscode.Extension<unknown>) {
    this.#extension = extension;
    this.#registration = vscode.languages.registerCodeLensProvider(SELECTOR, this);
  }

  dispose(): void {
    this.#registration.dispose();
  }

  /** Above an empty file: what to do with it. */
  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (!isEmpty(document)) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    // VS Code drops an ordinary space after an icon.
    return [
      new vscode.CodeLens(top, {
        title: "$(lightbulb)\u00a0Start from an example…",
        command: "modelspec.insertExample",
      }),
      new vscode.CodeLens(top, {
        title: "$(mortar-board)\u00a0Learn step by step",
        command: "workbench.action.openWalkthrough",
        arguments: [`${this.#extension.id}#learn`, false],
      }),
      new vscode.CodeLens(top, {
        title: "$(list-selection)\u00a0Complete here",
        command: "editor.action.triggerSuggest",
      }),
    ];
  }

  /** Opens an untitled spec. `name`: a snippet's prefix, where it is known already. */
  async create(name: unknown): Promise<void> {
    const snippet = typeof name === "string" ? await this.#byPrefix(name) : await this.#pick();
    if (!snippet) return;
    const document = await vscode.workspace.openTextDocument({ language: "modelspec", content: "" });
    await insert(await vscode.window.showTextDocument(document), snippet);
  }

  /** Fills the empty spec in front. */
  async insert(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor || !isEmpty(editor.document)) return this.create(undefined);
    const snippet = await this.#pick();
    if (snippet) await insert(editor, snippet);
  }

  async #pick(): Promise<Snippet | undefined> {
    const all = [...(await this.#load())];
    const separator = (label: string): Choice => ({ label, kind: vscode.QuickPickItemKind.Separator });
    const whole = all.filter(([, snippet]) => body(snippet).startsWith("apiVersion"));
    const steps = whole.filter(([, snippet]) => /-\d\d-/.test(snippet.prefix));
    const others = whole.filter((entry) => !steps.includes(entry));
    const item = ([name, snippet]: [string, Snippet]): Choice => ({
      label: name.replace(/^ModelSpec:? /, ""),
      detail: snippet.description,
      snippet,
    });
    const items = [
      separator("learning path"),
      ...steps.map(item),
      separator("whole specs"),
      ...others.map(item),
    ];
    const chosen = await vscode.window.showQuickPick(items, {
      title: "New ModelSpec",
      placeHolder: "Each step contains the one before and adds one topic",
      matchOnDetail: true,
    });
    return chosen?.snippet;
  }

  async #byPrefix(prefix: string): Promise<Snippet | undefined> {
    return [...(await this.#load()).values()].find((snippet) => snippet.prefix === prefix);
  }

  async #load(): Promise<Map<string, Snippet>> {
    if (!this.#snippets) {
      const file = vscode.Uri.joinPath(this.#extension.extensionUri, "snippets", "modelspec.json");
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
      this.#snippets = new Map(Object.entries(JSON.parse(text) as Record<string, Snippet>));
    }
    return this.#snippets;
  }
}

function isEmpty(document: vscode.TextDocument): boolean {
  return document.lineCount < 20 && document.getText().trim() === "";
}

function body(snippet: Snippet): string {
  return typeof snippet.body === "string" ? snippet.body : snippet.body.join("\n");
}

async function insert(editor: vscode.TextEditor, snippet: Snippet): Promise<void> {
  const { document } = editor;
  const all = new vscode.Range(0, 0, document.lineCount, 0);
  await editor.insertSnippet(new vscode.SnippetString(`${body(snippet)}\n`), all);
}
