"""Each file examined by itself: from the cache where nothing changed, else by as many processes as there are cores."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence

from attrs import evolve

from modelspec_ls.analysis import Examined, Kept, examine
from modelspec_ls.core.config import Config
from modelspec_ls.workspace.cache import Cache, digest
from modelspec_ls.workspace.checkpoints import unchanged
from modelspec_ls.workspace.deployments import queries_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.scopes import Scope
from modelspec_ls.workspace.snapshot import Snapshot

from .inputs import Input, key_of_path, snapshot_of

_FEW = 100
"""Fewer files than this are not worth a second process, nor a cache."""
_CHUNK = 40
Seen = Callable[[int], None]
"""Told how many files are done."""


def examine_all(
    sources: Sequence[Input], config: Config, *, jobs: int, cache: Cache | None, seen: Seen
) -> tuple[dict[str, Examined], Snapshot, dict[str, bytes]]:
    """The result of every file by its key, what surrounds them all, and by key a digest of what each result rests on.

    Args:
        sources: the files.
        config: settings that hold where no file says otherwise.
        jobs: processes to use at most.
        cache: results of earlier runs; None for none.
        seen: told about progress.
    """
    around = Snapshot(config=config)
    marks: dict[Scope, bytes] = {}
    contents: dict[str, bytes] = {}
    found: dict[str, Examined] = {}
    rest: list[Input] = []
    for source in sources:
        document = source.document
        if document is None:
            continue
        around = around.covering(document.uri)
        if cache is not None:
            # The digests are for a cache only.
            scope = around.scope(document.uri)
            mark = marks.get(scope) or marks.setdefault(scope, _mark(scope))
            contents[source.key] = digest(document.text, f"{document.uri} {source.claimed}", mark)
            kept = cache.get(source.key, contents[source.key])
            if isinstance(kept, Kept) and all(unchanged(*checkpoint) for checkpoint in kept.checkpoints):
                found[source.key] = kept.examined
                continue
        rest.append(source)
    done = len(found)
    seen(done)
    for key, kept in _results(rest, around, jobs):
        found[key] = kept.examined
        if cache is not None:
            cache.put(key, contents[key], kept)
        done += 1
        seen(done)
    return found, around, contents


def default_jobs() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cache_of(sources: Sequence[Input], paths: Sequence[str]) -> Cache | None:
    """The cache of earlier runs over the same paths; None where reading one would take longer than the work."""
    return Cache.open("check", *sorted(key_of_path(path) for path in paths)) if len(sources) >= _FEW else None


def _mark(scope: Scope) -> bytes:
    """A name for what holds in a folder: the settings and the rows of its own catalogue."""
    rows = [(layer.folder, sorted(layer.files.items())) for layer in scope.layers]
    return digest(repr(scope.config), repr(rows))


def _results(rest: Sequence[Input], around: Snapshot, jobs: int) -> Iterator[tuple[str, Kept]]:
    # Where processes cannot be forked, starting some takes longer than most folders.
    if (
        jobs <= 1
        or len(rest) < _FEW
        or sys.platform == "win32"
        or "fork" not in multiprocessing.get_all_start_methods()
    ):
        for source in rest:
            yield source.key, _examined(source, around)
        return
    global _work  # noqa: PLW0603  # What the processes inherit by being forked.
    _work = rest, around
    gc.freeze()
    ranges = [(at, min(at + _CHUNK, len(rest))) for at in range(0, len(rest), _CHUNK)]
    with multiprocessing.get_context("fork").Pool(min(jobs, len(ranges))) as pool:
        for results in pool.imap(_examined_range, ranges):
            yield from results
    _work = (), around


_work: tuple[Sequence[Input], Snapshot] = (), Snapshot()


def _examined_range(between: tuple[int, int]) -> list[tuple[str, Kept]]:
    gc.disable()
    rest, around = _work
    out = [(source.key, _examined(source, around)) for source in rest[slice(*between)]]
    gc.collect()
    return out


def _examined(source: Input, around: Snapshot) -> Kept:
    document = source.document
    assert document is not None
    # A copy: the tree of each file goes when it is done.
    own = Document(document.uri, document.text, claimed=document.claimed, key=document.key)
    here = snapshot_of(evolve(source, document=own), around)
    examined = examine(own, here)
    readings = ((query, here.checkpoints.get(query)) for query in queries_in(here, own).values())
    return Kept(examined, tuple((query, r.place, r.stamp) for query, r in readings if r is not None))
