"""What one document says of others, entry by entry: dependencies, claims of models, hints that name a spec."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

from modelspec_ls.core.packed import packed
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.records import record
from modelspec_ls.spec.hints import PREFIX
from modelspec_ls.spec.lineage import names_spec
from modelspec_ls.spec.view import ANNOTATIONS, SpecView

from .references import SpecRef, parse_ref

DEPENDENCIES: DocPath = ("spec", "pipeline", "dependencies")
BASE_MODEL: DocPath = (*ANNOTATIONS, f"{PREFIX}base-model")
DRAFT_MODEL: DocPath = (*ANNOTATIONS, f"{PREFIX}draft-model")
HINTS = (BASE_MODEL, DRAFT_MODEL)
"""The hints that may name a spec by its path."""


@packed
@record
class Reference:
    """One entry of ``pipeline.dependencies``. Times in ms."""

    index: int
    id: str
    role: str
    spec_ref: str
    required: bool = True
    input_type: str = ""
    output_type: str = ""
    max_latency_ms: float | None = None

    @property
    def target(self) -> SpecRef:
        """The ``specRef`` taken apart."""
        return parse_ref(self.spec_ref)

    @property
    def told_at(self) -> DocPath:
        """Where it says which spec is meant: its ``specRef``, else its id."""
        return self.path("specRef" if self.spec_ref else "id")

    def path(self, *below: str) -> DocPath:
        """The path of the entry, or of a field of it."""
        return reference_path(self.index, *below)

    def saying(self, ref: str) -> str:
        """The text of the field that refers, with another reference in it."""
        return ref

    def takes(self, _ref: str) -> bool:
        """Whether a reference can stand here."""
        return True


@lru_cache(maxsize=8192)
def reference_path(index: int, *below: str) -> DocPath:
    """The path of a dependency or of a field of it; one tuple for all files."""
    return (*DEPENDENCIES, index, *below)


@packed
@record
class Claim(Reference):
    """One model that a Playground or Service of llmaz claims by its name.

    ``entry``: the mapping it stands in. ``key``: the name of the field there.
    """

    entry: DocPath = ()
    key: str = "name"

    @property
    def target(self) -> SpecRef:
        """The model's name."""
        return SpecRef("model" if self.spec_ref else "empty", self.spec_ref)

    def path(self, *below: str) -> DocPath:
        """The path of the entry, or of a field of it; what a dependency calls ``specRef`` is the name here."""
        if below in {("specRef",), ("id",)}:
            return (*self.entry, self.key)
        return (*self.entry, *below)


@packed
@record
class HintReference(Reference):
    """A hint that names the spec of a base or draft model by its path. No dependency: nothing has to run for it.

    ``index``: below zero, so that it is none of a dependency. ``rest``: what the hint says behind the path.
    """

    rest: str = ""

    @property
    def hint(self) -> str:
        """The name of the hint."""
        return str(self.path()[-1]).removeprefix(PREFIX)

    def path(self, *_below: str) -> DocPath:
        """Where the hint stands: it is all in one text."""
        return HINTS[-1 - self.index]

    def saying(self, ref: str) -> str:
        """The hint's text with another path in it."""
        return ref + self.rest

    def takes(self, ref: str) -> bool:
        """Whether a path would still be read as one."""
        return names_spec(ref) and (self.path() != DRAFT_MODEL or ";" not in ref)


def hinted_specs(view: SpecView, annotations: Collection[str]) -> Iterator[HintReference]:
    """The hints of a document that name a spec; ``annotations``: the keys that are there."""
    for number, path in enumerate(HINTS):
        if path[-1] not in annotations:
            continue
        text = view.text(*path).value or ""
        if said := spec_in(path, text):
            yield HintReference(-1 - number, "", "", said, rest=text[len(said) :])


def spec_in(hint: DocPath, text: str) -> str:
    """The part of a hint's text that names a spec by its path; nothing where it names a model by its id."""
    said = (text.partition(";")[0] if hint == DRAFT_MODEL else text).rstrip()
    return said if names_spec(said.strip()) else ""


@packed
@record
class RepeatedStep:
    """A step whose name stands further up in its list. ``section``: preprocess or postprocess. ``names``: all there."""

    section: str
    index: int
    first: int
    name: str
    type: str
    names: tuple[str, ...]
