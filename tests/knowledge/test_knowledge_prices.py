"""Prices that users state."""

from __future__ import annotations

import pytest

from modelspec_ls.knowledge.prices import prices_of


def test_names_are_those_of_products():
    found, problems = prices_of({"prices": {"l4": 0.71, "NVIDIA-L40S": 1, "amd-mi300x": 2.49}})
    assert (found, problems) == ({"nvidia-l4": 0.71, "nvidia-l40s": 1.0, "amd-mi300x": 2.49}, [])


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (None, "must map accelerators"),
        ([], "must map accelerators"),
        ({"prices": 3}, "must map accelerators"),
        ({"prices": {}}, "is empty"),
        ({"prices": {"l4": 1}, "currency": "USD"}, "`currency` is not a key here"),
        ({"prices": {"l44": 1}}, "did you mean `l4"),
        ({"prices": {"zzzzzz": 1}}, "modelspec catalog --accelerators"),
        ({"prices": {"a100": 1}}, "may be any of `nvidia-a100"),
        ({"prices": {"l4": 1, "nvidia-l4": 2}}, "two prices"),
        *(
            ({"prices": {"l4": price}}, "a number above 0")
            for price in (0, -1, True, "1", None, [1], float("nan"), float("inf"))
        ),
        ({"prices": {1: 2}}, "`1` is not a known accelerator"),
    ],
)
def test_what_is_no_price_is_said(values, says):
    _, problems = prices_of(values)
    assert any(says in problem for problem in problems), problems
