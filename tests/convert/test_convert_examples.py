"""Every example goes over to the other kind and back, and the lists account for every difference."""

from pathlib import Path

import pytest

from modelspec_ls.analysis import check_document
from modelspec_ls.core.config import Config
from modelspec_ls.core.text import apply_edits
from modelspec_ls.ide.formatting import format_document
from modelspec_ls.workspace.kinds import Standing
from support.conversion import OTHER, converted, data, document, findings, refused, unaccounted
from support.workspace import opened

ROOT = Path(__file__).parents[2] / "examples"
KINDS = {Standing.SPEC: "OpenModel", Standing.NEIGHBOUR: "ModelSpec"}


def _cases():
    for path in sorted(ROOT.rglob("*.y*ml")):
        text = path.read_bytes().decode()
        own = document(text, path.name)
        for standing, kind in KINDS.items():
            if not own.tree.problems and any(role.standing is standing for role in own.roles):
                yield pytest.param(path, kind, id=f"{path.relative_to(ROOT)}-{kind}")


CASES = list(_cases())


def test_there_are_examples():
    assert len(CASES) > 15


@pytest.mark.parametrize(("path", "kind"), CASES)
def test_the_lists_account_for_a_round_trip(path, kind):
    if kind == "ModelSpec" and "broken" in path.parts:
        pytest.skip("what llmaz refuses there does not come back")
    assert unaccounted(path.read_bytes().decode(), kind) == []


@pytest.mark.parametrize(("path", "kind"), CASES)
def test_the_result_is_formatted(path, kind):
    text = converted(path.read_bytes().decode(), kind, path.name).text
    own = document(text)
    snapshot = opened(own, roots=("/ws",))
    assert apply_edits(text, format_document(snapshot, own.uri)) == text


@pytest.mark.parametrize(("path", "kind"), CASES)
def test_the_result_has_no_errors_but_on_placeholders(path, kind):
    if "broken" in path.parts:
        pytest.skip("what is wrong there goes over")
    text = path.read_bytes().decode()
    found = converted(text, kind, path.name)
    blanks = {"/" + "/".join(map(str, n.path)) for r in found.results for n in r.notes if n.kind == "unknown"}
    errors = [line for line in findings(found.text) if line.startswith("error")]
    # What does not fit, or is beyond the model's context, is true of both kinds.
    assert [e for e in errors if e.split()[2] not in blanks and e.split()[1][:3] not in {"MS3", "MS5"}] == []
    placeholders = {line.split()[2] for line in findings(found.text) if " MS107 " in line}
    assert blanks <= placeholders


@pytest.mark.parametrize(("path", "kind"), CASES)
def test_llmaz_takes_the_result(path, kind):
    if kind == "OpenModel" and "broken" not in path.parts:
        text = converted(path.read_bytes().decode(), kind).text
        assert list(refused(data(text))) == []


@pytest.mark.parametrize(("path", "kind"), CASES)
def test_a_second_round_loses_nothing_more(path, kind):
    if "broken" in path.parts:
        pytest.skip("what is still unknown there has no place")
    once = converted(converted(path.read_bytes().decode(), kind).text, OTHER[kind]).text
    twice = converted(converted(once, kind).text, OTHER[kind]).text
    assert once == twice


def test_the_checks_see_an_openmodel():
    text = converted((ROOT / "00-minimal.modelspec.yaml").read_text(), "OpenModel").text
    own = document(text)
    assert own.roles[0].standing is Standing.NEIGHBOUR
    broken = document(text.replace("familyName", "family"))
    found = check_document(opened(broken, roots=("/ws",), config=Config()), broken.uri)
    assert any(d.code == "MS102" for d in found)
