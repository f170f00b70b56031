import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { candidates, locate, onPath } from "../../src/server/interpreters.ts";
import { machine } from "./machine.ts";

const commands = (found: ReturnType<typeof candidates>): string[] => found.map(({ command }) => command);

describe("which Python", () => {
  test("PATH in its order, python3 before python, each once", () => {
    const host = machine({ programs: ["/a/python", "/b/python3", "/b/python"], path: "/a:/b:/b" });
    assert.deepEqual(commands(candidates(host, { interpreter: "" })), ["/b/python3", "/a/python"]);
  });

  test("the Python extension's choice comes before PATH", () => {
    const host = machine({ programs: ["/venv/bin/python", "/usr/bin/python3"], path: "/usr/bin" });
    const found = candidates(host, { interpreter: "", selected: "/venv/bin/python" });
    assert.deepEqual(commands(found), ["/venv/bin/python", "/usr/bin/python3"]);
  });

  test("a setting stands alone, working or not", () => {
    const host = machine({ programs: ["/my/python", "/usr/bin/python3"], path: "/usr/bin" });
    assert.deepEqual(commands(candidates(host, { interpreter: "/my/python" })), ["/my/python"]);
    assert.deepEqual(commands(candidates(host, { interpreter: "/gone/python" })), []);
  });

  test("relative folders on PATH and relative paths are never used", () => {
    const host = machine({ programs: ["bin/python3", "./python3", "/home/me/bin/python3"], path: "bin:.::" });
    assert.deepEqual(candidates(host, { interpreter: "" }), []);
    assert.equal(locate(host, "bin/python3"), undefined);
    assert.equal(locate(host, "./python3"), undefined);
  });

  test("a name is looked up, ~ is the home folder", () => {
    const host = machine({ programs: ["/usr/bin/python3.12", "/home/me/py/python"], path: "/usr/bin" });
    assert.equal(locate(host, "python3.12"), "/usr/bin/python3.12");
    assert.equal(locate(host, "~/py/python"), "/home/me/py/python");
  });

  test("Windows: .exe, Path, the launcher last", () => {
    const host = machine({
      platform: "win32",
      programs: ["C:\\Windows\\py.exe", "C:\\Py\\python.exe"],
      env: { Path: "C:\\Py;C:\\Windows" },
    });
    const found = candidates(host, { interpreter: "" });
    assert.deepEqual(commands(found), ["C:\\Py\\python.exe", "C:\\Windows\\py.exe"]);
    assert.deepEqual(found[1]?.args, ["-3"]);
    assert.equal(onPath(host, "python3"), undefined);
  });
});
