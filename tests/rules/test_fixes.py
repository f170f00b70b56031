"""Every fix of every finding: it applies, the finding is gone, nothing else breaks, and nobody's comment is lost."""

import json
import re
from collections import Counter

import pytest
import yaml
from cases import BROKEN
from test_rule_documentation import blocks, found_in

from modelspec_ls.analysis import check_document, resolve_fix
from modelspec_ls.core.config import Config
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
from support.specs import MINIMAL, complete, diagnose, fixed, spec
from support.workspace import folder

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


def check_fix(text, finding, fix, name, config=None, beside=None):
    """The invariants. With a configuration all its rules count, and nothing may be worse than before."""

    def find(content):
        if beside:
            return check_document(folder({name: content, **beside}), f"file:///ws/{name}")
        return diagnose(content, name, config) if config else diagnose(content, name)

    if fix.creates:
        files = {c.uri.removeprefix("file:///ws/"): c.text for c in fix.creates}
        found = check_document(folder({name: text, **(beside or {}), **files}), f"file:///ws/{name}")
        assert finding.code not in {d.code for d in found if d.pointer == finding.pointer}
        return
    document = Document(name, text, claimed=True)
    edits = resolve_fix(document, fix)
    if not edits and re.search(r"[&*]\w", text):
        return  # What an alias needs is neither deleted nor moved.
    assert edits, f"{fix.title}: nothing to apply"
    after = apply_edits(text, edits)
    before_found, found = find(text), find(after)
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
    if config:
        worse = [d for d in found if d.severity <= Severity.WARNING]
        more = counts(worse) - counts(before_found)
        assert not more, f"{fix.title}: new {more}\n{after}"

    if "\r\n" in text:
        assert "\n" not in after.replace("\r\n", "") and "\r" not in after.replace("\r\n", "")
    gone = any(isinstance(o, (RemovePair, RemoveNth, ReplaceSpan)) for o in fix.operations)
    kept = [
        m[0] for m in _COMMENT.finditer(text) if not gone or not any(e.span.overlaps(Span(*m.span())) for e in edits)
    ]
    lost = Counter(kept) - Counter(m[0] for m in _COMMENT.finditer(after))
    assert not lost, f"{fix.title}: lost {lost}\n{after}"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", BROKEN)
def test_every_fix(name, layout):
    text = LAYOUTS[layout](BROKEN[name])
    for finding in diagnose(text):
        for fix in finding.fixes:
            check_fix(text, finding, fix, "x.modelspec.yaml")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("rule, fragment, beside", [p for p in blocks("Bad") if p.values[0].fixable])
def test_every_fix_of_every_rule(rule, fragment, beside, layout):
    """Found by walking the rules: what the documentation shows as bad, under all rules."""
    text, name = LAYOUTS[layout](complete(fragment)), "spec.modelspec.yaml"
    for finding in found_in(text, beside, name):
        for fix in finding.fixes if finding.code == rule.code else ():
            check_fix(text, finding, fix, name, Config(), beside)


JSON = {
    "text for a number": {"spec": {"runtime": {"accelerator": {"count": "1"}}}},
    "a number for text": {"metadata": {"version": 1.5}},
    "a word for a boolean": {"spec": {"operations": {"observability": {"tracing": {"enabled": "yes"}}}}},
    "enum": {"spec": {"operations": {"serving": {"protocol": "HTTP"}}}},
    "unknown": {"spec": {"notes": "none"}},
    "typo": {"spec": {"runtime": {"batch": {"max_batch_size": 1}}}},
    "alone": {"spec": {"runtime": {"batch": {"foo": [1, {"a": 2}]}}}},
    "null": {"spec": {"runtime": {"batch": None}, "operations": None}},
    "missing": {"metadata": {"name": None}, "spec": {"identity": {"model": {"id": None, "family": None}}}},
    "all missing below": {"spec": {"identity": None, "runtime": {"accelerator": None, "batch": {}}}},
    "empty": {"metadata": None, "spec": None, "kind": "modelspec"},
}


def merge(data, changes):
    """``changes`` written into ``data``; None takes a required key away and stays None elsewhere."""
    for key, value in changes.items():
        if isinstance(value, dict):
            merge(data.setdefault(key, {}), value)
        elif value is None and key in data:
            del data[key]
        else:
            data[key] = value
    return data


@pytest.mark.parametrize("indent", [None, 2, "\t"], ids=repr)
@pytest.mark.parametrize("name", JSON)
def test_every_fix_in_json(name, indent):
    text = json.dumps(merge(yaml.safe_load(MINIMAL), JSON[name]), indent=indent)
    found = diagnose(text, "x.modelspec.json")
    assert found
    for finding in found:
        for fix in finding.fixes:
            check_fix(text, finding, fix, "x.modelspec.json")
            json.loads(fixed(text, fix, "x.modelspec.json"))


def test_json_keeps_its_layout():
    text = json.dumps(merge(yaml.safe_load(MINIMAL), JSON["missing"]), indent=2)
    finding = diagnose(text, "x.modelspec.json")[-1]
    after = fixed(text, finding.fixes[0], "x.modelspec.json")
    assert json.loads(after)["spec"]["identity"]["model"] == {
        "task": "chat-completion",
        "framework": "transformers",
        "id": "",
        "family": "",
    }
    assert '        "framework": "transformers",\n        "id": "",\n        "family": ""\n' in after


def apply(text, operation, *, json=False):
    """The text after one operation; None where it does not apply."""
    edits = resolve_operation(parse(text, json=json), LineIndex(text), operation)
    return apply_edits(text, edits) if edits else None


def place(*path):
    return Place(0, path)


PAIRS = (("id", "x"), ("role", ""))
NESTED = (("model", "\n  id:\n  artifacts:\n    modelUri: x"),)
OPERATIONS = {
    # InsertPairs
    "after the last pair": ("a: 1\n", InsertPairs(place(), PAIRS), "a: 1\nid: x\nrole:\n"),
    "without a line break at the end": ("a: 1", InsertPairs(place(), PAIRS), "a: 1\nid: x\nrole:"),
    "CRLF": ("a: 1\r\n", InsertPairs(place(), PAIRS), "a: 1\r\nid: x\r\nrole:\r\n"),
    "into nothing": ("", InsertPairs(place(), PAIRS), "id: x\nrole:\n"),
    "below a comment": ("# c", InsertPairs(place(), PAIRS), "# c\nid: x\nrole:\n"),
    "below a byte order mark": ("\ufeffa: 1\n", InsertPairs(place(), PAIRS), "\ufeffa: 1\nid: x\nrole:\n"),
    "into the first of two": ("---\n---\nb: 1\n", InsertPairs(place(), PAIRS), "---\nid: x\nrole:\n---\nb: 1\n"),
    "below an empty key": ("a: # c\nb: 1\n", InsertPairs(place("a"), PAIRS), "a: # c\n  id: x\n  role:\nb: 1\n"),
    "into an empty item": ("a:\n  - # c\n", InsertPairs(place("a", 0), PAIRS), "a:\n  - # c\n    id: x\n    role:\n"),
    "into an item": ("a:\n- b: 1\n", InsertPairs(place("a", 0), PAIRS), "a:\n- b: 1\n  id: x\n  role:\n"),
    "after a block scalar": (
        "a:\n  b: |\n    t\n\nc: 1\n",
        InsertPairs(place("a"), PAIRS),
        "a:\n  b: |\n    t\n  id: x\n  role:\n\nc: 1\n",
    ),
    "nested": (
        "a:\n    b: 1\n",
        InsertPairs(place("a"), NESTED),
        "a:\n    b: 1\n    model:\n        id:\n        artifacts:\n            modelUri: x\n",
    ),
    "flow": ("a: {b: 1}\n", InsertPairs(place("a"), PAIRS), 'a: {b: 1, id: x, role: ""}\n'),
    "empty flow": ("a: {}\n", InsertPairs(place("a"), PAIRS), 'a: {id: x, role: ""}\n'),
    "flow with a comma": ("a: {b: 1, }\n", InsertPairs(place("a"), PAIRS), 'a: {b: 1, id: x, role: "", }\n'),
    "flow over lines": (
        "a: {\n  b: 1,\n  c: 2\n}\n",
        InsertPairs(place("a"), PAIRS),
        'a: {\n  b: 1,\n  c: 2,\n  id: x,\n  role: ""\n}\n',
    ),
    "nested in flow": (
        "a: {b: 1}\n",
        InsertPairs(place("a"), NESTED),
        'a: {b: 1, model: {id: "", artifacts: {modelUri: x}}}\n',
    ),
    "empty value in flow": ("a: {b: }\n", InsertPairs(place("a", "b"), PAIRS), 'a: {b: {id: x, role: ""} }\n'),
    "an odd key": ("a: 1\n", InsertPairs(place(), (("a b", "x"),)), 'a: 1\n"a b": x\n'),
    "into an alias": ("a: &a {b: 1}\nc: *a\n", InsertPairs(place("c"), PAIRS), None),
    "into text": ("a: 1\n", InsertPairs(place("a"), PAIRS), None),
    "nowhere": ("a: 1\n", InsertPairs(place("x"), PAIRS), None),
    # RenameKey
    "rename": ("a: 1 # c\n", RenameKey(place("a"), "b"), "b: 1 # c\n"),
    "rename in double quotes": ('{"a":1}\n', RenameKey(place("a"), "b"), '{"b":1}\n'),
    "rename in single quotes": ("'a': 1\n", RenameKey(place("a"), "b"), "'b': 1\n"),
    "rename an explicit key": ("? a\n: 1\n", RenameKey(place("a"), "b"), "? b\n: 1\n"),
    # RemovePair and RemoveNth
    "remove the first": ("a: 1\nb: 2\n", RemovePair(place("a")), "b: 2\n"),
    "remove the last": ("a: 1\nb: 2", RemovePair(place("b")), "a: 1\n"),
    "remove the only one": ("a:\n  b: 1 # c\n", RemovePair(place("a", "b")), "a: {} # c\n"),
    "remove behind a dash": ("- a: 1\n  b: 2\n", RemovePair(place(0, "a")), "- b: 2\n"),
    "remove behind a dash, comment below": ("- a: 1\n  # c\n  b: 2\n", RemovePair(place(0, "a")), "-\n  # c\n  b: 2\n"),
    "remove a block": ("a:\n  b: 1\n  # c\n  d: 2\n# e\nf: 3\n", RemovePair(place("a")), "# e\nf: 3\n"),
    "remove an item": ("a:\n  - b: 1\n    c: 2\n  - d\n", RemovePair(place("a", 0)), "a:\n  - d\n"),
    "remove the only item": ("a:\n  - b\n", RemovePair(place("a", 0)), "a: []\n"),
    "remove the only item level with its key": ("a:\n- b\n", RemovePair(place("a", 0)), "a: []\n"),
    "remove the only item below a comment": ("a:\n  # c\n  - b\n", RemovePair(place("a", 0)), "a:\n  # c\n  []\n"),
    "remove the only item below a comment, level": ("a:\n# c\n- b\n", RemovePair(place("a", 0)), None),
    "remove an inner item": ("- - a\n  - b\n", RemovePair(place(0, 0)), "- - b\n"),
    "remove an explicit key": ("? a\n: 1\n? b\n: 2\n", RemovePair(place("b")), None),
    "remove an anchor in use": ("a: &a 1\nb: *a\n", RemovePair(place("a")), None),
    "remove an anchor not in use": ("a: &a 1\nb: *ab\n", RemovePair(place("a")), "b: *ab\n"),
    "remove first in flow": ("{a: 1, b: 2}\n", RemovePair(place("a")), "{b: 2}\n"),
    "remove last in flow": ("{a: 1, b: 2}\n", RemovePair(place("b")), "{a: 1}\n"),
    "remove only in flow": ("{a: 1, }\n", RemovePair(place("a")), "{}\n"),
    "remove the second of two": ("a: 1\na: 2\n", RemoveNth(place("a"), 1), "a: 1\n"),
    "remove the first of two": ("a: 1\na: 2\n", RemoveNth(place("a"), 0), "a: 2\n"),
    "remove a third of two": ("a: 1\na: 2\n", RemoveNth(place("a"), 2), None),
    # MovePair
    "move to a new parent": ("a: 1\nb: 2\n", MovePair(place("a"), ("c", "d", "a")), "c:\n  d:\n    a: 1\nb: 2\n"),
    "move up": (
        "a:\n  b: 1\n  # c\n  d:\n    - e\n",
        MovePair(place("a", "d"), ("d",)),
        "a:\n  b: 1\n  # c\nd:\n  - e\n",
    ),
    "move up, no line break at the end": (
        "a:\n  b: 1\n  d: |\n    x\n     y",
        MovePair(place("a", "d"), ("d",)),
        "a:\n  b: 1\nd: |\n  x\n   y",
    ),
    "move below an empty key": ("a:\nb: 2 # c\n", MovePair(place("b"), ("a", "b")), "a:\n  b: 2 # c\n"),
    "move CRLF": (
        "a:\r\n  b: 1\r\nc: |\r\n  d\r\n",
        MovePair(place("c"), ("a", "c")),
        "a:\r\n  b: 1\r\n  c: |\r\n    d\r\n",
    ),
    "move the only one": (
        "a:\n  b: 1\nc:\n  d: 2\n",
        MovePair(place("a", "b"), ("c", "b")),
        "a: {}\nc:\n  d: 2\n  b: 1\n",
    ),
    "move out of flow": ("a: {b: 1}\n", MovePair(place("a", "b"), ("b",)), None),
    "move into flow": ("a: {b: 1}\nc: 1\n", MovePair(place("c"), ("a", "c")), None),
    "move below text": ("a: 1\nc: 1\n", MovePair(place("c"), ("a", "c")), None),
    "move an anchor": ("a: &a 1\nb:\n  c: *a\n", MovePair(place("a"), ("b", "a")), None),
    # SetValue
    "set": ("a: 'x' # c\n", SetValue(place("a"), "1"), "a: 1 # c\n"),
    "set an empty value": ("a:\nb: 1\n", SetValue(place("a"), "1"), "a: 1\nb: 1\n"),
    "set an empty value at the end": ("a:", SetValue(place("a"), "1"), "a: 1"),
    "set an empty value before a comment": ("a: # c\n", SetValue(place("a"), "1"), "a: 1 # c\n"),
    "set an empty item": ("-\n- b\n", SetValue(place(0), "1"), "- 1\n- b\n"),
    "set an empty value in flow": ("{a: , b: }\n", SetValue(place("b"), "1"), "{a: , b: 1 }\n"),
    "set behind an anchor": ("a: &x 'y'\n", SetValue(place("a"), "1"), "a: &x 1\n"),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation(name):
    before, operation, after = OPERATIONS[name]
    assert apply(before, operation) == after
    if after is not None:
        assert not parse(after).problems


def test_operations_in_json():
    assert apply("", InsertPairs(place(), PAIRS), json=True) == '{\n  "id": "x",\n  "role": ""\n}\n'
    assert apply("{}", InsertPairs(place(), (("n", "1"), *NESTED)), json=True) == (
        '{"n": 1, "model": {"id": "", "artifacts": {"modelUri": "x"}}}'
    )
    assert apply('{"a": null}', InsertPairs(place("a"), PAIRS), json=True) is None
    assert apply('{"a": {"b": 1}}', MovePair(place("a", "b"), ("b",)), json=True) is None


def test_a_fix_whose_place_is_gone_does_not_apply():
    text = spec(count='"1"')
    (finding,) = diagnose(text)
    assert fixed(text, finding.fixes[0]) == MINIMAL
    assert fixed("a: 1\n", finding.fixes[0]) is None
