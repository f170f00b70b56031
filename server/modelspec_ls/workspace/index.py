"""The facts of every spec below the workspace's folders, for features that look beyond one file.

An index is immutable. Open documents win over their files: ask ``Snapshot.specs``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from attrs import evolve, field, frozen

from modelspec_ls.core.config import Limits

from .discover import discover
from .document import Document
from .facts import SpecFacts, facts
from .files import FileText, read_text


@frozen
class Index:
    """Facts by URI."""

    files: Mapping[str, tuple[SpecFacts, ...]] = field(factory=dict)

    def with_file(self, uri: str, found: tuple[SpecFacts, ...]) -> Index:
        """This index with one file's facts replaced; the same index where they are equal."""
        if self.files.get(uri, ()) == found:
            return self
        if not found:
            return evolve(self, files={u: f for u, f in self.files.items() if u != uri})
        return evolve(self, files={**self.files, uri: found})


def scan(folders: list[Path], limits: Limits) -> Iterator[tuple[str, tuple[SpecFacts, ...]]]:
    """Read every spec below the folders, one file per step; unreadable files are left out."""
    for found in discover([str(folder) for folder in folders], limits):
        if isinstance(found.content, FileText):
            uri = Path(found.path).absolute().as_uri()
            yield uri, facts(Document(uri, found.content.text))
        else:
            yield "", ()


def read_facts(uri: str, limits: Limits) -> tuple[SpecFacts, ...]:
    """The facts of one file on disk; none where it is gone or unreadable."""
    path = path_of(uri)
    content = read_text(path, limits) if path is not None else None
    return facts(Document(uri, content.text)) if isinstance(content, FileText) else ()


def path_of(uri: str) -> Path | None:
    """The local path of a ``file:`` URI; None for any other."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return None
    path = unquote(parts.path)
    if len(path) > 2 and path[0] == "/" and path[2] == ":":
        path = path[1:]
    return Path(f"//{parts.netloc}{path}" if parts.netloc else path)
