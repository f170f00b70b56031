"""The fuzz targets on seeds, on what failed once, and on some random bytes: what `make fuzz` does at length."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from targets import TARGETS, seeds

FOUND = sorted((Path(__file__).parent / "found").glob("*"))


@pytest.mark.parametrize("name", TARGETS)
def test_seeds(name):
    for seed in seeds(name):
        TARGETS[name](seed)


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_failed_once(path):
    TARGETS[path.name.partition("-")[0]](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=25)
@given(data=st.binary(min_size=8, max_size=400))
def test_random_bytes(name, data):
    TARGETS[name](data)
