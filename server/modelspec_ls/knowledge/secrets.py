"""What a credential looks like: by its own format, or by the name it stands under; and how to say a text without it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import accumulate, takewhile
from typing import Any

from modelspec_ls.core.words import LONGEST_NAME
from modelspec_ls.knowledge.conventions import threshold
from modelspec_ls.resources import load_package_json

_WORDS = re.compile(r"[^a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# A real token is no run of the same few characters, as a placeholder is.
_DISTINCT = 6
_TELLING = 8
"""Characters of a credential that may not be shown together."""
_KEY = "private key"
_KEY_LINE = re.compile(r"[A-Za-z0-9+/=]+")
_BETWEEN = re.compile(r"(?:\s|\\[nrt]|[\\\"'])+")
"""What stands between the lines of a key, as it is written and as it is read."""
_LONGEST_KEY = 16_384
_LIKE = 1_000
"""Characters by which the likest of many credentials is looked for."""
_OPEN_PASSWORD = re.compile(r"://[^/\s:$<{]*:[^/\s$<{]*[ \t]*\\?\r?$", re.MULTILINE)
_WRAP = re.compile(r"\r?\n[ \t]*")
_OTHER = re.compile(r"[\W_]")


def may_hold(text: str) -> bool:
    """Whether a text has any of the marks of known formats: without one, it contains no credential."""
    return _any_mark().search(text) is not None


def kind_of(text: str) -> str | None:
    """What sort of credential a text contains by its format, in words."""
    for kind, marks, pattern in _formats():
        if _has(text, marks):
            for found in pattern.finditer(text):
                if kind == _KEY or len(set(found.group())) > _DISTINCT + len(marks[0]):
                    return kind
    return None


def found_in(text: str) -> tuple[str, ...]:
    """The credentials that a text contains by their format, the longest first: to be kept out of what is said."""
    return ordered({*(text[start:end] for start, end in _spans(text)), *_key_lines(text)})


def may_be_broken(text: str) -> bool:
    """Whether a credential in a text may go on in the line below."""
    marks = tuple(m for kind, marks, pattern in _formats() if kind != _KEY and not pattern.groups for m in marks)
    if _has(text, marks) and any(_has(line.rpartition(" ")[2], marks) for line in text.splitlines()):
        return True
    return "://" in text and _OPEN_PASSWORD.search(text) is not None


def broken_in(text: str) -> Iterator[str]:
    """The parts of credentials that a text breaks over lines."""
    lines = [line.strip().removesuffix("\\") for line in text.splitlines()]
    ends = list(accumulate(map(len, lines)))
    whole = "".join(lines)
    for start, end in _spans(whole):
        for at in range(bisect_right(ends, start), bisect_left(ends, end) + 1):
            part = whole[max(start, ends[at] - len(lines[at])) : min(end, ends[at])]
            if _TELLING <= len(part) < end - start:
                yield part


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where credentials of one line stand; of an address only what stands before the host."""
    for kind, marks, pattern in _formats():
        if kind != _KEY and _has(text, marks):
            for match in pattern.finditer(text):
                yield match.span(pattern.groups)


def _key_lines(text: str) -> Iterator[str]:
    """The lines of private keys, and what is left of each where other signs are taken out of it."""
    for kind, marks, pattern in _formats():
        if kind != _KEY or not _has(text, marks):
            continue
        for match in pattern.finditer(text):
            start = match.end()
            end = text.find("-----", start, start + _LONGEST_KEY)
            words = [w for w in _BETWEEN.split(text[start : end if end >= 0 else start + _LONGEST_KEY]) if w]
            # A key without an end is followed by something else.
            for word in words if end >= 0 else takewhile(_KEY_LINE.fullmatch, words):
                if _KEY_LINE.fullmatch(word):
                    yield from (part for part in {word, *_OTHER.split(word)} if len(part) >= _TELLING)


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
    out: list[str] = []
    last = 0
    for start, end in places_of(text, found):
        out += (text[last:start], "***")
        last = end
    return "".join([*out, text[last:]])


def places_of(text: str, found: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where a text repeats credentials, from left to right; also where it is wrapped within one."""
    if not found:
        return
    starts, sizes = _by_start(found)
    breaks = [match.span() for match in _WRAP.finditer(text)]
    gone = list(accumulate((end - start for start, end in breaks), initial=0))
    joins = [start - before for (start, _), before in zip(breaks, gone, strict=False)]
    seen, at = _spelt(_WRAP.sub("", text)), 0
    while at < len(seen):
        end = max(_common(seen, at, starts.get(seen[at : at + size], ())) for size in sizes)
        if end > at:
            yield at + gone[bisect_right(joins, at)], end + gone[bisect_left(joins, end)]
        at = max(end, at + 1)


@lru_cache(maxsize=8)
def _by_start(found: tuple[str, ...]) -> tuple[dict[str, list[str]], tuple[int, ...]]:
    """Credentials in order by what they start with, and how long these starts are: few looks find one of many."""
    starts: dict[str, list[str]] = {}
    for secret in sorted(_spelt(secret) for secret in found if secret):
        starts.setdefault(secret[:_TELLING], []).append(secret)
    return starts, tuple({len(start) for start in starts})


def _spelt(text: str) -> str:
    lower = text.lower()
    if len(lower) != len(text):  # Some capitals have small letters of two characters.
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return _OTHER.sub("-", lower)


def _common(seen: str, at: int, secrets: Sequence[str]) -> int:
    """Where what a text has in common with the likest of some credentials ends."""
    near = bisect_left(secrets, seen[at : at + _LIKE])
    return at + max((_shared(seen, at, secret) for secret in secrets[max(near - 1, 0) : near + 1]), default=0)


def _shared(seen: str, at: int, secret: str) -> int:
    if seen.startswith(secret, at):
        return len(secret)
    return next(n for n, letter in enumerate(secret) if not seen.startswith(letter, at + n))


def names_credential(name: str) -> bool:
    """Whether a name says that its value is a credential, as ``HF_TOKEN`` and ``db-password`` do."""
    return _names_credential(name[-LONGEST_NAME:])


@lru_cache(maxsize=4096)
def _names_credential(name: str) -> bool:
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
def _any_mark() -> re.Pattern[str]:
    # In a whole text this takes half the time of a look for each mark.
    return re.compile("|".join(re.escape(mark) for _, marks, _ in _formats() for mark in marks))


def _data() -> Any:
    return load_package_json("knowledge/data/secrets.json")
