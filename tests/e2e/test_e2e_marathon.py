"""Hundreds of random edits and overlapping requests: no crash, no missed reply, and findings as of a fresh start."""

import pytest
from lsp_client import Client

from support.clients import NEOVIM, PUSH, VSCODE
from support.marathon import Marathon
from support.texts import PRODUCTION, long_text

NAMES = {"file:///ws/a.modelspec.yaml": 1, "file:///ws/b.modelspec.yaml": 3, "untitled:c": 1}


@pytest.mark.parametrize("capabilities, seed", [(VSCODE, 1), (NEOVIM, 2), (PUSH, 3)])
def test_random_edits_end_as_a_fresh_open(capabilities, seed):
    texts = {uri: long_text(times) for uri, times in NAMES.items()}
    texts["file:///ws/crlf.modelspec.yaml"] = PRODUCTION.replace("\n", "\r\n")
    with Client(capabilities, settings={}).start() as c:
        marathon = Marathon(c, texts, seed)
        marathon.run(80)
        assert marathon.answered > 20 and marathon.edits > 80
        last = {uri: typist.text for uri, typist in marathon.typists.items()}
        found = marathon.findings()
        assert c.stop() == 0
        assert c.errors == b"", c.errors.decode()
    with Client(capabilities, settings={}).start() as fresh:
        for uri, text in last.items():
            fresh.open(uri, text)
        assert {uri: fresh.findings(uri) for uri in last} == found
        assert fresh.stop() == 0


def test_an_undo_storm():
    """A hundred edits and as many steps back, faster than anything is answered."""
    with Client(VSCODE, settings={}).start() as c:
        marathon = Marathon(c, {"file:///ws/a.modelspec.yaml": PRODUCTION}, 4)
        ((uri, typist),) = marathon.typists.items()
        before = c.findings(uri)
        versions = [typist.text]
        for _ in range(100):
            typist.change(*typist.some(), "x: [")
            versions.append(typist.text)
            c.change(uri, typist.text)
        for text in reversed(versions):
            c.change(uri, text)
            marathon.waiting.append((c.send(*marathon.request(uri, text)), False))
        marathon.settle()
        assert c.findings(uri) == before
        assert c.stop() == 0
