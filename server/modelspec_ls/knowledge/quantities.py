"""Kubernetes quantities: ``1``, ``500m``, ``16Gi``, ``1.5e3``.

Source: Kubernetes API reference, "Quantity".
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

_FORM = re.compile(r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))(?P<suffix>[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_LONGEST = 40
_LARGEST_EXPONENT = 18


@lru_cache(maxsize=1024)
def quantity(text: str) -> Fraction | None:
    """The number that a quantity means; None where it is none, or beyond what Kubernetes keeps."""
    match = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    suffix = match["suffix"] or ""
    if suffix in _BINARY:
        scale = Fraction(2) ** _BINARY[suffix]
    elif suffix in _DECIMAL:
        scale = Fraction(10) ** _DECIMAL[suffix]
    else:
        exponent = int(suffix[1:])
        if abs(exponent) > _LARGEST_EXPONENT:
            return None
        scale = Fraction(10) ** exponent
    return Fraction(match["number"]) * scale


def devices(text: str) -> int | None:
    """The number of devices that a quantity asks for; None where it is no whole number, or less than one."""
    found = quantity(text)
    return int(found) if found is not None and found.denominator == 1 and found >= 1 else None
