"""What the code could do at all: no programs, no network, no markup, no forged lines."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from modelspec_ls.cli.render.source import safe
from support.specs import spec

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "server/modelspec_ls"
VIEWS = ROOT / "vscode-extension/src"
TREES = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}
RUNS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "system",
    "popen",
    "Popen",
    "spawn",
    "spawnl",
    "spawnv",
    "execv",
    "execve",
}
# What starts programs, loads code or objects, or speaks to other machines.
MODULES = {
    "subprocess",
    "ctypes",
    "runpy",
    "code",
    "codeop",
    "marshal",
    "shelve",
    "cffi",
    "pty",
    "socket",
    "ssl",
    "requests",
}
MODULES |= {
    "urllib.request",
    "http",
    "http.client",
    "ftplib",
    "smtplib",
    "aiohttp",
    "httpx",
    "xmlrpc",
    "telnetlib",
    "yaml",
}


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_nothing_is_executed():
    for name, tree in TREES.items():
        # Expressions of policies are judged by a script of ours in a process that the system bounds.
        allowed = {"subprocess"} if name == "policy/cel.py" else set()
        assert not (MODULES - allowed) & set(imports(tree)), name
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                bare = isinstance(node.func, ast.Name) or (
                    isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "os"
                )
                assert not (bare and called in RUNS), (name, node.lineno)
    # Objects are read back in one place, by a reader that knows plain classes only.
    assert [name for name, tree in TREES.items() if "pickle" in set(imports(tree))] == ["workspace/cache.py"]
    # Names of modules to import come from our own tables.
    dynamic = {name for name, tree in TREES.items() if "importlib" in set(imports(tree))}
    known = {"lsp/handlers/__init__.py", "lsp/sockets.py", "rules/registry.py", "syntax/toml.py", "workspace/cache.py"}
    assert dynamic <= known | {"cli/main.py", "cli/render/picture.py", "cli/render/report.py"}


def test_the_network_has_one_door():
    asks = {name for name, tree in TREES.items() if any(m.startswith("huggingface_hub") for m in imports(tree))}
    assert asks == {"cli/hub.py"}
    uses = {name for name, tree in TREES.items() if any(m.endswith("hub") for m in imports(tree) if "modelspec" in m)}
    assert uses <= {"cli/catalog_add.py"}


NO_SOCKETS = """
import sys
def hook(event, args):
    if event.startswith(("socket.connect", "socket.getaddrinfo", "socket.bind", "subprocess.", "os.system", "os.exec")):
        sys.stderr.write(f"FORBIDDEN {event}")
        raise SystemExit(99)
sys.addaudithook(hook)
sys.argv[0] = "modelspec"
from modelspec_ls.cli.main import run
run()
"""


@pytest.mark.parametrize(
    "command", [["check", "."], ["check", "--fix", "."], ["fit", "a.modelspec.yaml"], ["graph", "."], ["lsp"]]
)
def test_no_socket_is_opened(command, tmp_path):
    """The interpreter itself tells of every socket and program; a spec full of addresses leads to none."""
    uris = "artifacts: {modelUri: 'hf://acme/x', tokenizerUri: 'https://models.acme.dev/x'}\n      framework:"
    below = "pipeline:\n  dependencies:\n    - {id: a, role: custom, specRef: 'https://models.acme.dev/x.yaml'}\n"
    text = spec(below).replace("framework:", uris, 1)
    (tmp_path / "a.modelspec.yaml").write_text(text, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
    body = b""
    if command == ["lsp"]:
        messages = [
            {"id": 1, "method": "initialize", "params": {
                "processId": None, "rootUri": tmp_path.as_uri(), "capabilities": {}}},
            {"method": "initialized", "params": {}},
            {"method": "textDocument/didOpen", "params": {"textDocument": {
                "uri": (tmp_path / "a.modelspec.yaml").as_uri(), "languageId": "yaml", "version": 1, "text": text}}},
            {"id": 2, "method": "textDocument/hover", "params": {
                "textDocument": {"uri": (tmp_path / "a.modelspec.yaml").as_uri()},
                "position": {"line": 8, "character": 40}}},
            {"id": 3, "method": "shutdown"},
            {"method": "exit"},
        ]  # fmt: skip
        frames = [json.dumps({"jsonrpc": "2.0", **m}).encode() for m in messages]
        body = b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(f), f) for f in frames)
    done = subprocess.run(
        [sys.executable, "-c", NO_SOCKETS, *command],
        cwd=tmp_path,
        env=env,
        input=body,
        capture_output=True,
        check=False,
    )
    assert b"FORBIDDEN" not in done.stderr, done.stderr
    assert done.returncode in {0, 1}, done.stderr


def test_a_terminal_is_never_told_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evil = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\r\x9b31m"
    text = spec(type='"' + evil.encode("unicode_escape").decode().replace("\\x", "\\x") + '"') + f"x: {evil}\n"
    (tmp_path / "a.modelspec.yaml").write_text(text, encoding="utf-8")
    name = "b\x1b[31m\u202e.modelspec.yaml" if os.name != "nt" else "b.modelspec.yaml"
    (tmp_path / name).write_text("kind: [\n", encoding="utf-8")
    for form in ("text", "github"):
        said = CliRunner().invoke(modelspec, ["check", "--color", "never", "--format", form, "."]).output
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said), form
    assert safe("\x1b[31m") == "\u241b[31m"


def test_webviews_parse_no_markup():
    sources = {path: path.read_text("utf-8") for path in VIEWS.rglob("*.ts")}
    assert len(sources) > 10
    for path, text in sources.items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser", text), path
        assert not re.search(r"createContextualFragment|\beval\(|new Function", text), path
        # Words of the server become text in Markdown, never commands.
        assert not re.search(r"(?<!workspace\.)\bisTrusted\b|supportHtml\s*[=:]\s*true", text), path
        # Texts of files are appended as text.
        assert not re.search(r"MarkdownString\([^)]|appendMarkdown\((?!\"|plain\()", text), path
    page = (VIEWS / "views/page.ts").read_text("utf-8")
    assert "default-src 'none'" in page and "script-src 'nonce-" in page and "unsafe-inline" not in page


def test_an_untrusted_folder_chooses_no_program():
    manifest = json.loads((ROOT / "vscode-extension/package.json").read_text("utf-8"))
    restricted = set(manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    found = manifest["contributes"]["configuration"]
    groups = found if isinstance(found, list) else [found]
    settings = {name for group in groups for name in group["properties"]}
    programs = {name for name in settings if re.search(r"\.(path|args|interpreter|importStrategy|command)$", name)}
    assert programs and programs <= restricted


def test_files_are_written_in_one_place():
    """Whole or not at all, and through no link that leads out."""
    writes = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"write_text", "write_bytes", "mkstemp", "savefig"}
    }
    assert writes == {"cli/writing.py", "cli/render/picture.py", "workspace/cache.py"}
