"""The same document written otherwise has the same findings: layout, quotes, style and order say nothing."""

import json
import re

import pytest
from cases import BROKEN

from modelspec_ls.syntax.nodes import Mapping, Missing, Scalar, Sequence
from modelspec_ls.syntax.parse import parse
from modelspec_ls.syntax.scalars import resolve, resolve_yaml11
from support.specs import diagnose

# Aliases and broken syntax depend on order and layout; their findings have tests of their own.
SOUND = {n: t for n, t in BROKEN.items() if not re.search(r"[&*]\w", t) and all(d.code != "MS001" for d in diagnose(t))}


def what(text):
    return sorted({(d.code, d.severity, d.pointer, d.document) for d in diagnose(text)})


class Writer:
    """Writes a tree anew: every scalar as it stands in the source, all else as told."""

    def __init__(self, text, *, step=2, flow=False, quote="", reverse=False):
        self.text, self.step, self.flow, self.quote, self.reverse = text, step, flow, quote, reverse

    def stream(self):
        documents = parse(self.text).documents
        return "---\n".join(self.document(d.root) for d in documents)

    def document(self, root):
        if isinstance(root, Missing):
            return "# nothing\n"
        return (
            f"{self.inline(root)}\n" if self.flow or not isinstance(root, (Mapping, Sequence)) else self.block(root, 0)
        )

    def pairs(self, node):
        return reversed(node.pairs) if self.reverse else node.pairs

    def scalar(self, node):
        source = self.text[node.start : node.end]
        if (
            isinstance(resolve(node), str)
            and isinstance(resolve_yaml11(source), str)
            and type(resolve_yaml11(source)) is str
        ):
            if self.quote == "'" and "\n" not in node.value:
                return "'" + node.value.replace("'", "''") + "'"
            if (
                self.quote
                or node.style in {"|", ">"}
                or (not node.style and self.flow and re.search(r"[,\[\]{}]", source))
            ):
                return json.dumps(node.value)
        return json.dumps(node.value) if node.style in {"|", ">"} else source

    def inline(self, node):
        match node:
            case Mapping():
                return "{" + ", ".join(f"{self.inline(p.key)}: {self.inline(p.value)}" for p in self.pairs(node)) + "}"
            case Sequence():
                # An empty item can only be written as a word here.
                return "[" + ", ".join(self.inline(item) or "null" for item in node.items) + "]"
            case Scalar():
                return self.scalar(node)
        return ""

    def block(self, node, indent):
        pad = " " * indent
        if isinstance(node, Mapping):
            return "".join(f"{pad}{self.inline(p.key)}:{self.below(p.value, indent)}" for p in self.pairs(node))
        return "".join(f"{pad}-{self.below(item, indent)}" for item in node.items)

    def below(self, node, indent):
        if isinstance(node, Mapping) and node.pairs:
            return "\n" + self.block(node, indent + self.step)
        if isinstance(node, Sequence) and node.items:
            return "\n" + self.block(node, indent + self.step)
        return f" {self.inline(node)}".rstrip() + "\n"


def commented(text):
    """A comment above each line and, outside of strings over several lines, behind it."""
    if re.search(r"[|>]\s*$", text, re.MULTILINE):
        return text
    return "".join(f"# above: 1\n{line}  # behind: it\n" if line.strip() else f"{line}\n" for line in text.splitlines())


WAYS = {
    "written anew": lambda t: Writer(t).stream(),
    "four spaces": lambda t: Writer(t, step=4).stream(),
    "one space": lambda t: Writer(t, step=1).stream(),
    "flow style": lambda t: Writer(t, flow=True).stream(),
    "double quotes": lambda t: Writer(t, quote='"').stream(),
    "single quotes": lambda t: Writer(t, quote="'").stream(),
    "keys reversed": lambda t: Writer(t, reverse=True).stream(),
    "keys reversed, flow style": lambda t: Writer(t, reverse=True, flow=True).stream(),
    "CRLF": lambda t: t.replace("\n", "\r\n"),
    "CR": lambda t: t.replace("\n", "\r"),
    "comments": commented,
    "blank lines": lambda t: t if "|" in t else t.replace("\n", "\n\n"),
    "byte order mark": lambda t: "\ufeff" + t,
    "start marker": lambda t: t if t.startswith("---") else f"%YAML 1.2\n---\n{t}",
    "end marker": lambda t: f"{t}...\n" if t.strip("#") and not t.startswith("# to") else t,
}
# Which of two equal keys counts depends on their order.
ORDERED = {"duplicate block"}


@pytest.mark.parametrize("way", WAYS)
def test_same_findings(way):
    different = {}
    for name, text in SOUND.items():
        if name in ORDERED and "reversed" in way:
            continue
        other = WAYS[way](text)
        if what(other) != what(text):
            different[name] = (what(text), what(other), other)
    assert different == {}


def test_most_documents_take_part():
    assert len(SOUND) > 60
