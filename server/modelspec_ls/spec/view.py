"""Fields of a ModelSpec with their types checked: a value, missing, or invalid."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from attrs import define

from modelspec_ls.core.lazy import lazy
from modelspec_ls.core.path import DocPath
from modelspec_ls.syntax.lookup import MERGE, Found, pairs_of, step
from modelspec_ls.syntax.nodes import Alias, Document, Mapping, Missing, Node, Pair, Scalar, Sequence, deref, key_text
from modelspec_ls.syntax.scalars import JsonScalar, read_plain, resolve

from .environment import PRODUCTION, environment_of

T = TypeVar("T")
State = Literal["value", "missing", "invalid"]
MODEL: DocPath = ("spec", "identity", "model")
ACCELERATOR: DocPath = ("spec", "runtime", "accelerator")
BATCH: DocPath = ("spec", "runtime", "batch")
SERVING: DocPath = ("spec", "operations", "serving")
SCALING: DocPath = ("spec", "operations", "scaling")
ANNOTATIONS: DocPath = ("metadata", "annotations")
LABELS: DocPath = ("metadata", "labels")
_LARGEST = 10**15


@define
class Field(Generic[T]):
    """What stands at a path. ``value`` is None unless ``state`` is ``value``. Never changed.

    Some hundreds are made of every text, and a frozen class takes three times as long to make.
    """

    path: DocPath
    value: T | None
    state: State

    def __bool__(self) -> bool:
        return self.state == "value"


@lru_cache(maxsize=4096)
def _missing(path: DocPath) -> Field[Any]:
    """One for all texts: most fields are missing from most of them."""
    return Field(path, None, "missing")


def read_text(node: Node | None) -> tuple[str | None, State]:
    """A non-empty string, and whether the node is one."""
    value, state = _scalar(node)
    return (value, "value") if isinstance(value, str) and value.strip() else (None, state)


def read_number(node: Node | None) -> tuple[float | None, State]:
    """A number that somebody may mean: finite, and not beyond what can be calculated with."""
    value, state = _scalar(node)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and -_LARGEST <= value <= _LARGEST:
        return float(value), "value"
    return None, state


def read_boolean(node: Node | None) -> tuple[bool | None, State]:
    """True or false."""
    value, state = _scalar(node)
    return (value, "value") if isinstance(value, bool) else (None, state)


def _scalar(node: Node | None) -> tuple[JsonScalar, State]:
    """The value of a scalar, and the state of a field that is not what it should be."""
    if node is None:
        return None, "missing"
    if type(node) is Scalar:
        _, _, text, style, _, tag = node
        if tag is None:
            return (text if style else read_plain(text)[0]), "invalid"
    node = deref(node)
    if isinstance(node, Missing):
        return None, "missing"
    return (resolve(node) if isinstance(node, Scalar) else None), "invalid"


_MOST_PLACES = 1000
"""Places that are listed at once; in a longer text the rest is looked up when it is asked for."""
_new: Any = tuple.__new__


class _Places(NamedTuple):
    """What stands where in a document."""

    pairs: dict[DocPath, Pair]
    """By the path of their values."""
    items: dict[DocPath, Node]
    """Of lists; and the root."""
    whole: bool
    """Whether that is all there is. It is not where there are aliases, merge keys, keys that are no text, or very many
    places: then a path that is not among them is looked up by itself."""


def _places(root: Node) -> _Places:
    pairs: dict[DocPath, Pair] = {}
    items: dict[DocPath, Node] = {(): root}
    mappings: list[tuple[DocPath, Mapping]] = []
    lists: list[tuple[DocPath, Sequence]] = []
    listed = 0

    def wait(path: DocPath, node: Node) -> bool:
        """Have the places below a node listed too; whether that can be done."""
        if type(node) is Mapping:
            mappings.append((path, node))
        elif type(node) is Sequence:
            lists.append((path, node))
        return type(node) is not Alias

    whole = wait((), root)
    while mappings or lists:
        if listed > _MOST_PLACES:
            whole = False
            break
        if mappings:
            above, mapping = mappings.pop()
            listed += len(mapping.pairs)
            for pair in mapping.pairs:
                key, value, _ = pair
                if type(key) is not Scalar:
                    listed -= 1
                    whole = False
                    continue
                path = (*above, key[2])
                pairs[path] = pair
                if type(value) is Mapping:
                    mappings.append((path, value))
                elif type(value) is not Scalar and not wait(path, value):
                    whole = False
            if pairs.pop((*above, MERGE), None) is not None:
                listed -= 1
                whole = False
        else:
            above, sequence = lists.pop()
            listed += len(sequence.items[:_MOST_PLACES])
            whole = whole and len(sequence.items) <= _MOST_PLACES
            for number, item in enumerate(sequence.items[:_MOST_PLACES]):
                path = (*above, number)
                items[path] = item
                if type(item) is not Scalar and not wait(path, item):
                    whole = False
    if listed >= len(pairs) + len(items):
        # A key stands twice: what is below the first one is not there.
        return _Places({}, {(): root}, whole=False)
    return _Places(pairs, items, whole)


class SpecView:
    """Reads one document by path. A value of the wrong type is invalid, never a surprise."""

    def __init__(self, document: Document, environments: MappingType[str, str] = MappingProxyType({})) -> None:
        self.document = document
        self.environments = environments
        """Words that the workspace's settings add for environments."""
        self._pairs, self._items, self._whole_known = _places(document.root)
        self._further: dict[DocPath, Found | None] = {}
        self._by_key: dict[DocPath, dict[str, Pair]] = {}
        # Many rules ask for the same few values.
        self._texts: dict[DocPath, Field[str]] = {}
        self._numbers: dict[DocPath, Field[float]] = {}
        self._keys: dict[DocPath, tuple[str, ...]] = {}
        self._whole: dict[DocPath, Field[int]] = {}

    def find(self, path: DocPath) -> Found | None:
        """What stands at a path."""
        pair = self._pairs.get(path)
        if pair is not None:
            found: Found = _new(Found, (pair[1], pair))
            return found
        item = self._items.get(path)
        if item is not None:
            return Found(item, None)
        if self._whole_known:
            return None
        if path not in self._further:
            self._further[path] = self._step(path[:-1], path[-1])
        return self._further[path]

    def node(self, path: DocPath) -> Node | None:
        """The node at a path."""
        pair = self._pairs.get(path)
        if pair is not None:
            return pair[1]
        if self._whole_known and path and type(path[-1]) is str:
            return None
        found = self.find(path)
        return found.node if found is not None else None

    def has_any(self, paths: tuple[DocPath, ...]) -> bool:
        """Whether something stands at one of some paths, which end in names."""
        if not self._pairs.keys().isdisjoint(paths):
            return True
        return not self._whole_known and any(self.find(path) is not None for path in paths)

    def _step(self, above: DocPath, part: str | int) -> Found | None:
        holder = self.find(above)
        if holder is None:
            return None
        if not isinstance(part, str):
            return step(holder.node, part)
        pairs = self._by_key.get(above)
        if pairs is None:
            pairs = self._by_key[above] = pairs_of(holder.node)
        pair = pairs.get(part)
        return Found(pair.value, pair) if pair is not None else None

    def text(self, *path: str | int) -> Field[str]:
        """A non-empty string."""
        field = self._texts.get(path)
        if field is None:
            field = self._texts[path] = self._text(path)
        return field

    def _text(self, path: DocPath) -> Field[str]:
        node = self.node(path)
        return Field(path, *read_text(node)) if node is not None else _missing(path)

    def integer(self, *path: str | int) -> Field[int]:
        """A whole number; ``4.0`` counts as one, a boolean does not."""
        field = self._whole.get(path)
        if field is None:
            field = self._whole[path] = self._integer(path)
        return field

    def _integer(self, path: DocPath) -> Field[int]:
        field = self.number(*path)
        if field.value is None:
            return Field(path, None, field.state) if field.state == "invalid" else _missing(path)
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
        node = self.node(path)
        return Field(path, *read_number(node)) if node is not None else _missing(path)

    def boolean(self, *path: str | int) -> Field[bool]:
        """True or false."""
        node = self.node(path)
        return Field(path, *read_boolean(node)) if node is not None else _missing(path)

    def keys(self, *path: str | int) -> tuple[str, ...]:
        """The keys of a mapping; none where there is no mapping."""
        keys = self._keys.get(path)
        if keys is None:
            node = self.node(path)
            node = deref(node) if node is not None else None
            names = (key_text(pair.key) for pair in node.pairs) if isinstance(node, Mapping) else ()
            keys = self._keys[path] = tuple(name for name in names if name)
        return keys

    def length(self, *path: str | int) -> int:
        """The number of items of a list; 0 where there is no list."""
        node = self.node(path)
        node = deref(node) if node is not None else None
        return len(node.items) if isinstance(node, Sequence) else 0

    def map(self, *path: str | int) -> dict[str, str]:
        """The string entries of a free map."""
        out: dict[str, str] = {}
        for key in self.keys(*path):
            field = self.text(*path, key)
            if field.value is not None:
                out[key] = field.value
        return out

    @lazy
    def environment(self) -> str:
        """Where the spec says that it runs; empty where it does not."""
        found = environment_of(self.map(*LABELS), self.text("metadata", "name").value or "")
        return self.environments.get(found, found)

    @property
    def production(self) -> bool:
        """Whether the spec says that it runs in production: by label, else by the end of its name."""
        return self.environment == PRODUCTION
