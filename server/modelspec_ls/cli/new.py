"""``modelspec new``: a spec from the learning path, to start from."""

from __future__ import annotations

import re
from pathlib import Path

import click

from modelspec_ls.core.words import near

from .render.source import safe
from .writing import write_as_asked

_STOP = re.compile(r"\$\{\d+\|([^,|]*)[^}]*\|\}|\$\{\d+:([^{}]*)\}|\$\{\d+\}|\$\d+")
_NAME = re.compile(r"^  name: .*$", re.MULTILINE)
_DNS = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PREFIX = re.compile(r"^modelspec-(?:\d\d-)?")


@click.command(short_help="Write a new spec from the learning path.")
@click.argument("kind", required=False)
@click.argument("path", required=False, type=click.Path())
@click.option("--name", help="What `metadata.name` says; otherwise it follows from the file's name.")
@click.option("--list", "listing", is_flag=True, help="List the kinds.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
def new(*, kind: str | None, path: str | None, name: str | None, listing: bool, force: bool) -> None:
    """Write a spec of a KIND, such as minimal, serving or full-production, to PATH or to standard output.

    \b
    modelspec new --list
    modelspec new serving chat.modelspec.yaml
    modelspec new 08                             by number, to standard output

    Exit status: 0 written, 2 wrong usage, or the file exists or cannot be written.
    """  # noqa: D301  # Click wants the control character, not a backslash.
    from modelspec_ls.ide.completion.snippets import all_snippets

    kinds = {s.prefix: s for s in all_snippets() if s.place is None}
    if listing or kind is None:
        if not listing:
            click.echo("Choose a kind: modelspec new KIND [PATH]\n", err=True)
        width = max(len(_PREFIX.sub("", prefix)) for prefix in kinds)
        for prefix, snippet in kinds.items():
            click.echo(f"{_PREFIX.sub('', prefix):<{width}}  {snippet.description}")
        if not listing:
            raise click.exceptions.Exit(2)
        return
    chosen = next((p for p in kinds if kind in {p, _PREFIX.sub("", p), p.split("-")[1]}), None)
    if chosen is None:
        names = [_PREFIX.sub("", p) for p in kinds]
        starts = [n for n in names if n.startswith(kind)]
        guess = near(kind, names) or (starts[0] if len(starts) == 1 else None)
        hint = f"did you mean `{guess}`?" if guess else "`modelspec new --list` lists them."
        raise click.UsageError(f"There is no kind `{safe(kind)}`; {hint}")
    text = _STOP.sub(lambda m: m[1] or m[2] or "", kinds[chosen].body) + "\n"
    name = name or (_name_of(path) if path else None)
    if name is not None:
        if not _DNS.fullmatch(name):
            raise click.BadParameter(f"`{safe(name)}` must be lower-case letters, digits and dashes.")
        text = _NAME.sub(f"  name: {name}", text, count=1)
    if path is None or path == "-":
        click.echo(text, nl=False)
        return
    if not path.endswith((".yaml", ".yml")):
        raise click.BadParameter(f"`{safe(path)}` must end in .modelspec.yaml, so that tools know what it is.")
    write_as_asked(path, text, replace=force)
    click.echo(f"Wrote {safe(path)}. Next: modelspec check {safe(path)}", err=True)


def _name_of(path: str) -> str | None:
    """The name that a file's name suggests, where it is one."""
    stem = re.sub(r"(?:\.modelspec)?\.ya?ml$", "", Path(path).name).lower()
    name = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")
    return name if _DNS.fullmatch(name) else None
