"""Work done by other processes: the same results in the same order, whatever happens to them."""

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import modelspec_ls
from modelspec_ls.cli import spread
from modelspec_ls.cli.inputs import inputs, inputs_aside
from modelspec_ls.core.config import Config
from modelspec_ls.workspace.document import Document
from support.signals import interruptible
from support.specs import spec

pytestmark = pytest.mark.skipif(not spread.forks(), reason="there are no forks here")


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 40])
def test_all_items_are_worked_on_in_their_order(jobs, count):
    here = os.getpid()
    found = list(spread.spread(lambda item: (item * 2, os.getpid()), iter(range(count)), jobs=jobs))
    assert [number for number, _ in found] == [n * 2 for n in range(count)]
    others = {process for _, process in found} - {here}
    assert bool(others) == (jobs > 1 and count > spread._FEW)


def test_items_are_asked_for_while_others_are_worked_on():
    asked = []

    def items():
        for n in range(12):
            asked.append(n)
            yield n

    found = spread.spread(lambda n: n, items(), jobs=2)
    assert next(found) == 0 and asked == [0]
    assert list(found) == list(range(1, 12)) and asked == list(range(12))


def test_what_goes_wrong_elsewhere_goes_wrong_here():
    def work(item):
        if item == 7:
            raise LookupError("seven")
        return item

    with pytest.raises(LookupError, match="seven"):
        list(spread.spread(work, range(20), jobs=2))


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_what_another_process_makes_comes_in_order(monkeypatch, count):
    monkeypatch.setattr(spread, "default_jobs", lambda: 2)
    assert list(spread.aside(lambda: range(count))) == list(range(count))


def test_what_a_process_that_dies_owed_is_made_here(monkeypatch):
    monkeypatch.setattr(spread, "default_jobs", lambda: 2)
    here = os.getpid()

    def work():
        for n in range(250):
            if n == 150 and os.getpid() != here:
                os._exit(9)
            yield n

    found = list(spread.aside(work))
    assert list(dict.fromkeys(found)) == list(range(250))


def test_what_goes_wrong_aside_is_told_here(monkeypatch):
    monkeypatch.setattr(spread, "default_jobs", lambda: 2)

    def work():
        yield 1
        raise LookupError("two")

    found = spread.aside(work)
    with pytest.raises(LookupError, match="two"):
        list(found)


@pytest.mark.parametrize(("count", "expected"), [(0, []), (2, [(0, 2)]), (9, [(0, 3), (3, 8), (8, 9)])])
def test_the_first_range_is_smaller(count, expected):
    assert list(spread.ranges(count, first=3, size=5)) == expected


def test_files_read_aside_are_those_read_here(tmp_path, monkeypatch):
    monkeypatch.setattr(spread, "default_jobs", lambda: 2)
    for n in range(230):
        (tmp_path / f"s{n}.modelspec.yaml").write_text(spec(name=f"s-{n}"), encoding="utf-8")
    (tmp_path / "odd.modelspec.yaml").write_bytes(b"\x00\xff")

    def plain(found):
        return [(s.path, s.key, s.document and (s.document.uri, s.document.text), s.fault, s.claimed) for s in found]

    here = plain(inputs([str(tmp_path)], "", Config()))
    assert plain(inputs_aside([str(tmp_path)], Config())) == here and len(here) == 231


def test_a_document_is_sent_as_its_text():
    document = Document("file:///x/a.json", "{}\u2028", 3, claimed=True, declared=False, key="/x/a.json")
    _ = document.tree, document.roles
    again = pickle.loads(pickle.dumps(document))
    names = ("uri", "text", "version", "claimed", "declared", "key")
    assert [getattr(again, n) for n in names] == [getattr(document, n) for n in names] and again.memo == {}


@pytest.mark.parametrize("seconds", [0.15, 0.3, 0.6])
@pytest.mark.timeout(60)
def test_an_interrupted_run_ends_without_a_traceback(tmp_path, seconds):
    for n in range(1200):
        (tmp_path / f"s{n}.modelspec.yaml").write_text(spec(name=f"s-{n}"), encoding="utf-8")
    command = [sys.executable, "-m", "modelspec_ls", "check", str(tmp_path), "--jobs", "2", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(Path(modelspec_ls.__file__).parents[1])}
    with interruptible():
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True, env=environment
        )
    with process:
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read().decode()
    assert "Traceback" not in said and "Process" not in said
    for _ in range(1000):
        if not _running(process.pid):
            break
        time.sleep(0.01)
    assert not _running(process.pid), "a process of the run stays"


def _running(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.timeout(60)
def test_what_a_process_that_is_killed_had_is_done_here():
    here = os.getpid()

    def work(item):
        if item == 6 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    assert list(spread.spread(work, range(30), jobs=2)) == list(range(30))
