"""The credentials that a text holds, which nothing that is said about it may repeat."""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.knowledge import secrets
from modelspec_ls.syntax.lookup import walk
from modelspec_ls.syntax.nodes import Document as Part
from modelspec_ls.syntax.nodes import Scalar

from .document import Document


def secrets_in(document: Document) -> tuple[str, ...]:
    """The credentials in a text, as ``secrets.hidden`` takes them; kept with it."""
    found: tuple[str, ...] | None = document.memo.get("secrets")
    if found is None:
        found = document.memo["secrets"] = _found(document) if document.may_hold_secrets else ()
    return found


def _found(document: Document) -> tuple[str, ...]:
    text = document.text
    found = set(secrets.found_in(text))
    escaped, broken = "\\" in text, secrets.may_be_broken(text)
    if escaped or broken:
        # As they are written, and as they are read.
        for part in document.tree.documents:
            for node in _marked(part):
                body = _body(text, node)
                if inside := secrets.found_in(node.value):
                    found.update(inside)
                    found.update(line.strip('\\" \t\r') for line in body.split("\n") if "\\" in line)
                if broken:
                    found.update(secrets.broken_in(body))
    return secrets.ordered(found)


def _marked(part: Part) -> Iterator[Scalar]:
    """The keys and values that may hold a credential."""
    for _, node, pair in walk(part):
        for scalar in (node, pair.key if pair is not None else None):
            if isinstance(scalar, Scalar) and secrets.may_hold(scalar.value):
                yield scalar


def _body(text: str, node: Scalar) -> str:
    """A value as it is written, without the line that only says how."""
    body = text[node.start : node.end]
    return body.partition("\n")[2] if node.style in {"|", ">"} else body
