"""What was found, told: text file by file, other formats as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import click
from attrs import define, field

from modelspec_ls.core.finding import Diagnostic, Severity
from modelspec_ls.core.words import code_list, plural

from .options import FAILED, FOUND_ERRORS
from .render.report import FileReport, Report, renderer
from .render.source import safe
from .render.text import joined, render_file, render_statistics, render_summary
from .spread import Range, ranges, spread

if TYPE_CHECKING:
    from modelspec_ls.workspace.document import Document

    from .baseline import Baseline
    from .check import Options
    from .gather import Checked, Gathered

_CHUNK = 200
_FIRST = 20
_MANY = 1_000
"""With fewer files than this, the words are found sooner than further processes."""


@define
class Tally:
    """What is counted of files: findings by severity and by rule, files, findings left out."""

    totals: dict[Severity, int] = field(factory=lambda: dict.fromkeys(Severity, 0))
    rules: Counter[tuple[str, str]] = field(factory=Counter)
    count: int = 0
    left_out: int = 0
    failed: bool = False

    def add(self, other: Tally) -> None:
        """Count in what others have counted."""
        for level, number in other.totals.items():
            self.totals[level] += number
        self.rules.update(other.rules)
        self.count += other.count
        self.left_out += other.left_out
        self.failed = self.failed or other.failed


class _Part(NamedTuple):
    """Some files as text, ready to be written: whether it is for standard error, and the words."""

    said: list[tuple[bool, str]]
    tally: Tally
    links: bytes


class Teller:
    """Tells what was found in the way that the options ask for."""

    def __init__(self, options: Options, known: Baseline | None, paths: Sequence[str], jobs: int) -> None:
        self.options, self.known, self.paths, self.jobs = options, known, paths, jobs
        self.style = options.style
        self.tally = Tally()

    def tell(self, found: Gathered, *, gone: bool) -> int:
        """Print everything; returns the exit status."""
        if self.options.form == "text":
            self._text(found)
            status = self._status(gone=gone)
        else:
            files = [file for result in found.all() for file in self._file(result)]
            status = self._status(gone=gone)
            report = Report(files, self.tally.totals, failed=gone or self.tally.failed, exit_code=status)
            text = renderer(self.options.form)(report)
            click.echo(text, nl=bool(text))
        self._end()
        return status

    def _text(self, found: Gathered) -> None:
        def part(between: Range) -> _Part:
            self.tally = Tally()
            said = [
                (error, "".join(text for _, text in texts))
                for error, texts in groupby(self._said(found.some(*between)), itemgetter(0))
            ]
            return _Part(said, self.tally, found.links.fresh())

        self._say(self._said(found.settings()))
        whole, links = self.tally, []
        many = len(found.sources) >= _MANY
        blocks = ranges(len(found.sources), first=_FIRST, size=_CHUNK)
        for said, tally, fresh in spread(part, blocks, jobs=self.jobs if many else 1):
            self._say(said)
            whole.add(tally)
            links.append(fresh)
        self.tally = whole
        found.links.keep(*links)

    def _said(self, results: Iterable[Checked]) -> Iterator[tuple[bool, str]]:
        """The words for each file that there is something to say about."""
        for result in results:
            file = self._taken(result)
            if file.diagnostics:
                yield False, joined(self.words(file.path, file.document, file.diagnostics, result.words))
            if file.suppressed:
                yield False, joined(self.words(file.path, file.document, file.suppressed, suppressed=True))
            if note := self._note(result):
                yield True, note

    def words(
        self,
        path: str,
        document: Document | None,
        diagnostics: Sequence[Diagnostic],
        known: Sequence[str] = (),
        *,
        suppressed: bool = False,
    ) -> Sequence[str]:
        """Each finding of one file as text. ``known``: what was found already, with gaps."""
        return render_file(path, document, diagnostics, self.style, known, suppressed=suppressed)

    def _file(self, result: Checked) -> Iterator[FileReport]:
        file, note = self._taken(result), self._note(result)
        if note:
            click.echo(note, err=True, nl=False)
        yield file

    def _say(self, said: Iterable[tuple[bool, str]]) -> None:
        for error, text in said:
            click.echo(text, err=error, nl=False, color=None if error else self.style.color)

    def _note(self, result: Checked) -> str:
        if result.judged or self.options.quiet:
            return ""
        return f"note: {safe(result.path)} declares no `kind: ModelSpec`; nothing in it was judged\n"

    def _taken(self, result: Checked) -> FileReport:
        """A file's findings without those that a baseline knows, counted."""
        found: Iterable[Diagnostic] = result.diagnostics
        tally = self.tally
        if self.known is not None:
            kept = self.known.new(result.path, result.document, found)
            tally.left_out += len(result.diagnostics) - len(kept)
            found = kept
        tally.count += 1
        tally.failed = tally.failed or result.failed
        for diagnostic in found:
            tally.totals[diagnostic.severity] += 1
            tally.rules[diagnostic.ident, diagnostic.title] += 1
        hidden = result.suppressed if self.options.show_suppressed else ()
        return FileReport(result.path, result.document, tuple(found), hidden)

    def _status(self, *, gone: bool) -> int:
        worst = self.options.worst
        found = worst is not None and any(n for level, n in self.tally.totals.items() if level <= worst)
        return FAILED if gone or self.tally.failed else FOUND_ERRORS if found else 0

    def _end(self) -> None:
        options, style, tally = self.options, self.style, self.tally
        if options.statistics and tally.rules:
            click.echo(render_statistics(tally.rules, style), color=style.color)
        if options.quiet:
            return
        if tally.count == 0 and self.paths:
            where = code_list(map(safe, self.paths))
            click.echo(
                f"No ModelSpec files found under {where}; looked for *.modelspec.yaml, *.modelspec.yml, "
                "*.modelspec.json and other YAML or JSON files with `kind: ModelSpec`.",
                err=True,
            )
        elif options.form == "text" and tally.count:
            click.echo(render_summary(tally.count, tally.totals, style), color=style.color)
            if tally.left_out:
                click.echo(f"{plural(tally.left_out, 'finding')} of the baseline left out.")
