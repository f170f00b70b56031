"""The watch over the client's process."""

import asyncio
import os
import subprocess
import sys

import pytest

from modelspec_ls.lsp.watch import watch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the process is not watched there")


@pytest.fixture
def process():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process


async def test_process_that_ends(process):
    gone = asyncio.Event()
    watch(process.pid, gone.set, 0.01)
    await asyncio.sleep(0.05)
    assert not gone.is_set()
    process.kill()
    process.wait()
    await asyncio.wait_for(gone.wait(), 60)
    # A process that is not there from the start is none that we could see.
    gone.clear()
    watch(process.pid, gone.set, 0.01)
    watch(0, gone.set, 0.01)
    watch(os.getpid(), gone.set, 0.01)
    watch(2**60, gone.set, 0.01)
    await asyncio.sleep(0.05)
    assert not gone.is_set()
