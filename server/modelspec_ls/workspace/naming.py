"""Names of specs as others meet them: as Kubernetes takes them for Services."""

from __future__ import annotations

import re
from functools import lru_cache

_NO_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 63


@lru_cache(maxsize=65536)
def service_name(name: str) -> str:
    """A spec's name as Kubernetes would take it for a Service."""
    return _NO_NAME.sub("-", name.lower()).strip("-")[:_LONGEST_NAME]


def likeness(name: str) -> str:
    """What names have in common that are alike: the Service name; the name itself where nothing of it can stay."""
    return service_name(name) or name
