"""The deployment that a document describes, kept with its text."""

from __future__ import annotations

from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.view import SpecView

from .document import Document


def deployment_of(document: Document, number: int) -> Deployment:
    """The deployment of one document of a stream, by its number."""
    kept: dict[int, Deployment] = document.memo.setdefault("deployments", {})
    if number not in kept:
        kept[number] = Deployment(SpecView(document.tree.documents[number]))
    return kept[number]
