"""Keys in the order of the schema, comments with the key they stand above."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from typing import Any

from modelspec_ls.core.text import Span, TextEdit
from modelspec_ls.schema.navigate import properties, schema_for
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.nodes import Mapping, Node, key_text
from modelspec_ls.syntax.parse import parse
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.kinds import Standing

_REFERENCE = re.compile(r"(?:^|[\s\[{,:-])[&*][^\s,\[\]{}&*]", re.MULTILINE)


def sorted_sections(document: Document) -> tuple[TextEdit, ...]:
    """Edits that sort every ModelSpec of a text; none where nothing moves or something could get lost."""
    if document.is_json or document.oversized or document.is_settings or document.tree.problems:
        return ()
    if document.tree.repairs or _REFERENCE.search(document.text):
        return ()
    edits: list[TextEdit] = []
    for part, role in zip(document.tree.documents, document.roles, strict=True):
        if role.standing is not Standing.SPEC or not isinstance(part.root, Mapping) or part.root.flow:
            continue
        sorter = _Sorter(document)
        region = sorter.region(part.root, part.end)
        if region is None:
            return ()
        new = sorter.mapping(part.root, region, schema_for(role.schema))
        old = document.text[region.start : region.end]
        if new != old:
            edits.append(TextEdit(region, new))
    return tuple(edits) if edits and _same(document, edits) else ()


class _Sorter:
    """Takes block mappings apart into chunks: a key with the comments above it, down to the next such chunk."""

    def __init__(self, document: Document) -> None:
        self.text = document.text
        self.index = document.index

    def line_start(self, offset: int) -> int:
        start = self.index.starts[self.index.line_of(offset)]
        return start + self.text.startswith("\ufeff", start)

    def region(self, mapping: Mapping, end: int) -> Span | None:
        """The lines of a mapping; None where its first key shares its line with something."""
        start = self.line_start(mapping.pairs[0].key.start) if mapping.pairs else mapping.start
        return Span(start, end) if not self.text[start : mapping.pairs[0].key.start].strip() else None

    def above(self, at: int, column: int) -> int:
        """The start of the comments that stand right above a line at its column: they go with it."""
        line = self.index.line_of(at) - 1
        while line >= 0 and re.fullmatch(rf" {{{column}}}#.*", self.index.line_text(line)):
            at = self.index.starts[line]
            line -= 1
        return at

    def starts(self, mapping: Mapping, region: Span) -> list[int] | None:
        """Where the chunk of each pair starts; None where two pairs share a line."""
        found = [region.start]
        for pair in mapping.pairs[1:]:
            at = self.line_start(pair.key.start)
            if self.text[at : pair.key.start].strip():
                return None
            found.append(self.above(at, pair.key.start - at))
        return found if found == sorted(set(found)) else None

    def mapping(self, mapping: Mapping, region: Span, schema: MappingType[str, Any]) -> str:
        """A mapping's text with its keys in order; unknown ones stay behind, in theirs."""
        starts = self.starts(mapping, region)
        if starts is None:
            return self.text[region.start : region.end]
        ends = [*starts[1:], region.end]
        known = properties(schema)
        order = {name: number for number, name in enumerate(known)}
        chunks: list[tuple[int, str]] = []
        for pair, start, end in zip(mapping.pairs, starts, ends, strict=True):
            name = key_text(pair.key) or ""
            sub = known.get(name, {})
            chunks.append((order.get(name, len(order)), self.chunk(pair.value, Span(start, end), sub)))
        eol = "\r\n" if "\r\n" in self.text else "\n"
        moved = [text for _, text in sorted(chunks, key=lambda chunk: chunk[0])]
        if moved == [text for _, text in chunks]:
            return "".join(moved)
        whole = "".join(text if text.endswith(("\n", "\r")) else text + eol for text in moved)
        return whole if chunks[-1][1].endswith(("\n", "\r")) else whole.removesuffix(eol)

    def chunk(self, value: Node, span: Span, schema: MappingType[str, Any]) -> str:
        """A pair's lines with the mappings inside it sorted."""
        if isinstance(value, Mapping) and not value.flow and value.pairs:
            region = self.region(value, span.end)
            if region is not None and region.start > span.start:
                first = self.above(region.start, value.pairs[0].key.start - region.start)
                region = Span(max(first, self.index.starts[self.index.line_of(span.start) + 1]), region.end)
                return self.text[span.start : region.start] + self.mapping(value, region, schema)
        return self.text[span.start : span.end]


def _same(document: Document, edits: list[TextEdit]) -> bool:
    """Whether the sorted text means the same and has the same lines."""
    text = document.text
    for edit in reversed(edits):
        text = text[: edit.span.start] + edit.new_text + text[edit.span.end :]
    tree = parse(text)
    if tree.problems or len(tree.documents) != len(document.tree.documents):
        return False
    before = [to_data(part.root).value for part in document.tree.documents]
    after = [to_data(part.root).value for part in tree.documents]
    return before == after and sorted(_lines(text)) == sorted(_lines(document.text))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n")]
