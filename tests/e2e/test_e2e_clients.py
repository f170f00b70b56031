"""The server under the capabilities of real clients; pytest-lsp holds every answer against what they can show."""

import sys
from pathlib import Path

import pytest_lsp
from inline_snapshot import snapshot
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FILE = EXAMPLES / "08-full-production.modelspec.yaml"


@pytest_lsp.fixture(
    params=["visual_studio_code", "neovim", "emacs"],
    config=ClientServerConfig(server_command=[sys.executable, "-m", "modelspec_ls", "lsp"]),
)
async def client(request, lsp_client: LanguageClient):
    @lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def _registered(_: types.RegistrationParams) -> None:
        """A client that offers dynamic registration has to take it."""

    @lsp_client.feature(types.WORKSPACE_CODE_LENS_REFRESH)
    def _refreshed(_: None) -> None:
        """A client that says so asks for its lenses again."""

    params = types.InitializeParams(capabilities=client_capabilities(request.param), root_uri=EXAMPLES.as_uri())
    await lsp_client.initialize_session(params)
    yield
    await lsp_client.shutdown_session()


async def test_completion_hover_and_links(client: LanguageClient):
    uri, text = FILE.as_uri(), FILE.read_text(encoding="utf-8")
    item = types.TextDocumentItem(uri, "yaml", 1, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    lines = text.split("\n")
    document = types.TextDocumentIdentifier(uri)

    def at(start: str, more: int = 0) -> types.Position:
        row = next(i for i, line in enumerate(lines) if line.strip().startswith(start))
        return types.Position(row, lines[row].index(start) + more)

    place = types.CompletionParams(document, at("strategy:", len("strategy: ")))
    found = await client.text_document_completion_async(place)
    assert [i.label for i in found.items] == snapshot(["reactive", "predictive", "manual"])
    hover = await client.text_document_hover_async(types.HoverParams(document, at("strategy:", 2)))
    assert "spec.operations.scaling.strategy" in hover.contents.value
    links = await client.text_document_document_link_async(types.DocumentLinkParams(document))
    assert links[0].target.endswith("/dependencies/input-guardrail.modelspec.yaml")
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
    assert [s.name for s in symbols][:3] == snapshot(["apiVersion", "kind", "metadata"])
