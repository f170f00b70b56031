"""Findings as text, in the manner of a compiler: what, where, the line itself, how to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from modelspec_ls.cli.inputs import path_of
from modelspec_ls.core.finding import Diagnostic, RelatedSpan, Severity
from modelspec_ls.core.text import LineIndex, Span
from modelspec_ls.core.words import plural, shorten
from modelspec_ls.workspace.document import Document

from .place import position
from .source import excerpt, safe
from .style import TextStyle, rule_page

_COLORS = {
    Severity.ERROR: "bright_red",
    Severity.WARNING: "yellow",
    Severity.INFORMATION: "bright_blue",
    Severity.HINT: "cyan",
}
_FRAME = "blue"
_NOTE_WIDTH = 50
_LEAST_ROOM = 20
_CREDENTIAL = "plaintext-secret"
POLICY_PAGE = "policy-violation"
"""The page about findings that speak for a policy."""


def render_file(
    path: str,
    document: Document | None,
    diagnostics: Sequence[Diagnostic],
    style: TextStyle,
    known: Sequence[str] = (),
    *,
    suppressed: bool = False,
) -> Sequence[str]:
    """Each finding of a file. Credentials are not repeated: output ends up in logs.

    ``known``: the words that were found already, for as many findings; empty where there are none yet.
    """
    known = known or [""] * len(diagnostics)
    if all(known):
        return known
    hidden = tuple(d.span for d in diagnostics if d.name == _CREDENTIAL)
    if document is not None:
        from modelspec_ls.knowledge.secrets import places_of
        from modelspec_ls.workspace.credentials import secrets_in

        hidden += tuple(Span(*place) for place in places_of(document.text, secrets_in(document)))
    return [
        words or _render(path, document, diagnostic, style, hidden, suppressed=suppressed)
        for words, diagnostic in zip(known, diagnostics, strict=True)
    ]


def joined(words: Iterable[str]) -> str:
    """Findings one below the other, with an empty line after each."""
    return "".join([f"{each}\n" for each in words])


def render_statistics(rules: Counter[tuple[str, str]], style: TextStyle) -> str:
    """How often each rule spoke, most often first."""
    width = len(f"{max(rules.values()):,}")
    rows = sorted(rules.items(), key=lambda item: (-item[1], item[0]))
    return (
        "\n".join(
            f"{number:>{width},}  {style.paint(safe(code), bold=True)}  {safe(name)}" for (code, name), number in rows
        )
        + "\n"
    )


def render_summary(count: int, totals: Mapping[Severity, int], style: TextStyle) -> str:
    """``Checked 13 files: 2 errors, 1 warning``."""
    parts: list[str] = []
    for severity, number in totals.items():
        if number:
            words = f"{number} information" if severity is Severity.INFORMATION else plural(number, severity.label)
            parts.append(style.paint(words, _COLORS[severity], bold=True))
    return f"Checked {plural(count, 'file')}: {', '.join(parts) or style.paint('no problems', 'green', bold=True)}"


def _render(
    path: str,
    document: Document | None,
    diagnostic: Diagnostic,
    style: TextStyle,
    hidden: tuple[Span, ...],
    *,
    suppressed: bool,
) -> str:
    color = _COLORS[diagnostic.severity]
    head = style.paint(f"{diagnostic.severity.label}[{safe(diagnostic.ident)}]", color, bold=True)
    if style.links:
        head = style.link(head, _page(diagnostic))
    head += " (suppressed)" * suppressed
    message = style.paint(f"{safe(diagnostic.message)}", bold=True)
    lines = [f"{head} {safe(diagnostic.title)}: {message}"]
    if document is None:
        return "\n".join([*lines, f"  {style.paint('-->', _FRAME)} {safe(path)}", ""])
    index, span = document.index, diagnostic.span
    number = index.line_of(span.start)
    frame = _Frame(index, len(str(number + 1)), style, hidden)
    lines.append(f"{frame.pad}{style.paint('-->', _FRAME)} {_place(path, index, span)}")
    lines += frame.source(number, span, "^", color)
    for related in diagnostic.related:
        where = frame.here(related.span) if related.uri in {None, document.uri} else _elsewhere(related)
        lines.append(frame.remark("note", f"{where}: {safe(related.message)}"))
    lines += [frame.remark("help", f"{safe(fix.title)}  (fix)") for fix in diagnostic.fixes]
    lines.append("")
    return "\n".join(lines)


def _page(diagnostic: Diagnostic) -> str | None:
    """The page about a finding's rule."""
    if diagnostic.said is None:
        return rule_page(diagnostic.code, diagnostic.name)
    return safe(diagnostic.said.docs) or rule_page(diagnostic.code, POLICY_PAGE)


class _Frame:
    """The column of line numbers, ``digits`` wide, and what hangs on it. ``hidden``: what is shown as stars."""

    def __init__(self, index: LineIndex, digits: int, style: TextStyle, hidden: tuple[Span, ...]) -> None:
        self.index, self.style, self.hidden = index, style, hidden
        self.digits = digits
        self.pad = " " * digits

    def line(self, span: Span) -> str:
        """The text of a line."""
        text = self.index.text[span.start : span.end]
        for secret in self.hidden:
            start, end = max(secret.start - span.start, 0), min(secret.end - span.start, len(text))
            if start < end:
                text = text[:start] + "*" * (end - start) + text[end:]
        return text

    def here(self, span: Span) -> str:
        """A place in one line: a finding may rest on many, and each with its source would bury it."""
        number = self.index.line_of(span.start)
        return f"line {number + 1}, `{safe(shorten(self.line(self.index.line_span(number)).strip(), _NOTE_WIDTH))}`"

    def source(self, number: int, span: Span, mark: str, color: str) -> list[str]:
        """A line with marks under the part of a span that it holds."""
        line, paint = self.index.line_span(number), self.style.paint
        start, end = min(span.start, line.end) - line.start, min(span.end, line.end) - line.start
        room = max(self.style.width - self.digits - len(" | "), _LEAST_ROOM)
        text, indent, width = excerpt(self.line(line), start, end, room)
        bar, gutter = paint(f"{self.pad} |", _FRAME), paint(f"{number + 1:>{self.digits}} |", _FRAME)
        marks = paint(mark * width, color, bold=True)
        return [bar, f"{gutter} {text.rstrip()}".rstrip(), f"{bar} {' ' * indent}{marks}"]

    def remark(self, label: str, text: str) -> str:
        return f"{self.style.paint(f'{self.pad} =', _FRAME)} {self.style.paint(f'{label}:', bold=True)} {text}"


def _place(path: str, index: LineIndex, span: Span) -> str:
    line, column = position(index, span.start, "utf-32")
    return f"{safe(path)}:{line + 1}:{column + 1}"


def _elsewhere(related: RelatedSpan) -> str:
    path = safe(path_of(related.uri or ""))
    return path if related.mark is None else f"{path}:{related.mark.line + 1}:{related.mark.start + 1}"
