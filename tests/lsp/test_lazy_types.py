"""The protocol's types, put off until they are used, are what they would have been at once."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

DESCRIBE = """
import json, sys
{first}
import attrs
from lsprotocol import types
from pygls.protocol import default_converter

def fields(cls):
    return [(f.name, repr(f.type), repr(f.default), repr(f.validator), f.kw_only, f.init) for f in attrs.fields(cls)]

classes = {{n: c for n, c in sorted(types.ALL_TYPES_MAP.items()) if isinstance(c, type) and attrs.has(c)}}
converter = default_converter()
place = converter.structure({{"line": 1, "character": 2}}, types.Position)
one = types.Diagnostic(types.Range(place, types.Position(3, 4)), "m", severity=types.DiagnosticSeverity.Error)
try:
    types.Position("a", 0)
    refused = False
except ValueError:
    refused = True
print(json.dumps([
    {{n: fields(c) for n, c in classes.items()}},
    [n for n, c in classes.items() if c.__hash__ is None],
    repr(place), repr(one), converter.unstructure(one),
    place == types.Position(1, 2), place < types.Position(1, 3), refused,
]))
"""


def described(first):
    found = subprocess.run([sys.executable, "-c", DESCRIBE.format(first=first)], capture_output=True, check=True)
    return json.loads(re.sub(rb" at 0x[0-9a-f]+", b"", found.stdout))


def test_every_type_is_what_it_would_have_been():
    own, usual = described("import modelspec_ls.lsp"), described("")
    assert len(usual[0]) > 400
    assert own == usual


WAITING = """
import attrs
import modelspec_ls.lsp
from lsprotocol import types
from modelspec_ls.lsp.lazy_types import _Later

def waiting():
    parts = ((name, vars(c)) for name, c in types.ALL_TYPES_MAP.items() if isinstance(c, type))
    return {name for name, own in parts if isinstance(own.get("__attrs_attrs__"), _Later)}

"""


def run(code):
    subprocess.run([sys.executable, "-c", WAITING + code], check=True)


@pytest.mark.parametrize("use", ["types.Position(1, 2)", "attrs.fields(types.Position)"])
def test_only_what_is_used_is_finished(use):
    run(f"{use}\nassert 'Position' not in waiting() and 'Range' in waiting()")


def test_other_classes_are_made_at_once():
    run("assert attrs.define.__module__.startswith('attr')\n@attrs.define\nclass A:\n    a: int\nassert A(1) == A(1)")


def test_two_threads_may_need_one_at_once():
    run("""
import sys
from concurrent.futures import ThreadPoolExecutor

sys.setswitchinterval(1e-6)
make = [lambda: types.Position(1, 2), lambda: types.Range, lambda: types.TextEdit(None, 'x')] * 8
with ThreadPoolExecutor(8) as pool:
    found = list(pool.map(lambda f: f(), make))
assert found[0] == found[3] and found[2] == found[5]
""")


def test_what_a_method_needs_is_ready_before_its_first_call():
    run("""
from modelspec_ls.lsp.messages import preparing
from modelspec_ls.lsp.server import ModelSpecServer

server = ModelSpecServer()
steps = [s for method in server.protocol.fm.features for s in preparing(server.protocol.converter, method)]
needed = {"CompletionItem", "InsertReplaceEdit", "Hover", "MarkupContent", "CodeAction", "DidOpenTextDocumentParams"}
assert not needed & waiting(), needed & waiting()
assert len(steps) > 100 and len(waiting()) > 100
""")
