"""How plain records are written to a cache and sent between processes."""

from __future__ import annotations

import copyreg
from enum import Enum
from operator import attrgetter
from typing import Any, TypeVar

from attrs import AttrsInstance, fields

T = TypeVar("T", bound=AttrsInstance)
E = TypeVar("E", bound=Enum)


def packed(cls: type[T]) -> type[T]:
    """Have the instances of an attrs class pickled as their values in order: sooner than by name, and smaller.

    It holds for the class itself: a subclass needs it again. Bytes made by other fields must not be read: caches are
    of one version of this tool.
    """
    values = attrgetter(*(field.name for field in fields(cls)))

    def reduce(record: T) -> tuple[type[T], tuple[Any, ...]]:
        return cls, values(record)

    copyreg.pickle(cls, reduce)
    return cls


def by_value(cls: type[E]) -> type[E]:
    """Have the members of an enumeration pickled by their values.

    Python 3.11.0 to 3.11.3 does it by a call of ``getattr``, which no cache may ask for.
    """

    def reduce(member: E) -> tuple[type[E], tuple[Any]]:
        return cls, (member.value,)

    copyreg.pickle(cls, reduce)
    return cls
