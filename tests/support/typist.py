"""Somebody who types: random edits as people and tools make them, with the text after each."""

import re

# What is typed or pasted: sound lines, broken ones, other line ends, characters of every width.
LINES = [
    "  labels: {team: x}", "    timeoutSeconds: 30", "\tport: 8000", "key", "key:", "- item", "  - id: x", "a: b: c",
    "'open", '"open',
    "x: [1, 2", "x: {a: 1", "---", "...", "<<<<<<< HEAD", "=======", ">>>>>>> x", "&a", "*a", "a: &a [*a]", "!t x",
    "%YAML 1.1",
    "{{ .Values.x }}", "name: \U0001f680\U0001f469\u200d\U0001f4bb", "name: e\u0301\u00e9", "# comment \u2028 here",
    "\ufeff", "x: \x07",
    "# modelspec: ignore MS403", "precision: fp8", "count: 1e999", "count: " + "9" * 400, "id: " + "x" * 500,
    "kind: ModelSpec",
    "specRef: ./other.modelspec.yaml", "modelUri: ./none", "        " * 20 + "deep: 1", "x: |", "x: >-",
]  # fmt: skip
KEYS = [*"abcxyz:-#'\"[]{}&*!|>%@ \t01", "\n", "\r\n", "\r", "\n  ", "\n    ", "\U0001f680", "é", "\u2028", "\x85"]


class Typist:
    """Edits a text; ``step`` gives the changes of one message of the protocol, each ``(start, end, new)``."""

    def __init__(self, text, rng, largest=None):
        self.text, self.rng = text, rng
        self.first = text
        self.largest = largest or 2 * len(text) + 4_000
        self.past = []

    def step(self):
        """One change or several, each on the text after those before it."""
        before = self.text
        kind = self.rng.random()
        if kind < 0.55:
            out = [self.type()]
        elif kind < 0.65:
            out = [self.change(*self.some(), "")]
        elif kind < 0.75:
            out = [self.paste()]
        elif kind < 0.80:
            out = [self.line(lambda line: line.replace("  ", "\t"))]
        elif kind < 0.85:
            out = [self.line(lambda line: line + self.rng.choice(["\r\n", "\r", "\n"]))]
        elif kind < 0.90:
            out = [self.type() for _ in range(self.rng.randrange(2, 6))]
        elif kind < 0.97 and self.past:
            return self.undo(self.rng.choice([1, 1, 2, 8]))
        else:
            out = [self.change(0, len(self.text), self.first)]
        if len(self.text) > self.largest:
            out.append(self.change(0, len(self.text), self.first))
        self.past = [*self.past[-40:], before]
        return out

    def undo(self, steps):
        """Back by some steps, each a change of its own, as editors send them."""
        return [self.replace(self.past.pop()) for _ in range(min(steps, len(self.past)))]

    def replace(self, text):
        """The smallest change that makes another text."""
        old, start = self.text, 0
        limit = min(len(old), len(text))
        while start < limit and old[start] == text[start]:
            start += 1
        end = 0
        while end < limit - start and old[-1 - end] == text[-1 - end]:
            end += 1
        return self.change(start, len(old) - end, text[start : len(text) - end])

    def type(self):
        at = self.near()
        return self.change(at, at, self.rng.choice(KEYS))

    def paste(self):
        at = self.near()
        text = "\n".join(self.rng.choice(LINES) for _ in range(self.rng.randrange(1, 4)))
        return self.change(at, at, f"{text}\n" if self.rng.random() < 0.7 else text)

    def line(self, change):
        start = self.text.rfind("\n", 0, self.near()) + 1
        end = self.text.find("\n", start)
        end = len(self.text) if end < 0 else end
        return self.change(start, end, change(self.text[start:end]))

    def near(self):
        """A place; often the end of a line, where people type."""
        at = self.rng.randrange(len(self.text) + 1)
        if self.rng.random() < 0.5:
            found = self.text.find("\n", at)
            at = len(self.text) if found < 0 else found
        return at

    def some(self):
        start = self.near()
        return start, min(start + self.rng.choice([1, 1, 1, 3, 20, 200]), len(self.text))

    def change(self, start, end, new):
        text = self.text[:start] + new + self.text[end:]
        # A line break of two characters has no place between them.
        start, end = start - self.inside(start), end + self.inside(end)
        new = text[start : len(text) - (len(self.text) - end)]
        found = (self.text, start, end, new)
        self.text = text
        return found

    def inside(self, at):
        return at > 0 and self.text[at - 1 : at + 1] == "\r\n"


_LINE_END = re.compile(r"\r\n|\r|\n")


def position(text, offset, encoding):
    """A position of the protocol."""
    start, line = 0, 0
    for found in _LINE_END.finditer(text, 0, offset):
        start, line = found.end(), line + 1
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    codec = "utf-8" if width == 1 else f"utf-{width * 8}-le"
    return {"line": line, "character": len(text[start:offset].encode(codec, "surrogatepass")) // width}


def as_change(found, encoding):
    """A change of ``Typist`` as the protocol has it."""
    text, start, end, new = found
    places = {"start": position(text, start, encoding), "end": position(text, end, encoding)}
    return {"range": places, "text": new}
