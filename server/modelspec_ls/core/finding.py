"""What a rule says (symbolic) and what a user sees (resolved).

A rule yields ``Finding``: it names places by path and edits by operation. ``analysis`` turns it into
``Diagnostic``, with spans, once, for the server and the command line alike.
"""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Literal, NamedTuple

from attrs import frozen

from modelspec_ls.core.records import record

from .packed import by_value, packed
from .path import DocPath
from .text import Mark, Span


@by_value
class Severity(IntEnum):
    """As in the Language Server Protocol: a lower number is worse."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4

    @property
    def label(self) -> str:
        """The lower-case word used in output and configuration."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Severity:
        """Read a label; raises KeyError for an unknown one."""
        return cls[word.upper()]


Part = Literal["key", "value", "pair"]


class Place(NamedTuple):
    """A part of the node at a path, in one document of a stream.

    ``key`` falls back to the value for a sequence item, ``value`` to the key where the value is empty.
    """

    document: int
    path: DocPath
    part: Part = "value"


Where = Place | Span


@packed
@frozen
class Said:
    """A rule that is not ours but an organisation's, which a finding speaks for. ``docs``: its page, or empty."""

    name: str
    policy: str
    docs: str = ""
    suppressible: bool = True
    """Whether a document may keep it quiet."""


class Related(NamedTuple):
    """Another place that explains the finding: in the same file, or a mark in the file ``uri``."""

    where: Where | Mark
    message: str
    uri: str | None = None


class SetValue(NamedTuple):
    """Replace the value at a path by this YAML source text, or fill an empty one."""

    place: Place
    source: str


class RenameKey(NamedTuple):
    """Give the key at a path another name."""

    place: Place
    name: str


class RemovePair(NamedTuple):
    """Delete the pair (or item) at a path with its line."""

    place: Place


class RemoveNth(NamedTuple):
    """Delete one of several pairs with the same key: ``nth`` counts them from 0."""

    place: Place
    nth: int


class MovePair(NamedTuple):
    """Take the pair at a path away and put it at another path, making the mappings that lead there."""

    place: Place
    target: DocPath


class InsertPairs(NamedTuple):
    """Add ``key: source`` pairs to the mapping at a path, in the given order after its last pair."""

    place: Place
    pairs: tuple[tuple[str, str], ...]


class ReplaceSpan(NamedTuple):
    """Replace text directly, for repairs of broken syntax."""

    span: Span
    new_text: str


Operation = SetValue | RenameKey | RemovePair | RemoveNth | MovePair | InsertPairs | ReplaceSpan


class CreateFile(NamedTuple):
    """Write a new file; nothing happens where there is one already."""

    uri: str
    text: str


@by_value
class Applicability(Enum):
    """Whether a fix keeps the author's meaning (part of "fix all") or is offered one by one."""

    SAFE = "safe"
    SUGGEST = "suggest"


@packed
@record
class Fix:
    """One way out of a finding. ``title`` is an imperative sentence without a full stop."""

    title: str
    operations: tuple[Operation, ...]
    applicability: Applicability = Applicability.SUGGEST
    creates: tuple[CreateFile, ...] = ()
    """New files; a fix with some is for an editor that can make them, never for *fix all*."""


@record
class Finding:
    """What a rule reports. ``severity`` None means the rule's own."""

    message: str
    where: Where
    severity: Severity | None = None
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()
    said: Said | None = None


@packed
@record
class RelatedSpan:
    """A resolved ``Related``: a span of the same file, or a mark in another one."""

    span: Span
    message: str
    uri: str | None = None
    mark: Mark | None = None


@packed
@record
class Diagnostic:
    """A finding with everything an editor or a terminal needs. ``pointer`` is relative to its document."""

    code: str
    name: str
    category: str
    severity: Severity
    message: str
    span: Span
    pointer: str
    document: int
    related: tuple[RelatedSpan, ...] = ()
    fixes: tuple[Fix, ...] = ()
    mark: Mark | None = None
    """Where it stands, for a finding on a file whose text is not at hand; ``span`` says nothing then."""
    said: Said | None = None
    """The organisation's rule that speaks; ``name`` is its name then."""

    @property
    def ident(self) -> str:
        """What names the rule for certain: the code of ours, the name of an organisation's."""
        return self.code if self.said is None else self.name

    @property
    def label(self) -> str:
        """The rule by all that it is called."""
        return f"{self.ident} {self.title}"

    @property
    def title(self) -> str:
        """What stands beside ``ident``: the rule's name, or the policy that a rule belongs to."""
        return self.name if self.said is None else self.said.policy
