"""What every rule declares about itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from attrs import field, frozen

from modelspec_ls.core.finding import Severity
from modelspec_ls.core.path import DocPath

Scope = Literal["file", "document", "workspace", "suppressions", "settings", "policy"]
SPECS = frozenset({"ModelSpec"})
MODELS = frozenset({"OpenModel"})
BOTH = SPECS | MODELS
"""What deploys a model: by itself, or through llmaz."""
CLAIMS = frozenset({"Playground", "Service"})
ROWS = frozenset({"Model", "Accelerator"})
POLICIES = frozenset({"ModelSpecPolicy"})
ANY: frozenset[str] = frozenset()
"""Every document that is ours, even one of a kind that no schema governs."""


def _paths(names: Iterable[str]) -> tuple[DocPath, ...]:
    return tuple(tuple(name.split(".")) for name in names)


@frozen
class Rule:
    """A rule's metadata.

    ``scope``: ``file`` runs once per text, ``document`` once per document of it, ``workspace`` once per spec, on facts,
    with the specs of other files; ``suppressions`` once per text, after all others; ``settings`` once per file with
    settings; ``policy`` on a document that policies may be about, for what they say.
    """

    code: str
    name: str
    category: str
    severity: Severity
    summary: str
    since: str = "0.1.0"
    fixable: bool = False
    scope: Scope = "document"
    kinds: frozenset[str] = SPECS
    about: tuple[DocPath, ...] = field(default=(), converter=_paths)
    """Sections and fields, as ``spec.operations.scaling``: a document that has none of them is not asked about, because
    there the rule finds nothing. Empty: every document is. Across files: those whose places facts keep."""
    on_broken: bool = False
    """Whether findings may stand on text that was repaired: only rules about the text itself."""

    def concerns(self, kind: str | None) -> bool:
        """Whether a document is judged by the rule. ``kind``: None for one that no schema governs."""
        return not self.kinds or kind in self.kinds
