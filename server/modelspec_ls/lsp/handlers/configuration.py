"""Settings: pulled where the client can be asked, else taken from the notification."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from modelspec_ls.lsp.session import SECTION

if TYPE_CHECKING:
    from modelspec_ls.lsp.server import ModelSpecServer

log = logging.getLogger(__name__)


def did_change(server: ModelSpecServer, params: types.DidChangeConfigurationParams) -> Awaitable[None] | None:
    """New settings, in force before the next message; or the news that there are some."""
    if server.session.client.configuration:
        return pull(server)
    settings: Any = params.settings
    # A client that sends all of its settings has ours in a section; one that sends only ours may not.
    if isinstance(settings, Mapping):
        settings = settings.get(SECTION, {} if _foreign(settings) else settings)
    apply(server, settings)
    return None


async def pull(server: ModelSpecServer) -> None:
    """Ask the client for our section."""
    item = types.ConfigurationItem(section=SECTION)
    try:
        answer = await server.protocol.send_request_async(
            types.WORKSPACE_CONFIGURATION, types.ConfigurationParams([item])
        )
    except Exception as error:  # noqa: BLE001  (whatever the client's trouble is, we go on with what we have)
        log.warning("The client gave no settings: %s", error)
        return
    if isinstance(answer, list) and answer:
        apply(server, answer[0])


def apply(server: ModelSpecServer, values: Any) -> None:
    """Put settings in force; wrong ones count as not set and are told once."""
    changed, problems = server.session.configure(values)
    warn(server, problems)
    if changed:
        server.publisher.touch_all()


def warn(server: ModelSpecServer, problems: list[str]) -> None:
    """Tell the user what is wrong in the settings, once for the same mistakes."""
    if problems and problems != server.told_problems:
        text = "ModelSpec settings: " + " ".join(problems)
        params = types.ShowMessageParams(types.MessageType.Warning, text)
        server.protocol.notify(types.WINDOW_SHOW_MESSAGE, params)
    server.told_problems = problems


def _foreign(settings: Mapping[str, Any]) -> bool:
    return bool(settings) and all(isinstance(value, Mapping) for value in settings.values())
