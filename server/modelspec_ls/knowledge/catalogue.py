"""The catalogue as one place sees it: the built-in rows with a workspace's own rows over them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from attrs import evolve, field, frozen

from modelspec_ls.core.config import EngineDefaults
from modelspec_ls.core.words import fold, near

from . import accelerators, match, models
from .accelerators import AcceleratorMatch
from .match import Resolution
from .types import Accelerator, Model

_SURE = ("exact", "alias", "repackaged", "size-from-name", "unknown")
_MOST_KEPT = 2048


@frozen
class BrokenRow:
    """A row of a workspace that is not used because its file or the row itself has errors."""

    path: str
    """The file's path, with forward slashes."""
    line: int
    """Of the row's first line, from 1."""
    kind: str
    """``Model`` or ``Accelerator``."""
    names: frozenset[str]
    """What the row would be found by, as far as that can be read, folded."""

    def could_mean(self, text: str) -> bool:
        """Whether the row may have been meant by a name: it has that name, or its names cannot be read."""
        return not self.names or fold(text) in self.names or fold(text.rpartition("/")[2]) in self.names


@frozen(eq=False)
class Catalogue:
    """Models and accelerators, a workspace's own before the built-in ones. Immutable; compared by identity.

    Own rows come nearest first; the first row of an id counts.
    """

    own_models: tuple[Model, ...] = ()
    own_accelerators: tuple[Accelerator, ...] = ()
    broken: tuple[BrokenRow, ...] = ()
    engines: Mapping[str, EngineDefaults] = field(factory=dict)
    """What the workspace's engines do where a spec says nothing, by the engine's name."""
    environments: Mapping[str, str] = field(factory=dict)
    """The environments that the workspace has words of its own for, by word."""
    # Answers to texts asked before; the same text has the same answer as long as the catalogue lives.
    _kept: dict[str, Resolution] = field(factory=dict, init=False, repr=False)

    # ------------------------------------------------------------------ models
    @cached_property
    def _models(self) -> Mapping[str, Model]:
        return {model.id.lower(): model for model in reversed(self.own_models)}

    @cached_property
    def _model_names(self) -> match.Names:
        ids: dict[str, str] = {}
        aliases: dict[str, str] = {}
        for model in reversed(self.own_models):
            ids.update({name.lower(): model.id for name in model.alternate_ids})
            aliases.update({match.key_of(name): model.id for name in model.aliases})
        ids.update({model.id.lower(): model.id for model in self.own_models})
        return match.Names(ids, aliases, lambda name: self._models.get(name.lower()))

    def resolve(self, text: str) -> Resolution:
        """What a ``model.id``, a hub id, a ``modelUri`` or any other reference to a model means here."""
        if not self.own_models:
            return match.resolve(text)
        kept = self._kept.get(text)
        if kept is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            kept = self._kept[text] = self._resolve(text)
        return kept

    def _resolve(self, text: str) -> Resolution:
        own, known = match.resolve_among(text, self._model_names), match.resolve(text)
        if known.model is not None and (replaced := self._models.get(known.model.id.lower())):
            known = evolve(known, model=replaced)
        if own.model is not None and _SURE.index(own.grade) <= _SURE.index(known.grade):
            return own
        guesses = tuple(dict.fromkeys((*own.suggestion, *known.suggestion)))
        return known if known.model else evolve(known, suggestion=guesses[:3])

    def model(self, model_id: str) -> Model | None:
        """The model with this id or former id, without regard to case."""
        known = self._model_names.ids.get(model_id.lower())
        return self._models[known.lower()] if known else models.get(model_id)

    @cached_property
    def all_models(self) -> tuple[Model, ...]:
        """Own models, then the built-in ones that they do not replace."""
        return (*self._models.values(), *(m for m in models.all_models() if m.id.lower() not in self._models))

    def models_of_family(self, family: str) -> tuple[Model, ...]:
        """Models of a family, given in any spelling."""
        if not self.own_models:
            return models.models_of_family(family)
        own = (m for m in self._models.values() if m.family and models.same_family(family, m.family))
        known = (m for m in models.models_of_family(family) if m.id.lower() not in self._models)
        return (*own, *known)

    # ------------------------------------------------------------------ accelerators
    @cached_property
    def _accelerators(self) -> Mapping[str, Accelerator]:
        return {card.id: card for card in reversed(self.own_accelerators)}

    @cached_property
    def _accelerator_names(self) -> accelerators.Names:
        return accelerators.names_of(self.own_accelerators)

    def find_accelerator(self, text: str, vendor: str | None = None) -> AcceleratorMatch:
        """What an accelerator's name means here; ``vendor`` only narrows a name that several makers could own."""
        if not self.own_accelerators:
            return accelerators.find(text, vendor)
        own = accelerators.find_among(text, vendor, self._accelerator_names)
        if own.accelerator is not None:
            return own
        found = accelerators.find(text, vendor)
        chosen = self._accelerators.get(found.accelerator.id, found.accelerator) if found.accelerator else None
        return AcceleratorMatch(
            chosen, tuple(self._accelerators.get(c.id, c) for c in found.candidates), found.ambiguous
        )

    def accelerator(self, accelerator_id: str) -> Accelerator | None:
        """The accelerator with this id."""
        return self._accelerators.get(accelerator_id) or accelerators.get(accelerator_id)

    @cached_property
    def all_accelerators(self) -> tuple[Accelerator, ...]:
        """Own accelerators, then the built-in ones that they do not replace."""
        known = (a for a in accelerators.all_accelerators() if a.id not in self._accelerators)
        return (*self._accelerators.values(), *known)

    def suggest_accelerator(self, text: str) -> str | None:
        """A known short name that is close to an unknown one."""
        own = near(text, (name for card in self.own_accelerators for name in (card.id, *card.aliases)))
        return own or accelerators.suggestion(text)

    # ------------------------------------------------------------------ what is not used
    def broken_for(self, kind: str, text: str) -> BrokenRow | None:
        """The row that may have been meant by an unknown name, but has errors; one that has the name comes first."""
        found = [row for row in self.broken if row.kind == kind and row.could_mean(text)]
        return min(found, key=lambda row: not row.names, default=None)


BUILT_IN = Catalogue()
"""The catalogue of a place without rows of its own."""
