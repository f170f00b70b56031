"""The command group and its exit status: 0 good, 1 errors found, 2 wrong usage or unreadable, 130 interrupted."""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import os
import sys
from collections.abc import Sequence

import click

from modelspec_ls import __version__
from modelspec_ls.core.words import near

_INTERRUPTED = 130
_BROKEN_PIPE = 141
_FAILED = 2
_FINISHED = frozenset({0, 1})
"""The status of a command that has done all it was to do."""

# Imported when called, so that no command pays for another one's imports.
COMMANDS = {
    "check": "modelspec_ls.cli.check:check",
    "fmt": "modelspec_ls.cli.fmt:fmt",
    "new": "modelspec_ls.cli.new:new",
    "rule": "modelspec_ls.cli.rule:rule",
    "explain": "modelspec_ls.cli.rule:explain",
    "lsp": "modelspec_ls.cli.lsp:lsp",
    "convert": "modelspec_ls.cli.convert:convert",
    "fit": "modelspec_ls.cli.fit:fit",
    "graph": "modelspec_ls.cli.graph:graph",
    "catalog": "modelspec_ls.cli.catalog:catalog",
    "policy": "modelspec_ls.cli.policy:policy",
}


class Commands(click.Group):
    """A group that imports a command when it is needed and guesses what a wrong name means."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what it refuses quotes names that anybody may have chosen."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            from .render.source import safe

            vars(error)["message"] = safe(error.message)  # Click calls it final; there is one way out for all of them.
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names."""
        word = args[0]
        if word not in COMMANDS and not word.startswith("-"):
            if guess := near(word, COMMANDS):
                ctx.fail(f"There is no command `{word}`; did you mean `modelspec {guess}`?")
            if word.endswith((".yaml", ".yml", ".json")) or _is_there(word):
                ctx.fail(f"`{word}` is not a command. To check it: modelspec check {word}")
            ctx.fail(f"There is no command `{word}`; there are {', '.join(COMMANDS)}.")
        return super().resolve_command(ctx, args)


def _is_there(path: str) -> bool:
    from modelspec_ls.workspace.files import is_there

    return is_there(path)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="modelspec %(version)s")
def modelspec() -> None:
    """Check ModelSpec files, and serve editors that do."""


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A console that lacks a character shows its escape instead of failing.
            stream.reconfigure(errors="backslashreplace")
    if sys.stdout is None and (sys.argv[1:] if args is None else [*args])[:1] != ["lsp"]:
        # Files that are opened would take its place, and what is found would be told to nobody.
        click.echo("modelspec: standard output is closed; `> /dev/null` keeps it open and says nothing.", err=True)
        return _FAILED
    try:
        status = modelspec.main(args, prog_name="modelspec", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return _INTERRUPTED
    except (BrokenPipeError, SystemExit):  # Click answers a broken pipe by SystemExit.
        _drop_output()
        return _BROKEN_PIPE
    except OSError as error:  # The disk is full, or the installation lacks a file.
        _drop_output()
        click.echo(f"modelspec: {error}", err=True)
        return _FAILED
    except Exception:  # noqa: BLE001  # The status must not say "errors found".
        import traceback

        traceback.print_exc()
        click.echo("modelspec: this is a mistake in the tool itself; please report it with the lines above.", err=True)
        return _FAILED


def _drop_output() -> None:
    """Send the rest nowhere: Python would try once more at exit, and complain."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """The entry point of the installed command."""
    status = run()
    if gc.isenabled() or status not in _FINISHED:
        sys.exit(status)
    # A run that freed nothing ends as a whole: taking ten thousand results apart would take a while.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(status)
