"""Policies on the command line: check with all its options, test, list."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from modelspec_ls.cli.main import modelspec
from modelspec_ls.rules import policies
from support.policies import asking, policy, spec_of
from support.specs import spec

TEAM = asking("metadata.labels.team", "{present: true}", severity="error", docs="https://wiki.example.com/team")


@pytest.fixture
def root(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "specs").mkdir()
    (tmp_path / "modelspec-policy.yaml").write_text(TEAM, encoding="utf-8")
    (tmp_path / "specs" / "a.modelspec.yaml").write_text(spec_of(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODELSPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(modelspec, arguments, catch_exceptions=False)


def test_text(root):
    done = run("check", "specs")
    assert done.exit_code == 1
    assert "error[the-rule] acme: `metadata.labels.team` is missing; policy `acme` asks for a value." in done.stdout
    assert "note: modelspec-policy.yaml:7:13: rule `the-rule` of policy `acme`" in done.stdout


def test_json_and_sarif(root):
    (entry,) = json.loads(run("check", "--format", "json", "specs").stdout)["files"][0]["diagnostics"]
    assert (entry["code"], entry["name"], entry["category"]) == ("the-rule", "the-rule", "policy")
    assert (entry["policy"], entry["docs"]) == ("acme", "https://wiki.example.com/team")
    (done,) = json.loads(run("check", "--format", "sarif", "specs").stdout)["runs"]
    (rule,) = done["tool"]["driver"]["rules"]
    assert (rule["id"], rule["helpUri"]) == ("acme/the-rule", "https://wiki.example.com/team")
    assert [r["ruleId"] for r in done["results"]] == ["acme/the-rule"]
    for form in ("github", "gitlab", "junit"):
        assert "the-rule acme" in run("check", "--format", form, "specs").stdout


@pytest.mark.parametrize("word", ["the-rule", "PL101", "policy"])
def test_select_and_ignore(root, word):
    assert run("check", "--ignore", word, "specs").exit_code == 0
    assert run("check", "--select", word, "specs").exit_code == 1


def test_an_unknown_word_is_told_with_policies_in_mind(root):
    done = run("check", "--ignore", "the-rulle", "specs")
    assert done.exit_code == 2 and "did you mean `the-rule`?" in done.stderr


def test_settings_may_name_the_rule(root):
    (root / "modelspec.toml").write_text('[severity]\nthe-rule = "hint"\n', encoding="utf-8")
    done = run("check")
    assert done.exit_code == 0 and "hint[the-rule]" in done.stdout and "MS173" not in done.stdout


def test_a_baseline_knows_it(root):
    assert run("check", "--write-baseline", "b.json", "specs").exit_code == 0
    assert json.loads((root / "b.json").read_text())["findings"][0]["rule"] == "the-rule"
    assert run("check", "--baseline", "b.json", "specs").exit_code == 0


def test_a_broken_policy_is_told_where_it_is(root):
    (root / "modelspec-policy.yaml").write_text(TEAM.replace("metadata.labels", "metadata.lables"), encoding="utf-8")
    done = run("check", "specs")
    assert done.exit_code == 1 and done.stdout.count("error[") == 1
    assert "PL102" in done.stdout and "--> modelspec-policy.yaml:" in done.stdout


def test_the_cache_knows_policies(root, monkeypatch):
    for number in range(120):
        (root / "specs" / f"s{number}.modelspec.yaml").write_text(spec(name=f"s-{number}"), encoding="utf-8")

    def count():
        return run("check", "specs").stdout.count("[the-rule]")

    assert (count(), count()) == (121, 121)
    (root / "modelspec-policy.yaml").write_text(policy("rules: []\n"), encoding="utf-8")
    assert count() == 0
    base = TEAM + "      exempt: [{name: 's-*', until: 2030-01-01, reason: x}]\n"
    (root / "modelspec-policy.yaml").write_text(policy("extends: [./base.yaml]\n"), encoding="utf-8")
    (root / "base.yaml").write_text(base, encoding="utf-8")
    assert (count(), count()) == (1, 1)
    # What is extended counts, and so does the day.
    monkeypatch.setattr(policies, "today", lambda: date(2031, 1, 1))
    assert count() == 121
    (root / "base.yaml").write_text(policy("rules: []\n"), encoding="utf-8")
    assert count() == 0


TESTED = """\
tests:
  - name: no team
    document: {metadata: {name: x}, spec: {}}
    expect: [the-rule]
  - name: from a file
    file: ./specs/a.modelspec.yaml
    expect: [the-rule]
"""


def test_tests_pass(root):
    (root / "modelspec-policy.yaml").write_text(TEAM + policy(TESTED).partition("spec:\n")[2], encoding="utf-8")
    done = run("policy", "test")
    assert (done.exit_code, done.stdout.splitlines()) == (
        0, ["modelspec-policy.yaml", "  ok    no team", "  ok    from a file", "2 tests: 2 passed, 0 failed"]
    )  # fmt: skip
    assert run("check").stdout.count("error") == 2  # The spec's finding, and the count.


def test_tests_fail(root):
    text = TEAM + policy(TESTED.replace("[the-rule]", "[the-rulle]", 1)).partition("spec:\n")[2]
    (root / "modelspec-policy.yaml").write_text(text, encoding="utf-8")
    done = run("policy", "test", "-q")
    assert done.exit_code == 1
    assert "- the-rulle: no rule in force has this name; did you mean `the-rule`?" in done.stdout
    assert "+ the-rule: not expected, but it says: `metadata.labels.team` is missing" in done.stdout
    (root / "specs" / "a.modelspec.yaml").unlink()
    assert run("policy", "test").exit_code == 2


def test_nothing_to_test(root):
    done = run("policy", "test")
    assert done.exit_code == 2 and "No tests found" in done.stderr
    assert run("policy", "test", "gone").exit_code == 2
    (root / "modelspec-policy.yaml").write_text(TEAM.replace("present", "presnt"), encoding="utf-8")
    done = run("policy", "test")
    assert done.exit_code == 1 and "1 mistake in this policy" in done.stdout


def test_list(root):
    done = run("policy", "list", "specs/a.modelspec.yaml")
    assert done.exit_code == 0 and done.stdout.splitlines() == [
        "the-rule  error  acme", "    ModelSpec: every document", "    modelspec-policy.yaml:7"
    ]  # fmt: skip
    assert json.loads(run("policy", "list", "--format", "json").stdout)[0]["docs"] == "https://wiki.example.com/team"
    (root / "modelspec-policy.yaml").unlink()
    assert run("policy", "list").exit_code == 1
