"""What is read leaves nothing behind that only the garbage collector can free: the server seldom runs it."""

from __future__ import annotations

import gc

import pytest

from modelspec_ls.analysis import check_text
from modelspec_ls.core.config import Config
from modelspec_ls.syntax.parse import parse
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.scopes import Scope

HEAD = "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\nmetadata:\n  name: x\n"
TEXTS = {
    "sound": HEAD,
    "open quote": HEAD + 'spec:\n  identity:\n    model:\n      id: "x\n      task: chat\n',
    "open bracket": HEAD + "spec:\n  identity: [a\n  runtime: b\n",
    "tab": HEAD + "spec:\n\tidentity: a\n",
    "brackets": "[" * 5000,
    "aliases": HEAD + "a: &a [1]\nb: *a\nc: *d\n",
    "many mistakes": HEAD + "".join(f"k{n}: 'x\n" for n in range(30)),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", ["x.modelspec.yaml", "x.modelspec.json"])
def test_nothing_is_left_behind(text, name):
    def look():
        parse(text, json=name.endswith("json"))
        check_text(Document(f"file:///ws/{name}", text, claimed=True), Scope(Config()))

    look()
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            look()
        assert gc.collect() < 30  # Now and then a library's class or pattern.
    finally:
        gc.enable()
