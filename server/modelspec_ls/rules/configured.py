"""What rules on settings files may look at."""

from __future__ import annotations

from attrs import frozen

from modelspec_ls.core.text import Span
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.scopes import Scope
from modelspec_ls.workspace.settings import SettingsFile


@frozen(eq=False)
class SettingsContext:
    """One text with settings, read."""

    file: Document
    scope: Scope
    settings: SettingsFile

    def key(self, path: tuple[str | int, ...]) -> Span:
        """Where a key stands; that of the nearest table where it stands nowhere."""
        return self._place(self.settings.toml.keys, path)

    def value(self, path: tuple[str | int, ...]) -> Span:
        """Where a value stands; that of its key for a table."""
        return self._place(self.settings.toml.items, path) if path in self.settings.toml.items else self.key(path)

    def _place(self, places: dict[tuple[str | int, ...], Span], path: tuple[str | int, ...]) -> Span:
        while path:
            if path in places:
                return places[path]
            path = path[:-1]
        return Span(0, 0)
