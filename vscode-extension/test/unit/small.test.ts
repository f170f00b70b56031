import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { declaresModelSpec } from "../../src/detect.ts";
import { DELAYS_MS, RestartPolicy, WINDOW_MS } from "../../src/server/backoff.ts";
import { HEIGHT, layout, WIDTH } from "../../src/webview/graph/layout.ts";

describe("restart after crashes", () => {
  test("later each time, then not at all; a quiet while or the user's wish forgives", () => {
    let now = 0;
    const policy = new RestartPolicy(() => now);
    for (const wait of DELAYS_MS) {
      assert.equal(policy.crashed(), wait);
      now += 1_000;
    }
    assert.equal(policy.crashed(), undefined);
    now += WINDOW_MS + 1_000;
    assert.equal(policy.crashed(), DELAYS_MS[0]);
    assert.equal(policy.crashed(), DELAYS_MS[1]);
    policy.reset();
    assert.equal(policy.crashed(), DELAYS_MS[0]);
  });
});

describe("what declares itself a ModelSpec", () => {
  for (const text of [
    "kind: ModelSpec",
    "apiVersion: piqc.ai/v1alpha1\r\nkind: ModelSpec\r\n",
    "kind: 'ModelSpec'  # ours\n",
    '"kind": "ModelSpec"\n',
    "kind: Service\n---\nkind: ModelSpec\n",
    "apiVersion: llmaz.io/v1alpha1\nkind: OpenModel\n",
    "kind: OpenModel\napiVersion: 'llmaz.io/v1alpha1'\n",
    "apiVersion: inference.llmaz.io/v1alpha1\nkind: Playground\n",
    "kind: Gateway\n---\napiVersion: inference.llmaz.io/v1alpha1\nkind: Service\n",
  ]) {
    test(JSON.stringify(text), () => assert.ok(declaresModelSpec(text)));
  }
  for (const text of [
    "",
    "kind: Service",
    "# kind: ModelSpec",
    "spec:\n  kind: ModelSpec",
    "kind: ModelSpecList",
    `${"a: 1\n".repeat(1000)}kind: ModelSpec`,
  ]) {
    test(`not ${JSON.stringify(text.slice(0, 40))}`, () => assert.ok(!declaresModelSpec(text)));
  }
});

describe("layout of a graph", () => {
  const at = (edges: string, ...ids: string[]): Map<string, { x: number; y: number }> =>
    layout(
      ids,
      edges
        .split(" ")
        .flatMap((edge) => (edge.includes(">") ? [{ from: edge[0] ?? "", to: edge[2] ?? "" }] : [])),
    );

  test("what is needed stands to the right, a chain in one row", () => {
    const places = at("a>b b>c a>c", "c", "b", "a");
    const [a, b, c] = ["a", "b", "c"].map((id) => places.get(id));
    assert.ok(a && b && c && a.x + WIDTH < b.x && b.x + WIDTH < c.x);
    assert.deepEqual([a.y, b.y], [c.y, c.y]);
  });

  test("no two boxes overlap, whatever the edges", () => {
    const ids = Array.from("abcdefghij");
    for (let seed = 1; seed < 60; seed++) {
      let state = seed;
      const random = (): number => {
        state = (state * 48271) % 2147483647;
        return state % 10;
      };
      const edges = Array.from({ length: 3 + (seed % 20) }, () => ({
        from: ids[random()] ?? "",
        to: ids[random()] ?? "",
      }));
      const places = [...layout(ids, edges).values()];
      assert.equal(places.length, ids.length);
      for (const [n, p] of places.entries()) {
        for (const q of places.slice(n + 1)) {
          assert.ok(Math.abs(p.x - q.x) >= WIDTH || Math.abs(p.y - q.y) >= HEIGHT, `seed ${seed}`);
        }
      }
    }
  });

  test("cycles, self-references and edges to nowhere are no trouble", () => {
    assert.equal(at("a>b b>a a>a a>z", "a", "b").size, 2);
  });

  test("a chain of thousands does not exhaust the stack", () => {
    const ids = Array.from({ length: 3000 }, (_, n) => `n${n}`);
    const edges = ids.slice(1).map((to, n) => ({ from: `n${n}`, to }));
    assert.equal(layout(ids, edges).size, 3000);
  });
});
