/** VS Code in a headless browser, as a person sees and uses it. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type BrowserContext, chromium, type FrameLocator, type Locator, type Page } from "playwright-core";
import { VSCode } from "../../scripts/vscode.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
export const RESULTS = join(import.meta.dirname, "..", "..", "test-results");
/** Generous: a loaded machine is slow, and nothing here measures time. */
export const PATIENCE = Number(process.env["PATIENCE_MS"] ?? 45_000);

export interface Options {
  extensions: readonly string[];
  settings?: Record<string, unknown>;
  arguments?: readonly string[];
}

export class Workbench {
  readonly folder: string;
  readonly workspace: string;
  readonly #code: VSCode;
  readonly #context: BrowserContext;
  page: Page;

  private constructor(folder: string, code: VSCode, context: BrowserContext, page: Page) {
    this.folder = folder;
    this.workspace = join(folder, "workspace");
    this.#code = code;
    this.#context = context;
    this.page = page;
  }

  static async start({ extensions, settings, arguments: more = [] }: Options): Promise<Workbench> {
    const folder = mkdtempSync(join(tmpdir(), "modelspec-vscode-"));
    // Saved is what the test saves, and hovers do not keep it waiting.
    const profile = { folder, settings: { "files.autoSave": "off", "editor.hover.delay": 100, ...settings } };
    const code = await VSCode.start(profile, extensions, more);
    try {
      const context = await chromium.launchPersistentContext(join(folder, "browser"), {
        executablePath: browser(),
        headless: true,
        viewport: { width: 1400, height: 880 },
        args: [
          "--headless=new",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
        ],
      });
      context.setDefaultTimeout(PATIENCE);
      await context.route(
        (url) => url.hostname !== "127.0.0.1" && !url.hostname.endsWith(".vscode-cdn.net"),
        (route) => route.abort(),
      );
      const page = context.pages()[0] ?? (await context.newPage());
      // A window left with unsaved text asks whether to stay.
      page.on("dialog", (dialog) => void dialog.accept().catch(() => undefined));
      const workbench = new Workbench(folder, code, context, page);
      workbench.resetFiles();
      return workbench;
    } catch (error) {
      await code.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#context.close();
    await this.#code.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }

  /** The examples as they were; what else stands there stays. */
  resetFiles(): void {
    cpSync(join(ROOT, "examples"), this.workspace, { recursive: true });
  }

  /** Writes a file of the workspace. */
  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** Writes what was typed to disk. */
  async save(): Promise<void> {
    await this.page.keyboard.press("Control+S");
    await this.page.locator(".tab.active.dirty").waitFor({ state: "hidden" });
  }

  /** User settings take effect while VS Code runs. */
  settings(values: Record<string, unknown>): void {
    for (const [key, value] of Object.entries(values)) {
      // Settings that choose programs belong to the machine where they run.
      const folder = join(this.folder, "data", key.startsWith("modelspec.server.") ? "Machine" : "User");
      const file = join(folder, "settings.json");
      const old: object = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, JSON.stringify({ ...old, [key]: value }));
    }
  }

  path(...names: string[]): string {
    return join(this.workspace, ...names);
  }

  /** Opens the workspace anew with a file in front. */
  async open(file?: string): Promise<void> {
    await this.page.goto(this.#code.url(this.workspace, file && this.path(file)));
    await this.page.locator(".monaco-workbench").waitFor();
    if (file) await this.page.locator(".monaco-editor .view-line").first().waitFor();
  }

  /** Waits until the server answers: the outline of its work is in the status bar. */
  async ready(): Promise<void> {
    await this.page.locator('[id="modelspec-ls.modelspec.modelspec.fit"]').waitFor();
  }

  async command(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input").first();
    await input.waitFor();
    await input.fill(`>${title}`);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
    // Out of the way of hovers.
    await this.page.mouse.move(700, 879);
  }

  /** Another file of the workspace in front. */
  async quickOpen(name: string): Promise<void> {
    await this.page.keyboard.press("Control+P");
    const input = this.page.locator(".quick-input-widget input").first();
    await input.waitFor();
    await input.fill(name);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().click();
    await this.page.locator(".tab.active", { hasText: name }).waitFor();
  }

  async goTo(line: number, column = 1): Promise<void> {
    await this.page
      .locator(".editor-group-container.active .monaco-editor")
      .first()
      .click({ position: { x: 300, y: 60 } });
    await this.page.keyboard.press("Control+G");
    const input = this.page.locator(".quick-input-widget input").first();
    await input.waitFor();
    await input.fill(`:${line}:${column}`);
    await this.page.keyboard.press("Enter");
    await input.waitFor({ state: "hidden" });
  }

  type(text: string): Promise<void> {
    return this.page.keyboard.type(text, { delay: 30 });
  }

  squiggles(severity: "error" | "warning"): Locator {
    return this.page.locator(`.monaco-editor .squiggly-${severity}`);
  }

  /** The rows of Problems; those that hold a text, where one is given (the list draws only what is in sight). */
  async problems(filter?: string): Promise<Locator> {
    const rows = this.page.locator(".markers-panel .monaco-list-row");
    if (!(await this.page.locator(".markers-panel").isVisible()))
      await this.page.keyboard.press("Control+Shift+M");
    await this.page.locator(".markers-panel").waitFor();
    if (filter !== undefined) {
      const input = this.page.locator(".viewpane-filter input, .markers-panel-action-filter input").first();
      // A panel that just opened puts back its last filter.
      await this.until("the filter stays", async () => {
        await input.fill(filter);
        await this.page.waitForTimeout(500);
        return (await input.inputValue()) === filter;
      });
    }
    return rows;
  }

  /** The processes of our server in this window. */
  servers(): number[] {
    const mark = join(this.folder, "extensions");
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
          return command.includes(mark) && command.includes("launch.py");
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  line(text: string): Locator {
    return this.page.locator(".monaco-editor .view-line", { hasText: text }).first();
  }

  /** The mouse on a word of a line. */
  async hover(lineText: string, word: string): Promise<Locator> {
    const token = this.line(lineText).locator("span span", { hasText: word }).last();
    const hover = this.page.locator(".monaco-hover:visible").first();
    await this.until("a hover", async () => {
      await this.page.mouse.move(5, 5);
      await token.hover({ timeout: 2_000 });
      return hover.waitFor({ timeout: 2_000 }).then(() => true);
    });
    return hover;
  }

  /** The whole visible text of the editor in front. */
  async text(): Promise<string> {
    const lines = await this.page.locator(".editor-group-container.active .view-lines").first().innerText();
    return lines.replaceAll("\u00a0", " ");
  }

  /** Inside a webview. */
  webview(): FrameLocator {
    return this.page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(RESULTS, { recursive: true });
    // Hovers fade in.
    await this.page.waitForTimeout(400);
    await this.page.screenshot({ path: join(RESULTS, `${name}.png`) });
  }

  /** Until something holds; it is asked again and again. */
  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + PATIENCE;
    while (Date.now() < end) {
      if (await holds().catch(() => false)) return;
      await this.page.waitForTimeout(150);
    }
    throw new Error(`never: ${what}`);
  }
}

function browser(): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (found) return found;
  }
  throw new Error("no Chromium on PATH; on Debian: apt-get install chromium");
}
