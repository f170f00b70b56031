"""``modelspec check`` from outside: what it prints, where, and how it ends."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from modelspec_ls import __version__
from modelspec_ls.cli import examine as examining
from modelspec_ls.cli.inputs import path_of
from modelspec_ls.cli.main import modelspec
from modelspec_ls.core.finding import Diagnostic, Fix, Severity
from modelspec_ls.core.text import Span
from support.signals import interruptible

SPEC = "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\nmetadata: {}\n"
SERVER = Path(__file__).parents[2] / "server"
posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture(autouse=True)
def _marked(monkeypatch):
    """Instead of the rules: whatever stands after ``!error`` or ``!warning`` is found."""

    def examine(document, around):
        text = document.text
        out = []
        for severity in Severity:
            start = text.find(f"!{severity.label}")
            if start >= 0:
                span = Span(start, start + 1 + len(severity.label))
                fixes = (Fix("Do it", ()),)
                out.append(Diagnostic("MS103", "wrong-type", "schema", severity, "Bad é.", span, "/a", 0, (), fixes))
        return evolve(real(document, around), diagnostics=tuple(out))

    real = examining.examine
    monkeypatch.setattr(examining, "examine", examine)


def run(*args: str, stdin: str | bytes = "", **env: str):
    return CliRunner().invoke(modelspec, ["check", *args], input=stdin, env=env, prog_name="modelspec")


def process(*args: str, **more):
    env = {**os.environ, "PYTHONPATH": str(SERVER), **more.pop("env", {})}
    command = [sys.executable, "-m", "modelspec_ls", *args]
    return subprocess.run(command, env=env, capture_output=True, timeout=60, check=False, **more)


# What is checked


def test_this_folder_by_default(folder):
    (folder / "a.modelspec.yaml").write_text(SPEC)
    (folder / "b.yaml").write_text("a: 1\n")
    result = run()
    assert (result.stdout, result.stderr, result.exit_code) == ("Checked 1 file: no problems\n", "", 0)


def test_text(folder):
    (folder / "s").mkdir()
    (folder / "s/a.modelspec.yaml").write_text(SPEC + "x: !error\ny: !warning\n")
    result = run("s")
    assert result.exit_code == 1
    assert result.stderr == ""
    assert result.stdout == (
        "error[MS103] wrong-type: Bad é.\n --> s/a.modelspec.yaml:4:4\n  |\n4 | x: !error\n  |    ^^^^^^\n"
        "  = help: Do it  (fix)\n\n"
        "warning[MS103] wrong-type: Bad é.\n --> s/a.modelspec.yaml:5:4\n  |\n5 | y: !warning\n  |    ^^^^^^^^\n"
        "  = help: Do it  (fix)\n\n"
        "Checked 1 file: 1 error, 1 warning\n"
    )


def test_warnings_alone_are_no_failure(folder):
    (folder / "a.modelspec.yaml").write_text(SPEC + "y: !warning\n")
    assert run("-q").exit_code == 0


def test_json_shape(folder):
    (folder / "a.modelspec.yaml").write_text("é: 𝄞 !error\n")
    (folder / "b.modelspec.yaml").write_text(SPEC)
    result = run("--format", "json", "a.modelspec.yaml", "./b.modelspec.yaml")
    assert result.exit_code == 1
    assert '"message": "Bad é.",\n' in result.stdout
    answer = json.loads(result.stdout)
    assert list(answer) == ["files", "summary"]
    assert list(answer["files"][0]["diagnostics"][0]) == [
        *("code", "name", "category", "severity", "message", "pointer", "range", "fixes")
    ]
    assert answer == {
        "files": [
            {
                "path": "a.modelspec.yaml",
                "diagnostics": [
                    {
                        "code": "MS103",
                        "name": "wrong-type",
                        "category": "schema",
                        "severity": "error",
                        "message": "Bad é.",
                        "pointer": "/a",
                        "range": {"start": {"line": 0, "character": 6}, "end": {"line": 0, "character": 12}},
                        "fixes": ["Do it"],
                    }
                ],
            },
            {"path": "./b.modelspec.yaml", "diagnostics": []},
        ],
        "summary": {"files": 2, "error": 1, "warning": 0, "information": 0, "hint": 0},
    }


def test_json_counts_as_an_editor_does_behind_a_byte_order_mark(folder):
    (folder / "a.modelspec.yaml").write_bytes(b"\xef\xbb\xbf!error")
    answer = json.loads(run("--format", "json").stdout)
    assert answer["files"][0]["diagnostics"][0]["range"]["start"] == {"line": 0, "character": 0}


def test_standard_input():
    result = run("-", stdin=SPEC + "x: !error\n")
    assert "--> stdin.modelspec.yaml:4:4\n" in result.stdout and result.exit_code == 1
    answer = json.loads(run("-", "--stdin-filename", "s/n.modelspec.json", "--format", "json", stdin="{}").stdout)
    assert [f["path"] for f in answer["files"]] == ["s/n.modelspec.json"]
    wrong = run("-", stdin=b"a: \xff")
    assert "The byte 0xFF at offset 3 (line 1)" in wrong.stdout and wrong.exit_code == 2


# What cannot be checked


def test_missing_paths_are_named_with_the_nearest(folder):
    (folder / "specs").mkdir()
    (folder / "specs/llama.modelspec.yaml").write_text(SPEC)
    result = run("specs", "specs/lama.modelspec.yaml", "spec/llama.modelspec.yaml", "specs/llama.yaml", "zzz")
    assert result.exit_code == 2
    assert result.stdout == "Checked 1 file: no problems\n"
    guess = "did you mean `specs/llama.modelspec.yaml`?"
    assert result.stderr.splitlines() == [
        f"modelspec check: `specs/lama.modelspec.yaml` does not exist; {guess}",
        f"modelspec check: `spec/llama.modelspec.yaml` does not exist; {guess}",
        f"modelspec check: `specs/llama.yaml` does not exist; {guess}",
        "modelspec check: `zzz` does not exist. Check the path.",
    ]


@posix
@pytest.mark.parametrize("name", ["x" * 300 + ".yaml", "y/" * 3000 + "a.yaml", "link.yaml"])
def test_a_path_that_nobody_can_follow_keeps_no_other_from_being_checked(folder, name):
    (folder / "a.yaml").write_text(SPEC + "# !error\n")
    (folder / "link.yaml").symlink_to("x" * 300)
    result = run("a.yaml", name)
    assert result.exit_code == 2
    assert "a.yaml:4:3" in result.stdout and "error[MS005]" in result.stdout
    assert "Checked 2 files: 2 errors" in result.stdout


def test_what_cannot_be_read_is_a_finding_and_the_others_are_checked(folder, monkeypatch):
    (folder / "a.yaml").write_text(SPEC + "# !error\n")
    (folder / "locked.yaml").write_text(SPEC)
    monkeypatch.setattr(os, "access", lambda path, *_, **__: "locked" not in os.fspath(path))
    result = run("a.yaml", "locked.yaml")
    assert result.exit_code == 1, result.stderr
    assert "Checked 2 files" in result.stdout


def test_only_missing_paths():
    result = run("gone", "--format", "json")
    assert json.loads(result.stdout)["summary"]["files"] == 0
    assert result.exit_code == 2
    assert run("gone").stdout == ""


def test_unreadable_file(folder):
    (folder / "a.modelspec.yaml").write_bytes(b"\0")
    (folder / "b.modelspec.yaml").write_text(SPEC)
    result = run("--format", "json")
    assert result.exit_code == 2
    found = json.loads(result.stdout)["files"][0]["diagnostics"][0]
    assert found["message"].startswith("This is a binary file")
    del found["message"]
    zero = {"line": 0, "character": 0}
    assert found == {
        "code": "MS005",
        "name": "unreadable-file",
        "category": "syntax",
        "severity": "error",
        "pointer": "",
        "range": {"start": zero, "end": zero},
        "fixes": [],
    }


@posix
def test_a_folder_loop_is_no_failure(folder):
    (folder / "a.modelspec.yaml").write_text(SPEC)
    (folder / "up").symlink_to(".")
    result = run()
    assert "information[MS005] unreadable-file: This folder link leads back to `.`; not entered." in result.stdout
    assert result.exit_code == 0


def test_nothing_found(folder):
    (folder / "a.yaml").write_text("a: 1\n")
    result = run(".")
    assert (result.stdout, result.exit_code) == ("", 0)
    assert result.stderr.startswith("No ModelSpec files found under `.`; looked for *.modelspec.yaml")
    assert run(".", "--quiet").stderr == ""


def test_nothing_judged(folder):
    (folder / "a.yaml").write_text("kind: Deployment\n")
    result = run("a.yaml")
    assert result.stderr == "note: a.yaml declares no `kind: ModelSpec`; nothing in it was judged\n"
    assert (result.stdout, result.exit_code) == ("Checked 1 file: no problems\n", 0)
    assert run("a.yaml", "-q").output == ""


# Usage


@pytest.mark.parametrize(
    "args, message",
    [
        (["--format", "xml"], "'xml' is not one of 'text', 'json'"),
        (["--select", "wrong-tpye"], "`--select wrong-tpye` names no rule; did you mean `wrong-type`?"),
        (["--ignore", "MS1,qqqqqqqqq"], "`--ignore qqqqqqqqq` names no rule; use a code"),
        (["--stdin-filename", "a.yaml"], "`--stdin-filename` names what `-` reads; add `-` to the paths."),
    ],
)
def test_wrong_usage(args, message):
    result = run(*args)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_select_and_ignore_reach_the_configuration(folder, monkeypatch):
    seen = []
    real = examining.examine
    monkeypatch.setattr(
        examining, "examine", lambda document, around: seen.append(around.config) or real(document, around)
    )
    (folder / "a.modelspec.yaml").write_text(SPEC)
    run("--select", "schema, MS001", "--select", "duplicate-key", "--ignore", "MS101")
    assert (seen[0].select, seen[0].ignore) == (("schema", "MS001", "duplicate-key"), ("MS101",))


@pytest.mark.parametrize(
    "args, message",
    [
        (["chek"], "There is no command `chek`; did you mean `modelspec check`?"),
        (["a.yaml"], "`a.yaml` is not a command. To check it: modelspec check a.yaml"),
        (["frobnicate"], "There is no command `frobnicate`; there are "),
        (["lsp", "--tcp", "host:99999"], "expected HOST:PORT or PORT with a port from 0 to 65535, got `host:99999`."),
        (["lsp", "--stdio", "--tcp", "1"], "Choose one of `--stdio`, `--tcp` and `--ws`."),
    ],
)
def test_wrong_commands(args, message):
    result = CliRunner().invoke(modelspec, args, prog_name="modelspec")
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    "choice, env, colored",
    [
        ("auto", {}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "0"}, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
def test_color(folder, choice, env, colored):
    (folder / "a.modelspec.yaml").write_text(SPEC + "!error")
    assert ("\x1b[" in run("--color", choice, **env).stdout) is colored


# The process as a whole


def test_version_and_module():
    assert process("--version").stdout.decode().split() == ["modelspec", __version__]
    assert b"check" in process("-h").stdout


def test_the_protocol_stack_is_never_imported(folder):
    (folder / "a.modelspec.yaml").write_text(SPEC)
    code = (
        "import sys; from modelspec_ls.cli.main import run; run(['check']); run(['--help']);"
        "sys.exit(bool({'lsprotocol', 'pygls', 'pathspec'} & set(sys.modules)))"
    )
    env = {**os.environ, "PYTHONPATH": str(SERVER)}
    assert subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=False).returncode == 0


@posix
def test_broken_pipe_is_quiet(folder):
    (folder / "a.modelspec.yaml").write_text("kind: [\n" * 500)
    command = [sys.executable, "-m", "modelspec_ls", "check", "a.modelspec.yaml", "gone"]
    reading, writing = os.pipe()
    os.close(reading)
    env = {**os.environ, "PYTHONPATH": str(SERVER)}
    with os.fdopen(writing, "wb") as stdout:
        result = subprocess.run(command, env=env, stdout=stdout, stderr=subprocess.PIPE, check=False)
    assert result.stderr.decode() == "modelspec check: `gone` does not exist. Check the path.\n"
    assert result.returncode == 141


@posix
def test_interrupt():
    command = [sys.executable, "-m", "modelspec_ls", "check", "-"]
    env = {**os.environ, "PYTHONPATH": str(SERVER)}
    with interruptible():
        running = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    with running:
        running.stdin.write(bytes(1_000_000))  # More than a pipe holds: it is being read when this ends.
        running.stdin.flush()
        # Python looks at signals between two reads only where one was interrupted: impatient people press again.
        for _ in range(30):
            running.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(2)
                break
        # The second press may meet a Python that is ending already.
        assert running.wait(60) in {130, -signal.SIGINT}
        assert b"Traceback" not in running.stderr.read()


def test_output_in_an_encoding_that_lacks_the_characters(folder):
    (folder / "é字.modelspec.yaml").write_text("kind: [字\n", encoding="utf-8")
    env = {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    text = process("check", env=env)
    assert text.returncode == 1 and "é\\u5b57.modelspec.yaml:1".encode("cp1252") in text.stdout
    answer = json.loads(process("check", "--format", "json", env=env).stdout.decode("cp1252"))
    assert answer["files"][0]["path"] == "é字.modelspec.yaml"


def test_the_server_starts_and_its_exit_code_is_ours():
    def frame(body: str) -> str:
        return f"Content-Length: {len(body)}\r\n\r\n{body}"

    start = (
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}'
    )
    bye = '{"jsonrpc":"2.0","method":"exit"}'
    result = process("lsp", "--stdio", "--clientProcessId=1", input=(frame(start) + frame(bye)).encode())
    assert b'"capabilities"' in result.stdout
    assert result.returncode == 1  # "exit" without "shutdown" before it.


def test_a_path_is_told_from_the_working_folder_even_where_that_is_the_root(monkeypatch, tmp_path):
    monkeypatch.chdir("/")
    assert path_of(tmp_path.as_uri()) == tmp_path.as_posix().lstrip("/")
    monkeypatch.chdir(tmp_path)
    assert path_of((tmp_path / "a b" / "x.yaml").as_uri()) == "a b/x.yaml"
