"""Tree to plain JSON-like values, with aliases shared and merge keys applied."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from .lookup import MERGE, is_merge, merge_sources
from .nodes import Alias, Mapping, Node, Scalar, Sequence, deref, key_text
from .scalars import SHORT, read_plain, read_short, resolve

# Made by the dozen for every text: by its class that takes twice as long.
_new: Any = tuple.__new__


class Data(NamedTuple):
    """A document's value. ``size`` and ``depth`` count nodes as if every alias were written out."""

    value: Any
    size: int
    depth: int


class Traits(NamedTuple):
    """What may be found in a document, so that most need no second look. Never False where there is some."""

    repeats: bool
    """A key stands twice in a mapping."""
    disputed: bool
    """YAML 1.1 and 1.2 read a plain scalar differently."""
    blank: bool
    """A quoted or block scalar holds nothing but blanks."""


class Survey(NamedTuple):
    """All that one walk over a document tells."""

    data: Data
    traits: Traits


def to_data(root: Node) -> Data:
    """The value of a node by YAML 1.2. Aliases share one object, so a bomb costs nothing here.

    Check ``size`` and ``depth`` before handing the value to code that walks it.
    """
    return _Converter().convert(root)


def survey(root: Node, text: str | None = None) -> Survey:
    """The value of a node, and what is worth looking for in it.

    ``text``: the tree's, where each part says by itself what it means. Then items of long lists are remembered by it,
    and values must not be changed.
    """
    converter = _Converter(text)
    data = converter.convert(root)
    return Survey(data, Traits(converter.repeats, converter.disputed, converter.blank))


MANY_ITEMS = 32
"""Items of longer lists are remembered by their text."""
_MOST_ITEMS = 4096
_LONGEST_ITEM = 500
"""Characters of an item that is remembered."""
_items: dict[tuple[int, str], tuple[Data, bool, bool, bool]] = {}
"""By column and text."""


def item_source(text: str, item: Node) -> tuple[int, str] | None:
    """The column of an item and its line up to its end: the same node wherever that stands in a literal text.

    None for a long one, and where that cannot be said: the end of a block scalar depends on what follows.
    """
    if item.end - item.start > _LONGEST_ITEM:
        return None
    line = text.rfind("\n", 0, item.start) + 1
    if item.end - line > _LONGEST_ITEM:
        return None  # Such as one of thousands on the same line.
    source = text[line : item.end]
    return None if "|" in source or ">" in source else (item.start - line, source)


class _Converter:
    """Walks every node once, at every keystroke: what is usual, scalars below names, is dealt with in place."""

    def __init__(self, text: str | None = None) -> None:
        self.text = text
        self.done: dict[int, Data] = {}
        self.repeats = self.disputed = self.blank = False

    def convert(self, node: Node) -> Data:
        if isinstance(node, (Mapping, Sequence)):
            data = self.done.get(id(node))
            if data is None:
                data = self.mapping(node) if isinstance(node, Mapping) else self.sequence(node)
                self.done[id(node)] = data
            return data
        if isinstance(node, Alias):
            # Anchors stand before their aliases, so the target is converted already: no deep recursion.
            return self.convert(deref(node))
        return Data(self.scalar(node) if isinstance(node, Scalar) else resolve(node), 1, 1)

    def scalar(self, node: Scalar) -> Any:
        _, _, text, style, _, tag = node
        if style:
            if not self.blank and not text.strip():
                self.blank = True
            return text if tag is None else resolve(node)
        value, disputed = read_short(text) if len(text) <= SHORT else read_plain(text)
        if disputed:
            self.disputed = True
        return value if tag is None else resolve(node)

    def sequence(self, node: Sequence) -> Data:
        convert = self.convert if self.text is None or len(node.items) <= MANY_ITEMS else self.remembered
        items = [convert(item) for item in node.items]
        size = 1 + sum(item.size for item in items)
        return Data([item.value for item in items], size, 1 + max((i.depth for i in items), default=0))

    def remembered(self, item: Node) -> Data:
        """The value of an item of a long list: after a keystroke nearly all are as before."""
        assert self.text is not None
        key = item_source(self.text, item)
        if key is None:
            return self.convert(item)
        kept = _items.get(key)
        if kept is None:
            alone = _Converter()
            kept = alone.convert(item), alone.repeats, alone.disputed, alone.blank
            if len(_items) >= _MOST_ITEMS:
                _items.clear()
            _items[key] = kept
        data, repeats, disputed, blank = kept
        self.repeats, self.disputed, self.blank = (
            self.repeats or repeats,
            self.disputed or disputed,
            self.blank or blank,
        )
        return data

    def mapping(self, node: Mapping) -> Data:
        value: dict[str, Any] = {}
        size, depth = 1 + 2 * len(node.pairs), 1 if node.pairs else 0
        for key, item, _ in node.pairs:
            if type(key) is not Scalar:
                return self.unusual(node)
            if type(item) is Scalar:
                _, _, text, style, _, tag = item
                if style or tag is not None or len(text) > SHORT:
                    value[key[2]] = self.scalar(item)
                else:
                    value[key[2]], disputed = read_short(text)
                    if disputed:
                        self.disputed = True
            else:
                data = self.convert(item)
                value[key[2]] = data[0]
                size += data[1] - 1
                depth = max(depth, data[2])
        if MERGE in value:
            return self.unusual(node)
        if len(value) < len(node.pairs):
            self.repeats = True
        if not self.disputed and not value.keys() <= _clear:
            self.disputed = _disputed(value)
        found: Data = _new(Data, (value, size, 1 + depth))
        return found

    def unusual(self, node: Mapping) -> Data:
        """A mapping with merge keys, or with keys that are no scalars; values that were read already are at hand."""
        # What is brought in, or stands as a key, may be anything.
        self.repeats = self.disputed = self.blank = True
        value: dict[str, Any] = {}
        size, depth = 1, 0
        merged: list[Mapping] = []
        for pair in node.pairs:
            if is_merge(pair):
                merged.extend(merge_sources(pair))
                continue
            name = key_text(pair.key)
            data = self.convert(pair.value)
            # A collection as a key has no name in JSON; where it stands tells it from others.
            value[f"? at {pair.key.start}" if name is None else name] = data.value
            size += 1 + data.size
            depth = max(depth, data.depth)
        for source in merged:
            data = self.convert(source)
            size += data.size
            depth = max(depth, data.depth)
            for text, brought in data.value.items():
                value.setdefault(text, brought)
        return Data(value, size, 1 + depth)


_MOST_CLEAR = 4096
_clear: set[str] = set()
"""Names of keys that both versions of YAML read as the same text: all specs have the same few."""


def _disputed(names: Iterable[str]) -> bool:
    """Whether the versions may read one of some names differently, were it plain."""
    new = [name for name in names if name not in _clear]
    if any(read_plain(name)[1] for name in new):
        return True
    if len(_clear) + len(new) > _MOST_CLEAR:
        _clear.clear()
    _clear.update(name for name in new if len(name) <= SHORT)
    return False
