"""A command that is started without one of its streams says so and ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import modelspec_ls
from support.specs import spec

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no shell that closes streams")


def run(folder, command, closed):
    line = f'exec "$0" -m modelspec_ls {command} {closed}'
    environment = {**os.environ, "PYTHONPATH": str(Path(modelspec_ls.__file__).parents[1])}
    return subprocess.run(
        ["/bin/sh", "-c", line, sys.executable], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["check .", "check --format json .", "graph", "fit", "--version"])
def test_nothing_is_found_where_nothing_can_be_told(tmp_path, command):
    (tmp_path / "a.modelspec.yaml").write_text(spec(count=0), encoding="utf-8")
    done = run(tmp_path, command, ">&-")
    assert done.returncode == 2 and "standard output is closed" in done.stderr and "Traceback" not in done.stderr
    assert run(tmp_path, command, "2>&- >/dev/null").returncode in {0, 1}


@pytest.mark.parametrize(
    ("closed", "words"),
    [("<&-", "standard input is"), (">&-", "standard output is"), ("<&- >&-", "standard input and output are")],
)
def test_a_server_without_its_streams_says_which(tmp_path, closed, words):
    done = run(tmp_path, "lsp", closed)
    assert done.returncode == 2
    assert done.stderr == f"modelspec lsp: {words} closed; editor and server speak over both.\n"


def test_a_server_whose_log_is_closed_serves():
    body = b'{"jsonrpc":"2.0","id":1,"method":"shutdown"}'
    said = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    environment = {**os.environ, "PYTHONPATH": str(Path(modelspec_ls.__file__).parents[1])}
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" -m modelspec_ls lsp 2>&-', sys.executable], input=said, env=environment,
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert b"Content-Length" in done.stdout
