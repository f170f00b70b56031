"""One text with what is derived from it. Derived parts are computed once, on demand."""

from __future__ import annotations

from typing import Any

from modelspec_ls.core.config import Limits
from modelspec_ls.core.lazy import lazy
from modelspec_ls.core.text import LineIndex
from modelspec_ls.syntax.nodes import Tree
from modelspec_ls.syntax.parse import parse

from .kinds import Role, Standing, is_settings_name, roles
from .references import key_of

_LIMITS = Limits()


class Document:
    """An open buffer or a file's content. Immutable: an edit makes a new one.

    Args:
        uri: its name in the protocol; also decides by its ending whether it is JSON.
        text: the content as it is, with byte order mark and line ends.
        version: the client's version number, None for a file on disk.
        claimed: the user named the file, so what is broken in it is told whatever its name.
        declared: the editor's language for it is ModelSpec, which counts like a name that says so.
        key: the file's name in the graph, where it is not that of the URI.
    """

    def __init__(
        self,
        uri: str,
        text: str,
        version: int | None = None,
        *,
        claimed: bool = False,
        declared: bool = False,
        key: str | None = None,
    ) -> None:
        self.uri = uri
        self.key = key or key_of(uri)
        self.text = text
        self.version = version
        self.claimed = claimed or declared
        self.declared = declared
        # Results that upper layers derive from this text alone; as old as the text, so never stale.
        self.memo: dict[str, Any] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process gets the text and derives the rest itself.
        return _document, (self.uri, self.text, self.version, self.claimed, self.declared, self.key)

    @property
    def is_json(self) -> bool:
        """Whether the text is judged as JSON."""
        return self.uri.lower().endswith(".json")

    @property
    def is_settings(self) -> bool:
        """Whether the text may hold settings of ours, in TOML; its tree is empty then."""
        return is_settings_name(self.uri)

    @property
    def oversized(self) -> bool:
        """Whether the text is beyond what is read, in the editor as on the command line."""
        return len(self.text) > _LIMITS.max_file_bytes

    @lazy
    def index(self) -> LineIndex:
        """The line index of the text."""
        return LineIndex(self.text)

    @lazy
    def tree(self) -> Tree:
        """The syntax tree with its problems; an empty one for a text that is too large to read, or is no YAML."""
        if self.oversized or self.is_settings:
            return parse("")._replace(text=self.text, json=self.is_json)
        return parse(self.text, json=self.is_json, index=self.index)

    @lazy
    def may_hold_secrets(self) -> bool:
        """Whether the text has a mark of a credential, or escapes that may hide one; most need no closer look."""
        from modelspec_ls.knowledge import secrets  # noqa: PLC0415  (`modelspec --help` does without knowledge)

        return "\\" in self.text or secrets.may_hold(self.text)

    @lazy
    def roles(self) -> tuple[Role, ...]:
        """What each document of the stream is to us."""
        return roles(self.uri, self.tree, claimed=self.claimed, declared=self.declared)

    @property
    def spec_numbers(self) -> tuple[int, ...]:
        """The numbers of the documents that are ModelSpecs."""
        return tuple(n for n, role in enumerate(self.roles) if role.standing is Standing.SPEC)

    @property
    def model_numbers(self) -> tuple[int, ...]:
        """The numbers of the documents that are OpenModels."""
        return tuple(n for n, role in enumerate(self.roles) if role.standing is Standing.NEIGHBOUR)

    @lazy
    def ours(self) -> bool:
        """Whether any part of the text is ours to judge."""
        return any(role.ours for role in self.roles)

    @lazy
    def linked(self) -> bool:
        """Whether any part of the text is part of the graph: it has a name, or refers to others by theirs."""
        return any(role.linked for role in self.roles)


def _document(uri: str, text: str, version: int | None, claimed: bool, declared: bool, key: str) -> Document:
    return Document(uri, text, version, claimed=claimed, declared=declared, key=key)
