"""What features return: plain values that ``lsp`` turns into protocol messages."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from modelspec_ls.core.finding import CreateFile
from modelspec_ls.core.text import LineIndex, Mark, Span, TextEdit


@frozen
class Hover:
    """Markdown about the text under the cursor."""

    span: Span
    markdown: str


CompletionKind = Literal[
    "field", "value", "enum", "constant", "snippet", "file", "reference", "unit", "module", "folder"
]


@frozen
class CompletionItem:
    """One offer. ``insert`` is snippet syntax when ``snippet`` is set; ``plain`` is for clients without.

    ``replace`` covers the whole word, ``prefix`` its part before the cursor; both on the cursor's line.
    """

    label: str
    kind: CompletionKind
    insert: str
    plain: str
    prefix: Span
    replace: Span
    sort: str
    snippet: bool = False
    filter: str = ""
    detail: str = ""
    description: str = ""
    documentation: str = ""
    preselect: bool = False
    deprecated: bool = False
    extra_edits: tuple[TextEdit, ...] = ()
    retrigger: bool = False


@frozen
class Completions:
    """All offers at a place. ``incomplete``: ask again as the user types."""

    items: tuple[CompletionItem, ...] = ()
    incomplete: bool = False


@frozen
class FileEdits:
    """Changes to one file, open or not. ``version``: that of the open document; None for a file on disk."""

    uri: str
    version: int | None
    index: LineIndex
    edits: tuple[TextEdit, ...]


@frozen
class CodeAction:
    """A change that the user can choose. ``code`` and ``span`` name the diagnostic it settles, if any."""

    title: str
    edits: tuple[TextEdit, ...]
    preferred: bool = False
    kind: str = "quickfix"
    codes: tuple[str, ...] = field(default=())
    span: Span | None = None
    creates: tuple[CreateFile, ...] = ()
    files: tuple[FileEdits, ...] = ()
    """Changes to other files."""
    policy: str = ""
    """The policy whose finding it settles, where it is one's."""
    page: tuple[str, str] | None = None
    """The code and name of a rule whose page is to be shown; nothing is changed then."""


SymbolKind = Literal["section", "list", "item", "text", "number", "boolean", "null", "document"]


@frozen
class Symbol:
    """An entry of the outline. ``selection`` lies inside ``span``."""

    name: str
    detail: str
    kind: SymbolKind
    span: Span
    selection: Span
    children: tuple[Symbol, ...] = ()


@frozen
class Fold:
    """A range of 0-based lines that can be folded into its first."""

    start_line: int
    end_line: int
    comment: bool = False


@frozen
class Link:
    """Text that leads somewhere."""

    span: Span
    target: str
    tooltip: str = ""


@frozen
class Location:
    """A place in a file, open or not."""

    uri: str
    mark: Mark


@frozen
class Lens:
    """One line shown above a place. ``command``: what a client that knows it may run, about ``places``."""

    span: Span
    title: str
    command: str = ""
    places: tuple[Location, ...] = ()


@frozen
class InlayHint:
    """A few words shown beside a value."""

    offset: int
    label: str
    tooltip: str = ""


@frozen
class WorkspaceSymbol:
    """A spec (or, ``spec`` being false, its model) anywhere in the workspace."""

    name: str
    spec: bool
    container: str
    where: Location


@frozen
class HierarchyItem:
    """A spec in the tree of dependencies, with what names it in the graph."""

    name: str
    detail: str
    where: Location
    key: str
    document: int


@frozen
class HierarchyCall:
    """A neighbour in the tree, and the places that make it one."""

    item: HierarchyItem
    places: tuple[Location, ...]


@frozen
class Refusal:
    """Why something asked for is not done, for the user to read."""

    message: str
