"""What a memory view changed, as edits of the file. The view is judged on the edited text, so both always agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from modelspec_ls.core.finding import InsertPairs, Operation, Place, RemovePair, SetValue
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Span, TextEdit, apply_edits
from modelspec_ls.knowledge import engines, precisions
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.view import ACCELERATOR, ANNOTATIONS, BATCH, MODEL
from modelspec_ls.syntax.edit import resolve_operation
from modelspec_ls.syntax.lookup import find
from modelspec_ls.workspace.deployments import deployment_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

PATHS: Mapping[str, DocPath] = {
    "accelerator": (*ACCELERATOR, "type"),
    "count": (*ACCELERATOR, "count"),
    "batch": (*BATCH, "maxBatchSize"),
    "sequence": (*BATCH, "maxSequenceLengthTokens"),
    "precision": (*MODEL, "precision"),
    "engine": (*MODEL, "framework"),
    "gpuMemoryUtilization": (*ANNOTATIONS, "modelspec/gpu-memory-utilization"),
    "kvCacheDtype": (*ANNOTATIONS, "modelspec/kv-cache-dtype"),
}
"""Where each number of the view stands in the file."""
_VENDOR: DocPath = (*ACCELERATOR, "vendor")
_TENSOR: DocPath = (*ANNOTATIONS, "modelspec/tensor-parallel-size")
_NUMBERS = frozenset({"count", "batch", "sequence"})


def edited(
    snapshot: Snapshot, document: Document, number: int, overrides: Mapping[str, Any]
) -> tuple[Document, list[str]]:
    """The document with other numbers written into it, and the names of those that cannot be."""
    ignored: list[str] = []
    catalogue = snapshot.scope(document.uri).catalogue
    for key, value in overrides.items():
        source = _source(key, value, catalogue)
        changed = _written(snapshot, document, number, key, source) if source is not None else None
        if changed is None:
            ignored.append(key)
        else:
            document = changed
    return document, ignored


def edits_between(old: str, new: str) -> tuple[TextEdit, ...]:
    """The lines that differ, as edits of the old text."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return tuple(
        TextEdit(Span(starts[i], starts[j]), "".join(after[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    )


def _source(key: str, value: Any, catalogue: Catalogue) -> str | None:
    """The YAML source of a value; None for one that nobody could mean."""
    if key in _NUMBERS:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else None
    if key == "gpuMemoryUtilization":
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 1
        return f'"{value:g}"' if fits else None
    if not isinstance(value, str):
        return None
    known: object = None
    if key == "accelerator":
        known = catalogue.find_accelerator(value).accelerator
    elif key == "precision":
        known = precisions.find(value)
    elif key == "engine":
        known = engines.engine_of_hint(value)
    elif key == "kvCacheDtype" and value in precisions.kv_types():
        return f'"{value}"'
    return value if known is not None else None


def _written(snapshot: Snapshot, document: Document, number: int, key: str, source: str) -> Document | None:
    for step, operation in enumerate(_operations(snapshot, document, number, key, source)):
        edits = resolve_operation(document.tree, document.index, operation)
        if edits:
            text = apply_edits(document.text, edits)
            document = Document(document.uri, text, document.version, declared=document.declared)
        elif step == 0:
            return None
    return document


def _operations(snapshot: Snapshot, document: Document, number: int, key: str, source: str) -> Iterator[Operation]:
    """The value itself first, then what has to follow it."""
    deployment = deployment_in(snapshot, document, number)
    path = PATHS[key]
    if key == "engine" and deployment.engine_source is not None:
        path = deployment.engine_source.path
    yield _put(document, number, path, source)
    if key == "accelerator":
        card = deployment.catalogue.find_accelerator(source).accelerator
        if card is not None and deployment.view.text(*_VENDOR).value not in {None, card.vendor}:
            yield SetValue(Place(number, _VENDOR), card.vendor)
    if key == "count" and _contradicts(deployment, int(source)):
        yield RemovePair(Place(number, _TENSOR))


def _contradicts(deployment: Deployment, count: int) -> bool:
    """Whether a stated tensor-parallel size belongs to the count that was."""
    return count != deployment.count and bool(deployment.view.text(*_TENSOR))


def _put(document: Document, number: int, path: DocPath, source: str) -> Operation:
    """Set the value at a path, or insert it with the mappings that lead there."""
    part = document.tree.documents[number]
    if find(part, path) is not None:
        return SetValue(Place(number, path), source)
    depth = next(n for n in range(len(path) - 1, -1, -1) if n == 0 or find(part, path[:n]) is not None)
    names = [str(name) for name in path[depth:]]
    for level, name in enumerate(reversed(names[1:])):
        indent = "  " * (len(names) - 1 - level)
        source = f"\n{indent}{name}: {source}" if not source.startswith("\n") else f"\n{indent}{name}:{source}"
    return InsertPairs(Place(number, path[:depth]), ((names[0], source),))
