"""What is worked out once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801  # Written like a property.
    """A property that is kept in the object. ``functools.cached_property`` takes a lock before Python 3.12."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, holder: None, owner: type) -> lazy[T]: ...
    @overload
    def __get__(self, holder: object, owner: type) -> T: ...
    def __get__(self, holder: object | None, owner: type) -> T | lazy[T]:
        if holder is None:
            return self
        # Found there from now on: a name in the object comes before this one in its class.
        value = holder.__dict__[self._name] = self._make(holder)
        return value
