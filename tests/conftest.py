"""Settings for all tests. Lies here so that ``tests`` is on the path: helpers are in ``tests/support``."""

from __future__ import annotations

import os

from hypothesis import settings

# What somebody has downloaded must not decide about a test.
os.environ["HF_HUB_CACHE"] = os.devnull
# Nor what an earlier run left behind.
os.environ["MODELSPEC_CACHE"] = "off"

# A slow machine is no failure, and a failure is the same everywhere: no time limit, no random seed, no database.
settings.register_profile("modelspec", deadline=None, derandomize=True, database=None)
settings.load_profile("modelspec")
