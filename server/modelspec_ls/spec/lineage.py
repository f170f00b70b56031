"""What a model is made from, where a hint says so by the path of another spec.

``modelspec/base-model: ./base.modelspec.yaml`` names a spec, and with it the model that it deploys, which may itself be
made from that of a third spec. Whoever reads files follows the paths; here is what counts of what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    # Facts need none of it, and loading it takes longer than reading a file.
    from modelspec_ls.knowledge.catalogue import Catalogue
    from modelspec_ls.knowledge.match import Resolution

_ENDINGS = (".yaml", ".yml", ".json")
_STARTS = ("./", "../", "#", "file:")


class Ancestor(NamedTuple):
    """What one spec says of its model. ``names``: what it goes by, the most telling first; the rest are its hints."""

    names: tuple[str, ...]
    parameter_count: str = ""
    architecture: str = ""


Lineage = Mapping[str, tuple[Ancestor, ...]]
"""By the name of the hint, such as ``base-model``: the spec that it leads to, then what that one is made from."""
NONE: Lineage = {}


def names_spec(text: str) -> bool:
    """Whether a hint names a spec by the path of its file, and no model by its id."""
    return text.startswith(_STARTS) or text.partition("#")[0].lower().endswith(_ENDINGS)


def model_behind(line: tuple[Ancestor, ...], catalogue: Catalogue) -> tuple[Resolution | None, Ancestor | None]:
    """The model at the start of a line, as each spec of the line itself takes it: its base before its own names.

    Returns what a name means, where a catalogue knows it, else the ancestor whose hints state its size. One that
    states its shape too, such as a pruned model, no longer has the size of what it was made from.
    """
    if (other := next((a for a in line if a.parameter_count and a.architecture), None)) is not None:
        return None, other
    for ancestor in reversed(line):
        for name in ancestor.names:
            found = catalogue.resolve(name)
            if found.model is not None:
                return found, None
    return None, next((a for a in line if a.parameter_count), None)
