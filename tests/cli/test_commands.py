"""``rule``, ``explain``, ``new`` and ``fmt`` from outside."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from modelspec_ls.rules.registry import all_rules
from support.specs import spec


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    return tmp_path


def run(*args, stdin=None):
    return CliRunner().invoke(modelspec, args, input=stdin, prog_name="modelspec")


# rule and explain


def test_every_rule_has_its_page_and_its_line():
    listed = run("rule", "--all").stdout.splitlines()
    assert [line.split()[0] for line in listed] == [m.rule.code for m in all_rules()]
    for module in all_rules():
        by_code, by_name = run("rule", module.rule.code), run("rule", module.rule.name)
        assert by_code.stdout == by_name.stdout
        assert by_code.stdout.startswith(f"{module.rule.name} ({module.rule.code})\n")


def test_groups_and_json():
    assert len(run("rule", "scaling").stdout.splitlines()) == 7
    (row,) = json.loads(run("rule", "MS103", "--format", "json").stdout)
    assert (row["name"], row["severity"]) == ("wrong-type", "error")


def test_a_wrong_name_is_guessed():
    result = run("rule", "wrong-typ")
    assert result.exit_code == 2 and "did you mean `wrong-type`?" in result.stderr
    assert run("rule").exit_code == run("rule", "x", "--all").exit_code == 2


def test_explain_a_place():
    Path("a.modelspec.yaml").write_text(spec(count="two"))
    line = spec(count="two").split("\n").index("      count: two") + 1
    result = run("explain", f"a.modelspec.yaml:{line}")
    assert "error[MS103]" in result.stdout and "Why it matters" in result.stdout and result.exit_code == 0
    assert run("explain", f"a.modelspec.yaml:{line}:14").stdout == result.stdout
    assert run("explain", f"a.modelspec.yaml:{line}:2").exit_code == 1
    assert run("explain", "a.modelspec.yaml:1").exit_code == 1
    assert run("explain", "MS103").stdout == run("rule", "MS103").stdout
    assert run("explain", "gone.yaml:1").exit_code == run("explain", "what").exit_code == 2


# new


@pytest.mark.parametrize("kind", [line.split()[0] for line in run("new", "--list").stdout.splitlines()])
def test_every_kind_is_a_spec_without_errors_or_warnings(kind):
    assert run("new", kind, "my chat.modelspec.yaml").exit_code == 0
    text = Path("my chat.modelspec.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["metadata"]["name"] == "my-chat" and "$" not in text
    # Specs that it refers to are not written yet.
    checked = run("check", "--fail-on", "warning", "--ignore", "MS801,MS802", "my chat.modelspec.yaml")
    assert checked.exit_code == 0, checked.stdout


def test_new_says_what_is_wrong():
    assert "did you mean `serving`?" in run("new", "servng").stderr
    assert run("new").exit_code == 2 and "minimal" in run("new").stdout
    Path("a.modelspec.yaml").write_text("mine")
    assert "--force" in run("new", "minimal", "a.modelspec.yaml").stderr
    assert Path("a.modelspec.yaml").read_text() == "mine"
    assert run("new", "minimal", "a.modelspec.yaml", "--force", "--name", "x-1").exit_code == 0
    assert "name: x-1" in Path("a.modelspec.yaml").read_text()
    assert run("new", "minimal", "b.modelspec.yaml", "--name", "X").exit_code == 2
    assert run("new", "minimal", "b.txt").exit_code == run("new", "minimal", "gone/b.yaml").exit_code == 2
    assert run("new", "00").stdout == run("new", "minimal", "-").stdout


# fmt

UGLY = (
    spec()
    .replace("  name: example", "    name:   example  # mine")
    .replace("      count: 1\n", "      count: 1\n\n\n\n")
)


def test_fmt():
    Path("a.modelspec.yaml").write_text(UGLY)
    Path("b.modelspec.yaml").write_text(spec())
    Path("c.modelspec.yaml").write_text("a: [\n")
    check = run("fmt", "--check")
    assert (
        check.exit_code == 1
        and check.stdout == "Would format a.modelspec.yaml\n"
        and "c.modelspec.yaml" in check.stderr
    )
    assert Path("a.modelspec.yaml").read_text() == UGLY
    diff = run("fmt", "--diff", "-q")
    assert diff.exit_code == 1 and "+  name: example  # mine\n" in diff.stdout
    assert run("fmt").exit_code == 0
    assert yaml.safe_load(Path("a.modelspec.yaml").read_text()) == yaml.safe_load(UGLY)
    again = run("fmt", "--check")
    assert (again.exit_code, again.stdout) == (0, "")
    assert Path("c.modelspec.yaml").read_text() == "a: [\n"


def test_fmt_as_a_filter():
    result = run("fmt", "-", stdin=UGLY)
    assert yaml.safe_load(result.stdout) == yaml.safe_load(UGLY) and "  name: example  # mine\n" in result.stdout
    assert run("fmt", "-", stdin=result.stdout).stdout == result.stdout
    assert run("fmt", "-", "x.yaml", stdin="").exit_code == run("fmt", "gone.yaml").exit_code == 2


def test_completion_for_shells(monkeypatch):
    for shell, word in (("bash", "complete"), ("zsh", "compdef"), ("fish", "complete")):
        result = CliRunner().invoke(
            modelspec, [], env={"_MODELSPEC_COMPLETE": f"{shell}_source"}, prog_name="modelspec"
        )
        assert word in result.stdout
