/** What a person does in a window, in Restricted Mode, with the package for any platform. */
import assert from "node:assert/strict";
import { suite } from "./suite.ts";
import { vsix } from "./vsix.ts";

const settings = { "workbench.colorTheme": "Default Dark Modern" };

suite("editing", { extensions: [vsix("universal")], settings }, (scenario) => {
  scenario("an error appears under the right word and in Problems while typing", async (w) => {
    await w.open("02-serving.modelspec.yaml");
    await w.ready();
    assert.equal(await w.squiggles("error").count(), 0);
    await w.goTo(lineOf(w.read("02-serving.modelspec.yaml"), "family:"), 7);
    await w.page.keyboard.press("Delete");
    await w.squiggles("error").first().waitFor();
    const rows = await w.problems("amily");
    const row = rows.filter({ hasText: "amily" });
    await row.first().waitFor();
    assert.match(await row.first().innerText(), /Did you mean `family`\?[\s\S]*MS102/);
    const mark = await w.squiggles("error").first().boundingBox();
    const word = await w.line("amily:").locator("span span", { hasText: "amily" }).last().boundingBox();
    assert.ok(mark && word && Math.abs(mark.x - word.x) < 3 && Math.abs(mark.width - word.width) < 3);
    await w.screenshot("error");
  });

  scenario("a quick fix repairs", async (w) => {
    await w.open("broken/does-not-fit.modelspec.yaml");
    await w.squiggles("error").first().waitFor();
    await w.goTo(lineOf(w.read("broken/does-not-fit.modelspec.yaml"), "famly"), 8);
    // A tab that is restored late takes the focus, and the menu with it.
    await w.until("a fix is chosen", async () => {
      await w.page.keyboard.press("Control+.");
      const fix = w.page.locator(".action-widget .action", { hasText: "family" }).first();
      await fix.waitFor({ timeout: 5_000 });
      await w.screenshot("quick-fix");
      await fix.click({ timeout: 2_000 });
      return true;
    });
    await w.until("the key is right", async () => (await w.text()).includes("      family: llama-3.3"));
  });

  scenario("completion inserts a block with tab stops", async (w) => {
    w.write("new.modelspec.yaml", "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\nspec:\n  runtime:\n    ");
    await w.open("new.modelspec.yaml");
    await w.page.locator(".squiggly-error, .squiggly-warning, .squiggly-info").first().waitFor();
    await w.goTo(5, 5);
    await w.type("acc");
    const widget = w.page.locator(".suggest-widget.visible .monaco-list-row");
    if (!(await widget.first().isVisible())) await w.page.keyboard.press("Control+Space");
    await widget.filter({ hasText: "accelerator" }).first().waitFor();
    await w.screenshot("completion");
    await w.page.keyboard.press("Enter");
    await w.until("the block is there", async () =>
      /accelerator:\s+vendor:[\s\S]*type:[\s\S]*count:/.test(await w.text()),
    );
    // The first stop offers values at once; taking one leads on to the next stop.
    await widget.filter({ hasText: "nvidia" }).first().waitFor();
    await w.page.keyboard.press("Enter");
    await w.page.keyboard.press("Tab");
    await w.type("l4");
    await w.page.keyboard.press("Escape");
    await w.save();
    assert.match(
      w.read("new.modelspec.yaml"),
      /\n {4}accelerator:\n {6}vendor: nvidia\n {6}type: l4\w*\n {6}count:/,
    );
  });

  scenario("hover shows the memory table", async (w) => {
    await w.open("03-batching.modelspec.yaml");
    await w.ready();
    await w.goTo(lineOf(w.read("03-batching.modelspec.yaml"), "accelerator:") + 8);
    const hover = await w.hover("accelerator:", "accelerator");
    await hover.getByText("KV cache needed").waitFor();
    const text = await hover.innerText();
    for (const words of ["Weights", "GiB", "Budget", "Qwen/Qwen3-8B"]) assert.ok(text.includes(words), words);
    await w.screenshot("hover");
  });

  scenario("a snippet expands to the example, offered where the file is empty", async (w) => {
    w.write("empty.modelspec.yaml", "");
    await w.open("empty.modelspec.yaml");
    const lens = w.page.locator(".codelens-decoration a", { hasText: "Start from an example" });
    await lens.waitFor();
    await w.screenshot("empty-file");
    await lens.click();
    const choice = w.page.locator(".quick-input-list .monaco-list-row", { hasText: "02: serving" });
    await choice.first().waitFor();
    await w.screenshot("examples");
    await choice.first().click();
    await w.until("the snippet is there", async () => (await w.text()).includes("name: chat-serving"));
    await w.page.keyboard.press("Escape");
    await w.page.keyboard.press("Escape");
    await w.save();
    const keys = (text: string): string[] =>
      text
        .split("\n")
        .filter((line) => /^\s*(- )?[\w.]+:/.test(line))
        .map((line) => line.replace(/:.*/, "").trimEnd());
    assert.deepEqual(keys(w.read("empty.modelspec.yaml")), keys(w.read("02-serving.modelspec.yaml")));
    assert.equal(await w.squiggles("error").count(), 0);
  });

  scenario("a ModelSpec under any name is recognised", async (w) => {
    w.write("deploy/chat.yaml", `extra: 1\n${w.read("00-minimal.modelspec.yaml")}`);
    w.write("deploy/other.yaml", "kind: Service\nmetadata: {name: x}\nextra: 1\n");
    await w.open("deploy/chat.yaml");
    await w.page.locator("#status\\.editor\\.mode", { hasText: "ModelSpec" }).waitFor();
    await w.squiggles("error").first().waitFor();
    await w.quickOpen("other.yaml");
    await w.page.locator("#status\\.editor\\.mode", { hasText: "YAML" }).waitFor();
    assert.equal(await w.squiggles("error").count(), 0);
  });

  scenario("fix all, and the page of a rule", async (w) => {
    await w.open("broken/typos.modelspec.yaml");
    await w.squiggles("error").first().waitFor();
    await w.command("ModelSpec: Fix All Auto-Fixable Problems");
    await w.until("typos are gone", async () => (await w.text()).includes("family: qwen3"));
    await w.command("ModelSpec: Explain Rule");
    const input = w.page.locator(".quick-input-widget input").first();
    await input.fill("weights-exceed");
    await w.page
      .locator(".quick-input-list .monaco-list-row", { hasText: "weights-exceed-memory" })
      .first()
      .click();
    await w.page.locator(".tab", { hasText: "weights-exceed-memory" }).waitFor();
    await w.page.keyboard.press("Control+Z");
  });
});

/** The line that holds a text, from 1. */
function lineOf(text: string, part: string): number {
  return text.split("\n").findIndex((line) => line.includes(part)) + 1;
}
