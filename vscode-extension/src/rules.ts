/** Opens the page of a rule: of the finding under the cursor, or one chosen from the list. */
import * as vscode from "vscode";
import { RULES, type RuleInfo } from "./protocol.ts";
import type { Client } from "./server/client.ts";

export async function explainRule(client: Client, code: unknown): Promise<void> {
  const { rules = [] } = (await client.ask<{ rules: RuleInfo[] }>(RULES, {})) ?? {};
  const here = typeof code === "string" ? [code] : codesAtCursor();
  const only = here.length === 1 ? rules.find((rule) => rule.code === here[0]) : undefined;
  const rule = only ?? (await pick(rules, here));
  if (!rule?.page) return;
  await vscode.commands.executeCommand("markdown.showPreviewToSide", vscode.Uri.parse(rule.page));
}

function codesAtCursor(): string[] {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return [];
  const { line } = editor.selection.active;
  const codes = vscode.languages
    .getDiagnostics(editor.document.uri)
    .filter(
      (found) =>
        found.source === "modelspec" && found.range.start.line <= line && line <= found.range.end.line,
    )
    .map(({ code }) => String(typeof code === "object" ? code.value : code));
  return [...new Set(codes)];
}

async function pick(rules: readonly RuleInfo[], first: readonly string[]): Promise<RuleInfo | undefined> {
  const sorted = [...rules].sort((a, b) => Number(first.includes(b.code)) - Number(first.includes(a.code)));
  const items = sorted.map((rule) => ({
    label: `${rule.code} ${rule.name}`,
    description: first.includes(rule.code) ? `${rule.severity}, on this line` : rule.severity,
    detail: rule.summary,
    rule,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: "Explain a ModelSpec rule",
    matchOnDetail: true,
    placeHolder: "What does the rule look for, and why?",
  });
  return chosen?.rule;
}
