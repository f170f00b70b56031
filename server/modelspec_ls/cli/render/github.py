"""Findings as workflow commands, which GitHub Actions shows beside the lines of a pull request."""

from __future__ import annotations

from modelspec_ls.core.finding import Diagnostic, Severity

from .place import position, shown_path
from .report import FileReport, Report
from .source import readable, safe

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def render(report: Report) -> str:
    """One line for each finding."""
    return "\n".join(_line(file, d) for file in report.files for d in file.diagnostics)


def _line(file: FileReport, found: Diagnostic) -> str:
    (line, column), (end_line, end_column) = (position(file.document, at, "utf-32") for at in found.span)
    properties = {
        "file": readable(shown_path(file.path)),
        "line": line + 1,
        "endLine": end_line + 1,
        # Columns count only within one line.
        **({"col": column + 1, "endColumn": end_column + 1} if line == end_line else {}),
        "title": found.label,
    }
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    # It goes through a log that people read on terminals, too.
    return safe(f"::{_COMMANDS.get(found.severity, 'notice')} {listed}::{_data(found.message)}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
