"""Records that are made by the thousand, of every text.

Nobody changes one: the type checker sees to that, as it takes them for attrs' frozen classes. To have Python see to it,
too, makes each of them three times as slow to make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["record"]

if TYPE_CHECKING:
    from attrs import frozen as record
else:
    from attrs import define

    def record(cls: type | None = None, *, unsafe_hash: bool = True) -> Any:
        """Make a class a record: equal by its values, and by default hashed by them."""
        return define(cls, unsafe_hash=unsafe_hash)
