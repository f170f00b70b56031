"""``modelspec catalog add``: models of the Hub or of this machine as rows of the workspace's own catalogue."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import click

from .render.source import safe
from .writing import CannotWriteError, write

_FAILED = 2
_UNFIT = re.compile(r"[^\w.+-]")
"""What is no part of a file's name."""


@click.command(short_help="Record models as rows of the workspace's own catalogue.")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--id", "name", metavar="NAME", help="The id of the row; by default the repository's or folder's name.")
@click.option("--into", metavar="FOLDER", default=".", help="Whose specs shall know the models; default: this one's.")
@click.option("--update", is_flag=True, help="Write rows anew that are there already.")
@click.pass_context
def add(ctx: click.Context, *, sources: tuple[str, ...], name: str | None, into: str, update: bool) -> None:
    """Record models below .modelspec/models, for the specs of this folder and those below it.

    \b
    modelspec catalog add hf://acme/chat-13b           from the Hugging Face Hub
    modelspec catalog add hf://acme/chat-13b@v2        at a branch, tag or commit
    modelspec catalog add ./checkpoints/chat-13b       a checkpoint on this machine

    From the Hub only config.json and the headers of the safetensors files are fetched, never weights; HF_TOKEN and
    HF_ENDPOINT count. This is the only command that uses the network.

    Exit status: 0 all are recorded, 2 something is not.
    """  # noqa: D301  # Click wants the control character, not a backslash.
    from modelspec_ls.workspace.files import is_folder
    from modelspec_ls.workspace.scopes import own_folder

    from .hub import HubFault

    if name is not None and len(sources) > 1:
        raise click.UsageError("`--id` names one model; give one source with it.")
    if not is_folder(into):
        raise click.UsageError(f"`--into {safe(into)}` is not a folder.")
    folder = Path(own_folder(into)) / ".modelspec" / "models"
    failed = False
    for source in sources:
        try:
            row = _row(source, name)
            click.echo(_write(row, folder, update=update))
        except HubFault as fault:
            click.echo(f"modelspec catalog add: {safe(source)}: {fault}", err=True)
            failed = True
        except OSError as error:
            click.echo(
                f"modelspec catalog add: {safe(source)}: {error.strerror or error}: {safe(str(error.filename))}",
                err=True,
            )
            failed = True
    ctx.exit(_FAILED if failed else 0)


def _row(source: str, name: str | None) -> dict[str, Any]:
    """The row of one source. Raises HubFault where there is none to be made."""
    from modelspec_ls.spec.record import row_of
    from modelspec_ls.spec.rows import flaws

    from .hub import HubFault, fetch, reference

    today = date.today().isoformat()  # noqa: DTZ011  (the user's own day)
    known = reference(source)
    if known is not None:
        found = fetch(*known)
        row = row_of(
            name or found.name,
            found.config,
            found.facts,
            source=f"hf://{found.name}@{found.commit}",
            date=today,
            tasks=[found.task] if found.task else None,
            license=found.license,
            revision=found.commit,
        )
    elif "://" in source:
        raise HubFault("Only `hf://organisation/name`, with `@revision` if need be, and folders are known here.")
    else:
        row = _local(source, name, today)
    gaps = [field for field in ("layers", "hidden", "vocab", "dtype") if field not in row]
    if gaps:
        raise HubFault(f"Its config.json does not say {', '.join(gaps)}. Write the row by hand: see docs/catalogue.md.")
    if flaw := next(flaws("Model", row), None):
        raise HubFault(f"The row would not be used: {flaw.message}")
    return row


def _local(source: str, name: str | None, today: str) -> dict[str, Any]:
    from modelspec_ls.fit.checkpoint import CheckpointFacts
    from modelspec_ls.spec.record import row_of
    from modelspec_ls.workspace.checkpoint import read_checkpoint, read_config
    from modelspec_ls.workspace.files import is_there

    from .hub import HubFault

    path = os.path.abspath(source)  # noqa: PTH100  # Links stay as they are.
    if not is_there(path):
        guess = f" For a repository of the Hub write `hf://{source}`." if source.count("/") == 1 else ""
        raise HubFault(f"There is no such folder.{guess}")
    found = read_checkpoint(path)
    if not isinstance(found, CheckpointFacts):
        raise HubFault(found.message)
    config = read_config(path)
    if found.sort == "gguf" or not config:
        raise HubFault("There is no config.json in it. Let `modelUri` of the spec point at the file: it is read as is.")
    return row_of(name or Path(path).name, config, found, source=f"checkpoint at {source}", date=today)


def _write(row: dict[str, Any], folder: Path, *, update: bool) -> str:
    """Write the row's file; returns what to tell."""
    from modelspec_ls.ide.catalogue import size

    from .hub import HubFault

    path = folder / f"{_UNFIT.sub('-', row['id'].replace('/', '--'))}.yaml"
    if path.exists() and not update:
        raise HubFault(f"{_shown(path)} is there already. Pass `--update` to write it anew.")
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(["# Recorded by `modelspec catalog add`.", *_lines(row, ""), ""])
    try:
        write(path, text)
    except CannotWriteError as fault:
        raise HubFault(f"{_shown(path)} cannot be written: {fault}.") from None
    return f"{safe(row['id'])}: {size(row['parameters'])} parameters in {row['dtype']}, written to {_shown(path)}."


def _shown(path: Path) -> str:
    try:
        return safe(path.relative_to(Path.cwd()).as_posix())
    except ValueError:
        return safe(path.as_posix())


def _lines(row: dict[str, Any], indent: str) -> list[str]:
    """A row as YAML. Lists and whatever is nested deeper stand on one line, as JSON."""
    out: list[str] = []
    for key, value in row.items():
        if isinstance(value, dict) and not indent:
            out += [f"{key}:", *_lines(value, "  ")]
        else:
            out.append(f"{indent}{_scalar(key)}: {_scalar(value)}")
    return out


def _scalar(value: Any) -> str:
    from modelspec_ls.ide.describe import yaml_scalar

    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else yaml_scalar(value)
