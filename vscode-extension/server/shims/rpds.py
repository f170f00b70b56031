"""The three persistent collections that ``jsonschema`` and ``referencing`` take from rpds-py, in plain Python.

The real one is compiled for each Python and platform; the bundle must run on any. Only in the extension: the
package on PyPI depends on the real one. Copies are made on every change, which is cheap at the sizes used here
(tens of entries, changed while a schema is loaded).
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

_ABSENT = object()


class HashTrieMap(Mapping):
    """A mapping whose changes return a new mapping."""

    __slots__ = ("_entries", "_hash")

    def __init__(self, value=(), **entries):
        self._entries = dict(value, **entries)
        self._hash = None

    @classmethod
    def convert(cls, value):
        """``value`` itself where it is one already, else a new one."""
        return value if isinstance(value, cls) else cls(value)

    @classmethod
    def fromkeys(cls, keys, value=None):
        """All keys with the same value."""
        return cls(dict.fromkeys(keys, value))

    def insert(self, key, value):
        """With one more entry, or another value of one."""
        entries = dict(self._entries)
        entries[key] = value
        return type(self)(entries)

    def remove(self, key):
        """Without an entry; raises KeyError where there is none."""
        if key not in self._entries:
            raise KeyError(key)
        return self.discard(key)

    def discard(self, key):
        """Without an entry, if there is one."""
        return type(self)({k: v for k, v in self._entries.items() if k != key})

    def update(self, *others, **entries):
        """With the entries of others."""
        merged = dict(self._entries)
        for other in others:
            merged.update(other)
        merged.update(entries)
        return type(self)(merged)

    def __getitem__(self, key):
        return self._entries[key]

    def __iter__(self):
        return iter(self._entries)

    def __len__(self):
        return len(self._entries)

    def __eq__(self, other):
        return self._entries == dict(other) if isinstance(other, Mapping) else NotImplemented

    def __hash__(self):
        if self._hash is None:
            self._hash = hash(frozenset(self._entries.items()))
        return self._hash

    def __repr__(self):
        return "HashTrieMap({%s})" % ", ".join("%r: %r" % item for item in self._entries.items())

    def __reduce__(self):
        return type(self), (self._entries,)


class HashTrieSet(AbstractSet):
    """A set whose changes return a new set."""

    __slots__ = ("_members",)

    def __init__(self, value=()):
        self._members = frozenset(value)

    def insert(self, value):
        """With one more member."""
        return type(self)(self._members | {value})

    def remove(self, value):
        """Without a member; raises KeyError where it is none."""
        if value not in self._members:
            raise KeyError(value)
        return self.discard(value)

    def discard(self, value):
        """Without a member, if it is one."""
        return type(self)(self._members - {value})

    def update(self, *others):
        """With the members of others."""
        return type(self)(self._members.union(*others))

    union = update

    def intersection(self, other):
        """What both have."""
        return type(self)(self._members.intersection(other))

    def difference(self, other):
        """What only this one has."""
        return type(self)(self._members.difference(other))

    def symmetric_difference(self, other):
        """What only one of the two has."""
        return type(self)(self._members.symmetric_difference(other))

    def __contains__(self, value):
        return value in self._members

    def __iter__(self):
        return iter(self._members)

    def __len__(self):
        return len(self._members)

    def __hash__(self):
        return hash(self._members)

    def __repr__(self):
        return "HashTrieSet({%s})" % ", ".join(map(repr, self._members))

    def __reduce__(self):
        return type(self), (tuple(self._members),)


class List:
    """A list that grows and shrinks at its front, each time as a new list."""

    __slots__ = ("_items",)

    def __init__(self, value=_ABSENT, *more):
        if value is _ABSENT:
            self._items = ()
        elif more:
            self._items = (value, *more)
        else:
            self._items = tuple(value)

    @property
    def first(self):
        """The first item; raises IndexError where there is none."""
        if not self._items:
            raise IndexError("empty list has no first element")
        return self._items[0]

    @property
    def rest(self):
        """All but the first item."""
        return type(self)(self._items[1:])

    def push_front(self, value):
        """With one more item in front."""
        return type(self)((value, *self._items))

    def drop_first(self):
        """Without the first item; raises IndexError where there is none."""
        if not self._items:
            raise IndexError("empty list has no first element")
        return self.rest

    def __iter__(self):
        return iter(self._items)

    def __reversed__(self):
        return type(self)(reversed(self._items))

    def __len__(self):
        return len(self._items)

    def __eq__(self, other):
        return self._items == other._items if isinstance(other, List) else NotImplemented

    def __hash__(self):
        return hash(self._items)

    def __repr__(self):
        return "List([%s])" % ", ".join(map(repr, self._items))

    def __reduce__(self):
        return type(self), (self._items,)
