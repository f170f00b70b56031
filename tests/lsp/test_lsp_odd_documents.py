"""Every feature at every place of documents that are hardly any: nothing fails inside, and places lie in the text."""

import pytest

from modelspec_ls.lsp.handlers import ROUTES
from support.clients import VSCODE
from support.ranges import check_ranges, lines_of
from support.specs import MINIMAL
from support.troubles import no_trouble

TEXTS = [
    "", "\n", " ", "x", '"x"', "'", "- x", "- - x", "[x]", "[", "{", "{a", "a", "a:", "a: ", ": x", "? x", "&a x",
    "*a", "!t x",
    "|", "| x", "---", "...", "--- x", "%YAML 1.2", "# x", "\ufeff", "\x00" * 40, "\U0001f680", "\ud800: \udfff",
    "\r", "\r\n\r\n",
    "specRef: x", "modelUri: x", "instanceType: x", "- specRef: ./x", "id: x", "name: x", "spec: x", "spec: [x]",
    "spec: {x: y}",
    "spec:\n  pipeline: {dependencies: {specRef: x}}",
    "spec:\n  pipeline:\n    dependencies:\n    - ./x.yaml\n    - specRef:",
    "metadata: {name: {a: b}}", "metadata: [labels, {annotations: x}]",
    "metadata:\n  labels:\n    - team: x\n    - ? [a]\n      : b",
    "spec:\n  identity:\n    model: [id, family]",
    "spec:\n  runtime:\n    accelerator: l4\n    environment: {variables: x}",
    "spec:\n  runtime:\n    environment:\n      variables: [{A: b}]", "? {a: b}\n: c", "? - a\n: - b", "a: *a\n",
    "a: &a [*a]",
    "a: &a {<<: *a}", "<<: x", "<<: [x]", "spec: &s {spec: *s}", "kind: ModelSpec\n---\nkind: ModelSpec\n--- x\n---",
]  # fmt: skip
NAMES = [
    "file:///w/a.modelspec.yaml",
    "file:///w/a.modelspec.json",
    "file:///w/.modelspec/models/a.yaml",
    "file:///w/modelspec.toml",
]
PLACED = [m for m in sorted(ROUTES) if m.startswith("textDocument/") and "/did" not in m]


@pytest.mark.parametrize("name", NAMES)
async def test_every_feature_everywhere(talk, name):
    await talk.start(VSCODE)
    encoding = talk.server.session.client.encoding
    with no_trouble():
        for number, text in enumerate([*TEXTS, MINIMAL.replace("name: example", "name: [")]):
            talk.sent.clear()
            talk.open(name, text, number + 1)
            lines = lines_of(text)
            for line, content in enumerate(lines[:3]):
                for character in sorted({0, len(content) * 2 // 3, len(content)}):
                    place = {"line": line, "character": character}
                    here = {"start": {"line": 0, "character": 0}, "end": place}
                    params = {
                        "textDocument": {"uri": name},
                        "position": place,
                        "positions": [place],
                        "range": here,
                        "context": {"diagnostics": [], "includeDeclaration": True, "triggerKind": 1},
                        "options": {"tabSize": 2, "insertSpaces": True},
                        "ch": "\n",
                        "newName": "renamed",
                    }
                    for method in PLACED:
                        answer = await talk.request(method, params)
                        assert answer.get("error", {"code": -32803})["code"] == -32803, (method, text, answer)
                        check_ranges(answer.get("result"), name, lines, encoding)
            for method in ("modelspec/memoryFit", "modelspec/dependencyGraph", "modelspec/memoryFitEdit"):
                more = {"view": True, "document": 0, "overrides": {"count": 2, "batch": 4}, "accelerators": 0}
                assert "result" in await talk.request(method, {"uri": name, **more}), (method, text)
