"""A file below ``.modelspec/models`` or ``.modelspec/accelerators`` as rows of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from modelspec_ls.core.config import Limits
from modelspec_ls.core.words import fold
from modelspec_ls.knowledge import accelerators, models
from modelspec_ls.knowledge.catalogue import BrokenRow
from modelspec_ls.knowledge.types import Accelerator, Model, Origin
from modelspec_ls.schema.validate import is_valid
from modelspec_ls.spec.rows import accelerator_of, flaws, model_of
from modelspec_ls.spec.view import SpecView
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.lookup import walk
from modelspec_ls.syntax.nodes import Document as SyntaxDocument
from modelspec_ls.syntax.nodes import Mapping as MappingNode
from modelspec_ls.syntax.nodes import key_text

from .document import Document
from .kinds import Standing
from .references import key_of

_LARGEST_ROW = 20_000
"""Most values of one row: a config.json of a large model has some hundred."""


@frozen
class RowFile:
    """The rows of one file. Two are equal where they tell the same, so that a comment typed changes nothing."""

    path: str
    """With forward slashes."""
    told: tuple[object, ...]
    """What the rows and their lines are, to compare by."""
    rows: Mapping[int, Model | Accelerator]
    """By the number of the document in the file; broken ones are not among them."""
    broken: tuple[BrokenRow, ...]

    @property
    def models(self) -> tuple[Model, ...]:
        """The rows that are models."""
        return tuple(row for row in self.rows.values() if isinstance(row, Model))

    @property
    def accelerators(self) -> tuple[Accelerator, ...]:
        """The rows that are accelerators."""
        return tuple(row for row in self.rows.values() if isinstance(row, Accelerator))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RowFile) and (self.path, self.told) == (other.path, other.told)

    def __hash__(self) -> int:
        return hash(self.path)


def unreadable_rows(path: str, kind: str) -> RowFile:
    """What stands for a file that cannot be read."""
    return RowFile(path, ("unreadable",), {}, (BrokenRow(path, 1, kind, frozenset()),))


def rows_of(document: Document) -> RowFile:
    """The rows of a text; kept with it."""
    kept: RowFile | None = document.memo.get("rows")
    if kept is None:
        kept = document.memo["rows"] = _read(document)
    return kept


def _read(document: Document) -> RowFile:
    path = key_of(document.uri)
    rows: dict[int, Model | Accelerator] = {}
    broken: list[BrokenRow] = []
    told: list[object] = []
    for part, role in zip(document.tree.documents, document.roles, strict=True):
        if role.standing is not Standing.ROW:
            continue
        line = document.index.line_of(part.root.start) + 1
        data = to_data(part.root)
        if _sound(document, part, data.size, data.depth, role.schema, data.value):
            row = _row(role.schema, data.value, path, line)
            rows[part.number] = row
            told.append((part.number, line, repr(data.value)))
        else:
            broken.append(BrokenRow(path, line, role.schema, frozenset(_names(part))))
            told.append(broken[-1])
    if document.oversized:
        return unreadable_rows(path, document.roles[0].schema)
    return RowFile(path, tuple(told), rows, tuple(broken))


def _sound(document: Document, part: SyntaxDocument, size: int, depth: int, kind: str, value: object) -> bool:
    """Whether nothing is wrong with a row, as the rules on these files see it."""
    limits = Limits()
    if any(part.start <= repair.span.start <= part.end for repair in document.tree.repairs):
        return False
    if size > _LARGEST_ROW or depth > limits.max_depth or _doubled(part):
        return False
    return is_valid(kind, value) and isinstance(value, dict) and next(flaws(kind, value), None) is None


def _doubled(part: SyntaxDocument) -> bool:
    for _, node, _ in walk(part):
        if isinstance(node, MappingNode):
            keys = [key_text(pair.key) for pair in node.pairs]
            if len(set(keys)) < len(keys):
                return True
    return False


def _row(kind: str, value: dict[str, object], path: str, line: int) -> Model | Accelerator:
    if kind == "Model":
        return model_of(value, Origin(path, line, models.get(str(value["id"])) is not None))
    return accelerator_of(value, Origin(path, line, accelerators.get(str(value["id"])) is not None))


def _names(part: SyntaxDocument) -> Iterator[str]:
    """What a broken row would be found by, folded."""
    view = SpecView(part)
    texts = [view.text("id").value, *(view.text("aliases", n).value for n in range(view.length("aliases")))]
    for text in texts:
        if text:
            yield fold(text)
            yield fold(text.rpartition("/")[2])
