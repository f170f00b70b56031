"""Patterns for names and paths, matched by the engine that cannot run away."""

from __future__ import annotations

import re
from functools import lru_cache

from .pattern import Pattern, PatternError, pattern


@lru_cache(maxsize=1024)
def name_pattern(glob: str) -> Pattern | None:
    """A pattern for whole names; ``*`` is any text, ``?`` any character. None for one that is too large."""
    return _compiled("^" + _translated(glob, "[\\s\\S]*") + "$")


@lru_cache(maxsize=1024)
def path_pattern(glob: str) -> Pattern | None:
    """A pattern as in .gitignore, for paths from a folder: a folder that matches covers all that is in it."""
    body = glob.strip("/")
    anchored = "/" in glob.rstrip("/")
    parts = [_translated(part, "[^/]*") if part != "**" else "**" for part in body.split("/")]
    text = "/".join(parts).replace("**/", "(?:.*/)?").replace("**", ".*")
    return _compiled(f"^{'' if anchored else '(?:.*/)?'}{text}{'/.*' if glob.endswith('/') else '(?:/.*)?'}$")


def _translated(glob: str, star: str) -> str:
    return "".join(star if c == "*" else "[^/]" if c == "?" else _escaped(c) for c in glob)


def _escaped(char: str) -> str:
    return f"\\{char}" if re.match(r"[^\w\s]", char, re.ASCII) and char.isascii() else char


def _compiled(source: str) -> Pattern | None:
    try:
        return pattern(source)
    except PatternError:
        return None
