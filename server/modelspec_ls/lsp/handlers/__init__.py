"""What the server answers: one line per method, one thin file per group of methods.

The files load on their first use, after ``initialize`` was answered. To add a feature, add its line
here; the server's capabilities follow from it.
"""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types

from modelspec_ls.lsp.convert import OPEN_PAGE
from modelspec_ls.lsp.messages import preparing
from modelspec_ls.lsp.turns import Turns

if TYPE_CHECKING:
    from modelspec_ls.lsp.server import ModelSpecServer


class Route(NamedTuple):
    """Where a method's handler stands, and the options of its capability."""

    module: str
    function: str
    options: Any = None


ROUTES: dict[str, Route] = {
    types.INITIALIZE: Route("lifecycle", "initialize"),
    types.INITIALIZED: Route("lifecycle", "initialized"),
    types.SHUTDOWN: Route("lifecycle", "shutdown"),
    types.TEXT_DOCUMENT_DID_OPEN: Route("documents", "did_open"),
    types.TEXT_DOCUMENT_DID_CHANGE: Route("documents", "did_change"),
    types.TEXT_DOCUMENT_DID_SAVE: Route("documents", "did_save", types.SaveOptions(include_text=False)),
    types.TEXT_DOCUMENT_DID_CLOSE: Route("documents", "did_close"),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: Route("configuration", "did_change"),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: Route("watched_files", "did_change"),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: Route("watched_files", "folders_changed"),
    types.WORKSPACE_DID_CREATE_FILES: Route("watched_files", "did_create"),
    types.WORKSPACE_DID_DELETE_FILES: Route("watched_files", "did_delete"),
    types.WORKSPACE_DID_RENAME_FILES: Route("watched_files", "did_rename"),
    types.TEXT_DOCUMENT_DIAGNOSTIC: Route(
        "diagnostics",
        "diagnostic",
        types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=True, identifier="modelspec"),
    ),
    types.WORKSPACE_DIAGNOSTIC: Route("diagnostics", "workspace"),
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: Route("lifecycle", "cancel_progress"),
    "modelspec/dependencyGraph": Route("graph", "graph"),
    types.TEXT_DOCUMENT_COMPLETION: Route(
        "completion", "completion", types.CompletionOptions(trigger_characters=[" ", ":", "-", "/"])
    ),
    types.TEXT_DOCUMENT_HOVER: Route("hover", "hover"),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: Route("structure", "symbols"),
    types.TEXT_DOCUMENT_FOLDING_RANGE: Route("structure", "folding"),
    types.TEXT_DOCUMENT_SELECTION_RANGE: Route("structure", "selections"),
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: Route("structure", "highlight"),
    types.TEXT_DOCUMENT_DOCUMENT_LINK: Route("structure", "links", types.DocumentLinkOptions(resolve_provider=False)),
    types.TEXT_DOCUMENT_CODE_LENS: Route("lenses", "lenses", types.CodeLensOptions(resolve_provider=False)),
    types.TEXT_DOCUMENT_INLAY_HINT: Route("memory", "hints", types.InlayHintOptions(resolve_provider=False)),
    "modelspec/memoryFit": Route("memory", "fit"),
    "modelspec/memoryFitEdit": Route("memory", "fit_edit"),
    "modelspec/rules": Route("rules", "rules"),
    types.TEXT_DOCUMENT_DEFINITION: Route("navigation", "definition"),
    types.TEXT_DOCUMENT_DECLARATION: Route("navigation", "definition"),
    types.TEXT_DOCUMENT_IMPLEMENTATION: Route("navigation", "implementation"),
    types.TEXT_DOCUMENT_REFERENCES: Route("navigation", "references"),
    types.WORKSPACE_SYMBOL: Route("navigation", "symbols"),
    types.TEXT_DOCUMENT_PREPARE_RENAME: Route("rename", "prepare"),
    types.TEXT_DOCUMENT_RENAME: Route("rename", "rename"),
    types.WORKSPACE_WILL_RENAME_FILES: Route("rename", "will_rename"),
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: Route("hierarchy", "prepare"),
    types.CALL_HIERARCHY_INCOMING_CALLS: Route("hierarchy", "incoming"),
    types.CALL_HIERARCHY_OUTGOING_CALLS: Route("hierarchy", "outgoing"),
    types.TEXT_DOCUMENT_FORMATTING: Route("formatting", "formatting"),
    types.TEXT_DOCUMENT_RANGE_FORMATTING: Route("formatting", "range_formatting"),
    types.TEXT_DOCUMENT_ON_TYPE_FORMATTING: Route(
        "formatting", "on_type", types.DocumentOnTypeFormattingOptions("\n", [" "])
    ),
    types.TEXT_DOCUMENT_CODE_ACTION: Route(
        "code_actions",
        "code_action",
        types.CodeActionOptions(
            code_action_kinds=[
                types.CodeActionKind.QuickFix,
                types.CodeActionKind.RefactorExtract,
                types.CodeActionKind.RefactorRewrite,
                types.CodeActionKind.SourceFixAll,
                types.CodeActionKind.Source,
            ]
        ),
    ),
    types.WORKSPACE_EXECUTE_COMMAND: Route("commands", "execute", types.ExecuteCommandOptions([OPEN_PAGE])),
}


_FIRST = (types.TEXT_DOCUMENT_COMPLETION, types.TEXT_DOCUMENT_HOVER, types.TEXT_DOCUMENT_CODE_ACTION)
"""What people wait for."""
_GAP_SECONDS = 0.1
"""A pause in typing."""


class LazyHandler:
    """A handler that is imported when it is first called."""

    def __init__(self, server: ModelSpecServer, route: Route) -> None:
        self._server = server
        self._route = route
        self._function: Any = None

    def load(self) -> Any:
        """Import the handler."""
        if self._function is None:
            module = importlib.import_module(f"{__name__}.{self._route.module}")
            self._function = getattr(module, self._route.function)
        return self._function

    def __call__(self, params: Any) -> Any:
        """Handle a message; the result is awaitable where the handler is asynchronous."""
        return self.load()(self._server, params)


def install(server: ModelSpecServer) -> None:
    """Register all routes with the server."""
    manager = server.protocol.fm
    for method, route in ROUTES.items():
        manager.features[method] = LazyHandler(server, route)
        if route.options is not None:
            manager.feature_options[method] = route.options


async def prepare_all(server: ModelSpecServer) -> None:
    """Have everything ready that the first call of each method would have to make, between the user's keystrokes."""
    turns, inbox = Turns(), server.protocol.inbox
    count = -1
    for method in dict.fromkeys((*_FIRST, *server.protocol.fm.features)):
        for _ in preparing(server.protocol.converter, method):
            if count != inbox.count:
                await inbox.quiet(_GAP_SECONDS)
                count = inbox.count
            await turns.over()


async def load_all(server: ModelSpecServer) -> None:
    """Import every handler, giving way to messages in between."""
    for handler in list(server.protocol.fm.features.values()):
        await asyncio.sleep(0)
        if isinstance(handler, LazyHandler):
            handler.load()
