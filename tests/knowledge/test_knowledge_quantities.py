"""Kubernetes quantities as numbers."""

from fractions import Fraction

import pytest

from modelspec_ls.knowledge.quantities import devices, quantity


@pytest.mark.parametrize(
    "text, value",
    [
        ("1", 1),
        ("+2", 2),
        ("-1", -1),
        ("0.5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("2.", 2),
        ("500m", Fraction(1, 2)),
        ("1k", 1000),
        ("16Gi", 16 * 2**30),
        ("1e3", 1000),
        ("1E", 10**18),
        ("12E-1", Fraction(6, 5)),
        ("3n", Fraction(3, 10**9)),
        ("1Ei", 2**60),
        ("", None),
        ("one", None),
        ("1 Gi", None),
        ("1gi", None),
        ("1e99", None),
        ("1" * 41, None),
        ("0x1", None),
        (".", None),
    ],
)
def test_quantity(text, value):
    assert quantity(text) == value


@pytest.mark.parametrize(
    "text, count",
    [("1", 1), ("8", 8), ("2000m", 2), ("1e1", 10), ("0", None), ("-1", None), ("500m", None), ("x", None)],
)
def test_devices(text, count):
    assert devices(text) == count
