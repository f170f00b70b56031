"""A baseline: findings that an old repository had when it took up the tool, and that are not told again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

import click
from attrs import frozen

from modelspec_ls import __version__
from modelspec_ls.core.config import Limits
from modelspec_ls.core.finding import Diagnostic
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.files import FileFault, read_text

from .identity import identified
from .render.source import readable, safe
from .writing import CannotWriteError, write

_FORMAT = 1
_ABOUT = "Findings that `modelspec check --baseline` leaves out. Write it anew with --write-baseline."


@frozen
class Baseline:
    """The identities that are known, by the folder that paths start from."""

    folder: str
    known: frozenset[str]

    @classmethod
    def read(cls, path: str) -> Baseline:
        """Read a file.

        Raises:
            click.BadParameter: it cannot be read, or is no baseline.
        """
        found = read_text(path, Limits(max_file_bytes=64 * 2**20))
        if isinstance(found, FileFault):
            raise click.BadParameter(f"{safe(path)}: {safe(found.message)} `--write-baseline {safe(path)}` makes one.")
        try:
            data: Any = json.loads(found.text)
            entries = [entry["id"] for entry in data["findings"]] if data["baseline"] == _FORMAT else None
        except (ValueError, KeyError, TypeError):
            entries = None
        if entries is None:
            message = "this is no baseline of this tool's; write it anew with --write-baseline."
            raise click.BadParameter(f"{safe(path)}: {message}")
        return cls(_folder(path), frozenset(map(str, entries)))

    def new(self, path: str, document: Document | None, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """The findings of a file that are not known."""
        return tuple(d for d, ident in identified(_from(self.folder, path), document, found) if ident not in self.known)


def write_baseline(path: str, files: Iterable[tuple[str, Document | None, Iterable[Diagnostic]]]) -> int:
    """Write all findings of files as known; returns their number.

    Raises:
        click.ClickException: the file cannot be written.
    """
    folder = _folder(path)
    entries = [
        {"file": readable(_from(folder, name)), "rule": d.ident, "pointer": d.pointer, "id": ident}
        for name, document, found in files
        for d, ident in identified(_from(folder, name), document, found)
    ]
    entries.sort(key=lambda e: (e["file"], e["rule"], e["pointer"], e["id"]))
    data = {"about": _ABOUT, "baseline": _FORMAT, "writtenBy": f"modelspec {__version__}", "findings": entries}
    try:
        write(path, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    except CannotWriteError as fault:
        raise click.ClickException(f"{safe(path)} cannot be written: {fault}.") from None
    return len(entries)


def _folder(path: str) -> str:
    return os.path.dirname(os.path.abspath(path))  # noqa: PTH100, PTH120


def _from(folder: str, path: str) -> str:
    try:
        return os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:  # Another drive.
        return path
