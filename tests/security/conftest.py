"""A conversation for every test of the protocol."""

import pytest

from support.talk import Talk


@pytest.fixture
async def talk():
    return Talk()
