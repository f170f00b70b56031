"""Expressions: what they say, what is wrong with them, and that none runs away."""

import time

import pytest

from modelspec_ls.cli import spread
from modelspec_ls.policy import cel
from support.policies import policy, said, spec_of, wrong

needs_cel = pytest.mark.skipif(not cel.available(), reason="the extra `policy` is not installed")


def asking(expression, **more):
    lines = ["rules:", "  - name: the-rule", f"    expression: {expression}"]
    return policy("\n".join([*lines, *(f"    {key}: {value}" for key, value in more.items()), ""]))


@needs_cel
@pytest.mark.parametrize(
    "expression, holds",
    [
        ("object.metadata.name == 'example'", True),
        ("labels.?team.orValue('') != ''", False),
        ("object.spec.?pipeline.?dependencies.orValue([]).all(d, d.role != 'x')", True),
        ("derived.engine in params.engines", True),
        ("derived.?maxAccelerators.orValue(0) <= 32", True),
        ("derived.model.parameters > 1000000000000", False),
        ("object.metadata.name.matches('^ex.*e$')", True),
    ],
)
def test_verdicts(expression, holds):
    text = asking(f'"{expression}"').replace("spec:\n", "spec:\n  params: {engines: [vllm]}\n", 1)
    assert wrong(text) == []
    assert (said(spec_of(), text) == []) is holds


@needs_cel
def test_selectors():
    body = policy("""\
        rules:
          - name: the-rule
            match: {expression: "labels.?tier.orValue('') == 'gold'"}
            exclude: {expression: "object.metadata.name == 'other'", environments: [dev]}
            require: {metadata.labels.team: {present: true}}
        """)
    assert len(said(spec_of(labels={"tier": "gold"}), body)) == 1
    assert said(spec_of(labels={"tier": "tin"}), body) == []
    assert said(spec_of(name="other", labels={"tier": "gold", "env": "dev"}), body) == []
    assert len(said(spec_of(name="other", labels={"tier": "gold"}), body)) == 1


@needs_cel
@pytest.mark.parametrize(
    "expression, marked, message",
    [
        ("objct.metadata == null", "objct.metadata", "undeclared reference to 'objct.metadata'"),
        ("1 + 'a' == 2", "+", "no matching overload"),
        ("\"'text'\"", "'", "must be true or false"),
        ('"objct == null"', "objct", "undeclared reference"),
        (">-\n      labels.a == 'b'\n      && objct == 1", "objct", "undeclared reference"),
        ("|\n      labels.a == 'b'\n      && objct == 1", "objct", "undeclared reference"),
    ],
)
def test_what_does_not_compile_is_marked_inside(expression, marked, message):
    (found,) = wrong(asking(expression))
    assert found[1] == "PL102" and message in found[3]
    assert found[2] == marked
    assert said(spec_of(), asking(expression)) == []


@needs_cel
def test_what_fails_on_a_document_is_a_warning_there():
    (found,) = said(spec_of(), asking("object.spec.gone.field == 1", severity="error", at="metadata.name"))
    assert found == "warning the-rule /metadata/name"


RUNAWAYS = {
    "nested": "object.l.all(a, object.l.all(b, object.l.all(c, object.l.all(d, object.l.all(e, a + b != -1)))))",
    "doubling": "['" + "a" * 40 + "']" + ".map(x, x + x)" * 24 + "[0].size() > 1",
    "doubling lists": " == ".join(["[1]" + ".map(x, [x, x, x, x])" * 14] * 2),
    "long texts": "object.l.all(a, object.l.all(b, (object.s + object.s + string(a)).matches('(x+x+)+y$') || true))",
}


@needs_cel
@pytest.mark.parametrize("name", RUNAWAYS)
def test_a_runaway_is_stopped(name):
    values = {"object": {"l": list(range(200)), "s": "x" * 100_000}, "labels": {}, "params": {}, "derived": {}}
    started = time.perf_counter()
    (verdict,) = cel.judge([RUNAWAYS[name]], values)
    assert time.perf_counter() - started < 6
    assert verdict.error
    # The next question finds a process again.
    assert cel.judge(["1 == 1"], values)[0] == cel.Verdict(holds=True)


@needs_cel
def test_too_long_an_expression():
    (found,) = wrong(asking('"' + " || ".join(["true"] * 400) + '"'))
    assert "at most" not in found[3] and "2,000 characters" in found[3]


@needs_cel
@pytest.mark.parametrize(
    "value", [None, 2**80, float("inf"), float("nan"), "\ud800", [[[]]], {"a": None}, "x" * 500_000]
)
def test_any_value(value):
    values = {"object": {"v": value}, "labels": {}, "params": {}, "derived": {}}
    (verdict,) = cel.judge(["object.v == 1"], values)
    assert isinstance(verdict, cel.Verdict)
    assert cel.judge(["1 == 1"], {**values, "object": {}})[0].holds


def test_without_the_extra(monkeypatch):
    monkeypatch.setattr(cel, "available", lambda: False)
    body = asking("object.metadata.name == 'x'").replace(
        "rules:", "rules:\n    - name: other\n      expression: 'false'"
    )
    found = wrong(body)
    assert [(f[0], f[1]) for f in found] == [("information", "PL102")]
    assert "modelspec-language-server[policy]" in found[0][3]
    assert said(spec_of(), body) == []


@needs_cel
def test_the_folder_that_one_works_in_lends_no_code(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    worker = cel._Worker()
    try:
        assert worker.ready
    finally:
        worker.end()


@needs_cel
@pytest.mark.skipif(not spread.forks(), reason="there are no forks here")
def test_no_thread_of_ours_is_there_while_others_are_forked():
    before = cel.judge(["1 == 1", "1 == 2"], {})
    worker = cel._worker
    assert worker.reader.is_alive()
    assert list(spread.spread(lambda _: cel.judge(["1 == 1", "1 == 2"], {}), range(9), jobs=2)) == [before] * 9
    assert not worker.reader.is_alive() and worker.process.returncode is not None
    assert worker.process.stdin.closed and worker.process.stdout.closed
    assert cel.judge(["1 == 1", "1 == 2"], {}) == before
