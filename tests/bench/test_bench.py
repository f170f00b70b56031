"""The benchmark measures what it says: valid documents, positions looked at, ratios of the right things."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from bench_client import Client, Program
from bench_page import page
from bench_specs import document, folder

from modelspec_ls.analysis import check_text
from modelspec_ls.core.finding import Severity
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.scopes import Scope


@pytest.mark.parametrize("lines", [100, 1_000])
def test_documents_are_as_long_as_they_should_be_and_have_no_error(lines):
    text = document(lines)
    assert text.count("\n") >= lines * 0.4
    found = check_text(Document("file:///a.modelspec.yaml", text), Scope())
    assert [d.message for d in found if d.severity is Severity.ERROR] == []


def test_a_folder_has_a_mistake_in_one_of_twenty(tmp_path):
    folder(tmp_path / "specs", 200, references=3)
    wrong = 0
    for path in sorted((tmp_path / "specs").iterdir()):
        found = check_text(Document(path.as_uri(), path.read_text("utf-8")), Scope())
        wrong += any(d.severity is Severity.ERROR for d in found)
    assert 2 <= wrong <= 25


def test_positions_outside_of_a_text_are_seen(tmp_path):
    client = Client(Program("none", (sys.executable, "-c", "")), tmp_path)
    client.texts["u"] = "a: 1\r\n\U0001f600\n"
    inside = [{"line": 0, "character": 4}, {"line": 1, "character": 2}, {"line": 2, "character": 0}]
    client.look("u", {"range": inside})
    assert (client.places, client.outside) == (3, 0)
    client.look("u", [{"line": 0, "character": 5}, {"line": 1, "character": 3}, {"line": 3, "character": 0}])
    assert (client.places, client.outside) == (6, 2), "the end of the text may be told as the line after its last"


def test_the_page_compares():
    samples = {"ours": {"hover": [1.0, 3.0], "peak memory MB": [50.0]}, "other": {"hover": [4.0, 6.0]}}
    counts = {name: {"positions": 5, "error answers": 0} for name in samples}
    times = {"PyYAML + jsonschema": {"s": [8.0]}, "modelspec check": {"s": [2.0], "cpu s": [3.0], "peak MB": [90.0]}}
    results = {
        "date": "2030-01-01",
        "machine": "2 cores",
        "load": 1.5,
        "versions": {"Python": "3"},
        "servers": [{"lines": 1000, "samples": samples, "counts": counts}],
        "check": [{"files": 100, "programs": times}],
        "workspace": [
            {
                "files": 100,
                "all known s": 1.0,
                "again s": 0.5,
                "keystroke ms": [],
                "peak MB": None,
                "dependants ms": [90.0],
            }
        ],
    }
    text = page(results, "Notes.")
    assert "| hover | 2.0 / 3.0 | 5.0 / 6.0 | 0.40 / 0.50 |" in text
    assert "| peak memory MB | 50 | - | - |" in text
    assert "| 100 | modelspec check | 2.00 | 3.00 | 90 | 4.0 |" in text
    assert "| 100 | 1.0 | 0.5 | - | - | 90.0 / 90.0 |" in text
