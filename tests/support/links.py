"""Links, which not every system lets everybody make."""

import os

import pytest

needs_links = pytest.mark.skipif(os.name == "nt", reason="links take rights there")
