"""Each file examined by itself: from the cache where nothing changed, else by as many processes as there are cores."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence

from attrs import evolve

from modelspec_ls.analysis import Examined, Kept, examine
from modelspec_ls.knowledge.secrets import found_in
from modelspec_ls.workspace.cache import Cache, pack, unpack
from modelspec_ls.workspace.checkpoints import unchanged
from modelspec_ls.workspace.deployments import queries_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

from .contents import Contents
from .inputs import Input, key_of_path, snapshot_of

_FEW = 100
"""Fewer files than this are not worth a second process."""
_CHUNK = 40
Seen = Callable[[int], None]
"""Told how many files are done."""


def examine_all(
    sources: Sequence[Input], contents: Contents, *, jobs: int, cache: Cache, seen: Seen
) -> dict[str, Examined]:
    """The result of every file by its key.

    Args:
        sources: the files.
        contents: what each result rests on; learns which checkpoints were looked for.
        jobs: processes to use at most.
        cache: results of earlier runs.
        seen: told about progress.
    """
    found: dict[str, Examined] = {}
    rest: list[Input] = []
    for source in sources:
        if source.document is None:
            continue
        kept = cache.get(source.key, contents.digests[source.key])
        if isinstance(kept, Kept) and all(unchanged(*checkpoint) for checkpoint in kept.checkpoints):
            found[source.key] = kept.examined
            contents.checkpoints += kept.checkpoints
        else:
            rest.append(source)
    done = len(found)
    seen(done)
    for public, secret in _parts(rest, contents, jobs):
        contents.secret = contents.secret or bool(unpack(secret))
        for key, (_, kept) in (*cache.put_all(public).items(), *unpack(secret).items()):
            found[key] = kept.examined
            contents.checkpoints += kept.checkpoints
            done += 1
        seen(done)
    return found


def default_jobs() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cache_of(paths: Sequence[str]) -> Cache:
    """The cache of earlier runs over the same paths."""
    return Cache.open("check", *sorted(key_of_path(path) for path in paths))


def _parts(rest: Sequence[Input], contents: Contents, jobs: int) -> Iterator[tuple[bytes, bytes]]:
    """The results of files, in parts as a cache takes them; files with credentials apart: it must not."""
    global _work  # noqa: PLW0603  # What the processes inherit by being forked.
    _work = rest, contents
    ranges = [(at, min(at + _CHUNK, len(rest))) for at in range(0, len(rest), _CHUNK)]
    # Where processes cannot be forked, starting some takes longer than most folders.
    forks = sys.platform != "win32" and "fork" in multiprocessing.get_all_start_methods()
    if jobs <= 1 or len(rest) < _FEW or not forks:
        yield from map(_examined_range, ranges)
        return
    gc.freeze()
    with multiprocessing.get_context("fork").Pool(min(jobs, len(ranges)), gc.disable) as pool:
        yield from pool.imap(_examined_range, ranges)


_work: tuple[Sequence[Input], Contents] = (), Contents(Snapshot(), {}, ())


def _examined_range(between: tuple[int, int]) -> tuple[bytes, bytes]:
    rest, contents = _work
    parts: tuple[dict[str, tuple[bytes, Kept]], ...] = ({}, {})
    for source in rest[slice(*between)]:
        assert source.document is not None
        secret = bool(found_in(source.document.text))
        parts[secret][source.key] = contents.digests[source.key], _examined(source, contents.around)
    return pack(parts[False]), pack(parts[True])


def _examined(source: Input, around: Snapshot) -> Kept:
    document = source.document
    assert document is not None
    # A copy: the tree of each file goes when it is done.
    own = Document(document.uri, document.text, claimed=document.claimed, key=document.key)
    here = snapshot_of(evolve(source, document=own), around)
    examined = examine(own, here)
    readings = ((query, here.checkpoints.get(query)) for query in queries_in(here, own).values())
    return Kept(examined, tuple((query, r.place, r.stamp) for query, r in readings if r is not None))
