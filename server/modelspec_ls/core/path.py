"""Paths into a document and their printed forms."""

from __future__ import annotations

import re

# Mapping keys and sequence indexes from the document's root.
DocPath = tuple["str | int", ...]

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*")


def pointer(path: DocPath) -> str:
    """RFC 6901 JSON pointer: ``/spec/pipeline/dependencies/0/id``; the root is the empty string."""
    text = "/".join(map(str, path))
    if "~" not in text and text.count("/") < max(len(path), 1):
        return f"/{text}" if path else ""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def dotted(path: DocPath) -> str:
    """The form people read: ``spec.pipeline.dependencies[0].id``; the root is ``the document``."""
    out = ""
    for part in path:
        if isinstance(part, int):
            out += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            out += f".{part}" if out else part
        else:
            out += f'["{part}"]'
    return out or "the document"


def last_key(path: DocPath) -> str:
    """The innermost mapping key, or ``the document`` at the root."""
    for part in reversed(path):
        if isinstance(part, str):
            return part
    return "the document"
