"""Many files: processes, the cache between runs, and that neither changes what is said."""

import copyreg
import os
import pickle
import re
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelspec_ls.cli import examine, tell
from modelspec_ls.cli.main import modelspec
from modelspec_ls.core.finding import Applicability, Severity
from modelspec_ls.workspace import cache
from support.specs import spec

REFERENCE = """\
pipeline:
  dependencies:
    - id: next
      role: custom
      specRef: ./{}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of 130 specs that refer to each other, some with mistakes, and a cache of its own."""
    specs = tmp_path / "specs"
    specs.mkdir()
    for n in range(130):
        after = f"s{(n + 1) % 120:03}.modelspec.yaml" if n % 10 else "gone.modelspec.yaml"
        text = spec(REFERENCE.format(after), name=f"s-{n}", count="x" if n % 7 == 0 else "1")
        (specs / f"s{n:03}.modelspec.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODELSPEC_CACHE", str(tmp_path / "cache"))
    return specs


def check(*args):
    result = CliRunner().invoke(modelspec, ["check", "specs", *args], prog_name="modelspec")
    assert result.exit_code == 1, result.output
    return result.stdout


@pytest.fixture
def looked(monkeypatch):
    """The files that are really examined; in this process, to be seen."""
    seen = []

    def examined(sources, around):
        seen.extend(Path(source.path).name for source in sources)
        return real(sources, around)

    real = examine._examined
    monkeypatch.setattr(examine, "_examined", examined)
    return seen


@pytest.mark.parametrize("options", [(), ("--statistics", "--show-suppressed"), ("--format", "json"), ("--quiet",)])
def test_words_are_found_by_several_processes_too(folder, monkeypatch, options):
    (folder / "zz.yaml").write_text("kind: Service\n", encoding="utf-8")
    alone = CliRunner().invoke(modelspec, ["check", "specs", "specs/zz.yaml", "--no-cache", *options])
    monkeypatch.setattr(tell, "_MANY", 1)
    monkeypatch.setattr(tell, "_CHUNK", 7)
    for kept in ("--no-cache",), (), ():
        together = CliRunner().invoke(modelspec, ["check", "specs", "specs/zz.yaml", "--jobs", "3", *kept, *options])
        assert (together.stdout, together.stderr, together.exit_code) == (alone.stdout, alone.stderr, alone.exit_code)


def test_findings_across_files_are_kept_when_several_processes_found_them(folder, monkeypatch):
    monkeypatch.setattr(tell, "_MANY", 1)
    monkeypatch.setattr(tell, "_CHUNK", 7)
    first = check("--jobs", "3")
    monkeypatch.setattr("modelspec_ls.cli.replay.Replay.again", lambda _: None)
    monkeypatch.setattr("modelspec_ls.cli.gather.link_together", None)
    assert check("--jobs", "1") == first


def test_findings_across_files_are_kept_by_runs_that_only_ask_for_them(folder, monkeypatch):
    """Several processes ask the cache, and one writes it: what the others asked for stays in it."""
    monkeypatch.setattr(tell, "_MANY", 1)
    monkeypatch.setattr(tell, "_CHUNK", 7)
    monkeypatch.setattr("modelspec_ls.cli.replay.Replay.again", lambda _: None)
    first = check("--jobs", "3")
    # Each run says the same and writes its own cache of what it said, so that the common one is written as well.
    for level in ("warning", "information", "hint"):
        again = CliRunner().invoke(modelspec, ["check", "specs", "--jobs", "3", "--fail-on", level])
        assert again.stdout == first


def test_a_run_is_not_said_again_after_settings_that_changed_while_it_spoke(folder, monkeypatch):
    settings = folder / "modelspec.toml"
    settings.write_text("bogus = 3\n", encoding="utf-8")

    def end(teller):
        settings.write_text("# note\nother = 3\n", encoding="utf-8")
        real(teller)

    real = tell.Teller._end
    monkeypatch.setattr(tell.Teller, "_end", end)
    assert "`bogus`" in check()
    monkeypatch.setattr(tell.Teller, "_end", real)
    said = check()
    assert "`other`" in said and "`bogus`" not in said


def test_processes_and_the_cache_change_nothing(folder):
    alone = check("--no-cache", "--jobs", "1")
    assert re.search(r"MS801.*gone\.modelspec\.yaml", alone) and "MS103" in alone
    assert check("--no-cache", "--jobs", "3") == alone
    assert check() == alone
    assert check() == alone
    assert check("--format", "json", "--no-cache") == check("--format", "json")


def test_only_what_changed_is_looked_at(folder, looked):
    first = check("--jobs", "1")
    assert len(looked) == 130
    looked.clear()
    assert check("--jobs", "1") == first and looked == []
    changed = folder / "s003.modelspec.yaml"
    changed.write_text(changed.read_text(encoding="utf-8").replace("l40s", "l4"), encoding="utf-8")
    check("--jobs", "1")
    assert looked == ["s003.modelspec.yaml"]
    # Other settings, other results.
    looked.clear()
    check("--jobs", "1", "--ignore", "MS2")
    assert len(looked) == 130


def test_a_neighbour_that_changes_is_noticed(folder):
    before = check()
    assert "gone.modelspec.yaml` does not exist" in before
    (folder / "gone.modelspec.yaml").write_text(spec(name="gone"), encoding="utf-8")
    assert "gone.modelspec.yaml` does not exist" not in check()
    (folder / "gone.modelspec.yaml").unlink()
    assert check() == before


def named(folder, name, ref, role="reranker"):
    """A spec in a folder of the repository, which may refer to another one by name."""
    entry = f"pipeline:\n  dependencies:\n    - {{id: next, role: {role}, specRef: {ref}}}\n" if ref else ""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.modelspec.yaml"
    file.write_text(spec(entry, name=name), encoding="utf-8")
    return file


@pytest.mark.parametrize("start", ["sub/a.modelspec.yaml", "sub"])
def test_a_spec_that_a_name_leads_to_beyond_the_paths_is_noticed(folder, start):
    (folder.parent / ".git").mkdir()
    named(folder.parent / "sub", "a", "b")
    there = named(folder.parent / "other", "b", "")
    as_chat = there.read_text(encoding="utf-8")
    assert "MS807" in check(start)
    there.write_text(as_chat.replace("chat-completion", "rerank"), encoding="utf-8")
    assert "MS807" not in check(start)
    there.write_text(as_chat, encoding="utf-8")
    assert "MS807" in check(start)
    there.unlink()
    assert "called `b`" in check(start)
    there.write_text(as_chat, encoding="utf-8")
    assert "MS807" in check(start)
    assert check(start) == check(start, "--no-cache")


def test_rows_of_the_workspace_and_checkpoints_are_noticed(folder, looked, tmp_path):
    check("--jobs", "1")
    models = tmp_path / ".modelspec" / "models"
    models.mkdir(parents=True)
    row = {"apiVersion": "modelspec/v1", "kind": "Model"}
    (models / "x.yaml").write_text(repr(row), encoding="utf-8")
    looked.clear()
    check("--jobs", "1")
    assert len(looked) >= 130


class Evil:
    """Runs a program when it is unpickled by anybody who trusts it."""

    def __reduce__(self):
        return os.system, ("touch evil",)


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "text", "evil", "folder", "other version"])
def test_a_damaged_cache_is_not_believed(folder, harm, tmp_path, monkeypatch):
    before = check()
    (file,) = (tmp_path / "cache").glob("check-*.bin")
    data = file.read_bytes()
    if harm == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif harm == "flip":
        file.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    elif harm == "empty":
        file.write_bytes(b"")
    elif harm == "text":
        file.write_text("kind: ModelSpec\n", encoding="utf-8")
    elif harm == "evil":
        # With all marks in order: somebody who can write here still gets nothing run.
        body = pickle.dumps({"a": (b"", Evil())})
        file.write_bytes(cache._MAGIC + cache.fingerprint() + cache.digest(body) + body)
    elif harm == "folder":
        file.unlink()
        file.mkdir()
    else:
        monkeypatch.setattr(cache, "fingerprint", lambda: b"another version.")
    assert check() == before
    assert not (tmp_path / "evil").exists()


def test_a_disk_that_takes_no_cache_is_no_fault(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("MODELSPEC_CACHE", str(tmp_path / "file" / "below"))
    assert check() == check("--no-cache")


def test_no_cache_at_all(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("MODELSPEC_CACHE", "off")
    check()
    assert not (tmp_path / "cache").exists()


def test_the_very_same_run_is_said_again(folder, monkeypatch):
    first = check("--color", "always")

    def never(*_, **__):
        raise AssertionError("nothing had to be looked at")

    monkeypatch.setattr(examine, "examine_all", never)
    monkeypatch.setattr("modelspec_ls.cli.gather.examine_all", never)
    assert check("--color", "always") == first
    # Another way to say it is another run, and so is another neighbour.
    monkeypatch.undo()
    monkeypatch.chdir(folder.parent)
    monkeypatch.setenv("MODELSPEC_CACHE", str(folder.parent / "cache"))
    assert check("--color", "never") != first
    before = check()
    (folder / "gone.modelspec.yaml").mkdir()
    assert "is a folder, not a ModelSpec" in check()
    (folder / "gone.modelspec.yaml").rmdir()
    assert check() == before


def test_notes_are_said_again_too(folder):
    (folder / "strange.modelspec.yaml").write_text("kind: Service\napiVersion: v1\n", encoding="utf-8")
    results = [CliRunner().invoke(modelspec, ["check", "specs"], prog_name="modelspec") for _ in range(2)]
    assert (results[0].stdout, results[0].stderr) == (results[1].stdout, results[1].stderr)


@pytest.mark.parametrize("member", [*Severity, *Applicability])
def test_members_of_enumerations_are_kept_by_value(member):
    # Python 3.11.2, which Debian 12 has, would write a call of `getattr`, which no cache may ask for.
    assert copyreg.dispatch_table[type(member)](member) == (type(member), (member.value,))
    assert b"getattr" not in pickle.dumps(member)
    assert pickle.loads(pickle.dumps(member)) is member


def made_from(base, model="acme-llm"):
    """A spec whose model is made from that of another spec."""
    text = spec(name="made").replace("qwen3-8b", model)
    return text.replace("spec:", f"  annotations: {{modelspec/base-model: {base}}}\nspec:", 1) if base else text


def test_what_a_model_is_made_from_is_looked_at_each_time(folder):
    """Up the whole line, beyond the folder, and where a file moves into a project of its own."""
    outside = folder.parent / "outside"
    for place in (outside, folder / "deep"):
        place.mkdir()
    middle, root = outside / "middle.modelspec.yaml", outside / "root.modelspec.yaml"
    rooted = made_from("/base.modelspec.yaml")
    steps = [
        lambda: (folder / "a.modelspec.yaml").write_text(made_from("../outside/middle.modelspec.yaml")),
        lambda: middle.write_text(made_from("./root.modelspec.yaml")),
        lambda: root.write_text(made_from("", "qwen3-32b")),
        lambda: root.write_text(made_from("", "qwen3-8b")),
        lambda: root.write_text(made_from("../specs/a.modelspec.yaml")),
        root.unlink,
        lambda: (folder / "deep" / "b.modelspec.yaml").write_text(rooted),
        lambda: (folder / "base.modelspec.yaml").write_text(made_from("", "qwen3-32b")),
        (folder / "deep" / ".git").mkdir,
        lambda: (folder / "deep" / "base.modelspec.yaml").write_text(made_from("", "qwen3-8b")),
        (folder / "deep" / ".git").rmdir,
    ]
    said = []
    for step in steps:
        step()
        fresh = check("--no-cache", "--jobs", "1")
        assert check("--jobs", "1") == fresh
        assert check("--jobs", "1") == fresh
        said.append(fresh)
    assert all(one != other for one, other in pairwise(said))
