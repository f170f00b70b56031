"""Package data that lives at the repository's top level: in the wheel under ``_data``, else in the checkout.

May import: the standard library only.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent


@cache
def find_file(folder: str, name: str) -> Path | None:
    """The path of ``<folder>/<name>``, or None where the installation has no such file."""
    for root in (_PACKAGE / "_data", _PACKAGE.parent.parent):
        path = root / folder / name
        if path.is_file():
            return path
    return None


@cache
def load_json(folder: str, name: str) -> Any:
    """Read ``<folder>/<name>``, for example ``schema/modelspec-v1alpha1.schema.json``. Do not change the result.

    Raises:
        FileNotFoundError: neither the wheel's copy nor the checkout's file exists.
    """
    path = find_file(folder, name)
    if path is None:
        raise FileNotFoundError(f"{folder}/{name} is not installed; reinstall modelspec-language-server")
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def load_package_json(name: str) -> Any:
    """Read a data file inside the package, for example ``knowledge/data/vocabularies.json``."""
    return json.loads((_PACKAGE / name).read_text(encoding="utf-8"))
