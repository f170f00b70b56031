"""What a credential looks like: by its own format, or by the name it stands under; and how to say a text without it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from modelspec_ls.knowledge.conventions import threshold
from modelspec_ls.resources import load_package_json

_WORDS = re.compile(r"[^a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# A real token is no run of the same few characters, as a placeholder is.
_DISTINCT = 6
_TELLING = 8
"""Characters of a credential that may not be shown together."""


def may_hold(text: str) -> bool:
    """Whether a text has any of the marks of known formats: without one, it contains no credential."""
    return _has(text, _marks())


def kind_of(text: str) -> str | None:
    """What sort of credential a text contains by its format, in words."""
    for kind, marks, pattern in _formats():
        if _has(text, marks):
            for found in pattern.finditer(text):
                if kind == "private key" or len(set(found.group())) > _DISTINCT + len(marks[0]):
                    return kind
    return None


def found_in(text: str) -> tuple[str, ...]:
    """The credentials that a text contains by their format, the longest first: to be kept out of what is said."""
    out: set[str] = set()
    for kind, marks, pattern in _formats():
        if kind != "private key" and _has(text, marks):
            found = {match.group() for match in pattern.finditer(text)}
            out |= {f[3:-1].rpartition("@")[0] for f in found} if marks == ("://",) else found
    return ordered(out)


def ordered(found: Iterable[str]) -> tuple[str, ...]:
    """Credentials as ``hidden`` wants them: the longest first, each once."""
    return tuple(sorted(set(found), key=lambda secret: (-len(secret), secret)))


def _has(text: str, marks: tuple[str, ...]) -> bool:
    # Asked of every text and many values: a loop takes half the time of `any`.
    for mark in marks:  # noqa: SIM110
        if mark in text:
            return True
    return False


def hidden(text: str, found: tuple[str, ...]) -> str:
    """A text without credentials, also those that were cut short or spelt as a name: each becomes ``***``."""
    for secret in found:
        seen, wanted = _spelt(text), _spelt(secret)
        at = seen.find(wanted[:_TELLING])
        while at >= 0 and len(seen) == len(text):
            end = at + _common(seen[at:], wanted)
            text = f"{text[:at]}***{text[end:]}"
            seen = _spelt(text)
            at = seen.find(wanted[:_TELLING], at + 3)
    return text


def _spelt(text: str) -> str:
    lower = text.lower()
    if len(lower) != len(text):  # Some capitals have small letters of two characters.
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lower.replace("_", "-")


def _common(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def names_credential(name: str) -> bool:
    """Whether a name says that its value is a credential, as ``HF_TOKEN`` and ``db-password`` do."""
    words = _WORDS.sub("_", _HUMP.sub("_", name).lower()).strip("_")
    return any(words == end or words.endswith(f"_{end}") for end in _data()["names"])


def literal(text: str) -> bool:
    """Whether a value under such a name is a credential itself: no reference, number, switch or placeholder."""
    value = text.strip()
    if len(value) < threshold("secretLength") or value.isdigit() or any(c.isspace() for c in value):
        return False
    lower = value.lower()
    refers = lower.startswith(tuple(_data()["references"])) or "://" in value
    return not refers and lower not in _data()["harmless"] and len(set(lower)) >= _DISTINCT


@cache
def _formats() -> tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...]:
    return tuple((row["kind"], tuple(row["marks"]), re.compile(row["pattern"])) for row in _data()["formats"])


@cache
def _marks() -> tuple[str, ...]:
    return tuple(mark for _, marks, _ in _formats() for mark in marks)


def _data() -> Any:
    return load_package_json("knowledge/data/secrets.json")
