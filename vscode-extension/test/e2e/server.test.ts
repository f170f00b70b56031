/** The server's life: crashes, hostile workspaces, another YAML tool beside it, no Python. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "./suite.ts";
import { vsix } from "./vsix.ts";

suite("server", { extensions: [vsix("universal"), otherYamlTool()] }, (scenario) => {
  scenario("settings of an untrusted folder choose no program", async (w) => {
    const bait = join(w.folder, "started");
    w.write(
      ".vscode/settings.json",
      JSON.stringify({ "modelspec.server.path": "/bin/touch", "modelspec.server.args": [bait] }),
    );
    w.write(".vscode/python3", "#!/bin/sh\n");
    await w.open("broken/typos.modelspec.yaml");
    await w.squiggles("error").first().waitFor();
    assert.throws(() => execFileSync("/bin/ls", [bait], { stdio: "ignore" }));
    w.write(".vscode/settings.json", "{}");
  });

  scenario("a killed server comes back and knows the open file", async (w) => {
    await w.open("broken/typos.modelspec.yaml");
    await w.squiggles("error").first().waitFor();
    await w.until("one server runs", async () => w.servers().length === 1);
    const [first] = w.servers();
    assert.ok(first);
    process.kill(first, "SIGKILL");
    await w.until("another server runs", async () => w.servers().some((pid) => pid !== first));
    await w.hover("famly", "famly");
    await w.page.locator(".monaco-hover:visible", { hasText: "Did you mean" }).first().waitFor();
    // What it says is about the text as it is now, not as it was on disk.
    const rows = await w.problems("typos");
    const counted = async (count: string): Promise<boolean> => {
      const text = await rows.first().innerText();
      return text.startsWith("typos") && text.endsWith(count);
    };
    await w.until("nine findings", () => counted("9"));
    await w.goTo(12, 10);
    await w.type("i");
    await w.until("eight findings", () => counted("8"));
    await w.problems("");
    await w.page.keyboard.press("Control+Shift+M");
  });

  scenario("another YAML tool has nothing to say about ModelSpecs", async (w) => {
    w.write("plain.yaml", "a: 1\n");
    w.write("deploy/unnamed.yaml", "extra: 1\napiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\n");
    await w.open("plain.yaml");
    const rows = await w.problems("another tool's");
    await rows.filter({ hasText: "another tool's finding" }).first().waitFor();
    for (const file of ["unnamed.yaml", "typos.modelspec.yaml"]) {
      await w.quickOpen(file);
      await w.squiggles("error").first().waitFor();
    }
    await w.until("only the plain file has its finding", async () => {
      const texts = await rows.allInnerTexts();
      return texts.length === 2 && texts[0]?.startsWith("plain.yaml") === true;
    });
    await w.problems("");
    await w.page.keyboard.press("Control+Shift+M");
  });

  scenario("without a usable Python it says what to do", async (w) => {
    w.settings({ "modelspec.server.interpreter": "/nowhere/python3" });
    await w.open("00-minimal.modelspec.yaml");
    const toast = w.page.locator(".notification-toast", { hasText: "modelspec.server.interpreter" });
    await toast.waitFor();
    assert.match(await toast.innerText(), /\/nowhere\/python3[\s\S]*Python 3\.10 or newer/);
    await w.screenshot("no-python");
    assert.equal(w.servers().length, 0);
    // The setting put right, it starts without a reload.
    w.settings({ "modelspec.server.interpreter": "" });
    await w.ready();
    await w.command("ModelSpec: Show Server Version");
    const version = w.page.locator(".notification-toast", { hasText: "YAML parser" });
    await version.waitFor();
    assert.match(
      await version.innerText(),
      /modelspec \d+\.\d+\.\d+: bundled, Python 3\.\d+\.\d+ at \S+ \(PATH\), YAML parser: pure/,
    );
  });
});

/** A stand-in for another extension that checks YAML, packaged like ours. */
function otherYamlTool(): string {
  const file = join(mkdtempSync(join(tmpdir(), "modelspec-other-")), "other-yaml.vsix");
  const vsce = join(import.meta.dirname, "..", "..", "node_modules", "@vscode", "vsce", "vsce");
  const options = ["--allow-missing-repository", "--skip-license", "--no-dependencies", "--out", file];
  execFileSync(process.execPath, [vsce, "package", ...options], {
    cwd: join(import.meta.dirname, "other-yaml"),
    stdio: ["ignore", "ignore", "pipe"],
  });
  return file;
}
