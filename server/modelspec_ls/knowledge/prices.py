"""Prices of accelerators, as users state them. None are built in: they age by the week and differ by contract."""

from __future__ import annotations

import math
from collections.abc import Mapping

from . import accelerators

_KEY = "prices"


def prices_of(values: object) -> tuple[dict[str, float], list[str]]:
    """USD per device and hour by accelerator id, from ``{"prices": {NAME: NUMBER}}``; and one message per mistake.

    Names may be written in any way that names one product of the catalogue.
    """
    if not isinstance(values, Mapping) or not isinstance(values.get(_KEY), Mapping):
        return {}, [f"`{_KEY}:` must map accelerators to USD per device and hour, as in `{_KEY}: {{l4: 0.71}}`."]
    problems = [f"`{key}` is not a key here; only `{_KEY}` is." for key in values if key != _KEY]
    prices: dict[str, float] = {}
    for name, price in values[_KEY].items():
        text = str(name)
        match = accelerators.find(text)
        if isinstance(price, bool) or not isinstance(price, (int, float)) or not math.isfinite(price) or price <= 0:
            problems.append(f"`{text}`: the price must be a number above 0 in USD per device and hour.")
        elif match.ambiguous:
            ids = ", ".join(f"`{card.id}`" for card in match.candidates)
            problems.append(f"`{text}` may be any of {ids}; name the one you pay for.")
        elif match.accelerator is None:
            guess = accelerators.suggestion(text)
            hint = f"did you mean `{guess}`?" if guess else "`modelspec catalog --accelerators` lists them."
            problems.append(f"`{text}` is not a known accelerator; {hint}")
        elif match.accelerator.id in prices:
            problems.append(f"`{text}` has two prices: it is another name of `{match.accelerator.id}`. Keep one.")
        else:
            prices[match.accelerator.id] = float(price)
    if not prices and not problems:
        problems.append(f"`{_KEY}:` is empty; add accelerators with their USD per device and hour.")
    return prices, problems
