"""The examples: the good ones are free of findings, the broken ones say exactly what they claim."""

from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from modelspec_ls.analysis import check_document
from modelspec_ls.cli.main import modelspec
from modelspec_ls.core.finding import Severity
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot
from support.markers import as_marker, check

EXAMPLES = Path(__file__).parents[2] / "examples"
PATH = sorted(EXAMPLES.glob("0*.modelspec.yaml"))
MODELS = sorted(EXAMPLES.glob("openmodel/*.yaml"))
GOOD = [*PATH, *sorted(EXAMPLES.glob("dependencies/*.modelspec.yaml")), *MODELS]
BROKEN = sorted(EXAMPLES.glob("broken/*.yaml"))
POLICIES = sorted(EXAMPLES.glob("policies/*modelspec-policy.yaml"))
# A draft with what a policy says of it, and documents that a policy's tests read.
DRAFT = EXAMPLES / "policies" / "trial.modelspec.yaml"
TESTED = sorted(EXAMPLES.glob("policies/tests/*.modelspec.yaml"))


def findings(path: Path):
    document = Document(path.as_uri(), path.read_text(encoding="utf-8"))
    snapshot = Snapshot().with_document(document)
    if "policies" in path.parts:
        snapshot = snapshot.covering(document.uri)
    return document, check_document(snapshot, document.uri)


def load(path: Path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def fields(value, path=()):
    """The paths of all fields; an item of a list is named by its id or name."""
    if isinstance(value, dict):
        return {path} | {p for key, inner in value.items() for p in fields(inner, (*path, key))}
    if isinstance(value, list):
        return {p for item in value for p in fields(item, (*path, item.get("id") or item["name"]))}
    return {path}


def test_nothing_is_left_out():
    assert len(PATH) == 9
    assert {*GOOD, *BROKEN, *POLICIES, DRAFT, *TESTED} == set(EXAMPLES.rglob("*.yaml"))


@pytest.mark.parametrize("path", [*GOOD, *POLICIES, *TESTED], ids=lambda p: p.name)
def test_good_examples_have_no_finding(path):
    document, found = findings(path)
    assert [str(as_marker(d, document.index)) for d in found if d.severity <= Severity.WARNING] == []


@pytest.mark.parametrize("path", [*GOOD, *BROKEN, *POLICIES, DRAFT, *TESTED], ids=lambda p: p.name)
def test_text_is_tidy(path):
    text = path.read_text(encoding="utf-8")
    assert text.isascii() and text.endswith("\n") and not text.endswith("\n\n")
    assert [line for line in text.split("\n") if line != line.rstrip()] == []


@pytest.mark.parametrize("path", PATH, ids=lambda p: p.name)
def test_references_lead_to_the_spec_that_they_name(path):
    for dependency in load(path)["spec"].get("pipeline", {}).get("dependencies", ()):
        assert load(path.parent / dependency["specRef"])["metadata"]["name"] == dependency["id"]


@pytest.mark.parametrize("step, following", list(pairwise(PATH)), ids=lambda p: p.name[:2])
def test_each_step_holds_the_one_before(step, following):
    assert fields(load(step)) - fields(load(following)) == set()


@pytest.mark.parametrize("folder", [EXAMPLES, EXAMPLES / "broken", EXAMPLES / "policies"], ids=lambda p: p.name)
def test_readme_links_to_every_file(folder):
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert [p.name for p in folder.glob("*.yaml") if f"]({p.name})" not in readme] == []


@pytest.mark.parametrize("path", [*BROKEN, DRAFT], ids=lambda p: p.name)
def test_broken_examples_say_what_their_markers_say(path):
    document, found = findings(path)
    problems = check(document.text, found, document.index)
    assert problems == [], "\n".join(problems)
    assert found


def test_the_tests_of_the_policies_pass():
    done = CliRunner().invoke(modelspec, ["policy", "test", str(EXAMPLES / "policies")])
    assert done.exit_code == 0, done.stdout
