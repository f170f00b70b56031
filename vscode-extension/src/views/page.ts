/** The page of a webview: its own script and style, nothing else. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

export function options(extensionUri: vscode.Uri): vscode.WebviewPanelOptions & vscode.WebviewOptions {
  const roots = ["dist", "media"].map((name) => vscode.Uri.joinPath(extensionUri, name));
  return { enableScripts: true, localResourceRoots: roots };
}

/** `body` holds fixed markup only; what the server says is put in by the script, as text. */
export function page(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  name: string,
  title: string,
  body: string,
): string {
  const nonce = randomBytes(18).toString("base64");
  const url = (...path: string[]) =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, ...path)).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${url("media", `${name}.css`)}">
</head>
<body>
${body}
<script nonce="${nonce}" src="${url("dist", `${name}.js`)}"></script>
</body>
</html>`;
}
