"""Fields of a ModelSpec with their types checked: a value, missing, or invalid."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from types import MappingProxyType
from typing import Generic, Literal, TypeVar

from attrs import frozen

from modelspec_ls.core.path import DocPath
from modelspec_ls.syntax.lookup import Found, step
from modelspec_ls.syntax.nodes import Document, Mapping, Missing, Scalar, Sequence, deref, key_text
from modelspec_ls.syntax.scalars import resolve

from .environment import PRODUCTION, environment_of

T = TypeVar("T")
MODEL: DocPath = ("spec", "identity", "model")
ACCELERATOR: DocPath = ("spec", "runtime", "accelerator")
BATCH: DocPath = ("spec", "runtime", "batch")
SERVING: DocPath = ("spec", "operations", "serving")
SCALING: DocPath = ("spec", "operations", "scaling")
ANNOTATIONS: DocPath = ("metadata", "annotations")
LABELS: DocPath = ("metadata", "labels")
_LARGEST = 10**15


@frozen
class Field(Generic[T]):
    """What stands at a path. ``value`` is None unless ``state`` is ``value``."""

    path: DocPath
    value: T | None
    state: Literal["value", "missing", "invalid"]

    def __bool__(self) -> bool:
        return self.state == "value"


class SpecView:
    """Reads one document by path. A value of the wrong type is invalid, never a surprise."""

    def __init__(self, document: Document, environments: MappingType[str, str] = MappingProxyType({})) -> None:
        self.document = document
        self.environments = environments
        """Words that the workspace's settings add for environments."""
        self._found: dict[DocPath, Found | None] = {(): Found(document.root, None)}
        # Many rules ask for the same few values.
        self._texts: dict[DocPath, Field[str]] = {}
        self._numbers: dict[DocPath, Field[float]] = {}

    def find(self, path: DocPath) -> Found | None:
        """The node at a path, looked up once: many ask for the same few."""
        try:
            return self._found[path]
        except KeyError:
            above = self.find(path[:-1])
            found = self._found[path] = step(above.node, path[-1]) if above is not None else None
            return found

    def text(self, *path: str | int) -> Field[str]:
        """A non-empty string."""
        field = self._texts.get(path)
        if field is None:
            field = self._texts[path] = self._text(path)
        return field

    def _text(self, path: DocPath) -> Field[str]:
        found = self.find(path)
        node = deref(found.node) if found else None
        if node is None or isinstance(node, Missing):
            return Field(path, None, "missing")
        value = resolve(node) if isinstance(node, Scalar) else None
        if isinstance(value, str) and value.strip():
            return Field(path, value, "value")
        return Field(path, None, "invalid")

    def integer(self, *path: str | int) -> Field[int]:
        """A whole number; ``4.0`` counts as one, a boolean does not."""
        field = self.number(*path)
        if field.value is None:
            return Field(path, None, field.state)
        if field.value.is_integer():
            return Field(path, int(field.value), "value")
        return Field(path, None, "invalid")

    def number(self, *path: str | int) -> Field[float]:
        """A number that somebody may mean: finite, and not beyond what can be calculated with."""
        field = self._numbers.get(path)
        if field is None:
            field = self._numbers[path] = self._number(path)
        return field

    def _number(self, path: DocPath) -> Field[float]:
        found = self.find(path)
        node = deref(found.node) if found else None
        if node is None or isinstance(node, Missing):
            return Field(path, None, "missing")
        value = resolve(node) if isinstance(node, Scalar) else None
        if isinstance(value, (int, float)) and not isinstance(value, bool) and -_LARGEST <= value <= _LARGEST:
            return Field(path, float(value), "value")
        return Field(path, None, "invalid")

    def boolean(self, *path: str | int) -> Field[bool]:
        """True or false."""
        found = self.find(path)
        node = deref(found.node) if found else None
        if node is None or isinstance(node, Missing):
            return Field(path, None, "missing")
        value = resolve(node) if isinstance(node, Scalar) else None
        return Field(path, value, "value") if isinstance(value, bool) else Field(path, None, "invalid")

    def keys(self, *path: str | int) -> tuple[str, ...]:
        """The keys of a mapping; none where there is no mapping."""
        found = self.find(path)
        node = deref(found.node) if found else None
        return tuple(k for p in node.pairs if (k := key_text(p.key))) if isinstance(node, Mapping) else ()

    def length(self, *path: str | int) -> int:
        """The number of items of a list; 0 where there is no list."""
        found = self.find(path)
        node = deref(found.node) if found else None
        return len(node.items) if isinstance(node, Sequence) else 0

    def map(self, *path: str | int) -> dict[str, str]:
        """The string entries of a free map."""
        out: dict[str, str] = {}
        for key in self.keys(*path):
            field = self.text(*path, key)
            if field.value is not None:
                out[key] = field.value
        return out

    @property
    def environment(self) -> str:
        """Where the spec says that it runs; empty where it does not."""
        found = environment_of(self.map(*LABELS), self.text("metadata", "name").value or "")
        return self.environments.get(found, found)

    @property
    def production(self) -> bool:
        """Whether the spec says that it runs in production: by label, else by the end of its name."""
        return self.environment == PRODUCTION
