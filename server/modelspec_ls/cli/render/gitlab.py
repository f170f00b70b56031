"""Findings as a GitLab Code Quality report, which merge requests show."""

from __future__ import annotations

from modelspec_ls.cli.identity import identified
from modelspec_ls.core.finding import Severity

from .place import position, shown_path
from .report import Report
from .source import as_json, readable

_SEVERITIES = {
    Severity.ERROR: "critical",
    Severity.WARNING: "major",
    Severity.INFORMATION: "minor",
    Severity.HINT: "info",
}


def render(report: Report) -> str:
    """A list with one entry for each finding."""
    entries = [
        {
            "description": found.message,
            "check_name": found.label,
            "fingerprint": ident,
            "severity": _SEVERITIES[found.severity],
            "location": {
                "path": readable(shown_path(file.path)),
                "lines": {"begin": position(file.document, found.span.start, "utf-32").line + 1},
            },
        }
        for file in report.files
        for found, ident in identified(shown_path(file.path), file.document, file.diagnostics)
    ]
    return as_json(entries)
