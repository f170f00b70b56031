"""Findings for other tools: each format says the same, in the tool's own words."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft4Validator

from modelspec_ls.cli.main import modelspec
from support.specs import spec

SARIF = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0.schema.json").read_text(encoding="utf-8"))
BAD = spec(count="two", vendor="nvidia").replace("name: example\n", "name: example  # 50%: é𝄞\n")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "bad one.modelspec.yaml").write_text(BAD, encoding="utf-8")
    (tmp_path / "s" / "good.modelspec.yaml").write_text(spec(), encoding="utf-8")
    return tmp_path


def run(*args, status=1):
    result = CliRunner().invoke(modelspec, ["check", *args], prog_name="modelspec")
    assert result.exit_code == status, result.output
    return result.stdout


def expected():
    """``(path, code, line)`` of every finding, by JSON."""
    files = json.loads(run("--format", "json", "s"))["files"]
    return [(f["path"], d["code"], d["range"]["start"]["line"] + 1) for f in files for d in f["diagnostics"]]


def test_sarif_is_valid_and_says_the_same():
    log = json.loads(run("--format", "sarif", "s"))
    assert list(Draft4Validator(SARIF).iter_errors(log)) == []
    (sarif,) = log["runs"]
    places = [(r["locations"][0]["physicalLocation"], r["ruleId"]) for r in sarif["results"]]
    found = [(p["artifactLocation"]["uri"].replace("%20", " "), code, p["region"]["startLine"]) for p, code in places]
    assert found == expected()
    for result in sarif["results"]:
        assert sarif["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    rule = next(r for r in sarif["tool"]["driver"]["rules"] if r["id"] == "MS103")
    assert (
        rule["help"]["markdown"].startswith("# wrong-type (MS103)") and rule["defaultConfiguration"]["level"] == "error"
    )
    assert [a["location"]["uri"] for a in sarif["artifacts"]] == ["s/bad%20one.modelspec.yaml", "s/good.modelspec.yaml"]
    assert sarif["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]


def test_sarif_fixes_mend_the_file(folder):
    text = spec().replace("family:", "famly:")
    (folder / "typo.modelspec.yaml").write_text(text, encoding="utf-8")
    log = json.loads(run("--format", "sarif", "typo.modelspec.yaml"))
    assert list(Draft4Validator(SARIF).iter_errors(log)) == []
    (fix,) = [f for r in log["runs"][0]["results"] if r["ruleId"] == "MS102" for f in r["fixes"]]
    (change,) = fix["artifactChanges"][0]["replacements"]
    region = change["deletedRegion"]
    lines = text.split("\n")
    line = lines[region["startLine"] - 1]
    lines[region["startLine"] - 1] = (
        line[: region["startColumn"] - 1] + change["insertedContent"]["text"] + line[region["endColumn"] - 1 :]
    )
    assert "\n".join(lines) == spec()


def test_sarif_tells_what_is_suppressed_only_where_asked(folder):
    (folder / "q.modelspec.yaml").write_text(BAD.replace("count: two", "count: two  # modelspec-ignore: MS103 later"))
    quiet = json.loads(run("--format", "sarif", "q.modelspec.yaml", status=0))
    assert not [r for r in quiet["runs"][0]["results"] if r["ruleId"] == "MS103"]
    told = json.loads(run("--format", "sarif", "--show-suppressed", "q.modelspec.yaml", status=0))
    assert list(Draft4Validator(SARIF).iter_errors(told)) == []
    (hidden,) = [r for r in told["runs"][0]["results"] if r["ruleId"] == "MS103"]
    assert hidden["suppressions"] == [{"kind": "inSource"}]


def test_tools_get_paths_from_the_working_folder(folder):
    absolute = [run("--format", form, str(folder / "s")) for form in ("github", "gitlab", "sarif")]
    assert absolute == [run("--format", form, "s") for form in ("github", "gitlab", "sarif")]
    assert absolute == [run("--format", form, "./s") for form in ("github", "gitlab", "sarif")]
    assert str(folder) not in "".join(absolute)


def test_a_path_outside_is_a_uri(folder, monkeypatch):
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    log = json.loads(run("--format", "sarif", str(folder / "s")))
    assert list(Draft4Validator(SARIF).iter_errors(log)) == []
    assert log["runs"][0]["artifacts"][0]["location"] == {"uri": (folder / "s" / "bad one.modelspec.yaml").as_uri()}


def test_identities_survive_moved_lines(folder):
    def idents():
        results = json.loads(run("--format", "sarif", "s"))["runs"][0]["results"]
        return [r["partialFingerprints"]["modelspec/v1"] for r in results]

    before = idents()
    path = folder / "s" / "bad one.modelspec.yaml"
    path.write_text("# A new line.\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert idents() == before and len(set(before)) == len(before)


def test_github():
    lines = run("--format", "github", "s").splitlines()
    assert len(lines) == len(expected())
    line = next(text for text in lines if "MS103" in text)
    assert line.startswith(
        "::error file=s/bad one.modelspec.yaml,line=16,endLine=16,col=14,endColumn=17,title=MS103 wrong-type::"
    )


def test_github_escapes(folder):
    (folder / "a,b:c.modelspec.yaml").write_text(spec(type='"50%\\n,:"'), encoding="utf-8")
    out = run("--format", "github", "a,b:c.modelspec.yaml", status=0)
    assert "file=a%2Cb%3Ac.modelspec.yaml," in out
    assert "50%25" in out and all(line.startswith("::") for line in out.splitlines())


def test_gitlab():
    entries = json.loads(run("--format", "gitlab", "s"))
    found = [(e["location"]["path"], e["check_name"].split()[0], e["location"]["lines"]["begin"]) for e in entries]
    assert found == expected()
    assert len({e["fingerprint"] for e in entries}) == len(entries)
    assert {e["severity"] for e in entries} <= {"info", "minor", "major", "critical", "blocker"}
    assert next(e for e in entries if "MS103" in e["check_name"])["severity"] == "critical"


def test_junit(folder):
    (folder / "s" / "odd.modelspec.yaml").write_text(spec(type='"<\\x01&\\"]]>"'), encoding="utf-8")
    root = ET.fromstring(run("--format", "junit", "s"))
    suites = {suite.get("name"): suite for suite in root}
    bad = suites["s/bad one.modelspec.yaml"]
    failures = [case.find("failure") for case in bad if case.find("failure") is not None]
    assert [f.get("type") for f in failures] == ["warning", "error"] and int(bad.get("failures")) == 2
    assert sum(len(list(suite)) for suite in root) == int(root.get("tests"))
    assert int(root.get("failures")) == sum(1 for _ in root.iter("failure"))


@pytest.mark.parametrize("form", ["sarif", "github", "gitlab", "junit", "json"])
def test_what_cannot_be_read_fails_in_every_format(form, folder):
    (folder / "x.modelspec.yaml").write_bytes(b"a: \xff")
    out = run("--format", form, "x.modelspec.yaml", status=2)
    assert "MS005" in out
    if form == "sarif":
        assert list(Draft4Validator(SARIF).iter_errors(json.loads(out))) == []
        assert json.loads(out)["runs"][0]["invocations"] == [{"executionSuccessful": False, "exitCode": 2}]


def test_nothing_to_say_in_every_format(folder):
    assert (
        list(
            Draft4Validator(SARIF).iter_errors(
                json.loads(run("--format", "sarif", "--select", "schema", "s/good.modelspec.yaml", status=0))
            )
        )
        == []
    )
    assert json.loads(run("--format", "gitlab", "--select", "schema", "s/good.modelspec.yaml", status=0)) == []
    assert run("--format", "github", "--select", "schema", "s/good.modelspec.yaml", status=0) == ""
    assert (
        ET.fromstring(run("--format", "junit", "--select", "schema", "s/good.modelspec.yaml", status=0)).get("failures")
        == "0"
    )
