"""Every fix of every finding: it applies, the finding is gone, nothing else breaks, and nobody's comment is lost."""

import json
import re
from collections import Counter

import pytest
import yaml
from cases import BROKEN
from support.specs import MINIMAL, diagnose, fixed, spec

from modelspec_ls.analysis import resolve_fix
from modelspec_ls.core.finding import (
    InsertPairs,
    MovePair,
    Place,
    RemoveNth,
    RemovePair,
    RenameKey,
    ReplaceSpan,
    SetValue,
    Severity,
)
from modelspec_ls.core.path import pointer
from modelspec_ls.core.text import LineIndex, Span, apply_edits
from modelspec_ls.syntax.edit import resolve_operation
from modelspec_ls.syntax.parse import parse
from modelspec_ls.workspace.document import Document

LAYOUTS = {
    "as written": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "no line break at the end": lambda text: text.rstrip("\n"),
    "byte order mark": lambda text: "\ufeff" + text,
    "four spaces": lambda text: re.sub(r"(?m)^( +)(- )?", lambda m: m[1] * 2 + ("-   " if m[2] else ""), text),
}
_COMMENT = re.compile(r"(?m)(?:^|(?<=[ \t]))#[^\r\n\"']*(?=\r?$)")


def touched(operation):
    """The path that an operation gives a value that nobody has judged before."""
    match operation:
        case RenameKey(place, name):
            return (*place.path[:-1], name)
        case MovePair(_, target):
            return target
        case ReplaceSpan():
            return None
        case _:
            return operation.place.path


def counts(found):
    return Counter((d.code, d.pointer) for d in found)


def check_fix(text, finding, fix, name):
    document = Document(name, text, claimed=True)
    edits = resolve_fix(document, fix)
    if not edits and re.search(r"[&*]\w", text):
        return  # What an alias needs is neither deleted nor moved.
    assert edits, f"{fix.title}: nothing to apply"
    after = apply_edits(text, edits)
    before_found, found = diagnose(text, name), diagnose(after, name)
    key = (finding.code, finding.pointer)

    assert after != text
    assert counts(found)[key] < counts(before_found)[key], f"{fix.title}: still there\n{after}"
    again = [f for d in found if (d.code, d.pointer) == key and d.message == finding.message for f in d.fixes]
    assert fix.title not in {f.title for f in again}, f"{fix.title}: offered again\n{after}"

    new = counts(d for d in found if d.severity is Severity.ERROR) - counts(before_found)
    places = [pointer(p) for p in map(touched, fix.operations) if p is not None]
    unexpected = {k for k in new if k[0] == "MS001" or not any(k[1].startswith(p) for p in places)}
    if finding.code == "MS001":
        unexpected = {k for k in unexpected if k[0] == "MS001"}  # What could not be read before is judged now.
    assert not unexpected, f"{fix.title}: new {unexpected}\n{after}"

    if "\r\n" in text:
        assert "\n" not in after.replace("\r\n", "") and "\r" not in after.replace("\r\n", "")
    gone = any(isinstance(o, (RemovePair, RemoveNth, ReplaceSpan)) for o in fix.operations)
    kept = [m[0] for m in _COMMENT.finditer(text) if not gone or not any(e.span.overlaps(Span(*m.span())) for e in edits)]
    lost = Counter(kept) - Counter(m[0] for m in _COMMENT.finditer(after))
    assert not lost, f"{fix.title}: lost {lost}\n{after}"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", BROKEN)
def test_every_fix(name, layout):
    text = LAYOUTS[layout](BROKEN[name])
    for finding in diagnose(text):
        for fix in finding.fixes:
            check_fix(text, finding, fix, "x.modelspec.yaml")
