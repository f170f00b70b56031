"""Tree to plain JSON-like values, with aliases shared and merge keys applied."""

from __future__ import annotations

from typing import Any, NamedTuple

from .lookup import is_merge, merge_sources
from .nodes import Alias, Mapping, Missing, Node, Scalar, Sequence, deref, key_text
from .scalars import resolve


class Data(NamedTuple):
    """A document's value. ``size`` and ``depth`` count nodes as if every alias were written out."""

    value: Any
    size: int
    depth: int


def to_data(root: Node) -> Data:
    """The value of a node by YAML 1.2. Aliases share one object, so a bomb costs nothing here.

    Check ``size`` and ``depth`` before handing the value to code that walks it.
    """
    return _Converter().convert(root)


class _Converter:
    def __init__(self) -> None:
        self.done: dict[int, Data] = {}

    def convert(self, node: Node) -> Data:
        if isinstance(node, (Scalar, Missing)):
            return Data(resolve(node), 1, 1)
        if isinstance(node, Alias):
            target = deref(node)
            # Anchors stand before their aliases, so the target is converted already: no deep recursion.
            return self.done.get(id(target)) or self.convert(target)
        data = self.mapping(node) if isinstance(node, Mapping) else self.sequence(node)
        self.done[id(node)] = data
        return data

    def sequence(self, node: Sequence) -> Data:
        items = [self.convert(item) for item in node.items]
        size = 1 + sum(item.size for item in items)
        return Data([item.value for item in items], size, 1 + max((i.depth for i in items), default=0))

    def mapping(self, node: Mapping) -> Data:
        value: dict[str, Any] = {}
        size, depth = 1, 0
        merged: list[Mapping] = []
        for pair in node.pairs:
            if is_merge(pair):
                merged.extend(merge_sources(pair))
                continue
            data = self.convert(pair.value)
            key = key_text(pair.key)
            # A collection as a key has no name in JSON; where it stands tells it from others.
            value[key if key is not None else f"? at {pair.key.start}"] = data.value
            size += 1 + data.size
            depth = max(depth, data.depth)
        for source in merged:
            data = self.done.get(id(source)) or self.convert(source)
            size += data.size
            depth = max(depth, data.depth)
            for key, item in data.value.items():
                value.setdefault(key, item)
        return Data(value, size, 1 + depth)
