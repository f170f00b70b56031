/** `make run` in a terminal: it opens VS Code, says where, and leaves nothing running. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { delay } from "../../scripts/vscode.ts";

const HERE = join(import.meta.dirname, "..", "..");
const FOLDER = join(HERE, "..", ".cache", "run");

function left(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(FOLDER);
      } catch {
        return false;
      }
    });
}

test("run opens VS Code in the browser and Ctrl-C ends all of it", { timeout: 180_000 }, async () => {
  const env = { ...process.env, MODELSPEC_RUN: "browser" };
  const child = spawn(process.execPath, [join(HERE, "scripts", "run.ts")], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (data: Buffer) => {
    said += data.toString();
  });
  while (!said.includes("Ctrl-C ends it") && child.exitCode === null) await delay(200);
  const url = /http:\/\/127\.0\.0\.1:\d+\S+/.exec(said)?.[0];
  assert.ok(url, said);
  assert.match(decodeURIComponent(url), /does-not-fit\.modelspec\.yaml/);
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  assert.ok(left().length > 0);
  child.kill("SIGINT");
  const code = await new Promise((resolve) => child.once("exit", resolve));
  assert.equal(code, 0);
  for (let n = 0; n < 50 && left().length > 0; n++) await delay(200);
  assert.deepEqual(left(), []);
});
