"""Whether an engine starts on an accelerator with a precision, as far as its makers say."""

from __future__ import annotations

from typing import Any

from modelspec_ls.resources import load_package_json

from .precisions import Precision, supports
from .types import Accelerator


def starts_on(engine: str, accelerator: Accelerator, precision: Precision | None) -> bool:
    """No reason is known why it would not. ``engine``: the canonical name."""
    have = accelerator.compute_capability
    for row in _data()["engines"]["limits"]:
        if row["engine"] == engine and row["level"] == "error":
            if accelerator.vendor not in row.get("vendors", (accelerator.vendor,)):
                return False
            if have is not None and have < row.get("minComputeCapability", 0.0):
                return False
    if precision is None:
        return True
    least = _data()["precisions"]["minComputeCapability"].get(engine, {}).get(precision.name, 0.0)
    return not (have is not None and have < least) and supports(accelerator, precision).level != "no"


def _data() -> Any:
    return load_package_json("knowledge/data/support.json")
