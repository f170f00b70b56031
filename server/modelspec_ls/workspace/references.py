"""Paths between specs: what a ``specRef`` leads to, and how one file names another."""

from __future__ import annotations

import posixpath
from urllib.parse import quote, unquote, urljoin, urlsplit


def target_uri(base: str, spec_ref: str) -> str | None:
    """The URI that a relative ``specRef`` leads to from the file ``base``; None for another scheme."""
    path = spec_ref.partition("#")[0]
    if not path or urlsplit(path).scheme:
        return None
    return urljoin(base, quote(path))


def relative_ref(base: str, target: str) -> str | None:
    """How the file ``base`` refers to ``target``: ``./x`` or ``../y/x``; None across hosts or schemes."""
    here, there = urlsplit(base), urlsplit(target)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc) or not there.path:
        return None
    path = posixpath.relpath(unquote(there.path), posixpath.dirname(unquote(here.path)) or "/")
    return path if path.startswith("../") else f"./{path}"
