import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";

/** What discovery needs from the machine; tests have one of their own. */
export interface Host {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a path is a file that can be started. */
  isProgram(path: string): boolean;
  /** Runs a program to its end. Never rejects. */
  run(command: string, args: readonly string[], timeoutMs: number): Promise<Outcome>;
}

export interface Outcome {
  ok: boolean;
  stdout: string;
  /** Why it did not work, in a few words. */
  problem: string;
}

export const realHost: Host = {
  platform: process.platform,
  env: process.env,
  isProgram(path) {
    try {
      accessSync(path, process.platform === "win32" ? constants.F_OK : constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  },
  run(command, args, timeout) {
    return new Promise((resolve) => {
      execFile(command, args, { timeout, windowsHide: true, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
        if (!error) return resolve({ ok: true, stdout, problem: "" });
        const said = stderr.trim().split("\n").at(-1) ?? "";
        const why = error.killed ? `no answer within ${timeout / 1000} s` : said || error.message;
        return resolve({ ok: false, stdout, problem: why.slice(0, 300) });
      });
    });
  },
};
