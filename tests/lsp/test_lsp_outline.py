"""The outline as it is sent: JSON that says of every entry what the feature found, at the client's positions."""

import json

import pytest
from lsprotocol import converters, types

from modelspec_ls.core.text import Span
from modelspec_ls.ide.symbols import document_symbols
from modelspec_ls.lsp.capabilities import ClientFeatures
from modelspec_ls.lsp.convert_structure import symbols
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot
from support.specs import spec

ODD = 'labels:\n    "a\\"\\\\\\tb": "\\u2028 🤖 \\0"\n    Größe: [1, {x: "🤖🤖", y: }, ""]\n    "": &a x\n    z: *a\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("text", [spec(), f"{spec()}\n{ODD}---\n{spec(name='b')}", "kind: ModelSpec\r\n🤖: {a: [b\r\n"])
def test_the_outline_is_sent_as_it_was_found(text, encoding):
    document = Document("file:///a.modelspec.yaml", text)
    found = document_symbols(Snapshot().with_document(document), document.uri)
    sent = json.loads(symbols(document, found, ClientFeatures(hierarchical_symbols=True, encoding=encoding)).text)
    assert sent
    _same(sent, found, document, encoding)
    # The protocol's own types accept it.
    converters.get_converter().structure(sent, list[types.DocumentSymbol])


def _same(sent, found, document, encoding):
    assert [entry["name"] for entry in sent] == [item.name for item in found]
    for entry, item in zip(sent, found, strict=True):
        assert entry.get("detail", "") == item.detail
        for name, span in (("range", item.span), ("selectionRange", item.selection)):
            where = [document.index.position(at, encoding) for at in span]
            assert [(p["line"], p["character"]) for p in entry[name].values()] == where, name
        assert Span(*item.span).start <= item.selection[0] <= item.selection[1] <= item.span[1]
        _same(entry.get("children", []), item.children, document, encoding)
