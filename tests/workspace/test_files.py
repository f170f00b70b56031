"""Reading and finding files, on trees built for each test."""

import os
import socket
from pathlib import Path

import pytest

from modelspec_ls.core.config import Limits
from modelspec_ls.core.finding import Severity
from modelspec_ls.workspace.discover import discover
from modelspec_ls.workspace.files import FileFault, FileText, read_text

LIMITS = Limits()
SPEC = "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\n"
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX")
not_root = pytest.mark.skipif(AS_ROOT, reason="root may read everything")


def build(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def names(root: Path, monkeypatch, *paths: str) -> list[str]:
    monkeypatch.chdir(root)
    return [found.path for found in discover(paths or (".",), LIMITS)]


# Reading


@pytest.mark.parametrize(
    "data, text",
    [
        (b"", ""),
        ("a: é 𝄞\r\n".encode(), "a: é 𝄞\r\n"),
        (b"\xef\xbb\xbfa: 1", "\ufeffa: 1"),
        (b"\xff\xfe" + "a: é".encode("utf-16-le"), "a: é"),
        (b"\xfe\xff" + "a: é".encode("utf-16-be"), "a: é"),
        (b"\xff\xfe\0\0" + "a: é".encode("utf-32-le"), "a: é"),
        (b"\0\0\xfe\xff" + "a: é".encode("utf-32-be"), "a: é"),
    ],
)
def test_encodings(tmp_path, data, text):
    (tmp_path / "a.yaml").write_bytes(data)
    content = read_text(tmp_path / "a.yaml", LIMITS)
    assert isinstance(content, FileText) and content.text == text


@pytest.mark.parametrize(
    "data, message",
    [
        (
            b"a: 1\r\nb: \xe9t\xe9\n",
            "The byte 0xE9 at offset 9 (line 2) is not UTF-8 text. Save the file as UTF-8.",
        ),
        (b"\xff\xfea", "The byte 0x61 at offset 2 is not UTF-16 text. Save the file as UTF-8."),
        (
            b"a\nb\nc\0",
            (
                "This is a binary file, or text in UTF-16 without a mark: "
                "a NUL byte at offset 5 (line 3). Save it as UTF-8."
            ),
        ),
    ],
)
def test_not_text(tmp_path, data, message):
    (tmp_path / "a.yaml").write_bytes(data)
    assert read_text(tmp_path / "a.yaml", LIMITS) == FileFault(message)


def test_too_big_names_both_sizes_and_the_limit_itself_is_fine(tmp_path):
    limits = Limits(max_file_bytes=2**20)
    path = tmp_path / "a.yaml"
    path.write_bytes(b"#" * 2**20)
    assert isinstance(read_text(path, limits), FileText)
    path.write_bytes(b"#" * (2**20 + 1))
    assert read_text(path, limits) == FileFault(
        "The file has 1.01 MiB; at most 1 MiB is read. Split it into smaller files."
    )


def test_folder_and_missing(tmp_path):
    assert read_text(tmp_path, LIMITS) == FileFault("This is a folder, not a file. Name a file in it.")
    gone = read_text(tmp_path / "gone.yaml", LIMITS)
    assert isinstance(gone, FileFault) and gone.message.startswith("There is no such file")


@posix
def test_nothing_that_could_block_is_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.modelspec.yaml")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.modelspec.yaml")
        for path, kind in [
            ("pipe.modelspec.yaml", "named pipe"),
            ("socket.modelspec.yaml", "socket"),
            ("/dev/zero", "device"),
        ]:
            fault = read_text(path, LIMITS)
            assert isinstance(fault, FileFault) and fault.message.startswith(f"This is a {kind}, not a file")
        found = [f.path for f in discover(["."], LIMITS) if isinstance(f.content, FileFault)]
    assert found == ["pipe.modelspec.yaml", "socket.modelspec.yaml"]


@posix
def test_links_that_lead_nowhere(tmp_path):
    (tmp_path / "self.yaml").symlink_to("self.yaml")
    (tmp_path / "dead.yaml").symlink_to("gone")
    assert read_text(tmp_path / "self.yaml", LIMITS) == FileFault("The link leads back to itself. Point it at a file.")
    assert isinstance(read_text(tmp_path / "dead.yaml", LIMITS), FileFault)


@posix
@not_root
def test_permission(tmp_path, monkeypatch):
    build(tmp_path, {"a.modelspec.yaml": SPEC, "b/c.modelspec.yaml": SPEC})
    (tmp_path / "a.modelspec.yaml").chmod(0)
    (tmp_path / "b").chmod(0)
    monkeypatch.chdir(tmp_path)
    try:
        found = {f.path: f.content for f in discover(["."], LIMITS)}
    finally:
        (tmp_path / "b").chmod(0o700)
    assert found == {
        "a.modelspec.yaml": FileFault("No permission to read this file. Grant read access, or leave this file out."),
        "b/": FileFault("No permission to read this folder. Grant read access, or leave this folder out."),
    }


# Finding


def test_by_name_and_by_content_in_order(tmp_path, monkeypatch):
    build(
        tmp_path,
        {
            "z.modelspec.yaml": "",
            "b/a.MODELSPEC.YML": "x: 1",
            "b/a/c.modelspec.json": "{}",
            "plain.yaml": SPEC,
            "data.json": '{"kind": "ModelSpec"}',
            "other.yaml": "kind: Deployment\n# not a ModelSpec\n",
            "notes.txt": SPEC,
            "b-x/d.yml": SPEC,
        },
    )
    (tmp_path / "wide.yaml").write_bytes(SPEC.encode("utf-16"))
    assert names(tmp_path, monkeypatch) == [
        "data.json",
        "plain.yaml",
        "wide.yaml",
        "z.modelspec.yaml",
        "b/a.MODELSPEC.YML",
        "b/a/c.modelspec.json",
        "b-x/d.yml",
    ]


def test_paths_stay_as_given(tmp_path, monkeypatch):
    build(tmp_path, {"s/a.modelspec.yaml": SPEC})
    for given, shown in [("s", "s/"), ("s/", "s/"), ("./s", "./s/"), ("s/../s", "s/../s/"), (".", "s/")]:
        assert names(tmp_path, monkeypatch, given) == [f"{shown}a.modelspec.yaml"]
    assert names(tmp_path, monkeypatch, str(tmp_path)) == [f"{tmp_path.as_posix()}/s/a.modelspec.yaml"]
    assert names(tmp_path, monkeypatch, "./s/a.modelspec.yaml") == ["./s/a.modelspec.yaml"]


def test_each_file_once_and_a_named_one_is_claimed(tmp_path, monkeypatch):
    build(tmp_path, {"a.yaml": "x: 1", "b.modelspec.yaml": SPEC})
    monkeypatch.chdir(tmp_path)
    expected = [("b.modelspec.yaml", True), ("a.yaml", True)]
    for paths in (["b.modelspec.yaml", "a.yaml", ".", "b.modelspec.yaml"], ["./b.modelspec.yaml", "./a.yaml"]):
        assert [(f.path.removeprefix("./"), f.claimed) for f in discover(paths, LIMITS)] == expected
    assert [(f.path, f.claimed) for f in discover([".", "b.modelspec.yaml"], LIMITS)] == [("b.modelspec.yaml", True)]


@posix
def test_names_that_differ_by_case_are_different_files_where_they_are(tmp_path, monkeypatch):
    build(tmp_path, {"a.modelspec.yaml": SPEC, "A.modelspec.yaml": SPEC})
    expected = [path.name for path in sorted(tmp_path.iterdir())]
    assert names(tmp_path, monkeypatch) == expected


def test_big_files_only_when_they_are_ours(tmp_path):
    build(tmp_path, {"ours.yaml": SPEC + "#" * 100, "other.yaml": "a: 1\n" + "#" * 100, "x.modelspec.yaml": "#" * 100})
    found = list(discover([str(tmp_path)], Limits(max_file_bytes=80)))
    assert [Path(f.path).name for f in found] == ["ours.yaml", "x.modelspec.yaml"]
    assert all(isinstance(f.content, FileFault) for f in found)


def test_binary_and_wrongly_encoded_files(tmp_path, monkeypatch):
    build(tmp_path, {"fine.modelspec.yaml": SPEC})
    (tmp_path / "latin.yaml").write_bytes(SPEC.encode() + b"# caf\xe9\n")
    (tmp_path / "binary.json").write_bytes(b"\0\1\2")
    (tmp_path / "bad.modelspec.json").write_bytes(b"\0\1\2")
    assert names(tmp_path, monkeypatch) == ["bad.modelspec.json", "fine.modelspec.yaml", "latin.yaml"]


# Ignore files


IGNORED_TREE = {
    ".git/info/exclude": "private/\n",
    ".git/x.modelspec.yaml": SPEC,
    ".gitignore": "# comment\nbuild/\n/top.modelspec.yaml\n*.tmp.modelspec.yaml\n!\\\n\\\n"
    "logs/**\n!logs/keep.modelspec.yaml\n",
    ".modelspecignore": "vendor\n!wanted.tmp.modelspec.yaml\n",
    "top.modelspec.yaml": SPEC,
    "a.tmp.modelspec.yaml": SPEC,
    "wanted.tmp.modelspec.yaml": SPEC,
    "build/b.modelspec.yaml": SPEC,
    "private/p.modelspec.yaml": SPEC,
    "logs/l.modelspec.yaml": SPEC,
    "logs/keep.modelspec.yaml": SPEC,
    "vendor/v.modelspec.yaml": SPEC,
    "node_modules/n.modelspec.yaml": SPEC,
    "sub/.gitignore": "!back.tmp.modelspec.yaml\nlocal.modelspec.yaml\n",
    "sub/top.modelspec.yaml": SPEC,
    "sub/back.tmp.modelspec.yaml": SPEC,
    "sub/local.modelspec.yaml": SPEC,
    "sub/build/c.modelspec.yaml": SPEC,
    "local.modelspec.yaml": SPEC,
}
KEPT_IN_SUB = ["back.tmp.modelspec.yaml", "top.modelspec.yaml"]


def test_ignore_files(tmp_path, monkeypatch):
    build(tmp_path, IGNORED_TREE)
    assert names(tmp_path, monkeypatch) == [
        "local.modelspec.yaml",
        "wanted.tmp.modelspec.yaml",
        "logs/keep.modelspec.yaml",
        *(f"sub/{name}" for name in KEPT_IN_SUB),
    ]


def test_ignore_files_above_the_folder_count_up_to_the_repository(tmp_path, monkeypatch):
    build(tmp_path, {".gitignore": "*\n", **{f"repo/{k}": v for k, v in IGNORED_TREE.items()}})
    assert names(tmp_path / "repo", monkeypatch, "sub") == [f"sub/{name}" for name in KEPT_IN_SUB]
    assert names(tmp_path / "repo" / "sub", monkeypatch) == KEPT_IN_SUB


def test_what_is_named_is_never_ignored(tmp_path, monkeypatch):
    build(tmp_path, IGNORED_TREE)
    for path in ("top.modelspec.yaml", "build/b.modelspec.yaml", "node_modules/n.modelspec.yaml"):
        assert names(tmp_path, monkeypatch, path) == [path]
    assert names(tmp_path, monkeypatch, "build") == ["build/b.modelspec.yaml"]
    assert names(tmp_path, monkeypatch, "node_modules") == ["node_modules/n.modelspec.yaml"]


# Links


@posix
def test_links_to_files_and_folders(tmp_path, monkeypatch):
    build(tmp_path, {"outside/o.modelspec.yaml": SPEC, "in/real/r.modelspec.yaml": SPEC, "file.yaml": SPEC})
    (tmp_path / "in/linked.modelspec.yaml").symlink_to("../file.yaml")
    (tmp_path / "in/a-link").symlink_to("../outside")
    (tmp_path / "in/b-link").symlink_to("../outside")
    (tmp_path / "in/c-link").symlink_to("real")
    assert names(tmp_path, monkeypatch, "in") == [
        "in/real/r.modelspec.yaml",
        "in/linked.modelspec.yaml",
        "in/a-link/o.modelspec.yaml",
    ]


@posix
def test_a_loop_is_said_and_not_entered(tmp_path, monkeypatch):
    build(tmp_path, {"a/b/x.modelspec.yaml": SPEC})
    (tmp_path / "a/b/up").symlink_to("../../a")
    (tmp_path / "a/b/self").symlink_to(".")
    (tmp_path / "a/b/root").symlink_to("/")
    monkeypatch.chdir(tmp_path)
    found = {f.path: f.content for f in discover(["a"], LIMITS)}
    assert list(found) == ["a/b/root", "a/b/self", "a/b/up", "a/b/x.modelspec.yaml"]
    assert found["a/b/up"] == FileFault("This folder link leads back to `a`; not entered.", Severity.INFORMATION)
    assert found["a/b/self"] == FileFault("This folder link leads back to `a/b`; not entered.", Severity.INFORMATION)


@posix
def test_two_folders_that_link_to_each_other_end(tmp_path, monkeypatch):
    build(tmp_path, {"in/x.modelspec.yaml": SPEC, "out/y.modelspec.yaml": SPEC})
    (tmp_path / "in/l").symlink_to("../out")
    (tmp_path / "out/l").symlink_to("../in")
    assert names(tmp_path, monkeypatch, "in") == ["in/x.modelspec.yaml", "in/l/y.modelspec.yaml"]


def test_a_very_deep_folder(tmp_path, monkeypatch):
    deep = "/".join("d" * 400)
    build(tmp_path, {f"{deep}/x.modelspec.yaml": SPEC})
    assert names(tmp_path, monkeypatch) == [f"{deep}/x.modelspec.yaml"]
