"""The rule reference in docs/rules is what the rules say."""

import importlib.util
import re
from pathlib import Path

import pytest

from modelspec_ls.rules.registry import all_rules

ROOT = Path(__file__).parents[2]


@pytest.fixture
def script(monkeypatch):
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "scripts" / "generate_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_not_stale(script, capsys):
    assert script.main(["--check"]) == 0, capsys.readouterr().err


def test_stale_missing_and_left_over_pages_are_noticed_and_mended(script, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(script, "FOLDER", tmp_path / "rules")
    assert script.main(["--check"]) == 1
    assert script.main([]) == 0
    assert script.main(["--check"]) == 0
    (tmp_path / "rules" / "README.md").write_text("old", encoding="utf-8")
    (tmp_path / "rules" / "MS999-gone.md").write_text("", encoding="utf-8")
    capsys.readouterr()
    assert script.main(["--check"]) == 1
    assert re.findall(r"docs/rules/(\S+) is stale", capsys.readouterr().err) == ["MS999-gone.md", "README.md"]
    script.main([])
    assert script.main(["--check"]) == 0


def test_every_rule_has_a_page_and_a_row(script):
    pages = script.pages()
    for module in all_rules():
        rule = module.rule
        assert pages[f"{rule.code}-{rule.name}.md"].startswith(f"# {rule.name} ({rule.code})\n\n")
        assert f"[{rule.code}]({rule.code}-{rule.name}.md)" in pages["README.md"]


def test_every_group_is_introduced(script):
    assert all(script.introduction(module) for module in all_rules())
