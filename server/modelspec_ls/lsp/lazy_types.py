"""The protocol's types, each finished when it is first used.

Making the classes of ``lsprotocol.types``, more than five hundred, takes a quarter of a second, most of it for methods
that no session ever calls. Called before anything that imports them, ``load`` has ``attrs`` put each of them off:
a class gets its methods and fields when the first object of it is made, or when ``cattrs`` asks for its fields.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import RLock
from typing import Any

import attrs

_NAME = "lsprotocol.types"
_FIELDS = "__attrs_attrs__"
_lock = RLock()


class _Later:
    """Stands for the fields of a class until somebody asks for them."""

    def __get__(self, _: object, cls: type) -> Any:
        _finish(cls)
        return getattr(cls, _FIELDS)


def _finish(cls: type) -> None:
    """Make a class what ``attrs.define`` would have made of it, but for its slots."""
    with _lock:
        if not isinstance(vars(cls).get(_FIELDS), _Later):
            return  # By another thread.
        # With slots it would be another class than the one that others have by its name.
        attrs.define(cls, slots=False, init=True)
        attrs.resolve_types(cls, sys.modules[_NAME].ALL_TYPES_MAP, {})


def _put_off(cls: type) -> type:
    def init(self: Any, *args: Any, **named: Any) -> None:
        _finish(cls)
        cls.__init__(self, *args, **named)  # type: ignore[misc]

    cls.__init__ = init  # type: ignore[misc]
    setattr(cls, _FIELDS, _Later())
    return cls


def load() -> None:
    """Import the types so, unless somebody has imported them already."""
    if _NAME in sys.modules:
        return
    usual: Callable[..., Any] = attrs.define

    def define(cls: type | None = None, **options: Any) -> Any:
        return _put_off(cls) if cls is not None and not options else usual(cls, **options)

    attrs.define = define  # type: ignore[assignment]
    try:
        import lsprotocol.types  # noqa: F401, PLC0415
    finally:
        attrs.define = usual
    from lsprotocol import _hooks  # noqa: PLC0415

    # It would finish all of them at once, to resolve their types.
    _hooks._resolved_forward_references = True  # noqa: SLF001
