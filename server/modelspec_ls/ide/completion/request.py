"""One completion request with everything providers look at."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from modelspec_ls.core.path import DocPath
from modelspec_ls.ide.describe import quote_if_needed
from modelspec_ls.ide.results import CompletionItem, CompletionKind
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.schema import navigate
from modelspec_ls.syntax.cursor import CursorContext
from modelspec_ls.syntax.lookup import find
from modelspec_ls.syntax.nodes import Missing, Scalar, deref
from modelspec_ls.syntax.scalars import resolve
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.kinds import Role, Standing
from modelspec_ls.workspace.snapshot import Snapshot


class Request:
    """The cursor in its document."""

    def __init__(self, snapshot: Snapshot, document: Document, context: CursorContext, snippets: bool) -> None:
        self.snapshot = snapshot
        self.document = document
        self.context = context
        self.snippets = snippets
        self.cut = False
        """Whether some offers were left out, so that more of the word would bring others."""

    @cached_property
    def schema(self) -> navigate.Schema:
        """The schema of the whole document."""
        return navigate.schema_for(self.role.schema)

    @property
    def role(self) -> Role:
        """What the cursor's document is to us."""
        return self.document.roles[min(self.context.document, len(self.document.roles) - 1)]

    @property
    def is_row(self) -> bool:
        """Whether the cursor is in a row of a workspace's own catalogue."""
        return self.role.standing is Standing.ROW

    @property
    def is_open_model(self) -> bool:
        """Whether the cursor is in an OpenModel of llmaz."""
        return self.role.standing is Standing.NEIGHBOUR

    @property
    def is_policy(self) -> bool:
        """Whether the cursor is in a policy."""
        return self.role.standing is Standing.POLICY

    @cached_property
    def catalogue(self) -> Catalogue:
        """The models and accelerators that the document's folder knows."""
        return self.snapshot.scope(self.document.uri).catalogue

    @cached_property
    def here(self) -> navigate.Schema | None:
        """The schema at the context's path."""
        return navigate.at(self.schema, self.context.path)

    @property
    def json(self) -> bool:
        """Whether strings must be quoted."""
        return self.document.is_json

    @property
    def typed(self) -> str:
        """The text before the cursor in its word, without an opening quote."""
        prefix = self.context.prefix
        return self.document.text[prefix.start : min(prefix.end, self.context.cursor)].lstrip().lstrip("\"'")

    def value(self, *path: str | int) -> Any:
        """The value at a path of the cursor's document, None where there is none."""
        documents = self.document.tree.documents
        found = find(documents[min(self.context.document, len(documents) - 1)], tuple(path))
        node = deref(found.node) if found else None
        return resolve(node) if isinstance(node, (Scalar, Missing)) else None

    def text_value(self, *path: str | int) -> str:
        """The string at a path, or an empty one."""
        value = self.value(*path)
        return value if isinstance(value, str) else ""

    @property
    def model(self) -> DocPath:
        """The path of the model's mapping."""
        return ("spec", "identity", "model")

    def quoted(self, text: str, *, string: bool) -> str:
        """A value as it must stand in this text, given the quote that is typed already."""
        quote = self.context.quote
        if not string:
            return text
        if quote == "'" and not self.json:
            return "'" + text.replace("'", "''") + "'"
        if self.json or quote == '"':
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if self.context.flow and any(c in text for c in ",[]{}"):
            return f'"{text}"'
        return quote_if_needed(text)

    def value_item(
        self,
        value: Any,
        *,
        detail: str = "",
        description: str = "",
        documentation: str = "",
        kind: CompletionKind = "value",
        retrigger: bool = False,
        filter_text: str = "",
        preselect: bool = False,
    ) -> CompletionItem:
        """Offer a value at the cursor."""
        label = str(value).lower() if isinstance(value, bool) else str(value)
        text = self.quoted(label, string=isinstance(value, str))
        space = " " if self.context.needs_space else ""
        context = self.context
        old = self.document.text[context.prefix.start : context.prefix.end]
        quote = old[:1] if old[:1] in {"'", '"'} else ""
        filter_ = f"{quote}{filter_text or label}{quote}" if quote else filter_text
        return CompletionItem(
            label, kind, space + text, space + text,
            context.prefix, context.replace, "", snippet=False, filter=filter_, detail=detail,
            description=description, documentation=documentation, retrigger=retrigger,
            preselect=preselect,
        )  # fmt: skip
