"""What a wrong reference may have meant."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any, NamedTuple

from .facts import FileFacts


class Offers(NamedTuple):
    """File keys of specs by what a person may have got right about them."""

    by_file: Mapping[str, list[str]]
    """By file name."""
    by_folder: Mapping[str, list[str]]
    by_name: Mapping[str, list[str]]
    """By ``metadata.name``; specs beyond the workspace are not found by name."""

    @classmethod
    def of(cls, files: Mapping[str, FileFacts]) -> Offers:
        """Sort the files of a graph."""
        found = cls({}, {}, {})
        for key in sorted(key for key, facts in files.items() if facts.specs):
            found._add(found.by_file, posixpath.basename(key), key)
            found._add(found.by_folder, posixpath.dirname(key), key)
            if not files[key].guest:
                for spec in files[key].specs:
                    found._add(found.by_name, spec.name, key)
        return found

    @staticmethod
    def _add(table: Any, word: str, key: str) -> None:
        table.setdefault(word, []).append(key)


def offered(facts: FileFacts | None) -> tuple[tuple[str, str], ...]:
    """What a file gives others to refer to."""
    return tuple((spec.kind, spec.name) for spec in facts.specs) if facts is not None else ()
