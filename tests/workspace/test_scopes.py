"""What applies to a file: rows of its own folder and those above it, the nearest first."""

import shutil

import pytest

from modelspec_ls.core.config import Config, Limits
from modelspec_ls.knowledge.catalogue import BUILT_IN
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.scopes import Scopes, chain_of
from support.rows import ACCELERATOR, MODEL, changed, put

CONFIG = Config()


@pytest.fixture
def root(tmp_path):
    """A repository with a folder of specs in it."""
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / "team" / "specs").mkdir(parents=True)
    return folder


def scope(folder, scopes=None):
    uri = (folder / "a.modelspec.yaml").as_uri()
    return (scopes or Scopes()).covering(uri, CONFIG).of(uri, CONFIG)


def model(folder, name="acme-chat"):
    return scope(folder).catalogue.resolve(name).model


def test_nothing_of_its_own(root):
    assert scope(root).catalogue is BUILT_IN
    assert Scopes().of("untitled:1", CONFIG).catalogue is BUILT_IN


def test_rows_hold_beside_and_below_the_folder(root):
    put(root / "team", MODEL)
    assert model(root / "team").id == "acme/chat-8b"
    assert model(root / "team" / "specs").id == "acme/chat-8b"
    assert model(root) is None


def test_the_nearest_row_wins(root):
    put(root, MODEL)
    put(root / "team", changed(MODEL, contextLength=16384))
    assert model(root).context_tokens == 8192
    assert model(root / "team" / "specs").context_tokens == 16384


def test_the_search_ends_at_the_repository(root, tmp_path):
    put(tmp_path, MODEL)
    assert model(root / "team") is None
    assert chain_of(str(root / "team"))[-1] == root.as_posix()


def test_without_a_repository_it_ends_below_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    below = tmp_path / "work" / "specs"
    below.mkdir(parents=True)
    put(tmp_path, MODEL)
    assert chain_of(below.as_posix()) == (below.as_posix(), below.parent.as_posix())
    assert model(below) is None
    assert model(tmp_path).id == "acme/chat-8b"


def test_the_same_scope_while_nothing_changes(root):
    put(root, MODEL)
    a, b = (root / "a.modelspec.yaml").as_uri(), (root / "team" / "b.modelspec.yaml").as_uri()
    scopes = Scopes().covering(a, CONFIG).covering(b, CONFIG)
    first = scopes.of(a, CONFIG)
    assert scopes.of(a, CONFIG) is first
    assert scopes.of(b, CONFIG) is first
    assert scopes.of(a, Config()) is not first
    assert scopes.covering((root / "team" / "specs" / "c.modelspec.yaml").as_uri(), CONFIG).of(a, CONFIG) is first


def test_an_open_row_counts_before_its_file(root):
    path = put(root, MODEL)
    uri = (root / "a.modelspec.yaml").as_uri()
    scopes = Scopes().covering(uri, CONFIG)
    before = scopes.of(uri, CONFIG)
    typed = scopes.with_document(Document(path.as_uri(), changed(MODEL, contextLength=4096)))
    assert typed.of(uri, CONFIG).catalogue.resolve("acme-chat").model.context_tokens == 4096
    assert scopes.of(uri, CONFIG) is before
    comment = scopes.with_document(Document(path.as_uri(), f"{MODEL}# a comment\n"))
    assert comment is scopes
    assert typed.reread(path.as_uri(), Limits()).of(uri, CONFIG).catalogue.resolve(
        "acme-chat"
    ).model.context_tokens == (8192)


def test_files_come_and_go(root):
    uri = (root / "a.modelspec.yaml").as_uri()
    scopes = Scopes().covering(uri, CONFIG)
    path = put(root, ACCELERATOR, kind="accelerators")
    scopes = scopes.reread(path.as_uri(), Limits())
    assert scopes.of(uri, CONFIG).catalogue.find_accelerator("acme-1").accelerator.id == "acme-card"
    shutil.rmtree(root / ".modelspec")
    assert scopes.reread((root / "other").as_uri(), Limits()) is scopes
    scopes = scopes.reread((root / ".modelspec").as_uri(), Limits())
    assert scopes.of(uri, CONFIG).catalogue.find_accelerator("acme-1").accelerator is None


def test_unchanged_folders_keep_their_scope(root):
    path = put(root / "team", MODEL)
    here, there = (root / "a.modelspec.yaml").as_uri(), (root / "team" / "b.modelspec.yaml").as_uri()
    scopes = Scopes().covering(here, CONFIG).covering(there, CONFIG)
    first, second = scopes.of(here, CONFIG), scopes.of(there, CONFIG)
    scopes = scopes.with_document(Document(path.as_uri(), changed(MODEL, contextLength=1)))
    assert scopes.of(here, CONFIG) is first
    assert scopes.of(there, CONFIG) is not second


@pytest.mark.parametrize(
    "text",
    [changed(MODEL, layers='"32"'), changed(MODEL, kvHeads=12), MODEL + "layers: 3\n", "id: acme/chat-8b\n- x\n"],
)
def test_a_broken_row_is_not_used_and_remembered(root, text):
    path = put(root, text)
    catalogue = scope(root).catalogue
    assert catalogue.resolve("acme/chat-8b").model is None
    broken = catalogue.broken_for("Model", "acme/chat-8b")
    assert broken is not None and broken.path == path.as_posix()
    assert catalogue.broken_for("Accelerator", "acme/chat-8b") is None


def test_a_broken_row_is_no_explanation_for_other_names(root):
    put(root, changed(MODEL, layers='"32"'))
    assert scope(root).catalogue.broken_for("Model", "somebody/else") is None


def test_a_file_that_is_no_text(root):
    put(root, "").write_bytes(b"\0\1\2")
    assert scope(root).catalogue.broken_for("Model", "anything") is not None


def test_of_two_rows_with_one_id_the_first_file_counts(root):
    put(root, changed(MODEL, contextLength=1), name="b.yaml")
    put(root, changed(MODEL, contextLength=2), name="a.yaml")
    assert model(root).context_tokens == 2


def test_other_files_below_the_folder_are_left_alone(root):
    put(root, MODEL, name="notes.txt")
    put(root, MODEL, name="deep.yaml", kind="models/deeper")
    assert scope(root).catalogue.own_models == ()
