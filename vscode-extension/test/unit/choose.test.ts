import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { choose, type Settings } from "../../src/server/choose.ts";
import { machine } from "./machine.ts";

const DEFAULTS: Settings = { path: "", args: ["lsp"], interpreter: "", importStrategy: "useBundled" };
const answer = (version: string, parser = "C"): string =>
  JSON.stringify({ version: version.split(".").map(Number), executable: "x", parser });

async function chosen(host: ReturnType<typeof machine>, settings: Partial<Settings> = {}) {
  const choice = await choose(host, { ...DEFAULTS, ...settings }, "/ext/bundled");
  assert.ok("server" in choice, JSON.stringify(choice));
  return choice;
}

async function refused(host: ReturnType<typeof machine>, settings: Partial<Settings> = {}) {
  const choice = await choose(host, { ...DEFAULTS, ...settings }, "/ext/bundled");
  assert.ok("failure" in choice, JSON.stringify(choice));
  return choice.failure;
}

describe("what to start", () => {
  test("the bundled server, cut off from everything installed on the machine", async () => {
    const host = machine({
      programs: ["/usr/bin/python3"],
      path: "/usr/bin",
      answers: () => answer("3.11.2"),
    });
    const { server } = await chosen(host);
    assert.equal(server.command, "/usr/bin/python3");
    assert.deepEqual(server.args, ["-I", "-S", "-X", "utf8", "/ext/bundled/launch.py"]);
    assert.equal(server.cwd, "/ext/bundled");
    assert.match(server.description, /Python 3\.11\.2 at \/usr\/bin\/python3 \(PATH\), YAML parser: C$/);
  });

  test("the log says when the slower parser runs", async () => {
    const host = machine({
      programs: ["/p/python3"],
      path: "/p",
      answers: () => answer("3.14.0", "pure Python"),
    });
    assert.match((await chosen(host)).server.description, /pure Python \(slower/);
  });

  test("old, broken and strange ones are passed over, with the reason", async () => {
    const host = machine({
      programs: ["/a/python3", "/b/python", "/c/python3.14", "/c/python3.13", "/c/python3.12"],
      path: "/a:/b:/c",
      answers: (command) => {
        if (command.startsWith("/a")) return answer("3.9.18");
        if (command.startsWith("/b")) return { problem: "Unknown option: -I" };
        if (command.endsWith("14")) return "Welcome to the app store";
        if (command.endsWith("13")) return "[1]";
        return answer("3.12.1");
      },
    });
    const { server, tried } = await chosen(host);
    assert.equal(server.command, "/c/python3.12");
    assert.deepEqual(
      tried.map((line) => line.replace(/^.*?: /, "")),
      [
        "Python 3.9.18 is too old",
        "Unknown option: -I",
        "did not answer like a Python",
        "did not answer like a Python",
      ],
    );
  });

  test("3.10 is the oldest, 4.0 would do", async () => {
    for (const version of ["3.10.0", "4.0.0"]) {
      await chosen(machine({ programs: ["/p/python3"], path: "/p", answers: () => answer(version) }));
    }
    for (const version of ["3.9.99", "2.99.0"]) {
      await refused(machine({ programs: ["/p/python3"], path: "/p", answers: () => answer(version) }));
    }
  });

  test("uv's Python is the last resort and nothing is downloaded for it", async () => {
    const host = machine({
      programs: ["/bin/uv", "/uv/python3.13"],
      path: "/bin",
      answers: (command) => (command === "/bin/uv" ? "/uv/python3.13\n" : answer("3.13.1")),
    });
    const { server } = await chosen(host);
    assert.equal(server.command, "/uv/python3.13");
    assert.match(server.description, /found by uv/);
    assert.deepEqual(host.ran[0], ["/bin/uv", "python", "find", "--no-project", ">=3.10"]);
  });

  test("a server of the user's own is started as the settings say, without a question", async () => {
    const host = machine({ programs: ["/opt/modelspec"], path: "/opt" });
    const { server } = await chosen(host, { path: "modelspec", args: ["lsp", "--log-level", "debug"] });
    assert.deepEqual([server.command, ...server.args], ["/opt/modelspec", "lsp", "--log-level", "debug"]);
    assert.deepEqual(host.ran, []);
    assert.match(
      (await refused(host, { path: "/gone/modelspec" })).message,
      /`\/gone\/modelspec`, which is no program/,
    );
  });

  test("the server of an environment, where that is wanted", async () => {
    const host = machine({ programs: ["/venv/python3"], path: "/venv", answers: () => "0.2.0 3.12.1\n" });
    const { server } = await chosen(host, { importStrategy: "fromEnvironment" });
    assert.deepEqual(server.args, ["-I", "-X", "utf8", "-m", "modelspec_ls.lsp"]);
    const without = machine({ programs: ["/venv/python3"], path: "/venv" });
    const failure = await refused(without, { importStrategy: "fromEnvironment" });
    assert.match(failure.message, /python -m pip install modelspec-language-server/);
    assert.match(failure.tried[0] ?? "", /not installed there/);
  });

  test("every refusal says what to do", async () => {
    assert.match(
      (await refused(machine({ path: "" }))).message,
      /No Python was found.*3\.10 or newer.*Install one/,
    );
    const old = machine({ programs: ["/p/python3"], path: "/p", answers: () => answer("3.8.1") });
    assert.match((await refused(old)).message, /too old or does not work/);
    assert.match(
      (await refused(old, { interpreter: "/p/python3" })).message,
      /clear it to let ModelSpec look for one/,
    );
  });
});
