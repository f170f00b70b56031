"""Each file examined by itself: from the cache where nothing changed, else by as many processes as there are cores."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import evolve

from modelspec_ls.analysis import Examined, Kept, examine
from modelspec_ls.workspace.cache import Cache, pack
from modelspec_ls.workspace.checkpoints import unchanged
from modelspec_ls.workspace.deployments import queries_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

from .contents import Contents
from .inputs import Input, key_of_path, snapshot_of
from .spread import Range, spread

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

    def examined(between: Range) -> bytes:
        some = rest[slice(*between)]
        return pack({s.key: (contents.digests[s.key], _examined(s, contents.around)) for s in some})

    for part in spread(examined, len(rest), jobs=jobs, chunk=_CHUNK):
        for key, (_, kept) in cache.put_all(part).items():
            found[key] = kept.examined
            contents.checkpoints += kept.checkpoints
            done += 1
        seen(done)
    return found


def cache_of(paths: Sequence[str]) -> Cache:
    """The cache of earlier runs over the same paths."""
    return Cache.open("check", *sorted(key_of_path(path) for path in paths))


def _examined(source: Input, around: Snapshot) -> Kept:
    document = source.document
    assert document is not None
    # A copy: the tree of each file goes when it is done.
    own = Document(document.uri, document.text, claimed=document.claimed, key=document.key)
    here = snapshot_of(evolve(source, document=own), around)
    examined = examine(own, here)
    readings = ((query, here.checkpoints.get(query)) for query in queries_in(here, own).values())
    return Kept(examined, tuple((query, r.place, r.stamp) for query, r in readings if r is not None))
