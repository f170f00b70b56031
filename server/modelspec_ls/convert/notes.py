"""What a conversion did that its result does not show: data, and a sentence for people."""

from __future__ import annotations

from typing import Any, Literal

from attrs import evolve, frozen

from modelspec_ls.core.path import DocPath, dotted
from modelspec_ls.core.words import plural, shorten
from modelspec_ls.knowledge import secrets

Kind = Literal["lost", "changed", "kept", "found", "unknown"]

ORDER: tuple[Kind, ...] = ("unknown", "lost", "changed", "found", "kept")
"""Most pressing first."""
TITLES: dict[Kind, str] = {
    "unknown": "Not known, fill in",
    "lost": "Left out",
    "changed": "Written differently",
    "found": "Not in the source, looked up",
    "kept": "Kept as annotation",
}


@frozen
class Note:
    """One thing to know about a conversion.

    ``lost``: the value at ``path`` of the source is not in the result. ``changed``: it is, at ``to``, as ``becomes``,
    and another conversion does not bring it back. ``kept``: it is in the annotation ``to``, and comes back from there.
    ``found``: the value at ``path`` of the *result* is not in the source; ``reason`` says where it is from.
    ``unknown``: the value at ``path`` of the result is a placeholder.
    """

    kind: Kind
    path: DocPath
    value: Any
    reason: str
    to: DocPath = ()
    becomes: Any = None

    @property
    def sentence(self) -> str:
        """One line of plain text, without a full stop."""
        what = dotted(self.path)
        match self.kind:
            case "lost":
                return f"{what}{_size(self.value)}: {self.reason}"
            case "changed":
                return f"{what}: {shown(self.value)} becomes {shown(self.becomes)}{self._place}: {self.reason}"
            case "kept":
                return f"{what}: as {self.to[-1]}; {self.reason}"
            case "found" | "unknown":
                return f"{what}: {shown(self.value)}, {self.reason}"

    def without(self, found: tuple[str, ...]) -> Note:
        """The same without credentials: those of the source, and what stands under a name that says so."""
        name = str(self.path[-1]) if self.path else ""
        return evolve(
            self,
            path=_path_without(self.path, found),
            value=_without(self.value, name, found),
            reason=secrets.hidden(self.reason, found),
            to=_path_without(self.to, found),
            becomes=_without(self.becomes, name, found),
        )

    @property
    def _place(self) -> str:
        return "" if not self.to or self.to == self.path else f" at {dotted(self.to)}"


def _path_without(path: DocPath, found: tuple[str, ...]) -> DocPath:
    return tuple(secrets.hidden(part, found) if isinstance(part, str) else part for part in path)


def _without(value: Any, name: str, found: tuple[str, ...]) -> Any:
    """A value below a name. Only what is told of it: the result of the conversion keeps its values."""
    if isinstance(value, str):
        known = secrets.names_credential(name) and secrets.literal(value)
        return "***" if known else secrets.hidden(value, found)
    if isinstance(value, dict):
        return {secrets.hidden(str(key), found): _without(item, str(key), found) for key, item in value.items()}
    return [_without(item, name, found) for item in value] if isinstance(value, list) else value


def shown(value: Any) -> str:
    """A value in a sentence: short, on one line, never of a size that matters."""
    if isinstance(value, str):
        return f"`{shorten(value)}`"
    if isinstance(value, bool) or value is None:
        return f"`{str(value).lower()}`"
    if isinstance(value, dict):
        return plural(len(value), "key")
    if isinstance(value, list):
        return plural(len(value), "item")
    return f"`{value}`"


def _size(value: Any) -> str:
    """`` (3 keys)`` for a collection, `` (`x`)`` for a value, nothing where there is none."""
    return "" if value is None else f" ({shown(value)})"
