"""Reading the workspace again, or for another client, leaves nothing of the last time in memory."""

from __future__ import annotations

import asyncio
import gc
import weakref

from modelspec_ls.lsp import indexing
from modelspec_ls.lsp.session import Session
from support.specs import spec


def test_what_an_earlier_look_left_is_freed(tmp_path):
    for n in range(5):
        (tmp_path / f"s{n}.modelspec.yaml").write_text(spec(name=f"s-{n}"), encoding="utf-8")

    async def look():
        session = Session()
        session.folders = [tmp_path.as_posix()]
        session.itself = session  # What only the garbage collector can free.
        await indexing.index_folders(session, lambda _: None, lambda: None)
        return weakref.ref(session)

    try:
        first = asyncio.run(look())
        assert asyncio.run(look()) is not None
        asyncio.run(look())
        assert first() is None
    finally:
        gc.unfreeze()
