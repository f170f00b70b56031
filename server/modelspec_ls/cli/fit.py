"""``modelspec fit``: whether models fit the memory of their accelerators, and what would change that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Severity
from modelspec_ls.core.words import code_list

from .inputs import STDIN, Input, inputs, missing, roots_of, snapshot_of
from .options import FAILED, FOUND_ERRORS, checked_option
from .render.source import safe
from .render.style import TextStyle, colored, unicode_output

if TYPE_CHECKING:
    from modelspec_ls.workspace.snapshot import Snapshot

    from .case import Case
    from .what_if import Again, Around


@click.command(short_help="Tell whether models fit the memory of their accelerators.")
@click.argument("paths", nargs=-1, type=click.Path(readable=False))
@click.option("--accelerator", metavar="TYPE", callback=checked_option, help="As if on this accelerator.")
@click.option("--count", type=click.IntRange(1), help="As if with this many devices.")
@click.option("--batch", type=click.IntRange(1), help="As if this many sequences ran at once.")
@click.option("--sequence", type=click.IntRange(1), help="As if sequences had this many tokens.")
@click.option("--precision", metavar="NAME", callback=checked_option, help="As if the weights were in this format.")
@click.option("--engine", metavar="NAME[==VERSION]", callback=checked_option, help="As if served by this engine.")
@click.option(
    "--gpu-memory-utilization", metavar="SHARE", callback=checked_option, help="Share the engine may use: 0.9 or 90%."
)
@click.option("--kv-cache-dtype", metavar="TYPE", callback=checked_option, help="Type of the cache: auto, bf16, fp8.")
@click.option(
    "--sweep", type=click.Choice(["accelerator", "count", "batch", "sequence"]), help="Verdicts for many values."
)
@click.option(
    "--prices", metavar="FILE", callback=checked_option, help="USD per device and hour, to rank accelerators by cost."
)
@click.option("--plot", metavar="FILE", callback=checked_option, help="Draw an .svg or .png; needs matplotlib.")
@click.option("--explain", is_flag=True, help="Say where every number comes from.")
@click.option("--stdin-filename", metavar="NAME", help="The name that the text read by `-` goes by.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print reports.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Whether to colour text.")
@click.pass_context
def fit(ctx: click.Context, /, *, paths: tuple[str, ...], **options: Any) -> None:
    """Say for ModelSpec files, and those in folders, whether the model fits its accelerators. `-` reads standard input.

    Of an OpenModel of llmaz each flavor is judged.

    \b
    modelspec fit                                    all ModelSpec files below this folder
    modelspec fit a.modelspec.yaml --count 2         what if it had two devices
    modelspec fit a.modelspec.yaml --sweep batch     verdicts for other batch sizes
    modelspec fit a.modelspec.yaml --prices p.yaml   which accelerator holds it for least money
    modelspec fit --format json -                    standard input, as JSON

    Exit status: 0 everything fits or cannot be judged, 1 something does not fit, 2 wrong usage or a path that
    cannot be read.
    """  # noqa: D301  # Click wants the control character, not a backslash.
    # Not at the top: `modelspec --help` would wait for the knowledge of models and accelerators.
    from modelspec_ls.knowledge.secrets import hidden, ordered
    from modelspec_ls.workspace.credentials import secrets_in
    from modelspec_ls.workspace.graph import Graph
    from modelspec_ls.workspace.snapshot import Snapshot

    from .render.fit import entry, render_heading, render_json, render_report
    from .render.sweep import render_sweep
    from .what_if import CHANGES, priced_sweep, sweep_of, with_offers

    by, form, paths = options["sweep"], options["form"], paths or (".",)
    if options["stdin_filename"] is not None and STDIN not in paths:
        raise click.UsageError("`--stdin-filename` names what `-` reads; add `-` to the paths.")
    changes = {name: options[name] for name in CHANGES if options[name] is not None}
    style = TextStyle(color=form == "text" and colored(options["color"]))
    plain = not unicode_output()
    gone = missing(paths)
    for message in gone.values():
        click.echo(f"modelspec fit: {message}", err=True)
    rest, failed = [p for p in paths if p not in gone], bool(gone)
    shown: list[Case] = []
    verdicts: list[str] = []
    secret: set[str] = set()
    name = options["stdin_filename"] or "stdin.modelspec.yaml"
    snapshot = Snapshot(graph=Graph(roots=roots_of([name if path == STDIN else path for path in rest])))
    for source in inputs(rest, name, Config()):
        if source.fault is not None:
            failed = failed or source.fault.severity is Severity.ERROR
            click.echo(f"modelspec fit: {safe(source.path)}: {safe(source.fault.message)}", err=True)
        snapshot = snapshot_of(source, snapshot)
        # Output ends up in logs.
        secret |= set(secrets_in(source.document)) if source.document is not None else set()
        prices = options["prices"] or _prices(source, snapshot)
        for again, around in _subjects(source, snapshot):
            base = again(changes)
            verdicts.append(_verdict(base))
            cases = list(sweep_of(by, base, again, around, changes)) if by else [with_offers(base, prices)]
            if by == "accelerator" and prices is not None:
                cases = priced_sweep(cases, prices)
            shown += cases
            if form == "text" and by:
                said = f"{render_heading(base, style)}\n{render_sweep(by, cases, style)}"
                click.echo(hidden(said, ordered(secret)), color=style.color)
            elif form == "text":
                said = render_report(cases[0], style, explain=options["explain"], plain=plain)
                click.echo(hidden(said, ordered(secret)), color=style.color)
    if form == "json":
        click.echo(hidden(render_json([entry(case) for case in shown]), ordered(secret)))
    elif not verdicts and rest:
        click.echo(f"No ModelSpec, and no OpenModel with flavors, found under {code_list(map(safe, rest))}.", err=True)
    if options["plot"]:
        from .render.picture import draw
        from .writing import CannotWriteError

        try:
            if not draw(shown, options["plot"]):
                click.echo("Nothing to draw: no budget is known.", err=True)
        except CannotWriteError as fault:
            raise click.UsageError(f"`{safe(options['plot'])}` cannot be written: {fault}.") from None
    bad = any(verdict not in {"fits", "tight", "unknown"} for verdict in verdicts)
    ctx.exit(FAILED if failed else FOUND_ERRORS if bad else 0)


def _prices(source: Input, snapshot: Snapshot) -> Mapping[str, float] | None:
    """The prices in the settings for a file, as far as they can be used; None without any."""
    from modelspec_ls.knowledge.prices import prices_of

    stated = snapshot.scope(source.document.uri).config.prices if source.document is not None else {}
    return (prices_of({"prices": dict(stated)})[0] or None) if stated else None


def _verdict(case: Case) -> str:
    """The verdict that decides over the exit status. A flavor says nothing of sequences, so none can be too long."""
    if case.flavor is not None and case.report.verdict != "weights-exceed" and case.given.sequence is None:
        return "unknown" if case.report.verdict == "unknown" else "fits"
    return case.report.verdict


def _subjects(source: Input, snapshot: Snapshot) -> Iterator[tuple[Again, Around]]:
    """The ModelSpecs of a file and the flavors of its OpenModels, each as what judges it under some options."""
    from attrs import evolve

    from modelspec_ls.workspace.deployments import NOTHING, flavors_in, known_in, queries_in

    from .what_if import Around, judge, judge_flavor

    document = source.document
    if document is None:
        return
    catalogue, queries = snapshot.scope(document.uri).catalogue, queries_in(snapshot, document)
    known = known_in(snapshot, document)
    for number in sorted((*document.spec_numbers, *document.model_numbers)):
        # Also why files were not read that nobody need know of.
        reading = snapshot.checkpoints.get(queries[number]) if number in queries else None
        around = Around(catalogue, evolve(known.get(number, NOTHING), reading=reading))
        if number in document.spec_numbers:
            yield partial(judge, source.path, document.tree.documents[number], around), around
        for flavor in flavors_in(snapshot, document, number):
            yield partial(judge_flavor, source.path, flavor, around), around
