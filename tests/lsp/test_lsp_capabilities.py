"""Reading the client's capabilities, whatever they are."""

import pytest

from modelspec_ls.lsp.capabilities import ClientFeatures, server_capabilities


@pytest.mark.parametrize(
    "offered, chosen",
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-16"], "utf-16"),
        (["utf-8"], "utf-8"),
        (["utf-8", "utf-16"], "utf-16"),
        (["utf-8", "utf-16", "utf-32"], "utf-32"),
        (["unknown", 3], "utf-16"),
        ("utf-8", "utf-16"),
    ],
)
def test_encoding(offered, chosen):
    client = ClientFeatures.read({"capabilities": {"general": {"positionEncodings": offered}}})
    assert client.encoding == chosen
    assert server_capabilities(client, {}, {}).position_encoding == chosen


@pytest.mark.parametrize(
    "odd", [None, [], {"textDocument": None}, {"textDocument": {"completion": [1]}}, {"general": "x"}]
)
def test_malformed_capabilities_count_as_absent(odd):
    assert ClientFeatures.read({"capabilities": odd, "clientInfo": 3}) == ClientFeatures()


@pytest.mark.parametrize(
    "name, known", [("Visual Studio Code - Insiders", True), ("VSCodium", True), ("Neovim", False)]
)
def test_names(name, known):
    assert ClientFeatures.read({"capabilities": {}, "clientInfo": {"name": name}}).vscode is known


def test_rename_is_prepared_where_the_client_asks():
    methods = {"textDocument/rename", "textDocument/prepareRename", "textDocument/semanticTokens/full"}
    assert server_capabilities(ClientFeatures(), methods, {}).rename_provider is True
    prepared = server_capabilities(ClientFeatures(prepare_rename=True), methods, {}).rename_provider
    assert prepared.prepare_provider is True
