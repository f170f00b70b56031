"""Findings as SARIF 2.1.0 (OASIS), for code scanning: with the help of each rule that spoke, and its fixes."""

from __future__ import annotations

import os
from typing import Any

from modelspec_ls import __version__
from modelspec_ls.analysis import resolve_fix
from modelspec_ls.cli.identity import identified
from modelspec_ls.cli.inputs import path_of, uri_of
from modelspec_ls.core.finding import Diagnostic, RelatedSpan, Severity
from modelspec_ls.core.text import Span
from modelspec_ls.knowledge.secrets import found_in, hidden, ordered
from modelspec_ls.rules.registry import RuleModule, all_rules
from modelspec_ls.workspace.credentials import secrets_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.references import quoted

from .place import position, shown_path
from .report import FileReport, Report
from .source import as_json

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "note",
    Severity.HINT: "note",
}


def render(report: Report) -> str:
    """The whole log."""
    found = [d for file in report.files for d in (*file.diagnostics, *file.suppressed)]
    numbers = {code: n for n, code in enumerate(sorted({_id(d) for d in found}))}
    modules = {module.rule.code: module for module in all_rules()}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "modelspec",
                "fullName": "ModelSpec language server",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(code, modules.get(code), found) for code in numbers],
            }
        },
        "invocations": [{"executionSuccessful": not report.failed, "exitCode": report.exit_code}],
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": _artifact(file.path)} for file in report.files],
        "results": [result for file in report.files for result in _results(file, numbers)],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return as_json(log)


def _rule(code: str, module: RuleModule | None, found: list[Diagnostic]) -> dict[str, Any]:
    if module is None:
        return _other_rule(code, next(d for d in found if _id(d) == code))
    rule = module.rule
    summary, _, body = module.documentation.strip().partition("\n\n")
    return {
        "id": code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": summary},
        "help": {"text": body.strip(), "markdown": f"# {rule.name} ({code})\n\n{module.documentation.strip()}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.category], "problem.severity": _problem(rule.severity)},
    }


def _other_rule(code: str, found: Diagnostic) -> dict[str, Any]:
    """A rule of a policy, or what the tool says of itself, which has no page."""
    rule: dict[str, Any] = {"id": code, "name": found.name, "shortDescription": {"text": found.label}}
    if found.said is not None:
        rule["properties"] = {"tags": [found.category, found.said.policy]}
        if found.said.docs:
            rule["helpUri"] = found.said.docs
    return rule


def _id(found: Diagnostic) -> str:
    """The rule's identifier; one of a policy stands below the policy's name."""
    return found.code if found.said is None else f"{found.said.policy}/{found.name}"


def _problem(severity: Severity) -> str:
    return {Severity.ERROR: "error", Severity.WARNING: "warning"}.get(severity, "recommendation")


def _results(file: FileReport, numbers: dict[str, int]) -> list[dict[str, Any]]:
    hidden = set(map(id, file.suppressed))
    found = identified(shown_path(file.path), file.document, (*file.diagnostics, *file.suppressed))
    return [_result(file, d, ident, numbers[_id(d)], hidden=id(d) in hidden) for d, ident in found]


def _result(file: FileReport, found: Diagnostic, ident: str, number: int, *, hidden: bool) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _place(file.path, file.document, found.span)}
    if found.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": found.pointer}]
    result: dict[str, Any] = {
        "ruleId": _id(found),
        "ruleIndex": number,
        "level": _LEVELS[found.severity],
        "message": {"text": found.message},
        "locations": [location],
        "partialFingerprints": {"modelspec/v1": ident},
        "properties": {"severity": found.severity.label},
    }
    related = [_related(file, item, n) for n, item in enumerate(found.related)]
    if related:
        result["relatedLocations"] = related
    fixes = [fix for fix in (_fix(file, found, n) for n in range(len(found.fixes))) if fix]
    if fixes:
        result["fixes"] = fixes
    if hidden:
        result["suppressions"] = [{"kind": "inSource"}]
    return result


def _place(path: str, document: Document | None, span: Span) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(path)}
    if document is not None:
        place["region"] = _region(document, span)
    return place


def _region(document: Document, span: Span) -> dict[str, int]:
    (line, column), (end_line, end_column) = (position(document, at, "utf-32") for at in span)
    return {"startLine": line + 1, "startColumn": column + 1, "endLine": end_line + 1, "endColumn": end_column + 1}


def _artifact(path: str) -> dict[str, str]:
    shown = shown_path(path)
    if os.path.isabs(shown):  # noqa: PTH117
        return {"uri": uri_of(shown)}
    # Code scanning wants paths from the top of the repository.
    return {"uri": quoted(shown), "uriBaseId": "%SRCROOT%"}


def _related(file: FileReport, item: RelatedSpan, number: int) -> dict[str, Any]:
    if item.mark is None:
        place = _place(file.path, file.document, item.span)
    else:
        start, end = item.mark.range("utf-32")
        region = {"startLine": start.line + 1, "startColumn": start.character + 1, "endColumn": end.character + 1}
        place = {"artifactLocation": _artifact(path_of(item.uri) if item.uri else file.path), "region": region}
    return {"id": number, "physicalLocation": place, "message": {"text": item.message}}


def _is_secret(text: str, document: Document) -> bool:
    """Whether a text repeats a credential of the document, or one that stands in another file."""
    return hidden(text, ordered((*secrets_in(document), *found_in(text)))) != text


def _fix(file: FileReport, found: Diagnostic, number: int) -> dict[str, Any] | None:
    fix, document = found.fixes[number], file.document
    edits = resolve_fix(document, fix) if document is not None and not fix.creates else ()
    if document is not None and any(_is_secret(edit.new_text, document) for edit in edits):
        # A report lies where others read it: a fix that writes a credential again is not for it.
        edits = ()
    if document is None or not edits:
        return None
    replacements = [
        {"deletedRegion": _region(document, edit.span), "insertedContent": {"text": edit.new_text}} for edit in edits
    ]
    change = {"artifactLocation": _artifact(file.path), "replacements": replacements}
    return {"description": {"text": fix.title}, "artifactChanges": [change]}
