"""Ignore files: what ``.gitignore`` and ``.modelspecignore`` leave out, as git reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from modelspec_ls.core.config import Limits

from .files import FileFault, read_head

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILES = (".gitignore", ".modelspecignore")

# Git's `a/**` leaves the folder `a` itself open, pathspec's does not; `a/*` means the same in both.
_STARS = re.compile(r"\*+")
_MOST_STARS = 3
_ALL_BELOW = re.compile(r"/\*\*\s*$")


@frozen
class Ignores:
    """The ignore files of one folder, and those above it. A deeper file decides first."""

    base: str
    spec: GitIgnoreSpec
    above: Ignores | None

    def cover(self, place: str, *, folder: bool) -> bool:
        """Whether an absolute path below ``base`` is ignored."""
        level: Ignores | None = self
        while level is not None:
            verdict = level.spec.check_file(place[len(level.base) + 1 :] + "/" * folder).include
            if verdict is not None:
                return verdict
            level = level.above
        return False


def is_tame(pattern: str) -> bool:
    """Whether matching a pattern takes sensible time: with each further star, the time for a long name multiplies."""
    inner = pattern.strip().removeprefix("!").removeprefix("**/").removesuffix("/**")
    return len(_STARS.findall(inner)) <= _MOST_STARS


def ignores_in(place: str, names: Sequence[str], above: Ignores | None) -> Ignores | None:
    """The ignore rules for what lies in a folder; a folder without ignore files adds none."""
    files = [name for name in IGNORE_FILES if name in names]
    if ".git" in names:
        files.insert(0, ".git/info/exclude")
    lines: list[str] = []
    for name in files:
        head = read_head(f"{place}/{name}", Limits().max_file_bytes)
        if not isinstance(head, FileFault):
            found = head[0].decode("utf-8-sig", "replace").splitlines()
            lines += (_ALL_BELOW.sub("/*", line) for line in found if is_tame(line))
    if not any(line.strip() for line in lines):
        return above
    from pathspec import GitIgnoreSpec  # noqa: PLC0415  # Costs 25 ms, and most runs name one file.

    try:
        spec = GitIgnoreSpec.from_lines(lines)
    except ValueError:
        spec = GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))
    return Ignores(place, spec, above)


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
