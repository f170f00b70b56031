"""Disks that are full, folders that cannot be written to, links of editors, and clocks that are wrong."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from modelspec_ls.cli.watch import changes
from modelspec_ls.workspace import cache
from support.specs import spec

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")
SERVER = Path(__file__).parents[2] / "server"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """As many specs as a cache is used for, some with mistakes, and a cache of its own."""
    (tmp_path / "specs").mkdir()
    for n in range(104):
        text = spec(name=f"s-{n}", count="x" if n % 26 == 0 else "1")
        (tmp_path / f"specs/s{n:03}.modelspec.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODELSPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "specs"


def check(*args):
    result = CliRunner().invoke(modelspec, ["check", "specs", *args], prog_name="modelspec")
    assert result.exit_code == 1, result.output
    return result.output


@posix
@pytest.mark.parametrize("room", [0, 100, 4096])
def test_a_file_that_may_not_grow(folder, room, tmp_path):
    """The system stops every file at a few bytes, as a full disk and a quota do."""
    resource = pytest.importorskip("resource")
    command = [sys.executable, "-m", "modelspec_ls", "check", "specs", "--jobs", "1"]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(SERVER)}, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == check("--no-cache", "--jobs", "1")
    assert done.stderr == ""
    assert not list((tmp_path / "cache").glob("*.tmp"))


@pytest.mark.parametrize("where", ["mkstemp", "replace", "makedirs", "fdopen"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO])
def test_a_disk_that_refuses(folder, where, number, monkeypatch, tmp_path):
    wanted = check("--no-cache", "--jobs", "1")

    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(cache.tempfile if where == "mkstemp" else cache.os, where, refuse)
    found = cache.Cache.open("check", "x")
    found.put("a", b"0", ())
    found.save()
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODELSPEC_CACHE", str(tmp_path / "cache"))
    assert check("--jobs", "1") == wanted


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="nothing is read-only for root")
def test_folders_that_cannot_be_written_to(folder, tmp_path):
    wanted = check("--no-cache", "--jobs", "1")
    (tmp_path / "cache").mkdir()
    for place in (tmp_path / "cache", folder):
        place.chmod(0o555)
    try:
        assert check("--jobs", "1") == wanted
    finally:
        for place in (tmp_path / "cache", folder):
            place.chmod(0o755)


@posix
def test_a_cache_that_is_not_the_users_own_is_not_read(folder, tmp_path, monkeypatch):
    wanted = check("--jobs", "1")
    monkeypatch.setattr(cache.os, "getuid", lambda: os.geteuid() + 1, raising=False)
    assert cache._read(str(next((tmp_path / "cache").glob("check-*.bin")))) == {}
    assert check("--jobs", "1") == wanted


@posix
@pytest.mark.timeout(60)
def test_a_cache_that_is_a_pipe_is_not_waited_for(folder, tmp_path):
    wanted = check("--jobs", "1")
    for place in (tmp_path / "cache").glob("*.bin"):
        place.unlink()
        os.mkfifo(place)
    assert check("--jobs", "1") == wanted


@pytest.mark.parametrize("when", [0, 2**31 - 1, 4_102_444_800], ids=["1970", "2038", "2100"])
def test_files_of_other_times(folder, when):
    """What is kept rests on content: a file that changes without its time or size is another one."""
    path = folder / "s001.modelspec.yaml"
    for file in folder.iterdir():
        os.utime(file, (when, when))
    first = check("--jobs", "1")
    text = path.read_text("utf-8")
    path.write_text(text.replace("count: 1", "count: x"), encoding="utf-8")
    os.utime(path, (when, when))
    assert path.stat().st_size == len(text.encode())
    assert check("--jobs", "1") != first
    path.write_text(text, encoding="utf-8")
    os.utime(path, (when, when))
    assert check("--jobs", "1") == first


@pytest.mark.parametrize("shift", [-(10**9), 10**9])
def test_a_clock_that_jumps(folder, shift, monkeypatch, tmp_path):
    """Ahead, old caches seem older and may go; back, none does. Nothing else depends on the hour."""
    real = time.time
    wanted = check("--jobs", "1")
    monkeypatch.setattr(cache.time, "time", lambda: real() + shift)
    for n in range(2):
        (folder / "s002.modelspec.yaml").write_text(spec(name=f"t-{n}"), encoding="utf-8")
        assert check("--jobs", "1") == wanted
    assert bool(list((tmp_path / "cache").glob("*.bin"))) is (shift < 0)


@posix
def test_locks_of_editors_are_no_files(folder):
    """Emacs marks a file that is being edited by a link of nearly the same name that leads nowhere."""
    wanted = check("--no-cache", "--jobs", "1")
    (folder / ".#s001.modelspec.yaml").symlink_to("somebody@host.1234:567")
    assert check("--no-cache", "--jobs", "1") == wanted


@posix
def test_watching_goes_on_beside_links_that_lead_nowhere(folder, tmp_path):
    (folder / "a-first.modelspec.yaml").symlink_to("nothing")
    alone = tmp_path / "alone.modelspec.yaml"
    alone.write_text(spec(), encoding="utf-8")
    slept = []

    def sleep(_):
        slept.append(1)
        if len(slept) == 2:
            (folder / "s005.modelspec.yaml").write_text("kind: ModelSpec\n", encoding="utf-8")
        if len(slept) == 4:
            alone.unlink()
        if len(slept) > 6:
            raise KeyboardInterrupt

    seen = []

    def watch():
        for _ in changes(["specs", str(alone)], sleep):
            seen.append(len(slept))  # noqa: PERF401  (the loop is interrupted)

    with pytest.raises(KeyboardInterrupt):
        watch()
    assert seen == [0, 2, 4]
