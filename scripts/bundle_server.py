"""Put the language server and what it needs into the VS Code extension: ``vscode-extension/bundled``.

``--target universal`` bundles pure Python only, for any platform; a platform's name adds the compiled YAML parser for
every supported Python. Needs pip and, where its cache is empty, a package index.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTENSION = ROOT / "vscode-extension"
SOURCES = EXTENSION / "server"
CACHE = ROOT / ".cache" / "wheels"
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
# The marketplace's names for platforms, and the tags that wheels for them may bear.
TARGETS = {
    "linux-x64": ("manylinux2014_x86_64",),
    "linux-arm64": ("manylinux2014_aarch64",),
    "alpine-x64": ("musllinux_1_2_x86_64",),
    "alpine-arm64": ("musllinux_1_2_aarch64",),
    "darwin-x64": ("macosx_10_9_x86_64", "macosx_10_15_x86_64"),
    "darwin-arm64": ("macosx_11_0_arm64",),
    "win32-x64": ("win_amd64",),
}
UNUSED = ("tests", "test", "benchmarks", "__pycache__", "bin")


def main() -> int:
    """Write the bundle for one target."""
    parser = argparse.ArgumentParser(description="Bundle the server for the VS Code extension.")
    parser.add_argument("--target", choices=("universal", *TARGETS), default="universal")
    parser.add_argument("--out", type=Path, default=EXTENSION / "bundled")
    options = parser.parse_args()
    out: Path = options.out
    shutil.rmtree(out, ignore_errors=True)
    libraries(out / "libs")
    server(out / "libs" / "modelspec_ls")
    shutil.copy(SOURCES / "launch.py", out / "launch.py")
    if options.target != "universal":
        native(out / "native", options.target)
    files = [path for path in out.rglob("*") if path.is_file()]
    print(f"{options.target}: {len(files)} files, {sum(path.stat().st_size for path in files) / 2**20:.1f} MiB")
    return 0


def libraries(folder: Path) -> None:
    """The pure Python packages, the oldest supported Python in mind."""
    wheels = download(SOURCES / "requirements.lock", "pure", "--platform", "any", "--python-version", PYTHONS[0])
    for wheel in wheels:
        unpack(wheel, folder)
    for name in UNUSED:
        for path in sorted(folder.rglob(name), reverse=True):
            shutil.rmtree(path)
    shutil.copy(SOURCES / "shims" / "rpds.py", folder / "rpds.py")


def server(folder: Path) -> None:
    """The server with its data; without the command line, which would need more packages."""
    leave = shutil.ignore_patterns("__pycache__", "cli", "__main__.py", "_data")
    package = ROOT / "server" / "modelspec_ls"
    shutil.copytree(package, folder, ignore=leave)
    shutil.copy(package / "lsp" / "__main__.py", folder / "lsp" / "__main__.py")
    for name in ("schema", "snippets", "docs/rules"):
        shutil.copytree(ROOT / name, folder / "_data" / name)


def native(folder: Path, target: str) -> None:
    """The compiled parser for each Python. The names of the files tell them apart."""
    tags = [word for tag in TARGETS[target] for word in ("--platform", tag)]
    for python in PYTHONS:
        arguments = ("--python-version", python, "--implementation", "cp", *tags)
        for wheel in download(SOURCES / "requirements-native.lock", f"{target}-{python}", *arguments):
            unpack(wheel, folder)


def download(requirements: Path, name: str, *arguments: str) -> list[Path]:
    """The wheels of a lock, each by its hash, from an earlier run where the lock is the same."""
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = CACHE / f"{name}-{digest}"
    if not folder.is_dir():
        fresh = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(fresh, ignore_errors=True)
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
        ]
        command += ["--only-binary", ":all:", "--dest", str(fresh), "--requirement", str(requirements), *arguments]
        subprocess.run(command, check=True)
        fresh.rename(folder)
    return sorted(folder.glob("*.whl"))


def unpack(wheel: Path, folder: Path) -> None:
    """A wheel's files."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)


if __name__ == "__main__":
    sys.exit(main())
