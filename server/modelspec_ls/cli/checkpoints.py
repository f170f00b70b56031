"""Checkpoints on this machine: where a spec's model lies, and what its files say."""

from __future__ import annotations

import os

from modelspec_ls.fit.checkpoint import CheckpointFacts
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.view import MODEL, SpecView
from modelspec_ls.workspace.checkpoint import path_of_uri, read_checkpoint, snapshot_in_cache


def local_checkpoint(path: str, view: SpecView) -> tuple[CheckpointFacts | None, str | None]:
    """The facts of the model's files, and a note for the report: where they lie, or why they were not read.

    Looks where ``modelUri`` points (``file://`` or a path relative to the spec), then into the Hugging Face cache
    for the named model. Reads headers and small files only; nothing is executed or downloaded.
    """
    uri = view.text(*MODEL, "artifacts", "modelUri").value
    place = path_of_uri(uri, os.path.dirname(os.path.abspath(path))) if uri else None  # noqa: PTH100, PTH120
    if place is None:
        model = Deployment(view).model
        place = snapshot_in_cache(_hub_cache(), model.id) if model is not None else None
    if place is None:
        return None, None
    found = read_checkpoint(place)
    if isinstance(found, CheckpointFacts):
        return found, f"Weights as they lie in {place}."
    return None, f"The checkpoint at {place} was not read: {found.message}"


def _hub_cache() -> str:
    """Where the Hugging Face library keeps what it has downloaded."""
    if cache := os.environ.get("HF_HUB_CACHE"):
        return cache
    home = os.environ.get("HF_HOME") or os.path.join(os.path.expanduser("~"), ".cache", "huggingface")  # noqa: PTH111, PTH118
    return os.path.join(home, "hub")  # noqa: PTH118
