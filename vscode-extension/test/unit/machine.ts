/** A machine made of what a test says. */
import type { Host, Outcome } from "../../src/server/host.ts";

interface Made {
  platform?: NodeJS.Platform;
  programs?: readonly string[];
  path?: string;
  env?: Record<string, string>;
  /** What a command line prints; an Outcome for one that fails. */
  answers?: (command: string, args: readonly string[]) => string | Partial<Outcome> | undefined;
}

export function machine({
  platform = "linux",
  programs = [],
  path,
  env,
  answers,
}: Made): Host & { ran: string[][] } {
  const ran: string[][] = [];
  return {
    platform,
    env: { HOME: "/home/me", ...(path !== undefined && { PATH: path }), ...env },
    isProgram: (file) => programs.includes(file),
    run: async (command, args) => {
      ran.push([command, ...args]);
      const answer = answers?.(command, args);
      if (typeof answer === "string") return { ok: true, stdout: answer, problem: "" };
      return { ok: false, stdout: "", problem: "failed", ...answer };
    },
    ran,
  };
}
