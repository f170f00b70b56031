"""What a plain scalar means: YAML 1.2 core schema, and what a YAML 1.1 loader would read instead.

The 1.1 reading is PyYAML's, because the reference validator of ModelSpec loads with it.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from .nodes import Missing, Node, Scalar

JsonScalar = str | int | float | bool | None

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
# A plain scalar that starts otherwise is a string in both versions.
_MAYBE_NOT_TEXT = re.compile(r"[-+.0-9~=]|[nNtTfFyYoO]")

_BOOL_11 = {
    spelling: value
    for word, value in (
        ("yes", True),
        ("no", False),
        ("true", True),
        ("false", False),
        ("on", True),
        ("off", False),
    )
    for spelling in (word, word.capitalize(), word.upper())
}
_INT_11 = re.compile(
    r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*(?::[0-5]?[0-9])*)",
)
_FLOAT_11 = re.compile(
    r"[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?"
    r"|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*",
)
_DATE_11 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?",
)
_TAG = "tag:yaml.org,2002:"
_CORE_TAGS = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "null", "map", "seq"))


def known_tag(tag: str | None) -> bool:
    """Whether plain YAML loaders accept the tag."""
    return tag is None or tag in _CORE_TAGS or tag == "!"


def resolve(node: Scalar | Missing) -> JsonScalar:
    """The scalar's value by the YAML 1.2 core schema. Dates stay text."""
    if isinstance(node, Missing):
        return "" if node.tag in {_TAG + "str", "!"} else None
    text, tag = node.value, node.tag
    if tag is None:
        return text if node.style else resolve_plain(text)
    if tag in _CORE_TAGS and tag != _TAG + "str":
        return resolve_plain(text)
    return text


def resolve_plain(text: str) -> JsonScalar:
    """The value of a plain scalar by the YAML 1.2 core schema."""
    if not text:
        return None
    if not _MAYBE_NOT_TEXT.match(text):
        return text
    if text in _NULLS:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if _INT.fullmatch(text):
        return _int(text, 8 if text[:2] == "0o" else 16 if text[:2] == "0x" else 10)
    if _FLOAT.fullmatch(text):
        return float(text)
    if special := _SPECIAL.fullmatch(text):
        return float((special[1] or "") + "inf") if "i" in text.lower()[:3] else float("nan")
    return text


_MOST_DIGITS = 4000
"""Python reads and writes numbers of some more digits, and refuses those of many more."""


def _int(text: str, base: int) -> int | float:
    if len(text) > _MOST_DIGITS:
        return float("-inf" if text.startswith("-") else "inf")
    try:
        return int(text, base)
    except ValueError:  # Python refuses to read integers of thousands of digits.
        return float("-inf" if text.startswith("-") else "inf")


class Date(str):
    """A date or a time in YAML 1.1: text to look at, but not a string to a validator."""

    __slots__ = ()


def resolve_yaml11(text: str) -> JsonScalar:
    """What a YAML 1.1 loader reads in a plain scalar; a date comes back as ``Date``."""
    if not text or text in _NULLS:
        return None
    if not _MAYBE_NOT_TEXT.match(text):
        return text
    if (word := _BOOL_11.get(text)) is not None:
        return word
    if _FLOAT_11.fullmatch(text):
        return _float_11(text)
    if _INT_11.fullmatch(text):
        return _int_11(text)
    if special := _SPECIAL.fullmatch(text):
        return float((special[1] or "") + "inf") if "i" in text.lower()[:3] else float("nan")
    if _DATE_11.fullmatch(text) and _real_date(text[:10]):
        return Date(text)
    return text


def same_value(new: JsonScalar, old: JsonScalar) -> bool:
    """Whether the readings of two versions are one value; a date is another than its text."""
    if isinstance(old, Date):
        return False
    return (type(new) is type(old) and (new == old or new != new)) or (  # noqa: PLR0124 - not a number
        isinstance(new, (int, float))
        and isinstance(old, (int, float))
        and not isinstance(new, bool)
        and not isinstance(old, bool)
        and new == old
    )


REFUSED_11 = frozenset({"=", "<<"})
"""As values these have a meaning in 1.1 that its loaders refuse."""


def read_plain(text: str) -> tuple[JsonScalar, bool]:
    """The value of a plain scalar by YAML 1.2, and whether 1.1 reads another one or refuses it."""
    return read_short(text) if len(text) <= SHORT else _read(text)


def _read(text: str) -> tuple[JsonScalar, bool]:
    value = resolve_plain(text)
    return value, text in REFUSED_11 or not same_value(value, resolve_yaml11(text))


SHORT = 64
read_short = lru_cache(maxsize=8192)(_read)
"""The same for texts of at most ``SHORT`` characters: the same few words and numbers fill all specs."""


def _real_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        # A short form such as 2025-1-1 12:00:00; close enough to a date to say so.
        return len(text.rstrip("Tt 0123456789:")) != 0
    return True


_MOST_PARTS = 100
"""Parts of a number in base 60; with more it is larger than anything that is counted."""


def _int_11(text: str) -> int | float:
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-").replace("_", "")
    if ":" in digits:
        parts = digits.split(":")
        if len(parts) > _MOST_PARTS:
            return sign * float("inf")
        value = 0
        for part in parts:
            value = value * 60 + int(part)
        return sign * value
    base = 2 if digits.startswith("0b") else 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    if base in {2, 16}:
        digits = digits[2:] or "0"
    return sign * _int(digits or "0", base)


def _float_11(text: str) -> float:
    digits = text.replace("_", "")
    if ":" not in digits:
        return float(digits)
    sign = -1.0 if digits.startswith("-") else 1.0
    value = 0.0
    for part in digits.lstrip("+-").split(":"):
        value = value * 60 + float(part)
    return sign * value


def is_plain(node: Node) -> bool:
    """Whether the node is an untagged plain scalar, the only kind that versions read differently."""
    return isinstance(node, Scalar) and not node.style and node.tag is None
