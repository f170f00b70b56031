"""How standard output is written: in colour or not, how wide, in which characters."""

from __future__ import annotations

import os
import shutil
import sys

import click
from attrs import field, frozen

from modelspec_ls.resources import find_file

_VERDICTS = {"fits": "green", "tight": "yellow", "unknown": "bright_blue"}


@frozen
class TextStyle:
    """Whether there is colour, and the width of the terminal in cells."""

    color: bool = False
    width: int = field(factory=lambda: shutil.get_terminal_size((120, 24)).columns)

    links: bool = False
    """Whether rules are links to their pages."""

    def link(self, text: str, uri: str | None) -> str:
        """The text as a link (OSC 8), where the terminal follows some."""
        return f"\033]8;;{uri}\033\\{text}\033]8;;\033\\" if self.links and uri else text

    def paint(self, text: str, color: str | None = None, *, bold: bool = False) -> str:
        """The text in colour, where there is any."""
        return click.style(text, fg=color, bold=bold or None) if self.color else text


def colored(choice: str) -> bool:
    """Whether standard output gets colour: ``always``, ``never`` or, by ``auto``, where a person sees it."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def linked(*, color: bool) -> bool:
    """Whether standard output is a terminal that shows links; those that do not know them leave them out."""
    return color and sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") not in {"dumb", "linux"}


def rule_page(code: str, name: str) -> str | None:
    """The address of a rule's page as it was installed."""
    page = find_file("docs/rules", f"{code}-{name}.md")
    return page.as_uri() if page else None


def unicode_output() -> bool:
    """Whether standard output carries any character."""
    return (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")


def verdict_color(verdict: str) -> str:
    """The colour of a verdict on memory fit."""
    return _VERDICTS.get(verdict, "bright_red")
