"""What one file declares and refers to: all that other files may depend on, compared by value."""

from __future__ import annotations

from attrs import frozen

from modelspec_ls.core.path import DocPath
from modelspec_ls.syntax.lookup import find
from modelspec_ls.syntax.nodes import Document as SyntaxDocument
from modelspec_ls.syntax.nodes import Mapping, Scalar, Sequence, deref, key_text

from .document import Document
from .kinds import Standing

_MODEL = ("spec", "identity", "model")


@frozen
class Reference:
    """One entry of ``pipeline.dependencies``."""

    id: str
    role: str
    spec_ref: str


@frozen
class SpecFacts:
    """One ModelSpec of a file."""

    document: int
    name: str
    model: str
    family: str
    task: str
    framework: str
    accelerator: str
    labels: tuple[tuple[str, str], ...]
    annotations: tuple[str, ...]
    references: tuple[Reference, ...]


def facts(document: Document) -> tuple[SpecFacts, ...]:
    """The facts of every ModelSpec in a text; kept with the text."""
    kept: tuple[SpecFacts, ...] | None = document.memo.get("facts")
    if kept is None:
        kept = tuple(
            _facts(part)
            for part, role in zip(document.tree.documents, document.roles, strict=True)
            if role.standing is Standing.SPEC
        )
        document.memo["facts"] = kept
    return kept


def _facts(part: SyntaxDocument) -> SpecFacts:
    def text(*path: str) -> str:
        return _text(part, path)

    return SpecFacts(
        part.number,
        text("metadata", "name"),
        text(*_MODEL, "id"),
        text(*_MODEL, "family"),
        text(*_MODEL, "task"),
        text(*_MODEL, "framework"),
        text("spec", "runtime", "accelerator", "type"),
        tuple((k, _text(part, ("metadata", "labels", k))) for k in _keys(part, ("metadata", "labels"))),
        _keys(part, ("metadata", "annotations")),
        _references(part),
    )


def _text(part: SyntaxDocument, path: DocPath) -> str:
    found = find(part, path)
    node = deref(found.node) if found else None
    return node.value if isinstance(node, Scalar) else ""


def _keys(part: SyntaxDocument, path: DocPath) -> tuple[str, ...]:
    found = find(part, path)
    node = deref(found.node) if found else None
    return tuple(k for p in node.pairs if (k := key_text(p.key))) if isinstance(node, Mapping) else ()


def _references(part: SyntaxDocument) -> tuple[Reference, ...]:
    path: DocPath = ("spec", "pipeline", "dependencies")
    found = find(part, path)
    node = deref(found.node) if found else None
    if not isinstance(node, Sequence):
        return ()
    return tuple(
        Reference(*(_text(part, (*path, i, field)) for field in ("id", "role", "specRef")))
        for i in range(len(node.items))
    )
