"""``convert``: every document of one kind in a text, as documents of another kind."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from modelspec_ls.core.text import Span
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.knowledge.secrets import hidden
from modelspec_ls.syntax.edit import line_end
from modelspec_ls.syntax.nodes import Document as Part
from modelspec_ls.syntax.nodes import Missing
from modelspec_ls.workspace.credentials import secrets_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.kinds import KIND, MODEL_KIND, Standing

from .claims import Claim, claims_of
from .notes import ORDER, Note
from .reading import MOST_DEPTH, MOST_NODES, Reading
from .to_modelspec import address_of, to_modelspec
from .to_openmodel import to_openmodel
from .write import Draft

TARGETS = {"openmodel": MODEL_KIND, "modelspec": KIND}
"""What can be converted to, as users name it, with the kind."""
_OTHER = {MODEL_KIND: KIND, KIND: MODEL_KIND}
_SOURCES = {MODEL_KIND: Standing.SPEC, KIND: Standing.NEIGHBOUR}
_STANDINGS = {
    Standing.SCAN: "it is the result of a scan, not a specification",
    Standing.SPEC: "it is a ModelSpec already",
    Standing.NEIGHBOUR: "it is an OpenModel already",
}


@frozen
class Result:
    """One converted document. ``number`` counts the source's documents from 0; ``name``: what the result is called."""

    number: int
    name: str
    notes: tuple[Note, ...]
    """The most pressing first."""


@frozen
class LeftOut:
    """A document of the source that is not converted."""

    number: int
    kind: str
    reason: str


@frozen
class Converted:
    """The new text, and what is to be known about it."""

    kind: str
    text: str
    results: tuple[Result, ...]
    left_out: tuple[LeftOut, ...]


@frozen
class Fault:
    """Why nothing is converted; ``span`` None where no place is to blame. ``broken``: the text cannot be read."""

    message: str
    span: Span | None = None
    broken: bool = False


def convert(
    file: Document, kind: str, catalogue: Catalogue, name: str | None = None, only: int | None = None
) -> Converted | Fault:
    """Convert a text. The new text keeps its values, credentials too; what is told of it repeats none.

    Args:
        file: the text; a copy of a file on disk or an open buffer.
        kind: what to convert to: ``OpenModel`` or ``ModelSpec``.
        catalogue: models and accelerators as the file's folder knows them.
        name: what the result is called; only for a text with one document to convert.
        only: the number of the one document to convert, instead of all.
    """
    if file.oversized:
        return Fault("The file is too large to be read.", broken=True)
    for problem in file.tree.problems:
        message = problem.message
        if problem.template:
            message = "Fill in the template first: what its expressions stand for cannot be converted."
        return Fault(hidden(message, secrets_in(file)), problem.span, broken=True)
    numbers = [number for number, role in enumerate(file.roles) if role.standing is _SOURCES[kind]]
    every = numbers
    if only is not None:
        numbers = [number for number in numbers if number == only]
    if not numbers:
        return Fault(_nothing(file, kind))
    if name is not None and len(numbers) > 1:
        return Fault(f"There are {len(numbers)} documents to convert, which cannot all have the name `{name}`.")
    return _Stream(file, kind, catalogue, every).convert(numbers, name)


def _nothing(file: Document, kind: str) -> str:
    source = _OTHER[kind]
    own = _SOURCES[source]
    there = any(role.standing is own for role in file.roles)
    also = f"; what is there is {'an' if kind == MODEL_KIND else 'a'} {kind} already" if there else ""
    return f"There is no {source} to convert{also}."


class _Stream:
    def __init__(self, file: Document, kind: str, catalogue: Catalogue, numbers: list[int]) -> None:
        self.file = file
        self.kind = kind
        self.catalogue = catalogue
        self.numbers = numbers
        """All documents of the source's kind."""

    def convert(self, wanted: list[int], name: str | None) -> Converted | Fault:
        readings = {number: Reading(self.file, self.part(number)) for number in self.numbers}
        for number, reading in readings.items():
            if reading.size > MOST_NODES or reading.depth > MOST_DEPTH:
                start = self.part(number).root.start
                message = "The document is too large or too deep once its aliases are written out."
                return Fault(message, Span(start, start))
        claims = claims_of(self.file) if self.kind == KIND else ()
        others = _addresses(readings.values()) if claims else {}
        secret = secrets_in(self.file)
        results: list[Result] = []
        texts: list[str] = []
        for number in wanted:
            reading = readings[number]
            if self.kind == KIND:
                draft, notes = to_modelspec(reading, self.catalogue, claims, others, name)
            else:
                draft, notes = to_openmodel(reading, self.catalogue, name)
            told = (note.without(secret) for note in sorted(notes, key=_order))
            results.append(Result(number, hidden(_name(draft), secret), tuple(told)))
            texts.append(draft.text(line_end(self.file.text)))
        separator = f"---{line_end(self.file.text)}"
        return Converted(self.kind, separator.join(texts), tuple(results), tuple(self.left_out(claims)))

    def part(self, number: int) -> Part:
        return self.file.tree.documents[number]

    def left_out(self, claims: tuple[Claim, ...]) -> list[LeftOut]:
        out: list[LeftOut] = []
        read = {claim.number for claim in claims}
        for number, role in enumerate(self.file.roles):
            if number in self.numbers or isinstance(self.part(number).root, Missing):
                continue
            also = "; what it says of models is read" if number in read else ""
            reason = _STANDINGS.get(role.standing) or f"it is no {_OTHER[self.kind]}{also}"
            out.append(LeftOut(number, hidden(role.kind or "document", secrets_in(self.file)), reason))
        return out


def _order(note: Note) -> int:
    return ORDER.index(note.kind)


def _name(draft: Draft) -> str:
    return str(draft.value(("metadata", "name")) or "")


def _addresses(readings: Iterable[Reading]) -> dict[str, str]:
    """The addresses of models by name."""
    out: dict[str, str] = {}
    for reading in readings:
        name, address = reading.text("metadata", "name"), address_of(reading)
        if name and address:
            out[name] = address
    return out
