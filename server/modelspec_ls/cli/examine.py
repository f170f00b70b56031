"""Each file examined by itself: from the cache where nothing changed, else by as many processes as there are cores."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from modelspec_ls.analysis import Examined, Kept, check_together, examine
from modelspec_ls.core.finding import Diagnostic
from modelspec_ls.workspace.cache import Cache, pack, unpack
from modelspec_ls.workspace.checkpoints import unchanged
from modelspec_ls.workspace.credentials import secrets_in
from modelspec_ls.workspace.deployments import looking_around, queries_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import hinting
from modelspec_ls.workspace.files import read_bytes_digest
from modelspec_ls.workspace.lineage import looked_at
from modelspec_ls.workspace.scopes import project_of
from modelspec_ls.workspace.snapshot import Snapshot

from .contents import Contents
from .inputs import Input, key_of_path
from .spread import spread

_CHUNK = 40
_FIRST = 10
Seen = Callable[[int], None]
"""Told how many files are done."""
_Noted = tuple[Input, bytes]
"""A file, and the digest of all that its result rests on."""
Tell = Callable[[str, Document, Sequence[Diagnostic]], Sequence[str]]
"""Finds the words for each finding of a text: its path as shown, and the text."""


def examine_all(
    sources: Iterable[Input],
    contents: Contents,
    *,
    jobs: int,
    cache: Cache,
    seen: Seen,
    tell: Tell = lambda *_: (),
) -> tuple[dict[str, Examined], dict[str, Sequence[str]]]:
    """The result of every file by its key, and the words for the findings of those that were examined now.

    Args:
        sources: the files, noted in ``contents`` by the time they come.
        contents: what each result rests on; learns which checkpoints were looked for.
        jobs: processes to use at most.
        cache: results of earlier runs.
        seen: told about progress.
        tell: finds the words for what one text says by itself, while it is at hand.
    """
    words: dict[str, Sequence[str]] = {}
    found: dict[str, Examined] = {}
    # Other processes learn of the files' surroundings as they come by them.
    around = Snapshot(config=contents.around.config, graph=contents.around.graph)
    still, same = functools.cache(unchanged), _Bases().same

    def unknown() -> Iterator[_Noted]:
        for source in sources:
            if source.document is None:
                continue
            content = contents.digests[source.key]
            kept = cache.get(source.key, content)
            if isinstance(kept, Kept) and all(still(*c) for c in kept.checkpoints) and same(kept):
                found[source.key] = kept.examined
                contents.checkpoints += kept.checkpoints
            else:
                yield source, content

    def examined(some: list[_Noted]) -> tuple[bytes, bytes, dict[str, Sequence[str]]]:
        nonlocal around
        # Files with credentials apart: a cache must not have them.
        parts: tuple[dict[str, tuple[bytes, Kept]], ...] = ({}, {})
        told: dict[str, Sequence[str]] = {}
        around, results = _examined([source for source, _ in some], around)
        for (source, content), (document, kept) in zip(some, results, strict=True):
            parts[bool(secrets_in(document))][source.key] = content, kept
            if text := tell(source.path, document, kept.examined.diagnostics):
                told[source.key] = text
        return pack(parts[False]), pack(parts[True]) if parts[True] else b"", told

    for public, secret, told in spread(examined, _blocks(unknown()), jobs=jobs):
        words |= told
        contents.secret = contents.secret or bool(secret)
        for key, (_, kept) in (*cache.put_all(public).items(), *(unpack(secret).items() if secret else ())):
            found[key] = kept.examined
            contents.checkpoints += kept.checkpoints
        seen(len(found))
    seen(len(found))
    return found, words


def _blocks(sources: Iterable[_Noted]) -> Iterator[list[_Noted]]:
    """Files, some at a time; a few first, as others wait for them."""
    sources = iter(sources)
    if first := list(islice(sources, _FIRST)):
        yield first
    while some := list(islice(sources, _CHUNK)):
        yield some


def cache_of(paths: Sequence[str]) -> Cache:
    """The cache of earlier runs over the same paths."""
    return Cache.open("check", *sorted(key_of_path(path) for path in paths))


def _examined(sources: Sequence[Input], around: Snapshot) -> tuple[Snapshot, list[tuple[Document, Kept]]]:
    """Some files together, step by step: so each step's code is still at hand for the next file.

    Returns what is known around them then, too, for the next files.
    """
    # Copies: the trees go when these files are done.
    own = [Document(d.uri, d.text, claimed=d.claimed, key=d.key) for source in sources if (d := source.document)]
    for document in own:
        _ = document.roles
    texts: list[tuple[Document, Snapshot]] = []
    here = around
    for document in own:
        # What one file has us look for on disk is known for the next.
        here = looking_around(here.covering(document.uri), document)
        texts.append((document, here))
    check_together(texts)
    return around.with_scopes(here.scopes), [(document, _kept(document, seen)) for document, seen in texts]


class _Bases:
    """What the specs that hints lead to hold now. Each is looked at once."""

    def __init__(self) -> None:
        self._holds, self._project = functools.cache(read_bytes_digest), functools.cache(project_of)

    def same(self, kept: Kept) -> bool:
        """Whether a file's hints lead where they led, to specs that hold what they held."""
        return all(self._project(folder) == project for folder, project in kept.projects) and all(
            self._holds(key) == stamp for key, stamp in kept.bases
        )


def _kept(document: Document, here: Snapshot) -> Kept:
    examined = examine(document, here)
    bases = looked_at(here.graph, document) if hinting(document) else ()
    # A name of a file may start at the project, and so lead elsewhere in another one.
    folders = dict.fromkeys(map(posixpath.dirname, [document.key, *bases])) if bases else ()
    readings = ((query, here.checkpoints.get(query)) for query in queries_in(here, document).values())
    return Kept(
        examined,
        tuple((query, r.place, r.stamp) for query, r in readings if r is not None),
        tuple((key, read_bytes_digest(key)) for key in bases),
        tuple((folder, here.graph.projects[folder]) for folder in folders if folder in here.graph.projects),
    )
