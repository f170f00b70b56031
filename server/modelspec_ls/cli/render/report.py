"""What every format of ``modelspec check`` is made from, and the choice among formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

from attrs import field, frozen

from modelspec_ls.core.finding import Diagnostic, Severity
from modelspec_ls.workspace.document import Document


@frozen
class FileReport:
    """One file with its findings. ``document`` is None for one that could not be read."""

    path: str
    document: Document | None
    diagnostics: tuple[Diagnostic, ...]
    suppressed: tuple[Diagnostic, ...] = ()
    """What comments and annotations keep quiet, where that was asked for."""


@frozen
class Report:
    """All files of a run, in order. ``failed``: something should have been read and could not be."""

    files: Sequence[FileReport]
    totals: dict[Severity, int] = field(factory=lambda: dict.fromkeys(Severity, 0))
    failed: bool = False
    exit_code: int = 0


FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")


def renderer(form: str) -> Callable[[Report], str]:
    """The function that writes a whole run in a format; text is written file by file, elsewhere."""
    module = import_module(f"{__package__}.{form}")
    function: Callable[[Report], str] = module.render
    return function
