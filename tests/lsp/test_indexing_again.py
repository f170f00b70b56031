"""Reading the workspace again, or for another client, leaves nothing of the last time in memory."""

from __future__ import annotations

import asyncio
import gc
import shutil
import weakref

import pytest
from lsprotocol import types

from modelspec_ls.lsp import indexing
from modelspec_ls.lsp.handlers.watched_files import changed, did_change
from modelspec_ls.lsp.server import create_server
from modelspec_ls.lsp.session import Session
from support.links import needs_links
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


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_is_told_while_the_folders_are_read_is_newer_than_what_was_read(tmp_path, monkeypatch, what):
    """Facts wait up to half a second before they become part of the graph; a file may go in between."""
    for n in range(3):
        (tmp_path / f"d{n}").mkdir()
        (tmp_path / f"d{n}" / f"s{n}.modelspec.yaml").write_text(spec(name=f"s-{n}"), encoding="utf-8")
    session = Session()
    session.folders = [tmp_path.as_posix()]
    gone = tmp_path / "d0" / "s0.modelspec.yaml"

    def scan(*args):
        for n, found in enumerate(read(*args)):
            yield found
            if n == 0:
                shutil.rmtree(gone.parent)
                if what == "file":
                    session.disk_changed([gone.as_posix()])
                else:
                    session.hear([gone.parent.as_posix()])
                assert session.snapshot.graph.files == {}

    read = indexing.scan
    monkeypatch.setattr(indexing, "scan", scan)
    try:
        asyncio.run(indexing.index_folders(session, lambda _: None, lambda: None))
    finally:
        gc.unfreeze()
    assert sorted(session.snapshot.graph.names()) == ["s-1", "s-2"]
    assert session.heard is None


async def test_only_a_folder_of_specs_that_is_gone_has_the_folders_read_again(tmp_path):
    root = tmp_path.resolve()
    (root / "deps").mkdir()
    (root / "deps" / "s.modelspec.yaml").write_text(spec(name="s"), encoding="utf-8")
    server = create_server()
    server.session.folders = [root.as_posix()]
    server.session.disk_changed([(root / "deps" / "s.modelspec.yaml").as_posix()])
    told = [(root / name).as_uri() for name in ("deps", "README.md")]
    # A checkout takes the folder away and makes it again, and takes another file away.
    assert not changed(server, told)
    assert server.session.snapshot.graph.named("s")
    shutil.rmtree(root / "deps")
    assert changed(server, told)
    assert not changed(server, told)


@needs_links
async def test_names_that_the_system_does_not_take(tmp_path):
    """Asking for what stands there raises; so it does of a link to such a name."""
    root = tmp_path.resolve()
    link = root / "l.modelspec.yaml"
    link.symlink_to("a" * 300)
    (root / "s.modelspec.yaml").write_text(spec(name="s"), encoding="utf-8")
    server = create_server()
    server.session.folders = [root.as_posix()]
    created = types.FileEvent(f"{root.as_uri()}/{'a' * 300}", types.FileChangeType.Created)
    did_change(server, types.DidChangeWatchedFilesParams([created]))
    assert server.indexing is None
    await indexing.index_folders(server.session, lambda _: None, lambda: None)
    server.session.disk_changed([link.as_posix()])
    assert {item.uri for item in await server.reports.report({}, None)} >= {(root / "s.modelspec.yaml").as_uri()}
