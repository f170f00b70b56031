"""Commands that code actions carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from modelspec_ls.lsp.convert import OPEN_PAGE, rule_page

if TYPE_CHECKING:
    from modelspec_ls.lsp.server import ModelSpecServer


def execute(server: ModelSpecServer, params: types.ExecuteCommandParams) -> None:
    """Show a rule's page; its address comes from the rules that are installed, never from the client."""
    arguments = params.arguments or []
    if params.command != OPEN_PAGE or len(arguments) != 2 or not all(isinstance(a, str) for a in arguments):
        return
    code, name = map(str, arguments)
    from modelspec_ls.rules.registry import all_rules  # noqa: PLC0415  (loads all rules: not before initialize)

    known = any((m.rule.code, m.rule.name) == (code, name) for m in all_rules())
    page = rule_page(code, name) if known else None
    if page is not None and server.session.client.show_document:
        shown = types.ShowDocumentParams(page.href, take_focus=True)
        server.request_and_forget(types.WINDOW_SHOW_DOCUMENT, shown)
