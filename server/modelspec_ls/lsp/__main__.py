"""``python -m modelspec_ls.lsp``: start the server; with ``--host`` and ``--tcp`` or ``--ws`` on a socket."""

from __future__ import annotations

import gc

# Nothing made while importing is ever garbage: collecting it costs 15 ms at start and 35 ms later on.
gc.disable()

import argparse  # noqa: E402
import sys  # noqa: E402

from .server import serve_stdio, serve_tcp, serve_ws  # noqa: E402


def main(argv: list[str] | None = None) -> int:
    """Run the server until its client leaves; returns the exit code."""
    parser = argparse.ArgumentParser(prog="modelspec lsp", description="ModelSpec language server")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="speak over standard input and output (default)")
    way.add_argument("--tcp", type=int, metavar="PORT", help="listen on a TCP port for one client")
    way.add_argument("--ws", type=int, metavar="PORT", help="listen on a WebSocket port")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--log-level", default="warning", help="error, warning (default), info or debug")
    # Editors add arguments of their own, such as --clientProcessId.
    options, _ = parser.parse_known_args(argv)
    if options.tcp is not None:
        return serve_tcp(options.host, options.tcp, log_level=options.log_level)
    if options.ws is not None:
        return serve_ws(options.host, options.ws, log_level=options.log_level)
    return serve_stdio(log_level=options.log_level)


if __name__ == "__main__":
    sys.exit(main())
