"""Rows of a workspace's catalogue on the command line, and their page."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from modelspec_ls.schema.navigate import schema_for, walk
from support.rows import ACCELERATOR, MODEL, changed, put
from support.specs import spec

PAGE = Path(__file__).resolve().parents[2] / "docs" / "catalogue.md"


@pytest.fixture
def root(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "specs").mkdir()
    put(tmp_path, MODEL)
    put(tmp_path, ACCELERATOR, kind="accelerators")
    (tmp_path / "specs" / "a.modelspec.yaml").write_text(spec(id="acme-chat", type="acme-1"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(modelspec, arguments, catch_exceptions=False)


def found(*arguments):
    files = json.loads(run("check", "--format", "json", *arguments).stdout)["files"]
    return {file["path"]: [d["code"] for d in file["diagnostics"]] for file in files}


def test_rows_are_checked_with_everything_else(root):
    put(root, changed(MODEL, id="acme/other", layers='"32"', aliases=None), name="other.yaml")
    paths = found()
    assert paths[".modelspec/models/other.yaml"] == ["MS103"]
    assert paths[".modelspec/models/acme.yaml"] == []
    assert "MS201" not in paths["specs/a.modelspec.yaml"]


@pytest.mark.parametrize("folder", ["", ".modelspec", ".modelspec/models"])
def test_a_row_may_be_named(root, monkeypatch, folder):
    put(root, changed(MODEL, kvHeads=7))
    monkeypatch.chdir(root / folder)
    path = root / ".modelspec" / "models" / "acme.yaml"
    assert list(found(str(path)).values()) == [["MS181"]]
    assert ["MS181"] in found(".").values()


def test_two_files_with_one_id(root):
    put(root, MODEL, name="b.yaml")
    done = run("check", ".modelspec")
    assert "`acme/chat-8b` is taken by the row at `.modelspec/models/acme.yaml:1`; this row is not used." in done.stdout
    assert "`acme-chat` is taken by the row" in done.stdout
    assert "acme.yaml:" not in done.stdout.replace("`.modelspec/models/acme.yaml:1`", "")


def test_fit_says_whose_figures_it_takes(root):
    done = run("fit", "specs")
    assert "acme/chat-8b as .modelspec/models/acme.yaml:1 states it." in done.stdout
    assert "acme-card as .modelspec/accelerators/acme.yaml:1 states it." in done.stdout
    assert "39.50" in done.stdout
    assert run("fit", "specs", "--accelerator", "acme-card").exit_code == 0


def test_fit_says_where_a_broken_row_is(root):
    put(root, changed(MODEL, kvHeads=7))
    assert "acme.yaml has errors and is not used" in " ".join(run("fit", "specs").stdout.split())


def test_the_catalogue_lists_and_explains_own_rows(root):
    assert "(.modelspec/models/acme.yaml:1)" in run("catalog", "acme").stdout
    shown = run("catalog", "show", "acme-1").stdout
    assert f"{root.as_posix()}/.modelspec/accelerators/acme.yaml:1" in shown
    assert "39.5 GiB (stated)" in shown
    row = json.loads(run("catalog", "show", "acme-chat", "--format", "json").stdout)["models"][0]
    assert row["origin"] == {"path": f"{root.as_posix()}/.modelspec/models/acme.yaml", "line": 1, "replaces": False}


def test_the_catalogue_says_what_is_broken(root):
    put(root, changed(MODEL, kvHeads=7))
    assert "note: the row at line 1 of .modelspec/models/acme.yaml has errors" in run("catalog", "acme").stderr
    done = run("catalog", "show", "acme-chat")
    assert done.exit_code == 2
    assert "has errors and is not used" in done.stderr


@pytest.mark.parametrize("kind", ["Model", "Accelerator"])
def test_the_page_tells_every_field(kind):
    text = PAGE.read_text(encoding="utf-8")
    names = {path[-1] for path, _ in walk(schema_for(kind)) if path and isinstance(path[-1], str)}
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_the_page_shows_sound_rows(root):
    blocks = PAGE.read_text(encoding="utf-8").split("```yaml\n")[1:]
    for kind, block in zip(("models", "accelerators"), blocks, strict=True):
        put(root, block.partition("```")[0], kind=kind)
    assert all(codes == [] for path, codes in found(".modelspec").items())
