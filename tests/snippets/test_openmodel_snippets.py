"""Snippets for OpenModels: free of errors and warnings, offered where they may stand."""

import json
import re
from pathlib import Path

import pytest
import yaml

from modelspec_ls.core.finding import Severity
from modelspec_ls.ide.completion import complete
from modelspec_ls.ide.completion.shapes import plain
from modelspec_ls.ide.completion.snippets import all_snippets
from support.llmaz import findings
from support.workspace import folder

SOURCE = json.loads((Path(__file__).parents[2] / "snippets" / "openmodel.json").read_text(encoding="utf-8"))
WHOLE = [s for s in all_snippets("OpenModel") if s.place is None]
SECTIONS = [s for s in all_snippets("OpenModel") if s.place is not None]


def offered(text):
    offset = text.index("<|>")
    items = complete(folder({"m.yaml": text.replace("<|>", "")}), "file:///ws/m.yaml", offset).items
    return {item.label: item for item in items if item.kind == "snippet"}


def test_rows_hold_what_editors_need():
    assert len({row["prefix"] for row in SOURCE.values()}) == len(SOURCE)
    for row in SOURCE.values():
        assert set(row) - {"x-modelspec-place"} == {"prefix", "body", "description"}
        assert row["prefix"].startswith("openmodel-") and row["description"].endswith(".")
        stops = [int(n) for n in re.findall(r"\$\{(\d+)", "\n".join(row["body"]))]
        assert sorted(set(stops)) == list(range(1, max(stops) + 1))


@pytest.mark.parametrize("snippet", WHOLE, ids=lambda s: s.prefix)
def test_whole_models_are_sound(snippet):
    text = plain(snippet.body) + "\n"
    assert [d.message for d in findings({"m.yaml": text}, "m.yaml") if d.severity <= Severity.WARNING] == []
    assert snippet.prefix in offered("<|>")


@pytest.mark.parametrize("snippet", SECTIONS, ids=lambda s: s.prefix)
def test_sections_are_sound_where_they_stand(snippet):
    data = yaml.safe_load(plain(WHOLE[0].body))
    value = yaml.safe_load(plain(snippet.body))
    *parents, last = snippet.place
    here = data
    for key in parents:
        here = here[key]
    here[last] = value
    text = yaml.safe_dump(data, sort_keys=False)
    assert [d.message for d in findings({"m.yaml": text}, "m.yaml") if d.severity <= Severity.WARNING] == []


def test_sections_are_offered_where_they_may_stand():
    head = "apiVersion: llmaz.io/v1alpha1\nkind: OpenModel\nmetadata:\n  name: a\nspec:\n  familyName: a\n"
    assert "openmodel-source-hub" in offered(f"{head}  source:\n    <|>")
    flavors = offered(f"{head}  inferenceConfig:\n    flavors:\n      <|>")
    assert {"openmodel-flavor", "openmodel-flavor-multi-host"} <= set(flavors)
    assert not [prefix for prefix in offered(f"{head}  <|>") if prefix.startswith("modelspec-")]
