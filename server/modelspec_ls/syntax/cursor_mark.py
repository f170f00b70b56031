"""The cursor's context as a value, and the mark that finds it in the tree."""

from __future__ import annotations

from typing import Literal, NamedTuple

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import LineIndex, Span

from .build import build
from .lines import PatchedLines
from .lookup import find, spot_at
from .nodes import Document, Mapping, Scalar, Sequence, Tree, deref, key_text
from .parse import parse

MARK = "modelspec0cursor"

Expecting = Literal["key", "value"]
Holds = Literal["", "scalar", "map", "list"]


class CursorContext(NamedTuple):
    """Where the cursor is.

    ``path`` is the container's for a key and the value's own for a value (an item's path ends in its
    index). In flow style ``comma_before`` is the offset at which a comma is missing, and ``comma_after``
    says that one is needed behind. ``prefix`` is what is typed before the cursor, ``replace`` the whole
    word; both lie on the cursor's line. ``indent`` is the column of the keys of the container;
    ``line_indent`` what stands before the cursor's word now. ``present`` are the keys that
    the container has already; ``above`` the ones of them above the cursor, last one last. ``holds`` is the
    kind of value that stands behind or below the key already, ``below`` that it stands on the lines below.
    ``braces``: a mapping in a flow list that has no braces yet. ``cursor`` is where typing goes on: inside a
    closed quote ``prefix`` reaches behind it.
    """

    expecting: Expecting
    document: int
    path: DocPath
    prefix: Span
    replace: Span
    indent: int
    line_indent: int
    present: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    has_colon: bool = False
    after_dash: bool = False
    flow: bool = False
    quote: str = ""
    needs_space: bool = False
    needs_dash: bool = False
    step: int = 2
    value: str = ""
    comma_before: int | None = None
    comma_after: bool = False
    holds: Holds = ""
    below: bool = False
    braces: bool = False
    cursor: int = 0


class CursorLine(NamedTuple):
    """The cursor's line, taken apart."""

    start: int
    text: str
    column: int
    indent: int
    dashes: str
    body: int


class Mark(NamedTuple):
    """Where the mark was found: its path, whether as a key, and the mapping that holds it."""

    document: Document
    path: DocPath
    is_key: bool
    mapping: Mapping


def held(mapping: Mapping) -> Holds:
    """The kind of value that the mark's key has."""
    node = next((deref(pair.value) for pair in mapping.pairs if key_text(pair.key) == MARK), None)
    if isinstance(node, Mapping):
        return "map"
    if isinstance(node, Sequence):
        return "list"
    return "scalar" if isinstance(node, Scalar) else ""


_NOTHING = Mapping(0, 0, (), flow=False, anchor=None, tag=None)


def find_mark(tree: Tree, index: LineIndex, number: int, probe: str, *, strict: bool = False) -> Mark | None:
    """Read the text with the probe line in place and look for the mark.

    ``strict``: only when nothing around the line stops the reading.
    """
    patched = PatchedLines(index, {**tree.patches, number: probe})
    built = build(patched.text)
    documents = built.documents
    if built.fault is not None:
        if strict and patched.line_of(built.fault.offset) <= number + 1:
            return None
        if not strict:
            documents = parse(patched.text).documents
    offset = patched.text.find(MARK)
    spot = spot_at(Tree(patched.text, documents, (), (), json=False), offset)
    if spot is None:
        return None
    document = documents[spot.place.document]
    holder = find(document, spot.place.path[:-1])
    mapping = deref(holder.node) if holder else None
    return Mark(
        document,
        spot.place.path,
        spot.place.part == "key",
        mapping if isinstance(mapping, Mapping) else _NOTHING,
    )
