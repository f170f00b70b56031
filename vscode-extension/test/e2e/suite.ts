/** One VS Code for several scenarios; a scenario that fails is tried once more, in a fresh window. */
import { after, before, describe, test } from "node:test";
import { type Options, Workbench } from "./workbench.ts";

export type Scenario = (name: string, run: (w: Workbench) => Promise<void>) => void;

export function suite(title: string, options: Options, define: (scenario: Scenario) => void): void {
  describe(title, { concurrency: 1 }, () => {
    let workbench: Workbench | undefined;
    before(async () => {
      workbench = await Workbench.start(options);
    });
    after(async () => {
      await workbench?.stop();
    });
    define((name, run) => {
      test(name, { timeout: 300_000 }, async (context) => {
        if (!workbench) throw new Error("VS Code did not start");
        try {
          await run(workbench);
        } catch (error) {
          await workbench.screenshot(`failed-${name.replaceAll(/\W+/g, "-")}`);
          context.diagnostic(`first try: ${error instanceof Error ? error.message : String(error)}`);
          workbench.resetFiles();
          await run(workbench);
        }
      });
    });
  });
}
