"""``modelspec convert``: a ModelSpec as an OpenModel of llmaz, or the other way round."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelspec_ls.core.config import Config
from modelspec_ls.core.path import pointer

from .inputs import STDIN, inputs, missing, snapshot_of
from .options import FAILED, FOUND_ERRORS
from .render.place import position
from .render.source import as_it_is, as_json, readable, safe

if TYPE_CHECKING:
    from modelspec_ls.convert.notes import Note
    from modelspec_ls.convert.stream import Converted, Fault
    from modelspec_ls.workspace.document import Document


@click.command(short_help="Convert a file to or from an OpenModel of llmaz.")
@click.argument("file", type=click.Path(readable=False))
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Choice(["openmodel", "modelspec"], case_sensitive=False),
    help="What to convert to.",
)
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False), help="Write to a file.")
@click.option("--name", help="What `metadata.name` of the result says.")
@click.option("--force", is_flag=True, help="Replace an output file that exists.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print the result.")
@click.option("--stdin-filename", metavar="NAME", help="The name that the text read by `-` goes by.")
@click.option("-q", "--quiet", is_flag=True, help="Do not list what does not go over.")
@click.pass_context
def convert(
    ctx: click.Context,
    *,
    file: str,
    target: str,
    output: str | None,
    name: str | None,
    force: bool,
    form: str,
    stdin_filename: str | None,
    quiet: bool,
) -> None:
    """Convert every ModelSpec in a FILE to an OpenModel, or every OpenModel to a ModelSpec. `-` reads standard input.

    \b
    modelspec convert chat.modelspec.yaml --to openmodel
    modelspec convert models.yaml --to modelspec -o chat.modelspec.yaml
    modelspec convert models.yaml --to modelspec --format json     text and list as data

    The new text goes to standard output. What has no place in it, what was looked up and what is left to fill in
    is listed on standard error. Comments stay with their fields. No value is made up.

    Exit status: 0 converted, 1 the file cannot be read as YAML or JSON, and nothing is written, 2 wrong usage,
    nothing to convert, or a file that cannot be read or written.
    """  # noqa: D301  # Click wants the control character, not a backslash.
    from modelspec_ls.convert.listing import listing
    from modelspec_ls.convert.stream import TARGETS, Fault
    from modelspec_ls.convert.stream import convert as convert_text
    from modelspec_ls.workspace.snapshot import Snapshot

    _checked(file, output, name, stdin_filename)
    for message in missing([file]).values():
        click.echo(f"modelspec convert: {message}", err=True)
        ctx.exit(FAILED)
    source = next(inputs([file], stdin_filename or "stdin.yaml", Config()), None)
    if source is None or source.document is None:
        fault = source.fault.message if source is not None and source.fault is not None else "it cannot be read"
        click.echo(f"modelspec convert: {safe(file)}: {safe(fault)}", err=True)
        ctx.exit(FAILED)
    document = source.document
    scope = snapshot_of(source, Snapshot()).scope(document.uri)
    found = convert_text(document, TARGETS[target.lower()], scope.catalogue, name)
    if isinstance(found, Fault):
        click.echo(_fault(source.path, document, found), err=True)
        ctx.exit(FOUND_ERRORS if found.broken else FAILED)
    if output is not None:
        from .writing import write_as_asked

        write_as_asked(output, found.text, replace=force)
    if form == "json":
        data = as_data(source.path, found, with_text=output is None)
        click.echo(as_json(data))
    elif output is None:
        click.echo(as_it_is(found.text), nl=False)
    if form == "text" and not quiet:
        for line in listing(found):
            click.echo(line, err=True)
    if output is not None and not quiet:
        click.echo(f"Wrote {safe(output)}. Next: modelspec check {safe(output)}", err=True)


def _checked(file: str, output: str | None, name: str | None, stdin_filename: str | None) -> None:
    """Refuse what cannot be meant."""
    from modelspec_ls.knowledge.kubernetes import name_fault

    if stdin_filename is not None and file != STDIN:
        raise click.UsageError("`--stdin-filename` names what `-` reads.")
    if file != STDIN and Path(file).is_dir():
        raise click.UsageError(f"`{safe(file)}` is a folder; name one file.")
    if name is not None and (fault := name_fault(name)):
        raise click.BadParameter(f"`{safe(name)}` is no name that Kubernetes takes ({fault}).", param_hint="--name")
    if output is None:
        return
    if not output.endswith((".yaml", ".yml")):
        raise click.BadParameter(f"`{safe(output)}` must end in .yaml: what is written is YAML.", param_hint="--output")
    if file != STDIN and Path(output).exists() and Path(file).exists() and Path(output).samefile(file):
        raise click.BadParameter(f"`{safe(output)}` is the file to convert; choose another.", param_hint="--output")


def _fault(path: str, document: Document, fault: Fault) -> str:
    """The message, with the place where there is one."""
    if fault.span is None:
        return f"modelspec convert: {safe(path)}: {safe(fault.message)}"
    line, column = position(document.index, fault.span.start, "utf-32")
    return f"modelspec convert: {safe(path)}:{line + 1}:{column + 1}: {safe(fault.message)} Nothing is converted."


def as_data(path: str, found: Converted, *, with_text: bool) -> dict[str, Any]:
    """The result as JSON has it; documents are counted from 0."""
    return {
        "path": readable(path),
        "to": found.kind,
        "documents": [
            {"document": result.number, "name": result.name, "notes": [_note(note) for note in result.notes]}
            for result in found.results
        ],
        "leftOut": [{"document": left.number, "kind": left.kind, "reason": left.reason} for left in found.left_out],
        "text": found.text if with_text else None,
    }


def _note(note: Note) -> dict[str, Any]:
    return {
        "kind": note.kind,
        "pointer": pointer(note.path),
        "value": _plain(note.value),
        "to": pointer(note.to) if note.to else None,
        "becomes": _plain(note.becomes),
        "reason": note.reason,
    }


def _plain(value: Any) -> Any:
    """Without numbers that JSON does not have."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
