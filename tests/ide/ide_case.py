"""A text with a cursor mark, and what the features say there."""

from __future__ import annotations

from pathlib import Path

from modelspec_ls.core.text import TextEdit, apply_edits
from modelspec_ls.ide.completion import complete
from modelspec_ls.ide.completion.shapes import plain
from modelspec_ls.ide.results import CompletionItem
from modelspec_ls.workspace.document import Document
from support.workspace import opened

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
URI = "file:///specs/chat.modelspec.yaml"
CURSOR = "<|>"


class Case:
    """A document at a cursor."""

    def __init__(self, text: str, uri: str = URI, *others: Document) -> None:
        self.offset = text.find(CURSOR)
        self.text = text.replace(CURSOR, "", 1)
        self.document = Document(uri, self.text)
        self.snapshot = opened(*others, self.document)

    def items(self, *, snippets: bool = True) -> tuple[CompletionItem, ...]:
        return complete(self.snapshot, self.document.uri, self.offset, snippets=snippets).items

    def labels(self) -> list[str]:
        return [item.label for item in self.items() if item.kind != "snippet"]

    def accept(self, label: str, *, snippets: bool = True) -> str:
        """The text after accepting an offer with its defaults."""
        item = next(i for i in self.items(snippets=snippets) if i.label == label)
        return accepted(self.text, item)


def accepted(text: str, item: CompletionItem) -> str:
    """The text after an offer is accepted and its tab stops are left at their defaults."""
    new = plain(item.insert) if item.snippet else item.plain
    return apply_edits(text, [TextEdit(item.prefix, new), *item.extra_edits])


def example_texts() -> list[tuple[str, str]]:
    """Every sound example by file name."""
    paths = [p for p in sorted(EXAMPLES.rglob("*.modelspec.yaml")) if "broken" not in p.parts]
    return [(path.name, path.read_text(encoding="utf-8")) for path in paths]
