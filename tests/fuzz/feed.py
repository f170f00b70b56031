"""Choices from bytes: the same bytes, the same choices; when they run out, the first of everything."""

import re
from pathlib import Path

_TEXTS = [p.read_text("utf-8") for p in sorted((Path(__file__).parents[2] / "examples").rglob("*.yaml"))]
# Without comments, the shortest first: they say the same in less time.
EXAMPLES = sorted((re.sub(r"(?m)^\s*#.*\n|\s+#.*$", "", text) for text in _TEXTS), key=len)
# What a text may hold: YAML's own signs, and what editors, merges and templates leave behind.
PIECES = [
    "", "\n", " ", "  ", "    ", "\t", "\r\n", "\r", ":", ": ", "-", "- ", "? ", ",", "[", "]", "{", "}", "'", '"',
    "#", " # ",
    "|\n", ">-\n", "&x ", "*x", "!t ", "!!str ", "<<: *x\n", "---\n", "...\n", "%", "@", "`", "\\", "{{ x }}", "${X}",
    "<<<<<<< HEAD\n", "=======\n", ">>>>>>> x\n", "\ufeff", "\x00", "\x07", "\x85", "\u2028", "\xa0", "\u200b",
    "e\u0301",
    "\U0001f680", "\U0001f469\u200d\U0001f4bb", "\ud800", "1", "0", "-1", "1e999", "0x1F", ".inf", "true", "null",
    "~", "yes",
    "2025-01-01", "1_000", "1:30", "kind: ModelSpec\n", "# modelspec: ignore MS403\n", "# modelspec: ignore-file\n",
    "spec:\n",
    "specRef: ./x.modelspec.yaml\n", "modelUri: file:///dev/zero\n", "modelUri: ../..\n", "hf://a/b@c", "../", "%00",
    "x" * 300, "9" * 400, "1" * 5000,
    "a: &a [*a]\n", "id: x-0.6b1\n", "b", "8x", "file://[", "id: ", "family: ", "precision: ", "task: ", "hints:\n",
]  # fmt: skip
NUMBERS = [0, 1, 2, 3, 7, 8, 64, 255, 4096, 2**31 - 1, 2**31, 2**53, 2**63, 10**30, -1, -(2**31)]


class Feed:
    """Reads choices off a run of bytes."""

    def __init__(self, data: bytes):
        self.data = data
        self.at = 0

    def __bool__(self):
        return self.at < len(self.data)

    def byte(self):
        self.at += 1
        return self.data[self.at - 1] if self.at <= len(self.data) else 0

    def below(self, count):
        """A number from 0 to ``count`` - 1."""
        if count <= 1:
            return 0
        value = self.byte()
        if count > 256:
            value = value << 16 | self.byte() << 8 | self.byte()
        return value % count

    def pick(self, options):
        return options[self.below(len(options))]

    def rest(self):
        at, self.at = self.at, len(self.data)
        return self.data[at:]

    def number(self):
        return self.pick(NUMBERS)

    def place(self, text):
        """An offset in a text."""
        return self.below(len(text) + 1)

    def text(self, longest=12):
        return "".join(self.pick(PIECES) for _ in range(self.below(longest)))

    def document(self):
        """Anything, or an example after some edits."""
        if self.below(4) == 0:
            return self.rest()[:2048].decode("utf-8", "surrogatepass" if self.byte() else "replace")
        text = self.pick(EXAMPLES)
        for _ in range(self.below(8)):
            text = self.edited(text)
        return text

    def edited(self, text):
        """The text after one edit."""
        start = self.place(text)
        end = min(start + self.pick([0, 0, 1, 2, 10, 80, 2000]), len(text))
        return text[:start] + self.text(4) + text[end:]

    def json(self, depth=3):
        """Any JSON value."""
        kind = self.below(8 if depth else 6)
        if kind < 6:
            return [None, True, False, self.number(), self.text(4), 1.5][kind]
        if kind == 6:
            return [self.json(depth - 1) for _ in range(self.below(4))]
        return {self.text(3): self.json(depth - 1) for _ in range(self.below(4))}
