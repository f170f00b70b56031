"""``modelspec fmt``: indentation, spacing and blank lines, as the editor formats."""

from __future__ import annotations

import click

from modelspec_ls.core.config import Config
from modelspec_ls.core.words import plural

from .inputs import STDIN, inputs, missing
from .render.source import as_it_is, safe

_CHANGED = 1
_FAILED = 2


@click.command(short_help="Format files.")
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit with 1 if something would change.")
@click.option("--diff", is_flag=True, help="Show what would change; write nothing.")
@click.option("--stdin-filename", metavar="NAME", help="The name that the text read by `-` goes by.")
@click.option("-q", "--quiet", is_flag=True, help="No names of files and no summary.")
@click.pass_context
def fmt(
    ctx: click.Context, *, paths: tuple[str, ...], only_check: bool, diff: bool, stdin_filename: str | None, quiet: bool
) -> None:
    """Format ModelSpec files, and those in folders (by default in this one). `-` turns input into output.

    Comments, quotes, order and line ends stay. A file that cannot be read as YAML or JSON is left alone.

    Exit status: 0 done, 1 something would change (with --check or --diff), 2 wrong usage, or a file
    that cannot be read or written.
    """
    from attrs import evolve

    from modelspec_ls.analysis import judged
    from modelspec_ls.core.text import apply_edits
    from modelspec_ls.ide.formatting import format_document
    from modelspec_ls.workspace.snapshot import Snapshot

    from .mend import Mended, write

    config = Config()
    paths = paths or (".",)
    if STDIN in paths and len(paths) > 1:
        raise click.UsageError("`-` stands alone: what is formatted goes to standard output.")
    gone = missing(paths)
    for message in gone.values():
        click.echo(f"modelspec fmt: {message}", err=True)
    failed, changed, count = bool(gone), 0, 0
    rest = [path for path in paths if path not in gone]
    for source in inputs(rest, stdin_filename or "stdin.modelspec.yaml", config):
        document = source.document
        if document is None:
            click.echo(
                f"modelspec fmt: {safe(source.path)}: {safe(source.fault.message) if source.fault else ''}", err=True
            )
            failed = True
            continue
        if document.is_settings or not judged(document):
            continue
        count += 1
        if any(not problem.template for problem in document.tree.problems):
            click.echo(f"note: {safe(source.path)} is broken and left alone; `modelspec check` says where", err=True)
        snapshot = evolve(Snapshot(config=config), documents={document.uri: document})
        found = Mended(source.path, document.text, apply_edits(document.text, format_document(snapshot, document.uri)))
        different = found.before != found.after
        changed += different
        if diff:
            click.echo(as_it_is(found.diff), nl=False)
        elif STDIN in paths and not only_check:
            click.echo(as_it_is(found.after), nl=False)
        elif different and only_check:
            click.echo(f"Would format {safe(source.path)}")
        elif different and (fault := write(source.path, found.before, found.after, config)):
            click.echo(f"modelspec fmt: {safe(source.path)} was not written: {fault}", err=True)
            failed = True
    look = diff or only_check
    if not quiet and STDIN not in paths:
        verb = "Would format" if look else "Formatted"
        click.echo(f"{verb} {changed} of {plural(count, 'file')}.", err=True)
    ctx.exit(_FAILED if failed else _CHANGED if look and changed else 0)
