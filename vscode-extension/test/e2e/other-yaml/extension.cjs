// Stands in for another YAML tool: finds fault with every document of the language yaml.
const vscode = require("vscode");

exports.activate = (context) => {
  const found = vscode.languages.createDiagnosticCollection("other-yaml");
  const check = (document) => {
    if (document.languageId !== "yaml") return;
    const top = new vscode.Range(0, 0, 0, 1);
    found.set(document.uri, [new vscode.Diagnostic(top, "another tool's finding")]);
  };
  const forget = (document) => found.delete(document.uri);
  context.subscriptions.push(
    found,
    vscode.workspace.onDidOpenTextDocument(check),
    vscode.workspace.onDidCloseTextDocument(forget),
  );
  for (const document of vscode.workspace.textDocuments) check(document);
};
