"""Build the wheel and the source distribution so that the same commit gives the same bytes, and prove it.

``dist/`` gets what was built; a second build from a copy elsewhere must have the same hashes. Times come from the last
commit (``SOURCE_DATE_EPOCH``), permissions from here. What git does not know is not part of a build.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Build into a folder, twice unless told otherwise."""
    parser = argparse.ArgumentParser(description="Build the packages reproducibly.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--once", action="store_true", help="do not build a second time to compare")
    options = parser.parse_args()
    shutil.rmtree(options.out, ignore_errors=True)
    first = build(options.out)
    for name, digest in first.items():
        print(f"{digest}  {name}")
    if options.once:
        return 0
    with tempfile.TemporaryDirectory() as other:
        second = build(Path(other) / "out")
    if first != second:
        print("a second build elsewhere differs", file=sys.stderr)
        return 1
    print("a second build elsewhere gives the same bytes")
    return 0


def build(out: Path) -> dict[str, str]:
    """Build from a copy of what git knows, in a folder of its own; hashes by file name."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "source"
        for name in git("ls-files", "-z", "--cached").split("\0"):
            source, target = ROOT / name, copy / name
            if name and source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
                target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
        epoch = os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct").strip()
        env = {**os.environ, "SOURCE_DATE_EPOCH": epoch}
        command = [sys.executable, "-m", "build", "--outdir", str(out), str(copy)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}


def git(*arguments: str) -> str:
    """What git says."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
