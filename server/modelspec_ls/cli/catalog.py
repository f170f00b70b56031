"""``modelspec catalog``: the models and accelerators that are known, and everything that is known about one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from modelspec_ls.core.words import fold

from .catalog_add import add
from .inputs import path_of
from .render.source import safe

if TYPE_CHECKING:
    from modelspec_ls.knowledge.types import Accelerator, Model

_NOTHING = 1
_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print.")


class _Listing(click.Group):
    """A group that lists when no subcommand is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Listing, short_help="List and explain known models and accelerators.")
def catalog() -> None:
    """List the known models and accelerators, and explain one.

    \b
    modelspec catalog llama 70b        what matches all words
    modelspec catalog show h100        everything about one, with sources
    modelspec catalog add hf://acme/x  record a model for the specs of this folder

    Rows below .modelspec, of this folder and those above it, are among them; `show` says where they stand.
    """  # noqa: D301  # Click wants the control character, not a backslash.


@catalog.command("list", short_help="List what matches all words (the default).")
@click.argument("words", nargs=-1)
@click.option("--models", "kind", flag_value="models", help="Only models.")
@click.option("--accelerators", "kind", flag_value="accelerators", help="Only accelerators.")
@_FORMAT
@click.pass_context
def listing(ctx: click.Context, *, words: tuple[str, ...], kind: str | None, form: str) -> None:
    """List models and accelerators whose name, alias, family or maker has all words in it.

    Exit status: 0 something matches, 1 nothing does, 2 wrong usage.
    """
    # Not at the top: `modelspec --help` would wait for the knowledge.
    from .inputs import catalogue_here
    from .render.catalog import render_json, render_tables

    catalogue = catalogue_here()
    chosen = (
        [m for m in catalogue.all_models if _has(words, m.id, m.family, *m.aliases)] if kind != "accelerators" else []
    )
    cards = catalogue.all_accelerators if kind != "models" else ()
    devices = [a for a in cards if _has(words, a.id, a.name, a.vendor, a.architecture, *a.aliases)]
    if form == "json":
        click.echo(render_json(chosen, devices))
    elif chosen or devices:
        click.echo(render_tables(chosen, devices))
    for row in catalogue.broken:
        click.echo(
            f"note: the row at line {row.line} of {safe(path_of(row.path))} has errors and is not used", err=True
        )
    if not chosen and not devices:
        click.echo(f"Nothing in the catalogue matches `{safe(' '.join(words))}`.", err=True)
        ctx.exit(_NOTHING)


@catalog.command(short_help="Explain one, with sources.")
@click.argument("words", metavar="NAME", nargs=-1, required=True)
@_FORMAT
def show(*, words: tuple[str, ...], form: str) -> None:
    """Print everything known about a model or an accelerator, by any of its names.

    Exit status: 0 it is known, 2 it is not.
    """
    from .inputs import catalogue_here
    from .render.catalog import render_json, render_row

    name, catalogue = " ".join(words), catalogue_here()
    found, cards = catalogue.resolve(name), catalogue.find_accelerator(name)
    rows = [found.model] if found.model else []
    devices = [cards.accelerator] if cards.accelerator and not cards.ambiguous else list(cards.candidates)
    if not rows and not devices:
        broken = catalogue.broken_for("Model", name) or catalogue.broken_for("Accelerator", name)
        if broken is not None:
            place = f"the row at line {broken.line} of {path_of(broken.path)} has errors and is not used"
            raise click.UsageError(f"`{safe(name)}` is not in the catalogue: {place}.")
        guesses = [*found.suggestion, *filter(None, [catalogue.suggest_accelerator(name)])]
        hint = (
            f"did you mean {' or '.join(f'`{guess}`' for guess in guesses)}?" if guesses else "see `modelspec catalog`."
        )
        raise click.UsageError(f"`{safe(name)}` is not in the catalogue; {hint}")
    if form == "json":
        click.echo(render_json(rows, devices))
        return
    if found.model and found.grade == "repackaged":
        packed = f" in {found.precision or found.format}" if found.precision or found.format else ""
        click.echo(f"`{safe(name)}` is not listed itself; its name reads as {found.model.id}{packed}.\n")
    if len(devices) > 1:
        click.echo(f"`{safe(name)}` may mean any of these {len(devices)}:\n")
    everything: list[Model | Accelerator] = [*rows, *devices]
    for row in everything:
        click.echo(render_row(row))


catalog.add_command(add)


def _has(words: Sequence[str], *names: str) -> bool:
    text = " ".join(fold(name) for name in names)
    return all(fold(word) in text for word in words)
