/** The views, with the package for this platform, in a trusted folder. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { suite } from "./suite.ts";
import { here, vsix } from "./vsix.ts";
import type { Workbench } from "./workbench.ts";

const settings = { "workbench.colorTheme": "Default Dark Modern" };
const options = { extensions: [vsix(here)], settings, arguments: ["--disable-workspace-trust"] };

suite("views", options, (scenario) => {
  scenario("the memory view follows a slider and writes to the file", async (w) => {
    const file = "08-full-production.modelspec.yaml";
    await w.open(file);
    await w.ready();
    await w.command("ModelSpec: Show Memory Fit");
    const view = w.webview();
    await view.locator("#badge", { hasText: "Fits" }).waitFor();
    await view.locator("#accelerators tr").first().waitFor();
    await w.screenshot("memory-fits");
    const slider = view.locator("#control-sequence");
    await slider.focus();
    for (let n = 0; n < 6; n++) await w.page.keyboard.press("ArrowRight");
    await view.locator('#control-sequence[aria-valuetext="65,536 tokens"]').waitFor();
    await view.locator("#badge[data-tone=bad]").waitFor();
    assert.match(await view.locator("#summary").innerText(), /does not fit/);
    await w.screenshot("memory-exceeds");
    await view.locator("#fitting[aria-busy=false]").waitFor();
    // The card that is offered for this load makes it fit, and the file says so afterwards.
    await view.locator("#accelerators tr", { hasText: "fits" }).first().locator("button").click();
    await view.locator("#badge[data-tone=good]").waitFor();
    await view.locator("#apply").click();
    await w.page.locator(".tab.dirty", { hasText: file }).waitFor();
    await view.locator("#apply:disabled").waitFor();
    assert.equal(await view.locator("#badge").getAttribute("data-tone"), "good");
    await w.page.locator(".tab", { hasText: file }).first().click();
    await w.save();
    assert.match(w.read(file), /maxSequenceLengthTokens: 65536/);
    assert.doesNotMatch(w.read(file), /type: h100-sxm-80gb\n[\s\S]*count: 4\n/);
    w.resetFiles();
  });

  scenario("the lens opens the view, in a light theme too", async (w) => {
    w.settings({ "workbench.colorTheme": "Default Light Modern" });
    await w.open("03-batching.modelspec.yaml");
    await w.ready();
    const lens = w.page.locator(".codelens-decoration a", { hasText: "Memory: fits" });
    await w.goTo(
      w
        .read("03-batching.modelspec.yaml")
        .split("\n")
        .findIndex((l) => l.includes("accelerator:")) + 12,
    );
    await lens.first().click();
    await w.webview().locator("#badge", { hasText: "Fits" }).waitFor();
    await w.webview().locator("#accelerators tr").first().waitFor();
    await w.screenshot("memory-light");
  });

  scenario("the graph opens a file and shows what is broken", async (w) => {
    w.settings({ "workbench.colorTheme": "Default Dark Modern" });
    await w.open("08-full-production.modelspec.yaml");
    await w.ready();
    await w.command("ModelSpec: Show Dependency Graph");
    const view = w.webview();
    await view.locator('.node[data-name="reranker"]').waitFor();
    assert.match(await view.locator("#counts").innerText(), /^5 specs, 4 dependencies$/);
    await w.screenshot("graph");
    await view.locator('.node[data-name="embedder"]').click();
    await w.page.locator(".tab.active", { hasText: "embedder.modelspec.yaml" }).waitFor();
    await view.locator("#zoom-in").click();
    // A reference that leads nowhere, on disk: the picture follows.
    const broken = w
      .read("06-dependencies-rag.modelspec.yaml")
      .replace("./dependencies/reranker", "./dependencies/nowhere");
    w.write("06-dependencies-rag.modelspec.yaml", broken);
    await view.locator("#whole").check();
    await view.locator('.node.missing[data-name*="nowhere"]').waitFor();
    assert.ok((await view.locator(".edge.broken").count()) > 0);
    await w.screenshot("graph-broken");
    w.resetFiles();
  });

  scenario("a rename reaches the other files", async (w) => {
    const user = (name: string): string =>
      `kind: ModelSpec\nmetadata: {name: ${name}}\nspec:\n  pipeline:\n    dependencies:\n      - {id: e, specRef: embedder}\n`;
    for (const name of ["first", "second"]) w.write(`users/${name}.modelspec.yaml`, user(name));
    const file = "dependencies/embedder.modelspec.yaml";
    await w.open(file);
    await w.ready();
    await w.page.locator(".codelens-decoration a", { hasText: "Used by 7 specs" }).waitFor();
    const line = w
      .read(file)
      .split("\n")
      .findIndex((text) => text.includes("name: embedder"));
    await w.goTo(line + 1, 12);
    await w.page.keyboard.press("F2");
    const input = w.page.locator(".rename-box input, .rename-input").first();
    await input.waitFor();
    await input.fill("text-embedder");
    await w.page.keyboard.press("Enter");
    await w.until("the other files follow", async () =>
      ["first", "second"].every((name) =>
        w.read(`users/${name}.modelspec.yaml`).includes("specRef: text-embedder"),
      ),
    );
    assert.match(w.read(file), /name: text-embedder/);
    // Not in the pictures for the documents.
    rmSync(w.path("users"), { recursive: true });
    w.resetFiles();
  });

  scenario("the walkthrough opens its steps as specs", async (w) => {
    await w.open("00-minimal.modelspec.yaml");
    await w.ready();
    await w.command("Welcome: Open Walkthrough");
    const choice = w.page.locator(".quick-input-list .monaco-list-row", { hasText: "Learn ModelSpec" });
    await w.page.locator(".quick-input-widget input").first().fill("Learn ModelSpec");
    await choice.first().click();
    await w.page.locator(".gettingStartedContainer .step-title", { hasText: "00 minimal" }).first().waitFor();
    await w.screenshot("walkthrough");
    await w.page
      .locator(".gettingStartedContainer .monaco-button", { hasText: "Open this step" })
      .first()
      .click();
    await w.until("the step is open", async () => (await w.text()).includes("name: chat-minimal"));
  });

  scenario("pictures for the documents", async (w) => {
    w.settings({ "workbench.colorTheme": "Default Dark Modern" });
    const file = "broken/does-not-fit.modelspec.yaml";
    // Without the comments for tests.
    w.write(
      file,
      w
        .read(file)
        .replaceAll(/^# .*\n/gm, "")
        .replaceAll(/^# {2}.*\n/gm, "")
        .trimStart(),
    );
    await w.open(file);
    await w.squiggles("error").first().waitFor();
    await w.problems();
    await w.hover("type: a100", "a100-80gb");
    await w.screenshot("shot-errors");
    await w.open("08-full-production.modelspec.yaml");
    await w.ready();
    await onlyEditors(w);
    await w.command("ModelSpec: Show Memory Fit");
    await w.webview().locator("#fitting[aria-busy=false] #accelerators tr").first().waitFor();
    await w.webview().locator("#control-sequence").focus();
    for (let n = 0; n < 4; n++) await w.page.keyboard.press("ArrowRight");
    await w.webview().locator("#badge[data-tone=bad]").waitFor();
    await w.webview().locator(".control.changed").waitFor();
    await w.webview().locator("#fitting[aria-busy=false]").waitFor();
    await w.screenshot("shot-memory");
    w.settings({ "workbench.colorTheme": "Default Light Modern" });
    await w.open("08-full-production.modelspec.yaml");
    await w.ready();
    await onlyEditors(w);
    await w.command("ModelSpec: Show Dependency Graph");
    await w.webview().locator('.node[data-name="reranker"]').waitFor();
    await w.screenshot("shot-graph");
    w.resetFiles();
  });
});

/** Room for the views, whatever the window before left open. */
async function onlyEditors(w: Workbench): Promise<void> {
  for (const [part, key] of [
    [".part.panel", "Control+J"],
    [".part.sidebar", "Control+B"],
  ] as const) {
    await w.until(`no ${part}`, async () => {
      if (await w.page.locator(part).isVisible()) await w.page.keyboard.press(key);
      await w.page.locator(part).waitFor({ state: "hidden", timeout: 2_000 });
      return true;
    });
  }
}
