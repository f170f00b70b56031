/** The views, with the package for this platform, in a trusted folder. */
import assert from "node:assert/strict";
import { suite } from "./suite.ts";
import { here, vsix } from "./vsix.ts";

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
});
