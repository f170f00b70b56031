"""Findings as JUnit XML: a suite for each file, a failed case for each error and warning."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from modelspec_ls.core.finding import Diagnostic, Severity

from .place import position
from .report import FileReport, Report
from .source import readable, safe

# What XML 1.0 cannot carry, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The whole document."""
    suites = [_suite(file) for file in report.files]
    failed = sum(_fails(d) for file in report.files for d in file.diagnostics)
    tests = sum(len(file.diagnostics) or 1 for file in report.files)
    head = f'<testsuites name="modelspec" tests="{tests}" failures="{failed}">'
    return "\n".join(['<?xml version="1.0" encoding="utf-8"?>', head, *suites, "</testsuites>"])


def _fails(found: Diagnostic) -> bool:
    return found.severity <= Severity.WARNING


def _suite(file: FileReport) -> str:
    name = _attribute(readable(file.path))
    cases = [_case(file, d, name) for d in file.diagnostics] or [
        f"    <testcase name={_attribute('no findings')} classname={name}/>"
    ]
    failures = sum(map(_fails, file.diagnostics))
    return "\n".join(
        [f'  <testsuite name={name} tests="{len(cases)}" failures="{failures}">', *cases, "  </testsuite>"]
    )


def _case(file: FileReport, found: Diagnostic, suite: str) -> str:
    line, column = position(file.document, found.span.start, "utf-32")
    place = f"{readable(file.path)}:{line + 1}:{column + 1}"
    title = _attribute(f"{found.label} at line {line + 1}, column {column + 1}")
    text = _text(f"{found.severity.label}[{found.ident}] {place}: {found.message}")
    if _fails(found):
        kind = _attribute(found.severity.label)
        body = f"<failure type={kind} message={_attribute(found.message)}>{text}</failure>"
    else:
        body = f"<system-out>{text}</system-out>"
    return f'    <testcase name={title} classname={suite} file={suite} line="{line + 1}">{body}</testcase>'


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", safe(text)))


def _attribute(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\ufffd", safe(text)))
