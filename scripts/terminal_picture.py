"""Draws what the command line says about a broken example: docs/images/check.svg, for the README."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = "examples/broken/does-not-fit.modelspec.yaml"
WIDTH = 110


def main() -> None:
    """Run the real command and turn its coloured output into a picture."""
    command = [sys.executable, "-m", "modelspec_ls", "check", "--color", "always", EXAMPLE]
    environment = {**os.environ, "COLUMNS": str(WIDTH)}
    output = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False).stdout
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(f"$ modelspec check {EXAMPLE}\n{output.rstrip()}"))
    target = ROOT / "docs" / "images" / "check.svg"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(console.export_svg(title="modelspec check", unique_id="check"), encoding="utf-8")


if __name__ == "__main__":
    main()
