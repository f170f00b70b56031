"""``modelspec check``: all findings of files and folders, in the formats of people and of tools."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from modelspec_ls.core.config import Config, Settings
from modelspec_ls.core.finding import Severity
from modelspec_ls.core.words import near, plural
from modelspec_ls.workspace.files import is_folder

from .inputs import STDIN, inputs, inputs_aside, missing
from .options import FAILED, FOUND_ERRORS
from .render.report import FORMATS
from .render.source import as_it_is, safe
from .render.style import TextStyle, colored, linked, unicode_output
from .spread import default_jobs, forks

if TYPE_CHECKING:
    from .baseline import Baseline
    from .contents import Contents
    from .inputs import Input
    from .mend import Mended
    from .replay import Replay

NEVER = "never"
_FEW = 100
"""With fewer files than this, looking for what earlier runs found takes longer than the work."""


@click.command(short_help="Check files and folders.")
@click.argument("paths", nargs=-1, type=click.Path(readable=False))  # Reading says what cannot be read.
@click.option("--stdin-filename", metavar="NAME", help="The name that the text read by `-` goes by.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to print findings.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Whether text is coloured; auto obeys NO_COLOR and FORCE_COLOR.",
)
@click.option("--select", metavar="RULES", multiple=True, help="Only these rules: codes, names, groups or prefixes.")
@click.option("--ignore", metavar="RULES", multiple=True, help="Leave these rules out.")
@click.option(
    "--fail-on",
    type=click.Choice([*(severity.label for severity in Severity), NEVER]),
    default="error",
    help="The least severity that makes the exit status 1.",
)
@click.option("--fix", is_flag=True, help="Write what is safe to fix, then tell what is left.")
@click.option("--diff", is_flag=True, help="Show what --fix would write; write nothing.")
@click.option("--baseline", metavar="FILE", help="Leave out the findings that this file lists.")
@click.option("--write-baseline", metavar="FILE", help="List all findings in this file, and stop.")
@click.option("--statistics", is_flag=True, help="Count findings by rule at the end.")
@click.option("--show-suppressed", is_flag=True, help="Also tell what comments and annotations keep quiet.")
@click.option("--watch", is_flag=True, help="Check again whenever something changes, until interrupted.")
@click.option("--jobs", type=click.IntRange(1), help="Processes to use; by default one for each processor.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep results of earlier runs.")
@click.option("-q", "--quiet", is_flag=True, help="Only findings: no summary and no notes.")
@click.pass_context
def check(
    ctx: click.Context, /, *, paths: tuple[str, ...], select: tuple[str, ...], ignore: tuple[str, ...], **given: Any
) -> None:
    """Check ModelSpec files, and those in folders (by default in this one). `-` reads standard input.

    \b
    modelspec check                            all ModelSpec files below this folder
    modelspec check a.modelspec.yaml specs/    a file and a folder
    modelspec check --fix specs/               write what is safe to fix
    modelspec check --format sarif > out.sarif for code scanning
    modelspec check --format json -            standard input, findings as JSON
    modelspec check --select schema            only the rules of one group

    Folders are searched for *.modelspec.yaml, .yml and .json and for other YAML and JSON files that
    say they are a ModelSpec. What .gitignore or .modelspecignore excludes is left out unless named.
    Settings come from the nearest modelspec.toml, or [tool.modelspec] in pyproject.toml.

    Exit status: 0 nothing at or above --fail-on, 1 such findings (with --diff: something to fix),
    2 wrong usage or a path that cannot be read.
    """  # noqa: D301  # Click wants the control character, not a backslash.
    options = Options(paths=paths or (".",), config=_config(select, ignore, paths or (".",)), **given)
    _validate(options)
    if not options.watch:
        ctx.exit(_run(options))
    from .watch import changes

    for _ in changes(options.paths):
        click.clear()
        _run(options)


@frozen
class Options:
    """What the user asks for."""

    paths: tuple[str, ...]
    config: Config
    stdin_filename: str | None
    form: str
    color: str
    fail_on: str
    fix: bool
    diff: bool
    baseline: str | None
    write_baseline: str | None
    statistics: bool
    show_suppressed: bool
    watch: bool
    jobs: int | None
    no_cache: bool
    quiet: bool

    @property
    def style(self) -> TextStyle:
        """How text is written."""
        color = self.form == "text" and colored(self.color)
        return TextStyle(color=color, links=linked(color=color))

    @property
    def worst(self) -> Severity | None:
        """The least severity that counts; None for none."""
        return None if self.fail_on == NEVER else Severity.parse(self.fail_on)


def _validate(options: Options) -> None:
    if options.stdin_filename is not None and STDIN not in options.paths:
        raise click.UsageError("`--stdin-filename` names what `-` reads; add `-` to the paths.")
    if STDIN in options.paths and (options.fix or options.watch):
        raise click.UsageError("`--fix` and `--watch` need files; `-` is none. `--diff -` shows the fixes.")
    if options.fix and options.diff:
        raise click.UsageError("Choose one of `--fix` and `--diff`.")
    if options.form != "text" and (options.statistics or options.diff):
        raise click.UsageError("`--statistics` and `--diff` print text; leave `--format` out.")


def _run(options: Options) -> int:
    """Check once; returns the exit status."""
    gone = missing(options.paths)
    for message in gone.values():
        click.echo(f"modelspec check: {message}", err=True)
    rest = [path for path in options.paths if path not in gone]
    name = options.stdin_filename or "stdin.modelspec.yaml"
    named = [name if path == STDIN else path for path in rest]
    if not options.watch:
        # One run makes no garbage worth looking for, and looking takes a fifth of the time.
        gc.disable()
    aside = _reads_aside(options, rest)
    found = inputs_aside(rest, options.config) if aside else inputs(rest, name, options.config)
    # Not at the top: `modelspec --help` would wait for all that looks at files.
    from . import gather
    from .contents import Contents

    gather.load()
    contents = Contents.under(options.config, named)
    # With nobody to read them meanwhile, all are read first: then it is known how many there are.
    noted = contents.noting(found) if aside else iter(list(contents.noting(found)))
    first = list(islice(noted, _FEW))
    run = _Run(options, named, contents, gone=bool(gone), small=len(first) < _FEW)
    sources: Iterable[Input] = chain(first, noted)
    replay = _replay(run, rest)
    if replay is None:
        return _examined(run, sources)
    if replay.known:
        # Whether all is as it was can be said when all has been read. Else, files are examined as they come.
        sources = list(sources)
        if (status := replay.again()) is not None:
            return status
    with replay.listening():
        status = _examined(run, sources)
    replay.keep(status)
    return status


@frozen
class _Run:
    """What one check is about. ``named``: the paths that are there. ``gone``: others are not. ``small``: few files."""

    options: Options
    named: Sequence[str]
    contents: Contents
    gone: bool
    small: bool


def _reads_aside(options: Options, paths: Sequence[str]) -> bool:
    """Whether the files are read by another process while something else is done here."""
    alone = options.jobs == 1 or default_jobs() < 2 or not forks()
    return not alone and STDIN not in paths and any(is_folder(path) for path in paths)


def _replay(run: _Run, paths: Sequence[str]) -> Replay | None:
    """What the same command line said last time; None for one that also reads or writes other files, or only few."""
    options = run.options
    others = (options.fix, options.diff, options.baseline, options.write_baseline, options.watch, options.no_cache)
    if run.gone or run.small or any(others) or not all(is_folder(path) for path in paths):
        return None
    from .replay import Replay

    return Replay(paths, f"{options} {options.style} {unicode_output()}", run.contents)


def _examined(run: _Run, sources: Iterable[Input]) -> int:
    """Look at the files, tell what is found, and return the exit status."""
    from .examine import cache_of
    from .gather import Gathered
    from .render.progress import Progress
    from .tell import Teller

    options, named, contents = run.options, run.named, run.contents
    known = _baseline(options.baseline) if options.baseline else None
    cache = None if options.no_cache or run.small else cache_of(named)
    jobs = options.jobs or default_jobs()
    if options.fix or options.diff:
        from .contents import Contents
        from .mend import mended

        sources = list(sources)
        changed = _mend(options, mended(sources, named, contents, jobs=jobs, cache=cache))
        if options.diff:
            return FAILED if run.gone else FOUND_ERRORS if changed else 0
        if changed:
            name = options.stdin_filename or "stdin.modelspec.yaml"
            contents = Contents.under(options.config, named)
            sources = contents.noting(inputs([path for path in options.paths if path in named], name, options.config))
    progress = Progress("files")
    teller = Teller(options, known, named, jobs)
    tell = teller.words if options.form == "text" and known is None and not options.write_baseline else _silent
    found = Gathered(
        sources,
        named,
        contents,
        jobs=jobs,
        cache=cache,
        seen=lambda done: progress.show(done, len(contents.digests)),
        tell=tell,
    )
    progress.end()
    if not options.watch:
        _last[:] = (found,)
    if options.write_baseline:
        from .baseline import write_baseline

        number = write_baseline(options.write_baseline, ((r.path, r.document, r.diagnostics) for r in found.all()))
        if not options.quiet:
            click.echo(f"Wrote {plural(number, 'finding')} to {safe(options.write_baseline)}.", err=True)
        return FAILED if run.gone else 0
    status = teller.tell(found, gone=run.gone)
    if cache is not None:
        cache.save()
    return status


_last: list[object] = []
"""What the last run found. It goes with the process: to free ten thousand results one by one takes a while."""


def _silent(*_: object) -> tuple[str, ...]:
    """No words yet: other formats and baselines want the findings themselves."""
    return ()


def _baseline(path: str) -> Baseline:
    from .baseline import Baseline

    return Baseline.read(path)


def _mend(options: Options, changes: Iterable[Mended]) -> int:
    """Write, or only show, what is safe to fix; returns the number of files."""
    from .mend import write

    count = 0
    for found in changes:
        if options.diff:
            click.echo(as_it_is(found.diff), nl=False)
        elif fault := write(found.path, found.before, found.after, options.config):
            click.echo(f"note: {safe(found.path)} was not fixed: {fault}", err=True)
            continue
        count += 1
    if not options.quiet:
        verb = "Would fix" if options.diff else "Fixed"
        click.echo(f"{verb} {plural(count, 'file')}.", err=True)
    return count


def _config(select: tuple[str, ...], ignore: tuple[str, ...], paths: tuple[str, ...]) -> Config:
    """What the user asks for, which no settings file overrules."""
    if not select and not ignore:
        return Config()
    from modelspec_ls.rules.registry import all_rules, matches

    from .inputs import policy_names

    chosen = {"select": _words(select), "ignore": _words(ignore)}
    rules = [module.rule for module in all_rules()]
    names = [word for rule in rules for word in (rule.name, rule.category, rule.code)]
    for option, words in chosen.items():
        for word in words:
            if not any(matches(rule, word) for rule in rules):
                policies = policy_names(paths)
                if word in policies:
                    continue
                guess = near(word, [*names, *policies])
                hint = f"did you mean `{guess}`?" if guess else "use a code, a name, a group or a code prefix."
                raise click.UsageError(f"`--{option} {word}` names no rule; {hint}")
    asked = Settings(tuple(chosen["select"]) or None, tuple(chosen["ignore"]) or None)
    return Config(asked=asked).final()


def _words(values: tuple[str, ...]) -> list[str]:
    return [word.strip() for value in values for word in value.split(",") if word.strip()]
