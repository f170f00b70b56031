"""Hostile and accidental giants: a bounded time, a tree, and few words."""

from __future__ import annotations

import time

import pytest

from modelspec_ls.syntax.build import MAX_DEPTH
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.events import parser_name
from modelspec_ls.syntax.parse import parse

MB = 1 << 20
# The slowest takes one second with the C parser. A quadratic step takes minutes.
SECONDS = 15.0 if parser_name() == "C" else 60.0
TEXTS = {
    "nested brackets": "a: " + "[" * 10_000,
    "nested brackets, closed": "a: " + "[" * 10_000 + "]" * 10_000,
    "nested braces": "{" * 10_000,
    "nested dashes": "- " * 10_000 + "x",
    "nested question marks": "? " * 10_000,
    "nested sections": "".join(" " * i + "k:\n" for i in range(1_000)),
    "stairs": "\n".join(" " * i + "a: 1" for i in range(1_000)),
    "long line": "a: " + "x" * MB,
    "long words": "a: " + "x " * (MB // 2),
    "long quote": 'a: "' + "x" * MB + '"',
    "long key": "a: " + "b: " * (MB // 3),
    "many keys": "".join(f"key{i}: {i}\n" for i in range(100_000)),
    "double quotes": '"' * MB,
    "single quotes": "'" * MB,
    "brackets": "[" * MB,
    "closing brackets": "]" * MB,
    "tabs": "\t" * MB,
    "tabs before a key": "a:\n" + "\t" * MB + "b: 1\n",
    "spaces before a key": " " * MB + "a:\n b: 1",
    "tabbed lines": "\tb: 1\n" * 50_000,
    "conflict openings": "<<<<<<<\n" * (MB // 8),
    "conflict openings with a label": "<<<<<<< HEAD\n" * (MB // 13),
    "conflict ends": ">>>>>>> x\n" * (MB // 10),
    "conflicts": "<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n" * 5_000,
    "templates open": "{{" * 100_000,
    "templates": "a: " + "{{x}}" * 40_000,
    "template lines": "a: {{x}}\n" * 20_000,
    "template blocks": "{{- if }}\n" * 20_000,
    "variables": "${" * 100_000,
    "comment": "#" * MB,
    "spaces and a comment": "a:" + " " * MB + "# x",
    "backslashes": '"' + "\\" * MB,
    "control characters": "a\x07" * (MB // 2),
    "control characters on lines": "\x07\n" * (MB // 8),
    "lone surrogates": "\ud800" * MB,
    "directives": "%\n" * 200_000,
    "broken lines": "a: b: c\n" * 100_000,
    "broken documents": "a: b: c\n---\n" * 50_000,
    "documents": "---\n" * 50_000,
    "empty items": "-  \n" * 100_000,
    "quote open far above": 'a: "\n' + "key: value\n" * 50_000,
    "quotes open on every line": 'a: "\n' * 50_000,
    "quote open far below": "key: value\n" * 50_000 + 'a: "x\nb: 1\n',
    "binary": "".join(map(chr, range(256))) * 2_000,
}
MANY = {
    "broken lines",
    "broken documents",
    "quotes open on every line",
    "stairs",
    "tabbed lines",
    "directives",
    "conflicts",
}


IN_JSON = ["nested brackets", "long key", "double quotes", "tabs", "control characters on lines", "backslashes"]


@pytest.mark.parametrize(("name", "json"), [*((name, False) for name in TEXTS), *((name, True) for name in IN_JSON)])
def test_giant(name, json):
    start = time.process_time()  # Of this process alone: others may be busy.
    tree = parse(TEXTS[name], json=json)
    for document in tree.documents[:5]:
        to_data(document.root)
    assert time.process_time() - start < SECONDS
    assert len(tree.problems) <= (51 if name in MANY else 4)


def test_depth_is_said_once():
    (problem,) = parse(TEXTS["nested brackets"]).problems
    assert problem.message == f"Too deep to read: nested deeper than {MAX_DEPTH} levels. Flatten the structure."
    assert parse("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)).problems == ()


def test_alias_bomb_costs_nothing():
    lines = ["a0: &a0 x"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 50)]
    tree = parse("\n".join(lines))
    assert tree.problems == ()
    data = to_data(tree.documents[0].root)
    assert data.size > 10**45
    assert data.depth == 51


def test_long_chain_of_aliases():
    lines = ["a0: &a0 x"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 5_000)]
    data = to_data(parse("\n".join(lines)).documents[0].root)
    assert data.depth == 5_001
