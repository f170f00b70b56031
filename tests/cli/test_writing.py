"""Files that commands write: whole or not at all, and where the user means."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import modelspec_ls
from modelspec_ls.cli.main import modelspec
from support.specs import spec

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(modelspec_ls.__file__).parents[1])}
WRITERS = {
    "baseline": ["check", "--write-baseline", "out.yaml"],
    "graph": ["graph", "--output", "out.yaml"],
    "convert": ["convert", "a.modelspec.yaml", "--to", "openmodel", "--force", "-o", "out.yaml"],
    "new": ["new", "minimal", "out.yaml", "--force"],
}

posix = pytest.mark.skipif(os.name == "nt", reason="neither links, permissions nor limits as here")
writers = pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)


@pytest.fixture
def work(tmp_path, monkeypatch):
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("a.modelspec.yaml").write_text(spec(), encoding="utf-8")
    return folder


def run(*args):
    return CliRunner().invoke(modelspec, list(args))


@posix
@writers
@pytest.mark.parametrize("before", ["before\n", None])
def test_a_full_disk_leaves_what_was_there(work, command, before):
    if before is not None:
        Path("out.yaml").write_text(before, encoding="utf-8")
    script = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64)); sys.argv[0] = 'modelspec'"
    done = subprocess.run(
        [sys.executable, "-c", f"{script}\nfrom modelspec_ls.cli.main import run\nsys.exit(run())", *command],
        env={**ENVIRONMENT, "MODELSPEC_CACHE": str(work.parent / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0 and "cannot be written: File too large." in done.stderr, done.stderr
    assert (Path("out.yaml").read_text("utf-8") if Path("out.yaml").exists() else None) == before
    assert sorted(path.name for path in Path().iterdir()) == [
        "a.modelspec.yaml",
        *(["out.yaml"] if before is not None else []),
    ]


@posix
@writers
def test_links_and_permissions_stay(work, command):
    Path("real.yaml").write_text("before\n", encoding="utf-8")
    Path("real.yaml").chmod(0o604)
    Path("out.yaml").symlink_to("real.yaml")
    assert run(*command).exit_code == 0
    assert Path("out.yaml").is_symlink() and Path("real.yaml").read_text("utf-8") != "before\n"
    assert stat.S_IMODE(Path("real.yaml").stat().st_mode) == 0o604


@posix
@writers
def test_no_report_is_written_through_a_link_that_leads_out(work, command):
    other = work.parent / "other"
    other.write_text("before\n", encoding="utf-8")
    Path("out.yaml").symlink_to(other)
    result = run(*command)
    assert result.exit_code != 0 and "name it by its own path" in result.stderr
    assert other.read_text("utf-8") == "before\n"


@posix
@writers
def test_a_new_file_is_as_readable_as_any(work, command):
    Path("usual").touch()
    assert run(*command).exit_code == 0
    assert Path("out.yaml").stat().st_mode == Path("usual").stat().st_mode


@posix
def test_what_is_no_file_is_written_to_as_it_is(work):
    assert run("graph", "--output", "/dev/null").exit_code == 0
    done = subprocess.run(
        [sys.executable, "-m", "modelspec_ls", "graph", "--output", "/dev/stdout"],
        env=ENVIRONMENT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "1 spec" in done.stdout and stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert "cannot be written: " in run("graph", "--output", "no/such/folder").stderr


@posix
def test_an_output_that_others_write_to_as_well_is_gone_on_with(work):
    script = "echo BEFORE; {} -m modelspec_ls graph --format json --output /proc/self/fd/1; echo AFTER"
    if not Path("/proc/self/fd/1").exists():
        pytest.skip("this system has no such names")
    with Path("all.txt").open("wb") as file:
        subprocess.run(["sh", "-c", script.format(sys.executable)], env=ENVIRONMENT, stdout=file, check=True)
    lines = Path("all.txt").read_text("utf-8").splitlines()
    assert lines[0] == "BEFORE" and lines[-1] == "AFTER" and len(lines) > 3
