"""Every promise of docs/security.md names tests that are there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text("utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("|") and "tests/" in line]


def test_every_promise_has_a_test_that_exists():
    assert len(ROWS) >= 25
    tables = PAGE.split("## What holds")[1].split("## Dependencies")[0]
    promises = [line for line in tables.splitlines() if line.startswith("| ") and not line.startswith("| Promise")]
    assert promises == ROWS, "a promise without a test"
    for row in ROWS:
        named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row)
        assert named, row
        for path, function in named:
            source = (ROOT / path).read_text("utf-8")
            tests = [
                n.name for n in ast.walk(ast.parse(source)) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))
            ]
            assert function in tests if function else any(name.startswith("test_") for name in tests), (path, function)
