"""The checkpoint that a spec's model has on this machine: where to look, and what was found there.

``query_of`` only looks at the text; ``read`` is all that touches the disk, so that an editor can do it aside.
"""
# ruff: noqa: PTH110, PTH111, PTH118, PTH120

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import NamedTuple

from attrs import frozen

from modelspec_ls.fit.checkpoint import CheckpointFacts
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.knowledge.references import parse
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.view import MODEL, SpecView

from .checkpoint import path_of_uri, read_checkpoint, snapshot_in_cache, stamp_of
from .checkpoint_io import CheckpointFault
from .references import key_of

_REVISION = re.compile(r"@([^/:@]+)")


class Query(NamedTuple):
    """Where a checkpoint may lie, as a spec says it. Equal queries have equal answers while the files stay."""

    uri: str | None
    """``modelUri``, where it may be a path."""
    folder: str
    """The spec's folder, where there is a ``uri`` that may lead from it."""
    repository: str | None
    """The repository to look for in the Hugging Face cache."""
    revision: str | None = None

    @property
    def relative(self) -> bool:
        """Whether ``modelUri`` leads from the spec's folder, so that the files should be there."""
        return self.uri is not None and self.uri.strip().startswith(("./", "../"))


@frozen(eq=False)
class Reading:
    """What was found on disk. Neither facts nor a fault: there is nothing."""

    place: str | None = None
    stamp: tuple[tuple[str, int, int], ...] = ()
    facts: CheckpointFacts | None = None
    fault: str | None = None
    """Why the files were not used."""
    named: bool = False
    """``modelUri`` itself leads there, not the cache."""

    @property
    def tells(self) -> bool:
        """Whether findings may depend on it."""
        return self.facts is not None or (self.fault is not None and self.named)


def query_of(view: SpecView, uri: str, catalogue: Catalogue) -> Query | None:
    """Where the checkpoint of a spec may lie; None where nothing that the spec says leads to this machine."""
    if not uri.startswith("file:"):
        return None
    text = view.text(*MODEL, "artifacts", "modelUri").value
    repository, revision = _repository(view, text, catalogue)
    if text is not None and "://" in text and not text.strip().lower().startswith("file:"):
        text = None
    if text is None and repository is None:
        return None
    # Specs in many folders ask the same of the machine's cache.
    return Query(text, os.path.dirname(key_of(uri)) if text is not None else "", repository, revision)


def _repository(view: SpecView, uri: str | None, catalogue: Catalogue) -> tuple[str | None, str | None]:
    """The repository and revision that hold this very checkpoint, not one that it was made from."""
    if uri is not None:
        found = parse(uri)
        if found.hub and found.owner and not uri.lower().startswith(("modelscope:", "ms:")):
            revision = _REVISION.search(uri)
            return f"{found.owner}/{found.name}", revision[1] if revision else None
        if "://" in uri:
            return None, None
    identity = Deployment(view, catalogue).id_resolution
    if identity is None or identity.model is None or identity.grade not in {"exact", "alias"} or identity.format:
        return None, None
    return identity.model.id, None


def read(query: Query, before: Reading | None = None) -> Reading:
    """Look at the disk: headers and small files only; nothing is executed or downloaded, nothing raised.

    ``before``: what was found last time; the same answer where the files are the same.
    """
    place, named = _place(query)
    if place is None:
        return Reading()
    if named and not os.path.exists(place):
        # Absolute paths are often those of a container or a node.
        fault = f"there is no such file or folder: {place}." if query.relative else None
        return Reading(place, fault=fault, named=True)
    stamp = stamp_of(place)
    if before is not None and before.place == place and before.stamp == stamp and stamp:
        return before
    found = _facts(place, stamp)
    if isinstance(found, CheckpointFault):
        return Reading(place, stamp, fault=found.message, named=named)
    return Reading(place, stamp, found, named=named)


def unchanged(query: Query, place: str | None, stamp: tuple[tuple[str, int, int], ...]) -> bool:
    """Whether a look at the disk would find the same files as one that found these."""
    now, named = _place(query)
    if now != place:
        return False
    if now is None:
        return True
    return stamp == (() if named and not os.path.exists(now) else stamp_of(now))


def _place(query: Query) -> tuple[str | None, bool]:
    """Where the checkpoint lies, and whether ``modelUri`` itself leads there."""
    place = path_of_uri(query.uri, query.folder) if query.uri else None
    if place is not None:
        return place, True
    if query.repository is None:
        return None, False
    return snapshot_in_cache(_hub_cache(), query.repository, query.revision), False


@lru_cache(maxsize=64)
def _facts(place: str, _stamp: object) -> CheckpointFacts | CheckpointFault:
    """Read once while the files stay as they are: many specs name the same model."""
    return read_checkpoint(place)


def _hub_cache() -> str:
    """Where the Hugging Face library keeps what it has downloaded."""
    if folder := os.environ.get("HF_HUB_CACHE"):
        return folder
    home = os.environ.get("HF_HOME") or os.path.join(os.path.expanduser("~"), ".cache", "huggingface")
    return os.path.join(home, "hub")
