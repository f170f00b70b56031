"""Offsets as line and column, as an editor counts them."""

from __future__ import annotations

import os

from modelspec_ls.core.text import Encoding, LineIndex, Position
from modelspec_ls.workspace.document import Document


def shown_path(path: str) -> str:
    """A path as tools on a repository want it: from the working folder where it lies below, with forward slashes."""
    here = path.replace(os.sep, "/")
    top = os.getcwd().replace(os.sep, "/").rstrip("/") + "/"  # noqa: PTH109
    return here.removeprefix(top).removeprefix("./")


def position(source: Document | LineIndex | None, offset: int, encoding: Encoding) -> Position:
    """A 0-based position. Editors take the byte order mark off the text, so it is not counted."""
    if source is None:
        return Position(0, 0)
    index = source.index if isinstance(source, Document) else source
    line, character = index.position(offset, encoding)
    marked = line == 0 and index.text.startswith("\ufeff")
    return Position(line, max(character - marked, 0))
