"""Text to parser events, with the C parser where it is installed and the pure one elsewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

try:
    from _ruamel_yaml import CParser
except ImportError:  # No wheel for this platform.
    CParser = None

__all__ = [
    "HIDDEN_COLON",
    "AliasEvent",
    "DocumentEndEvent",
    "DocumentStartEvent",
    "MappingEndEvent",
    "MappingStartEvent",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "YamlFault",
    "events",
    "hide_colons",
    "parser_name",
]


class YamlFault(Exception):
    """The parser's refusal: its words, and two offsets in the parsed text."""

    def __init__(self, problem: str, offset: int, context: str, context_offset: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.offset = offset
        self.context = context
        self.context_offset = context_offset

    def kept(self) -> YamlFault:
        """The fault without the frames it was raised in.

        Kept in one of them, it would hold them all, and the parser, until somebody looks for garbage.
        """
        self.__traceback__ = self.__cause__ = self.__context__ = None
        return self


def parser_name() -> str:
    """``"C"`` or ``"pure"``: which parser reads the text. ``MODELSPEC_PURE_YAML=1`` forces the pure one."""
    return "pure" if CParser is None or os.environ.get("MODELSPEC_PURE_YAML") == "1" else "C"


_PURE = parser_name() == "pure"


def events(text: str, *, pure: bool = _PURE) -> Iterator[Any]:
    """Yield the text's events. The text must hold printable characters only and no byte order mark.

    Raises:
        YamlFault: where the text stops being YAML.
    """
    source = _pure_events(text) if pure else _c_events(text)
    try:
        yield from source
    except MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        offset = at.index if at else len(text)
        context = error.context_mark.index if error.context_mark else offset
        raise YamlFault(str(error.problem or error.context), offset, str(error.context or ""), context) from error
    except (
        YAMLError,
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        # Without a mark: the reader's refusals, and what the pure parser only asserts.
        raise YamlFault(str(error).splitlines()[0] if str(error) else "unreadable text", 0, "", 0) from error


HIDDEN_COLON = "\uf03a"
"""Stands for a colon inside a word while the C parser reads; a private character, put back by ``build``."""

_INNER_COLON = re.compile(r"!\S*|(?<=[^\s,\[\]{}\"'!]):(?=[^\s,\[\]{}])")


def hide_colons(text: str) -> str:
    """The text with colons inside words hidden. The C parser refuses ``[hf://a/b]``, which YAML 1.2 allows."""
    return _INNER_COLON.sub(lambda found: found[0] if found[0][0] == "!" else HIDDEN_COLON, text)


def _c_events(text: str) -> Iterator[Any]:
    parser = CParser(text)
    get = parser.get_event
    while (event := get()) is not None:
        yield event


_TAB_AFTER_COLON = re.compile(r"^( *(?:- +)*[\w./-]+:)([ \t]*\t[ \t]*)(?=\S)", re.MULTILINE)


def _pure_events(text: str) -> Iterator[Any]:
    # The pure parser refuses a tab between a key and its value, which YAML allows.
    text = _TAB_AFTER_COLON.sub(lambda found: found[1] + " " * len(found[2]), text)
    from ruamel.yaml import YAML  # noqa: PLC0415 - only where the C parser is absent

    yield from YAML(typ="safe", pure=True).parse(text)
