"""``modelspec lsp``: start the language server."""

from __future__ import annotations

import gc
from typing import NamedTuple

import click

LEVELS = ("error", "warning", "info", "debug")


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int


def _address(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Address | None:
    """Read ``HOST:PORT``, ``[IPv6]:PORT`` or a port of this machine."""
    if value is None:
        return None
    host, _, port = value.rpartition(":")
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise click.BadParameter(f"expected HOST:PORT or PORT with a port from 0 to 65535, got `{value}`.")
    return Address(host.strip("[]") or "127.0.0.1", int(port))


@click.command(short_help="Start the language server for an editor.")
@click.option("--stdio", is_flag=True, help="Talk over standard input and output (the default).")
@click.option("--tcp", callback=_address, metavar="HOST:PORT", help="Wait for one editor on a TCP port.")
@click.option("--ws", callback=_address, metavar="HOST:PORT", help="Wait for editors on a WebSocket port.")
@click.option("--log-level", type=click.Choice(LEVELS), default="warning", help="What to write to standard error.")
@click.option("--clientProcessId", hidden=True, expose_value=False)  # Some editors add it by themselves.
@click.pass_context
def lsp(ctx: click.Context, *, stdio: bool, tcp: Address | None, ws: Address | None, log_level: str) -> None:
    """Start the language server. Editors do this by themselves; by hand it is for looking into them.

    A bare port means this machine only (127.0.0.1): the server asks nobody who they are.
    """
    if stdio + (tcp is not None) + (ws is not None) > 1:
        raise click.UsageError("Choose one of `--stdio`, `--tcp` and `--ws`.")
    # Nothing made while importing is ever garbage; the server turns collection on again.
    gc.disable()
    # Not at the top: the protocol types cost more than checking a file.
    from modelspec_ls.lsp.server import serve_stdio, serve_tcp, serve_ws

    if tcp:
        status = serve_tcp(tcp.host, tcp.port, log_level=log_level)
    elif ws:
        status = serve_ws(ws.host, ws.port, log_level=log_level)
    else:
        status = serve_stdio(log_level=log_level)
    ctx.exit(status)
