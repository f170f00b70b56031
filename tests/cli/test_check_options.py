"""Options of ``modelspec check``: what counts as failure, what is left out, what is mended."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelspec_ls.cli import check as checking
from modelspec_ls.cli import examine, spread
from modelspec_ls.cli.main import modelspec
from modelspec_ls.cli.watch import changes
from support.specs import spec

ROOT = Path(__file__).parents[2]
TYPO = spec().replace("family: qwen3", "famly: qwen3  # mine")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    return tmp_path


def run(*args, stdin=None):
    return CliRunner().invoke(modelspec, args, input=stdin, prog_name="modelspec")


def put(name, text):
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("level, status", [("error", 0), ("warning", 0), ("information", 1), ("hint", 1), ("never", 0)])
def test_fail_on(level, status):
    put("a.modelspec.yaml", spec())  # MS402, an information.
    assert run("check", "--fail-on", level).exit_code == status


def test_never_fails_on_findings_but_on_what_cannot_be_read():
    put("a.modelspec.yaml", TYPO)
    assert run("check", "--fail-on", "never").exit_code == 0
    assert run("check", "--fail-on", "never", "gone.yaml").exit_code == 2


# Fixing


def test_fix_writes_what_is_safe_and_tells_the_rest():
    put("a.modelspec.yaml", TYPO.replace("count: 1", "count: two"))
    result = run("check", "--fix", "--select", "schema")
    assert Path("a.modelspec.yaml").read_text(encoding="utf-8") == TYPO.replace("famly", "family").replace(
        "count: 1", "count: two"
    )
    assert "MS103" in result.stdout and "MS102" not in result.stdout
    assert "Fixed 1 file." in result.stderr and result.exit_code == 1


def test_diff_shows_it_and_writes_nothing():
    put("a.modelspec.yaml", TYPO)
    result = run("check", "--diff")
    assert "-      famly: qwen3  # mine\n+      family: qwen3  # mine\n" in result.stdout
    assert result.exit_code == 1 and Path("a.modelspec.yaml").read_text(encoding="utf-8") == TYPO
    run("check", "--fix")
    again = run("check", "--diff")
    assert (again.stdout, again.exit_code) == ("", 0)


def test_fix_keeps_line_ends_and_marks_and_permissions():
    text = "\ufeff" + TYPO.replace("\n", "\r\n")
    Path("a.modelspec.yaml").write_bytes(text.encode())
    Path("a.modelspec.yaml").chmod(0o640)
    run("check", "--fix", "--select", "schema")
    assert Path("a.modelspec.yaml").read_bytes() == text.replace("famly", "family").encode()
    assert Path("a.modelspec.yaml").stat().st_mode & 0o777 == 0o640


def test_fix_leaves_other_encodings_alone():
    Path("a.modelspec.yaml").write_bytes(b"\xff\xfe" + TYPO.encode("utf-16-le"))
    assert "UTF-16" in run("check", "--fix").stderr
    assert Path("a.modelspec.yaml").read_bytes() == b"\xff\xfe" + TYPO.encode("utf-16-le")


def test_fix_reaches_a_fixed_point_everywhere(folder):
    for source in ("examples", "tests/rules/fixtures"):
        if (ROOT / source).exists():
            shutil.copytree(ROOT / source, folder / source)
    run("check", "--fix")
    once = {p: p.read_bytes() for p in folder.rglob("*.yaml")}
    result = run("check", "--fix")
    assert {p: p.read_bytes() for p in folder.rglob("*.yaml")} == once
    assert "Fixed 0 files." in result.stderr
    assert any(p.read_bytes() != (ROOT / p.relative_to(folder)).read_bytes() for p in once)


def test_standard_input_has_a_diff_but_no_fix():
    result = run("check", "--diff", "-", stdin=TYPO)
    assert "+      family:" in result.stdout and result.exit_code == 1
    assert run("check", "--fix", "-", stdin=TYPO).exit_code == 2


# Baseline


def test_a_baseline_leaves_out_what_was_there():
    put("s/a.modelspec.yaml", TYPO)
    wrote = run("check", "--write-baseline", "known.json")
    assert wrote.exit_code == 0 and "findings to known.json" in wrote.stderr
    result = run("check", "--baseline", "known.json")
    assert result.exit_code == 0 and "of the baseline left out" in result.stdout and "MS102" not in result.stdout
    put("s/a.modelspec.yaml", "# one more line\n" + TYPO.replace("vendor: nvidia", "vendr: nvidia"))
    result = run("check", "--baseline", "known.json", "./s/a.modelspec.yaml")
    assert "vendr" in result.stdout and "famly" not in result.stdout and result.exit_code == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"baseline": 2, "findings": []}', '{"baseline": 1, "findings": [3]}']
)
def test_what_is_no_baseline_is_told(text):
    put("a.modelspec.yaml", spec())
    put("known.json", text)
    result = run("check", "--baseline", "known.json")
    assert result.exit_code == 2 and "no baseline" in result.stderr


def test_a_missing_baseline_is_told():
    put("a.modelspec.yaml", spec())
    assert "--write-baseline known.json" in run("check", "--baseline", "known.json").stderr


# Results of earlier runs

ENTRY = "pipeline:\n  dependencies:\n    - id: e\n      role: input\n      specRef: ./gone.modelspec.yaml{}\n"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_cache_knows_settings_and_suppressions(folder, monkeypatch, jobs):
    monkeypatch.setattr(spread, "_FEW", 1)
    monkeypatch.setattr(examine, "_FIRST", 1)
    monkeypatch.setattr(checking, "_FEW", 1)
    monkeypatch.setenv("MODELSPEC_CACHE", str(folder / "cache"))
    put("a.modelspec.yaml", spec(ENTRY.format("  # modelspec-ignore: MS801 later"), count="two"))
    put("b.modelspec.yaml", spec(ENTRY.format("")).replace("example", "b"))

    def twice(*more):
        results = [
            run("check", "--jobs", jobs, "--show-suppressed", "--format", "json", *extra, *more)
            for extra in ((), (), ("--no-cache",))
        ]
        first, again, without = (json.loads(r.stdout) for r in results)
        assert first == again == without
        return {f["path"]: [d["code"] for d in f["diagnostics"]] for f in first["files"]}, first

    found, answer = twice()
    assert (folder / "cache").exists()
    assert "MS801" not in found["a.modelspec.yaml"] and "MS801" in found["b.modelspec.yaml"]
    assert [d["code"] for d in answer["files"][0]["suppressed"]] == ["MS801"]
    put("modelspec.toml", 'ignore = ["MS801", "MS402"]\n[[overrides]]\npaths = ["a*"]\nignore = ["MS103"]')
    found, _ = twice()
    assert found == {"a.modelspec.yaml": [], "b.modelspec.yaml": []}
    found, _ = twice("--select", "MS103,MS402")
    assert found == {"a.modelspec.yaml": ["MS402", "MS103"], "b.modelspec.yaml": ["MS402"]}


# The rest


def test_statistics():
    put("a.modelspec.yaml", TYPO)
    put("b.modelspec.yaml", spec())
    out = run("check", "-q", "--statistics", "--select", "MS102,MS402").stdout
    assert out.endswith("\n2  MS402  precision-assumed\n1  MS102  unknown-field\n\n")


def test_show_suppressed():
    put("a.modelspec.yaml", spec(count="two  # modelspec-ignore: MS103 later"))
    assert "MS103" not in run("check", "--select", "MS103").stdout
    result = run("check", "--show-suppressed", "--select", "MS103")
    assert "error[MS103] (suppressed) wrong-type" in result.stdout and result.exit_code == 0
    answer = json.loads(run("check", "--show-suppressed", "--select", "MS103", "--format", "json").stdout)
    assert [d["code"] for d in answer["files"][0]["suppressed"]] == ["MS103"]


def test_watch_looks_again_when_something_changed():
    put("s/a.modelspec.yaml", spec())
    slept = []

    def sleep(_):
        slept.append(1)
        if len(slept) == 3:
            put("s/b.modelspec.yaml", spec())
        if len(slept) == 6:
            put("modelspec.toml", "ignore = []")
        if len(slept) > 9:
            raise KeyboardInterrupt

    seen = []

    def watch():
        for _ in changes(["."], sleep):
            seen.append(len(slept))  # noqa: PERF401  (the loop is interrupted)

    with pytest.raises(KeyboardInterrupt):
        watch()
    assert seen == [0, 3, 6]


@pytest.mark.parametrize(
    "args",
    [("--fix", "--diff"), ("--statistics", "--format", "json"), ("--diff", "--format", "sarif"), ("--watch", "-")],
)
def test_what_does_not_go_together(args):
    assert run("check", *args, stdin="").exit_code == 2
