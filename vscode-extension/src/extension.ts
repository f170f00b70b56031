/** The entry: small, so that a window without ModelSpecs pays for nothing. The rest loads with the first spec. */
import * as vscode from "vscode";
import type { App } from "./app.ts";
import { declaresModelSpec } from "./detect.ts";

const LANGUAGE = "modelspec";
const COMMANDS = [
  "newSpec",
  "insertExample",
  "showMemoryFit",
  "showDependencyGraph",
  "showReferences",
  "fixAll",
  "explainRule",
  "restart",
  "showOutput",
  "showVersion",
] as const;

export type CommandName = (typeof COMMANDS)[number];

let running: Promise<App> | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const app = (): Promise<App> => {
    // A file of its own, which the bundler leaves where it is.
    running ??= import("./app.cjs" as string).then(({ start }: typeof import("./app.ts")) => start(context));
    return running;
  };
  for (const name of COMMANDS) {
    context.subscriptions.push(
      vscode.commands.registerCommand(`modelspec.${name}`, async (...args: unknown[]) =>
        (await app()).run(name, args),
      ),
    );
  }
  const seen = new Set<string>();
  const look = (document: vscode.TextDocument): void => {
    if (document.languageId === LANGUAGE) void app();
    else if (isUndetected(document, seen)) void vscode.languages.setTextDocumentLanguage(document, LANGUAGE);
  };
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(look),
    vscode.workspace.onDidCloseTextDocument((document) => {
      // A change of language closes and opens a document: what the user then chooses stays.
      if (document.languageId === "yaml") seen.delete(document.uri.toString());
    }),
  );
  for (const document of vscode.workspace.textDocuments) look(document);
}

/** A YAML document that declares itself a ModelSpec, seen for the first time. */
function isUndetected(document: vscode.TextDocument, seen: Set<string>): boolean {
  const uri = document.uri.toString();
  if (document.languageId !== "yaml" || seen.has(uri)) return false;
  const wanted = vscode.workspace.getConfiguration(LANGUAGE, document.uri).get("editor.detectContent", true);
  if (!wanted || !declaresModelSpec(document.getText())) return false;
  seen.add(uri);
  return true;
}

export async function deactivate(): Promise<void> {
  await (await running)?.stop();
}
