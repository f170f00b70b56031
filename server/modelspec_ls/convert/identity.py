"""What an address says of the model behind it: the usual id, the precision of its weights, what it was made for."""

from __future__ import annotations

from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.knowledge.match import key_of
from modelspec_ls.knowledge.references import parse
from modelspec_ls.knowledge.vocabularies import vocabulary


def model_id(address: str) -> str | None:
    """The id that a ModelSpec usually has for the model at an address: the repository's or folder's name."""
    reference = parse(address)
    if not reference.name:
        return None
    return key_of(f"{reference.name}-{reference.tag}" if reference.tag else reference.name) or None


def precision(address: str, catalogue: Catalogue) -> str | None:
    """The precision that the file, the tag or the repository is named after."""
    return catalogue.resolve(address).precision


def repository(name: str, catalogue: Catalogue) -> str | None:
    """The hub repository of the model that a ``model.id`` names for certain."""
    found = catalogue.resolve(name)
    model = found.model if found.grade in {"exact", "alias"} else None
    # Rows of a workspace may name models that are on no hub.
    return model.id if model is not None and model.origin is None else None


def task(address: str, catalogue: Catalogue) -> str | None:
    """What the catalogue says that the model was made for, in the words of a ModelSpec."""
    model, words = catalogue.resolve(address).model, vocabulary("task")
    found = (words.find(name) for name in model.tasks) if model is not None and words else ()
    return next((term.value for term in found if term is not None), None)
