"""How far a hostile workspace reaches: not to other machines, not into files that are no specs."""

import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelspec_ls.analysis import check_document
from modelspec_ls.cli.main import modelspec
from modelspec_ls.core.config import Config, Limits
from modelspec_ls.lsp.indexing import scan
from modelspec_ls.workspace import files
from modelspec_ls.workspace.cache import Cache
from modelspec_ls.workspace.checkpoint import path_of_uri
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import FileFacts
from modelspec_ls.workspace.files import leads_away
from modelspec_ls.workspace.lineage import looked_at
from modelspec_ls.workspace.settings import settings_of
from support.links import needs_links
from support.specs import spec
from support.workspace import opened

AWAY = [
    "//evil/share/x.modelspec.yaml", "\\\\evil\\share\\x.modelspec.yaml", "file://evil/share/x.modelspec.yaml",
    "file:////evil/share/x.modelspec.yaml", "//./pipe/x", "\\\\?\\UNC\\evil\\share\\x", "file://///evil/x.modelspec.yaml",
]  # fmt: skip


@pytest.mark.parametrize("path", AWAY)
def test_other_machines_are_not_asked(path, monkeypatch):
    """On Windows a look at a share sends the user's name and a hash of the password to it."""
    asked = []
    for name in ("stat", "lstat", "open", "scandir"):
        real = getattr(os, name)

        def note(place, *args, real=real, **more):
            if "evil" in str(place) or "pipe" in str(place) or "UNC" in str(place):
                asked.append(str(place))
            return real(place, *args, **more)

        monkeypatch.setattr(os, name, note)
    quoted = "'" + path + "'"
    text = spec(f"pipeline:\n  dependencies:\n    - {{id: a, role: custom, specRef: {quoted}}}\n")
    text = text.replace("framework:", f"artifacts: {{modelUri: {quoted}}}\n      framework:", 1)
    hints = "annotations: {modelspec/base-model: " + quoted + ", modelspec/draft-model: " + quoted + "}"
    text = text.replace("metadata:", f"metadata:\n  {hints}", 1)
    document = Document("file:///ws/a.modelspec.yaml", text, claimed=True)
    snapshot = opened(document, roots=("/ws",), config=Config())
    found = check_document(snapshot, document.uri)
    for key in looked_at(snapshot.graph, document):
        files.read_bytes_digest(key)  # As a cache does.
    assert all(d.code != "MS000" for d in found)
    toml = f"extends = ['{path}']\ncatalogue = ['{path}']\n"
    settings = settings_of("/ws/modelspec.toml", toml, Limits())
    assert settings is not None and len(settings.problems) == 2
    # A back slash is a letter of a name where paths have none, so that the path stays below the folder.
    assert [a for a in asked if leads_away(a, "/ws/a")] == []


def test_a_share_of_ones_own_is_no_other_machine():
    assert not leads_away("//server/share/x.yaml", "//server/share/y.yaml")
    assert not leads_away("\\\\Server\\share\\x", "//server/share/y.yaml")
    assert leads_away("//other/share/x.yaml", "//server/share/y.yaml")
    assert path_of_uri("//evil/models/x", "/ws") is None
    assert path_of_uri("file:////evil/models/x", "/ws") is None


@pytest.mark.parametrize("name", ["passwd", "secret.yaml", "secret.json"])
def test_a_reference_shows_nothing_of_other_files(name, tmp_path):
    """A file that is no spec is told to be none; of one that is, only what its fields say."""
    marker = "root-0-classified"
    (tmp_path / name).write_text(f"{marker}:x:0:0\npassword: {marker}\n", encoding="utf-8")
    (tmp_path / "ws").mkdir()
    text = spec(f"pipeline:\n  dependencies:\n    - {{id: a, role: custom, specRef: ../{name}}}\n")
    text = text.replace("framework:", f"artifacts: {{modelUri: ../{name}}}\n      framework:", 1)
    document = Document((tmp_path / "ws/a.modelspec.yaml").as_uri(), text, claimed=True)
    snapshot = opened(document, roots=(str(tmp_path / "ws"),), config=Config())
    said = repr(check_document(snapshot, document.uri)) + repr(list(snapshot.graph.files.values()))
    assert marker not in said


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 50_000,
        "a = " + "{a=" * 20_000,
        "[" + ".".join(["a"] * 20_000) + "]\nx = 1\n",
        "".join(f"[[overrides]]\npaths = ['{'**/' * 50}x']\n" for _ in range(300)),
        "ignore = [" + '"MS1",' * 100_000 + "]",
        'a = "' + "\\" * 200_001 + '"',
        'a = """' + '"' * 100_000,
        "extends = ['modelspec.toml']",
        "#" * 1_000_000,
    ],
    ids=["lists", "tables", "dotted", "overrides", "codes", "backslashes", "quotes", "itself", "comment"],
)
def test_settings_that_are_an_attack(text, tmp_path):
    start = time.process_time()
    found = settings_of(f"{tmp_path}/modelspec.toml".replace(os.sep, "/"), text, Limits())
    assert found is not None
    found.overriding(f"{tmp_path}/x.modelspec.yaml")
    assert time.process_time() - start < 15


@needs_links
@pytest.mark.parametrize(
    "text", ["root-0-classified:x:0:0\n", "password: [root-0-classified\n", "- root-0-classified: {\n"]
)
@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_a_link_makes_no_spec_of_another_file(tmp_path, monkeypatch, text, form):
    monkeypatch.chdir(tmp_path)
    Path("ws").mkdir()
    Path("passwd").write_text(text, encoding="utf-8")
    Path("ws/x.modelspec.yaml").symlink_to("../passwd")
    for command in (["check", "--format", form, "ws"], ["check", "--fix", "ws"], ["graph", "ws"], ["fit", "ws"]):
        result = CliRunner().invoke(modelspec, command)
        assert result.exit_code == 0 and "classified" not in result.output, result.output
    assert "a file of another name" in CliRunner().invoke(modelspec, ["check", "--format", form, "ws"]).output
    below = "pipeline:\n  dependencies:\n    - {id: a, role: custom, specRef: ./x.modelspec.yaml}\n"
    Path("ws/a.modelspec.yaml").write_text(spec(below), encoding="utf-8")
    assert "classified" not in CliRunner().invoke(modelspec, ["check", "--format", form, "ws/a.modelspec.yaml"]).output
    document = Document((tmp_path / "ws/a.modelspec.yaml").as_uri(), spec(below))
    snapshot = opened(document, roots=(str(tmp_path / "ws"),), config=Config())
    assert "classified" not in repr(check_document(snapshot, document.uri)) + repr(list(snapshot.graph.files.values()))
    Path("ws/a.modelspec.yaml").unlink()
    found = list(scan([str(tmp_path / "ws")], Limits(), Cache(None)))
    assert not any(isinstance(what, FileFacts) for _, what in found) and "classified" not in repr(found)
    # Whoever names a file wants it read.
    assert CliRunner().invoke(modelspec, ["check", "ws/x.modelspec.yaml"]).exit_code == 1


@needs_links
@pytest.mark.parametrize(
    ("link", "to", "text"),
    [
        ("ws/x.modelspec.yaml", "out/y.modelspec.yaml", "kind: [\n"),
        ("ws/x.modelspec.yaml", "out/0a1b-x.modelspec.yaml", spec(count=0)),
        ("ws/x.modelspec.yaml", "ws/..data/x.modelspec.yaml", spec(count=0)),
        ("ws/x.modelspec.yaml", ".git/annex/SHA256E-s12--ab.yaml", spec(count=0)),
        ("ws/x.modelspec.yaml", "cache/ab/cdef", spec(count=0)),
        ("ws/x.yaml", "out/y.yaml", spec(count=0)),
    ],
    ids=["workspace", "store", "mount", "annex", "cache", "other names"],
)
def test_links_to_specs_are_read(tmp_path, monkeypatch, link, to, text):
    monkeypatch.chdir(tmp_path)
    for path in (link, to):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(to).write_text(text, encoding="utf-8")
    Path(link).symlink_to(tmp_path / to)
    assert CliRunner().invoke(modelspec, ["check", "ws"]).exit_code == 1


@needs_links
@pytest.mark.parametrize("text", ["root-0-classified:x:0:0\n", '[root-0-classified]\ntoken = "root-0-classified"\n'])
def test_a_link_makes_no_settings_of_another_file(tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    Path("ws").mkdir()
    Path("ws/a.modelspec.yaml").write_text(spec(), encoding="utf-8")
    Path("credentials").write_text(text, encoding="utf-8")
    Path("ws/modelspec.toml").symlink_to("../credentials")
    result = CliRunner().invoke(modelspec, ["check", "ws"])
    assert result.exit_code == 0 and "classified" not in result.output
    assert "a file of another name; not read, and no setting is in force" in result.output
    Path("shared").mkdir()
    Path("shared/0a1b-modelspec.toml").write_text("nonsense = 1\n", encoding="utf-8")
    Path("ws/modelspec.toml").unlink()
    Path("ws/modelspec.toml").symlink_to("../shared/0a1b-modelspec.toml")
    assert "nonsense" in CliRunner().invoke(modelspec, ["check", "ws"]).output


@pytest.mark.parametrize("text", ["root-0-classified:x:0:0\n", "\x01", '["root-0-classified]\n', "a = 'x\n"])
def test_settings_show_nothing_of_a_file_that_they_extend(tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    Path("a.modelspec.yaml").write_text(spec(), encoding="utf-8")
    Path("modelspec.toml").write_text("extends = ['credentials']\n", encoding="utf-8")
    Path("credentials").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(modelspec, ["check", "."])
    assert "`credentials` is no TOML." in result.output
    assert "classified" not in result.output


def test_limits_hold_for_what_is_named(tmp_path, monkeypatch):
    path = tmp_path / "big.modelspec.yaml"
    path.write_text(spec() + "#" * 5 * 2**20, encoding="utf-8")
    found = files.read_text(path, Limits())
    assert isinstance(found, files.FileFault) and "at most 4 MiB" in found.message
