"""Checkpoints on this machine: where a spec's model lies, and what its files say."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from modelspec_ls.fit.checkpoint import CheckpointFacts
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.view import MODEL, SpecView
from modelspec_ls.workspace.checkpoint import path_of_uri, read_checkpoint, snapshot_in_cache, stamp_of


def local_checkpoint(path: str, view: SpecView) -> tuple[CheckpointFacts | None, str | None]:
    """The facts of the model's files, and a note for the report: where they lie, or why they were not read.

    Looks where ``modelUri`` points (``file://`` or a path relative to the spec), then into the Hugging Face cache
    for the named model. Reads headers and small files only; nothing is executed or downloaded.
    """
    uri = view.text(*MODEL, "artifacts", "modelUri").value
    place = path_of_uri(uri, str(Path(path).absolute().parent)) if uri else None
    if place is None:
        model = Deployment(view).model
        place = snapshot_in_cache(_hub_cache(), model.id) if model is not None else None
    if place is None:
        return None, None
    return _facts(place, stamp_of(place))


@cache
def _facts(place: str, _stamp: object) -> tuple[CheckpointFacts | None, str | None]:
    """Read once while the files stay as they are: a sweep judges the same spec many times."""
    found = read_checkpoint(place)
    if isinstance(found, CheckpointFacts):
        return found, f"Weights as they lie in {place}."
    return None, f"The checkpoint at {place} was not read: {found.message}"


def _hub_cache() -> str:
    """Where the Hugging Face library keeps what it has downloaded."""
    if folder := os.environ.get("HF_HUB_CACHE"):
        return folder
    home = os.environ.get("HF_HOME")
    return str((Path(home) if home else Path.home() / ".cache" / "huggingface") / "hub")
