"""Start and end of a session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from modelspec_ls.lsp.background import start_indexing, stop_indexing
from modelspec_ls.lsp.capabilities import ClientFeatures, server_capabilities
from modelspec_ls.lsp.indexing import expect, folders_of
from modelspec_ls.lsp.session import SECTION
from modelspec_ls.lsp.watch import watch

from . import load_all, prepare_all
from .configuration import pull, warn

if TYPE_CHECKING:
    from modelspec_ls.lsp.server import ModelSpecServer

log = logging.getLogger(__name__)

_QUIET_SECONDS = 0.5
# Any YAML or JSON file may hold a spec, a row or a config.json; folders come and go as a whole.
_WATCHED = ("**/*.{yaml,yml,json}", "**/.{git,modelspec}ignore", "**/*.toml", "**/*.{safetensors,gguf}")


def initialize(server: ModelSpecServer, params: Mapping[str, Any]) -> types.InitializeResult:
    """Learn what the client can do and say what the server does."""
    client = server.session.client = ClientFeatures.read(params)
    server.session.folders = folders_of(params)
    server.start_problems = server.session.initial(params.get("initializationOptions"))
    expect(server.session)
    pid = params.get("processId")
    if isinstance(pid, int):
        watch(pid, lambda: server.protocol.finish(1))
    manager = server.protocol.fm
    capabilities = server_capabilities(client, manager.features.keys(), manager.feature_options)
    return types.InitializeResult(capabilities, types.ServerInfo(server.name, server.version))


async def initialized(server: ModelSpecServer, _: types.InitializedParams) -> None:
    """Register what the client lets servers register, and ask for the settings."""
    client = server.session.client
    warn(server, server.start_problems)
    registrations = []
    if client.register_watched_files:
        watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
        watchers.append(types.FileSystemWatcher("**/*", types.WatchKind.Delete))
        options: Any = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        registrations.append(types.Registration("watched-files", method, options))
    if client.register_configuration:
        options = types.DidChangeConfigurationRegistrationOptions(SECTION)
        method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
        registrations.append(types.Registration("configuration", method, options))
    if registrations:
        params = types.RegistrationParams(registrations)
        server.request_and_forget(types.CLIENT_REGISTER_CAPABILITY, params)
    # While the client looks up its settings, load what the first document will need.
    await asyncio.gather(*([pull(server)] if client.configuration else []), _prepare(server))


async def _prepare(server: ModelSpecServer) -> None:
    await load_all(server)
    start_indexing(server)
    await prepare_all(server)
    # Reading the catalogue takes some 80 ms: in a quiet moment, not in the first completion.
    await server.protocol.inbox.quiet(_QUIET_SECONDS)
    from modelspec_ls.ide.catalogue import warm_up  # noqa: PLC0415

    warm_up()


def cancel_progress(server: ModelSpecServer, _: types.WorkDoneProgressCancelParams) -> None:
    """The user stops what shows progress: reading the workspace is all there is."""
    stop_indexing(server)


def shutdown(server: ModelSpecServer, _: None) -> None:
    """Nothing is kept on disk, so there is nothing to do."""
    log.info("Shut down with %d open documents", len(server.session.snapshot.documents))
