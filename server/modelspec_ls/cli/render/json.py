"""Findings as JSON. Other tools rely on this shape: keys are added, never renamed or removed."""

from __future__ import annotations

from collections.abc import Sequence

from modelspec_ls.core.finding import Diagnostic, Severity
from modelspec_ls.workspace.document import Document

from .place import position
from .report import Report
from .source import as_json, readable


def render(report: Report) -> str:
    """The whole answer. Escapes what standard output cannot carry, so that it is JSON under any code page."""
    files = [file_entry(file.path, file.document, file.diagnostics, file.suppressed) for file in report.files]
    summary = {"files": len(files), **{severity.label: report.totals[severity] for severity in Severity}}
    return as_json({"files": files, "summary": summary})


def file_entry(
    path: str, document: Document | None, diagnostics: Sequence[Diagnostic], suppressed: Sequence[Diagnostic] = ()
) -> dict[str, object]:
    """One file with its findings."""
    entry: dict[str, object] = {"path": readable(path), "diagnostics": [_diagnostic(document, d) for d in diagnostics]}
    if suppressed:
        entry["suppressed"] = [_diagnostic(document, d) for d in suppressed]
    return entry


def _diagnostic(document: Document | None, diagnostic: Diagnostic) -> dict[str, object]:
    ends = (position(document, offset, "utf-16") for offset in diagnostic.span)
    start, end = ({"line": at.line, "character": at.character} for at in ends)
    return {
        "code": diagnostic.ident,
        "name": diagnostic.name,
        "category": diagnostic.category,
        "severity": diagnostic.severity.label,
        "message": diagnostic.message,
        "pointer": diagnostic.pointer,
        "range": {"start": start, "end": end},
        "fixes": [fix.title for fix in diagnostic.fixes],
        **({"policy": diagnostic.said.policy, "docs": diagnostic.said.docs} if diagnostic.said is not None else {}),
    }
