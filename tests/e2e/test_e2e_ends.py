"""Pipes that close, clients that die, garbage as the first thing, and servers side by side."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lsp_client import SERVER, TIMEOUT, Client

from support.clients import PUSH, VSCODE
from support.specs import spec
from support.texts import PRODUCTION

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")
NAME = "file:///a.modelspec.yaml"
COMMAND = [sys.executable, "-m", "modelspec_ls.lsp", "--stdio"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SERVER)}


def test_garbage_instead_of_a_client():
    """Whatever comes, the server lives until the end of its input, and says on standard output only messages."""
    for garbage in (
        b"",
        b"\0" * 100_000,
        b"GET / HTTP/1.1\r\n\r\n",
        b"Content-Length: 10\r\n" * 5_000,
        os.urandom(50_000),
    ):
        done = subprocess.run(
            COMMAND, input=garbage, env=ENVIRONMENT, capture_output=True, timeout=TIMEOUT, check=False
        )
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr
        rest = done.stdout
        while rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            size = int(head.removeprefix(b"Content-Length: "))
            assert json.loads(rest[:size])["error"]["code"] in {-32700, -32600}
            rest = rest[size:]


@pytest.mark.parametrize("size", [64 * 2**20 + 1, 10**17])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(size):
    with Client().start() as c:
        c.raw(b"Content-Length: %d\r\n\r\n" % size)
        assert c.answer(None)["error"]["code"] == -32600
        assert c.stop() == 0


def _peak(client):
    """The most memory that a server has had, in MiB."""
    status = Path(f"/proc/{client.process.pid}/status").read_text("utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_a_client_that_is_faster_than_the_server_is_made_to_wait():
    """What was sent and not yet read waits with the client, not in the server's memory; nothing is lost."""
    with Client().start() as c:
        c.open(NAME, "kind: ModelSpec\n")
        before = _peak(c)
        padding = b",".join([b"0"] * 500_000)
        for _ in range(300):
            c.message(b'{"jsonrpc":"2.0","method":"test/unknown","params":[%b]}' % padding)
        c.change(NAME, "kind: ModelSpec # changed\n")
        assert "result" in c.at("textDocument/hover", NAME, 0, 2)
        assert _peak(c) < before + 200
        assert c.stop() == 0


@posix
@pytest.mark.parametrize("which", ["stdout", "both"])
def test_pipes_that_close(which):
    """A client that reads no more is gone: the server ends by itself, without a word about it."""
    with subprocess.Popen(
        COMMAND, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        server.stdout.close()
        if which == "both":
            server.stdin.close()
        else:
            body = b'{"jsonrpc":"2.0","id":1,"method":"x"}'
            server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            server.stdin.flush()
        code = server.wait(TIMEOUT)
        assert code in {0, 1}
        assert b"Traceback" not in server.stderr.read()


@posix
def test_a_client_that_is_killed_takes_its_server_along(tmp_path):
    """Also where something else still holds the pipes open, so that there is no end of input."""
    script = tmp_path / "client.py"
    script.write_text(
        "import json, os, subprocess, sys, time\n"
        "server = subprocess.Popen(json.loads(sys.argv[1]), stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "params = {'processId': os.getpid(), 'rootUri': None, 'capabilities': {}}\n"
        "body = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': 'initialize', 'params': params}).encode()\n"
        "server.stdin.write(b'Content-Length: %d\\r\\n\\r\\n' % len(body) + body)\n"
        "server.stdin.flush()\n"
        "server.stdout.readline()\n"
        "holder = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'],\n"
        "    stdin=server.stdout, pass_fds=[server.stdin.fileno(), server.stdout.fileno()])\n"
        "print(server.pid, holder.pid, flush=True)\n"
        "time.sleep(300)\n",
        encoding="utf-8",
    )
    command = [sys.executable, str(script), json.dumps(COMMAND)]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as client:
        server, holder = map(int, client.stdout.readline().split())
        client.kill()
    try:
        end = time.monotonic() + TIMEOUT
        while _alive(server):
            assert time.monotonic() < end, "the server lives on"
            time.sleep(0.05)
    finally:
        os.kill(holder, signal.SIGKILL)


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that has ended and that nobody waits for is a zombie.
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return not Path("/proc/self").is_dir()


def started(client, folder):
    params = {"processId": None, "capabilities": client.capabilities}
    params["workspaceFolders"] = [{"uri": folder.as_uri(), "name": "w"}]
    client.server = client.request("initialize", params)["result"]["capabilities"]
    client.notify("initialized", {})
    return client


def symbols(client):
    return sorted(s["name"] for s in client.request("workspace/symbol", {"query": ""})["result"])


def until(true):
    end = time.monotonic() + TIMEOUT
    while not (found := true()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def test_two_servers_on_one_workspace_and_one_cache(tmp_path, monkeypatch):
    """They see the same, share what is kept, and neither minds what the other writes or removes."""
    monkeypatch.setenv("MODELSPEC_CACHE", str(tmp_path / "cache"))
    work = tmp_path / "work"
    work.mkdir()
    for n in range(40):
        (work / f"s{n}.modelspec.yaml").write_text(spec(name=f"s-{n}"), encoding="utf-8")
    wanted = sorted(f"s-{n}" for n in range(40))
    with Client(PUSH) as one, Client(VSCODE, settings={}) as other:
        started(one, work)
        started(other, work)
        until(lambda: [s for s in symbols(one) if s.startswith("s-")] == wanted)
        until(lambda: [s for s in symbols(other) if s.startswith("s-")] == wanted)
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
        uri = (work / "s1.modelspec.yaml").as_uri()
        for c in (one, other):
            c.open(uri, spec(name="s-2"))
        assert [d["code"] for d in one.findings(uri)] == [d["code"] for d in other.findings(uri)]
        assert one.stop() == other.stop() == 0
        assert one.errors + other.errors == b""
    with Client(PUSH) as third:
        started(third, work)
        until(lambda: [s for s in symbols(third) if s.startswith("s-")] == wanted)
        assert third.stop() == 0


def test_a_workspace_that_vanishes(tmp_path):
    """Everything is still answered while the folder goes away under the server, and when it is back."""
    work = tmp_path / "work"
    work.mkdir()
    path = work / "a.modelspec.yaml"
    path.write_text(PRODUCTION, encoding="utf-8")
    (work / "b.modelspec.yaml").write_text(spec(name="other"), encoding="utf-8")
    with Client(VSCODE, settings={}) as c:
        started(c, work)
        until(lambda: "other" in symbols(c))
        c.open(path.as_uri(), PRODUCTION)
        before = [d["code"] for d in c.findings(path.as_uri())]
        shutil.rmtree(work)
        c.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": work.as_uri(), "type": 3}]})
        c.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
        assert [d["code"] for d in c.findings(path.as_uri())] == before
        assert "other" not in symbols(c)
        assert "result" in c.at("textDocument/hover", path.as_uri(), 3, 3)
        assert "result" in c.request("workspace/diagnostic", {"previousResultIds": []})
        work.mkdir()
        (work / "b.modelspec.yaml").write_text(spec(name="back"), encoding="utf-8")
        changes = [{"uri": (work / "b.modelspec.yaml").as_uri(), "type": 1}]
        c.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        assert "back" in symbols(c)
        assert c.stop() == 0
        assert c.errors == b"", c.errors.decode()


def test_names_of_other_systems_and_of_no_system(tmp_path):
    """Drives of Windows, shares, names that are no text, names that are too long, and other spellings of one name."""
    uris = [
        "file:///c%3A/Work/a.modelspec.yaml", "file:///C:/Work/a.modelspec.yaml", "file://server/share/a.modelspec.yaml",
        "file:///%FF%FE.modelspec.yaml", "file:///" + "a" * 300 + ".modelspec.yaml",
        "file:///" + "d/" * 4000 + "a.modelspec.yaml",
        "file:///a%00b.modelspec.yaml", "file://[.modelspec.yaml", "file:/a.modelspec.yaml", "FILE:///a.modelspec.yaml",
        "file:///repo/A.ModelSpec.YAML", "file:///repo/a.modelspec.yaml", "file:///repo/%61.modelspec.yaml",
    ]  # fmt: skip
    text = spec("pipeline:\n  dependencies:\n    - {id: x, role: custom, specRef: 'file://['}\n")
    with Client(VSCODE, settings={}).start() as c:
        for uri in uris:
            c.open(uri, text)
            assert c.pull(uri)["result"]["kind"] == "full", uri
            assert "result" in c.at("textDocument/hover", uri, 1, 2), uri
            assert "result" in c.at("textDocument/definition", uri, 3, 10), uri
            c.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
            c.close(uri)
        assert c.stop() == 0
        assert b"failed" not in c.errors and b"Traceback" not in c.errors, c.errors.decode()


@posix
def test_links_that_nobody_can_follow(tmp_path):
    """The system does not say what they lead to; what stands beside them is found as ever."""
    (tmp_path / "a.modelspec.yaml").write_text(spec(name="found", count="two"), encoding="utf-8")
    for name in ("long.modelspec.yaml", "long"):
        (tmp_path / name).symlink_to("x" * 300)
    with Client(VSCODE, settings={}) as c:
        started(c, tmp_path)
        until(lambda: "found" in symbols(c))
        uris = [f"{tmp_path.as_uri()}/{name}" for name in ("long", "long.modelspec.yaml", "y" * 300)]
        c.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": u, "type": t} for u in uris for t in (1, 3)]})
        items = c.request("workspace/diagnostic", {"previousResultIds": []})["result"]["items"]
        codes = {item["uri"].rpartition("/")[2]: [d["code"] for d in item["items"]] for item in items}
        assert "MS103" in codes["a.modelspec.yaml"]
        assert codes["long.modelspec.yaml"] == ["MS005"]
        assert c.stop() == 0
        assert c.errors == b"", c.errors.decode()


@pytest.mark.parametrize("later", [False, True])
def test_folders_that_cannot_be_are_left_out(tmp_path, later):
    """A NUL, half a character, another scheme, no path at all: said in the log, and the others are read."""
    (tmp_path / "a.modelspec.yaml").write_text(spec(name="found"), encoding="utf-8")
    odd = ["file:///a%00b", "file:///a\0b", "file:///\ud800", "file:", "file:b", "git+x:///y", "", "\0"]
    folders = [{"uri": uri, "name": "w"} for uri in [*odd, tmp_path.as_uri()]]
    with Client(VSCODE, settings={}) as c:
        params = {"processId": None, "capabilities": c.capabilities, "workspaceFolders": [] if later else folders}
        c.server = c.request("initialize", params)["result"]["capabilities"]
        c.notify("initialized", {})
        if later:
            c.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": folders, "removed": []}})
        until(lambda: "found" in symbols(c))
        assert c.stop() == 0
        assert c.errors.count(b"Not a folder on this machine's disks") >= len(odd)
        assert b"failed" not in c.errors and b"Traceback" not in c.errors, c.errors.decode()


@posix
def test_files_that_are_no_text_and_names_that_are_none(tmp_path):
    """Latin-1 and UTF-16 beside a name in bytes that are no UTF-8: said, found, and nobody falls over."""
    (tmp_path / "latin.modelspec.yaml").write_bytes(spec(name="x").replace("x", "é", 1).encode("latin-1"))
    (tmp_path / "wide.modelspec.yaml").write_bytes(spec(name="wide").encode("utf-16"))
    try:
        odd = tmp_path / os.fsdecode(b"n\xff\xfe.modelspec.yaml")
        odd.write_text(spec(name="odd"), encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes only text as names")
    with Client(VSCODE, settings={}) as c:
        started(c, tmp_path)
        until(lambda: {"wide", "odd"} <= set(symbols(c)))
        items = c.request("workspace/diagnostic", {"previousResultIds": []})["result"]["items"]
        assert any("%FF%FE" in item["uri"] for item in items)
        changes = [{"uri": tmp_path.as_uri() + "/n%FF%FE.modelspec.yaml", "type": 3}]
        odd.unlink()
        c.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        assert "odd" not in symbols(c)
        assert c.stop() == 0
        assert c.errors == b"", c.errors.decode()
