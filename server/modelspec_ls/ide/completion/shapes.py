"""The text that a field brings along: its required children, a dash, a choice, with tab stops."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from modelspec_ls.ide.describe import yaml_scalar
from modelspec_ls.schema import navigate


class Shape:
    """Writes one field as snippet lines, relative to the column of its key."""

    def __init__(self, step: int, *, flow: bool, json_text: bool) -> None:
        self.step = step
        self.flow = flow
        self.json = json_text
        self._stops: Iterator[int] = count(1)

    def field(self, name: str, schema: navigate.Schema) -> str:
        """``name: …`` for a mapping."""
        key = json.dumps(name) if self.json else yaml_scalar(name)
        if self.flow:
            return f"{escape(key)}: {self._inline(schema)}"
        return "\n".join(self._lines(escape(key), schema))

    def item(self, schema: navigate.Schema) -> str:
        """``- …`` for a sequence."""
        if self.flow:
            return self._inline(schema)
        names = navigate.required(schema)
        if not names:
            return f"- {self._value(schema)}".rstrip()
        lines = [line for name in names for line in self._lines(name, navigate.properties(schema)[name])]
        return "\n".join([f"- {lines[0]}", *(f"  {line}" for line in lines[1:])])

    def fields(self, names: tuple[str, ...], schema: navigate.Schema) -> str:
        """Several fields below each other."""
        return "\n".join(line for name in names for line in self._lines(name, navigate.properties(schema)[name]))

    def _lines(self, key: str, schema: navigate.Schema) -> list[str]:
        pad = " " * self.step
        kind = schema.get("type")
        if kind == "array":
            items = schema.get("items", {})
            return [f"{key}:", *(pad + line for line in self.item(items).split("\n"))]
        if kind == "object":
            names = navigate.required(schema)
            if not names:
                return [f"{key}:", f"{pad}{self._stop()}"]
            inner = [line for n in names for line in self._lines(n, navigate.properties(schema)[n])]
            return [f"{key}:", *(pad + line for line in inner)]
        value = self._value(schema)
        return [f"{key}: {value}"]

    def _inline(self, schema: navigate.Schema) -> str:
        kind = schema.get("type")
        if kind == "array":
            return f"[{self._stop()}]"
        if kind == "object":
            names = navigate.required(schema)
            inner = ", ".join(self.field(n, navigate.properties(schema)[n]) for n in names)
            return "{" + (inner or self._stop()) + "}"
        if self.json and kind == "string" and not navigate.choices(schema):
            return f'"{self._stop()}"'
        return self._value(schema)

    def _value(self, schema: navigate.Schema) -> str:
        options = navigate.choices(schema)
        if len(options) == 1:
            return escape(self._scalar(options[0]))
        if options:
            words = ",".join(escape(self._scalar(o)).replace(",", "\\,").replace("|", "\\|") for o in options)
            return f"${{{next(self._stops)}|{words}|}}"
        return self._stop()

    def _scalar(self, value: Any) -> str:
        return json.dumps(value) if self.json else yaml_scalar(value)

    def _stop(self) -> str:
        return f"${next(self._stops)}"


def escape(text: str) -> str:
    """Text that a snippet shows as it is."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")


def plain(snippet: str) -> str:
    """A snippet's text for a client without tab stops: defaults and first choices, empty stops left out."""
    out: list[str] = []
    i = 0
    while i < len(snippet):
        char = snippet[i]
        if char == "\\" and i + 1 < len(snippet):
            out.append(snippet[i + 1])
            i += 2
        elif char == "$" and snippet[i + 1 : i + 2].isdigit():
            i += 2
            while snippet[i : i + 1].isdigit():
                i += 1
        elif char == "$" and snippet[i + 1 : i + 2] == "{":
            body, i = _braced(snippet, i + 2)
            out.append(_default(body))
        else:
            out.append(char)
            i += 1
    return "\n".join(line.rstrip() for line in "".join(out).split("\n"))


def _braced(snippet: str, i: int) -> tuple[str, int]:
    """The inside of ``${…}`` and the offset behind it."""
    depth, start = 1, i
    while i < len(snippet) and depth:
        if snippet[i] == "\\":
            i += 1
        elif snippet[i : i + 2] == "${":
            depth += 1
            i += 1
        elif snippet[i] == "}":
            depth -= 1
        i += 1
    return snippet[start : i - 1], i


def _default(body: str) -> str:
    digits = len(body) - len(body.lstrip("0123456789"))
    rest = body[digits:]
    if rest.startswith("|"):
        first, i = "", 1
        while i < len(rest) and rest[i] not in ",|":
            i += rest[i] == "\\"
            first += rest[i : i + 1]
            i += 1
        return first
    return plain(rest[1:]) if rest.startswith(":") else ""
