"""``modelspec check``: all findings of files and folders, as text or JSON."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from modelspec_ls.core.config import Config, config_from
from modelspec_ls.core.finding import Severity
from modelspec_ls.core.words import code_list, near

from .inputs import STDIN, inputs, missing
from .render.json import file_entry, render_json
from .render.style import TextStyle, colored
from .render.text import render_file, render_summary

if TYPE_CHECKING:
    from .gather import Checked

FOUND_ERRORS = 1
FAILED = 2


@click.command(short_help="Check files and folders.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--stdin-filename", metavar="NAME", help="The name that the text read by `-` goes by.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print findings.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Whether text is coloured; auto obeys NO_COLOR and FORCE_COLOR.",
)
@click.option("--select", metavar="RULES", multiple=True, help="Only these rules: codes, names, groups or prefixes.")
@click.option("--ignore", metavar="RULES", multiple=True, help="Leave these rules out.")
@click.option("--jobs", type=click.IntRange(1), help="Processes to use; by default one for each processor.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep results of earlier runs.")
@click.option("-q", "--quiet", is_flag=True, help="Only findings: no summary and no notes.")
@click.pass_context
def check(
    ctx: click.Context,
    *,
    paths: tuple[str, ...],
    stdin_filename: str | None,
    form: str,
    color: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    jobs: int | None,
    no_cache: bool,
    quiet: bool,
) -> None:
    """Check ModelSpec files, and those in folders (by default in this one). `-` reads standard input.

    \b
    modelspec check                            all ModelSpec files below this folder
    modelspec check a.modelspec.yaml specs/    a file and a folder
    modelspec check --format json -            standard input, findings as JSON
    modelspec check --select schema            only the rules of one group

    Folders are searched for *.modelspec.yaml, .yml and .json and for other YAML and JSON files that
    say they are a ModelSpec. What .gitignore or .modelspecignore excludes is left out unless named.

    Exit status: 0 no errors, 1 errors found, 2 wrong usage or a path that cannot be read.
    """  # noqa: D301  # Click wants the control character, not a backslash.
    paths = paths or (".",)
    if stdin_filename is not None and STDIN not in paths:
        raise click.UsageError("`--stdin-filename` names what `-` reads; add `-` to the paths.")
    config = _config(select, ignore)
    gone = missing(paths)
    for message in gone.values():
        click.echo(f"modelspec check: {message}", err=True)
    rest = [path for path in paths if path not in gone]
    # Not at the top: `modelspec --help` would wait for the schema library.
    from .examine import cache_of, default_jobs
    from .gather import checked
    from .render.progress import Progress

    name = stdin_filename or "stdin.modelspec.yaml"
    named = [name if path == STDIN else path for path in rest]
    # One run makes no garbage worth looking for, and looking takes a fifth of the time.
    gc.disable()
    sources = list(inputs(rest, name, config))
    cache = None if no_cache else cache_of(sources, named)
    progress = Progress(len(sources), "files")
    results = checked(sources, named, config, jobs=jobs or default_jobs(), cache=cache, seen=progress.show)
    style = TextStyle(color=form == "text" and colored(color))
    totals, failed = _report(results, rest, form, style, quiet=quiet)
    if cache is not None:
        cache.save()
    ctx.exit(FAILED if gone or failed else FOUND_ERRORS if totals[Severity.ERROR] else 0)


def _report(
    results: Iterator[Checked], paths: Sequence[str], form: str, style: TextStyle, *, quiet: bool
) -> tuple[dict[Severity, int], bool]:
    """Print everything; returns the number of findings by severity, and whether a file could not be read."""
    totals = dict.fromkeys(Severity, 0)
    listed: list[dict[str, object]] = []
    failed, count = False, 0
    for result in results:
        count += 1
        failed = failed or result.failed
        for diagnostic in result.diagnostics:
            totals[diagnostic.severity] += 1
        if form == "json":
            listed.append(file_entry(result.path, result.document, result.diagnostics))
        elif result.diagnostics:
            text = render_file(result.path, result.document, result.diagnostics, style)
            click.echo(text, color=style.color)
        if not result.judged and not quiet:
            click.echo(f"note: {result.path} declares no `kind: ModelSpec`; nothing in it was judged", err=True)
    if form == "json":
        click.echo(render_json(listed, totals))
    if count == 0 and paths and not quiet:
        where = code_list(paths)
        click.echo(
            f"No ModelSpec files found under {where}; looked for *.modelspec.yaml, *.modelspec.yml, *.modelspec.json "
            "and other YAML or JSON files with `kind: ModelSpec`.",
            err=True,
        )
    elif form == "text" and count and not quiet:
        click.echo(render_summary(count, totals, style), color=style.color)
    return totals, failed


def _config(select: tuple[str, ...], ignore: tuple[str, ...]) -> Config:
    from modelspec_ls.rules.registry import all_rules, matches

    chosen = {"select": _words(select), "ignore": _words(ignore)}
    rules = [module.rule for module in all_rules()]
    names = [word for rule in rules for word in (rule.name, rule.category, rule.code)]
    for option, words in chosen.items():
        for word in words:
            if not any(matches(rule, word) for rule in rules):
                guess = near(word, names)
                hint = f"did you mean `{guess}`?" if guess else "use a code, a name, a group or a code prefix."
                raise click.UsageError(f"`--{option} {word}` names no rule; {hint}")
    return config_from(chosen)[0]


def _words(values: tuple[str, ...]) -> list[str]:
    return [word.strip() for value in values for word in value.split(",") if word.strip()]
