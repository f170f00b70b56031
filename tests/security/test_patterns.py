"""Texts made to make a pattern search for ever: every text field of a spec, checked in a bounded time."""

import time

import pytest

from modelspec_ls.analysis import check_document
from modelspec_ls.core.config import Config
from modelspec_ls.knowledge import secrets
from modelspec_ls.syntax.events import parser_name
from modelspec_ls.workspace.document import Document
from support.specs import spec
from support.workspace import opened

LENGTH = 20_000
SECONDS = 10.0 if parser_name() == "C" else 30.0
"""Of processor time. The slowest takes one; a pattern with quadratic steps would take minutes."""
PUMPS = [
    "a", "0", "-", "_", ".", "/", "a-", "a.", "1.", "1_", "a/", "sk-", "sk-a", "hf_", "://", "://a:", "a@", "@", "x1b-",
    "7b", "1x7b",
    "q4_", "-a", "0-", "{{", "${", "<%", "a:", "a b ", " ", "v1.", "of-", "-00001", "é", "\U0001f680", "A.",
    "mig-1g.", "h100-",
]  # fmt: skip
FIELDS = ("name", "id", "family", "task", "framework", "vendor", "type")


@pytest.mark.parametrize("pump", PUMPS)
def test_long_values_everywhere(pump):
    value = "'" + (pump * LENGTH)[:LENGTH] + "!'"
    key = "'" + (pump * 900)[:900] + "'"  # YAML takes no longer ones.
    below = (
        f"governance: {{compliance: {{governance: {{owner: {value}}}, pii: {{policy: {value}}}}}}}\n"
        f"pipeline: {{dependencies: [{{id: {value}, role: {value}, specRef: {value}}}]}}\n"
        f"operations: {{serving: {{protocol: {value}, readinessProbe: {{path: {value}}}}}}}\n"
    )
    text = spec(below, f"labels: {{team: {value}, {key}: x}}\nannotations: {{modelspec/model: {value}}}\n")
    for field in FIELDS:
        text = text.replace(f"  {field}: ", f"  {field}: {value} #", 1)
    text = text.replace("framework:", f"artifacts: {{modelUri: {value}, tokenizerUri: {value}}}\n      framework:", 1)
    document = Document("file:///ws/a.modelspec.yaml", text, claimed=True)
    start = time.process_time()
    found = check_document(opened(document, roots=("/ws",), config=Config()), document.uri)
    assert time.process_time() - start < SECONDS
    assert not document.tree.problems
    assert all(d.code != "MS000" for d in found), [d.message for d in found if d.code == "MS000"]


@pytest.mark.parametrize("pump", ["sk-", "hf_", "://a", "ghp_", "xoxb-", "-----BEGIN A ", "AKIA", "sk-a"])
def test_looking_for_credentials_takes_linear_time(pump):
    text = pump * (1_000_000 // len(pump))
    start = time.process_time()
    secrets.kind_of(text)
    secrets.found_in(text)
    assert time.process_time() - start < SECONDS
