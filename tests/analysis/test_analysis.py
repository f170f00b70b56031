"""The way from rules to diagnostics: which texts, which rules, which places, how many."""

import logging

import pytest
from attrs import evolve

from modelspec_ls import analysis
from modelspec_ls.analysis import check_document, check_here, check_text, check_together, resolve_fix
from modelspec_ls.core.config import Config, Limits
from modelspec_ls.core.finding import Finding, Fix, Place, Related, RemovePair, ReplaceSpan, SetValue, Severity
from modelspec_ls.core.text import Mark, Span
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.registry import RuleModule, all_rules
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.scopes import Scope
from modelspec_ls.workspace.snapshot import Snapshot
from support.choice import choose
from support.specs import MINIMAL, spec

CONFIG = Config(select=("syntax", "schema"))
SCOPE = Scope(CONFIG)


def findings(text, config=CONFIG, name="x.modelspec.yaml"):
    return check_text(Document(name, text), Scope(config))


@pytest.fixture
def only(monkeypatch):
    """Runs one made-up rule instead of the real ones."""

    def use(check, **facts):
        rule = Rule("MS998", "made-up", "syntax", Severity.WARNING, "Made up", **facts)
        choose(monkeypatch, (RuleModule(rule, check, ""),))

    return use


def test_a_document_that_is_not_open_or_not_ours_has_none():
    snapshot = Snapshot().with_document(Document("file:///a.yaml", "kind: Service\n"))
    assert check_document(snapshot, "file:///a.yaml") == ()
    assert check_document(snapshot, "file:///b.yaml") == ()


@pytest.mark.parametrize("name, claimed", [("a.modelspec.yaml", False), ("a.txt", True)])
def test_a_document_is_ours_by_name_or_by_word(name, claimed):
    document = Document(name, "metadata: {}\n", claimed=claimed)
    assert check_document(Snapshot().with_document(document), name)


def test_the_result_is_kept_for_the_same_settings_only():
    document = Document("x.modelspec.yaml", spec(count="0"))
    first = check_text(document, SCOPE)
    assert check_text(document, SCOPE) is first
    assert check_text(document, Scope(Config(ignore=("all",)))) == ()


def test_a_rule_that_raises_does_not_take_the_others_with_it(monkeypatch, caplog):
    def fail(_):
        raise RuntimeError("boom")

    modules = tuple(evolve(m, check=fail) if m.rule.code == "MS101" else m for m in all_rules() if m.rule.code < "MS15")
    choose(monkeypatch, modules)
    with caplog.at_level(logging.CRITICAL):
        found = findings(spec(count="0"))
    assert [(d.code, d.severity) for d in found] == [("MS000", Severity.INFORMATION), ("MS105", Severity.ERROR)]
    assert "MS101 (missing-required-field)" in found[0].message


def test_findings_come_in_the_order_of_the_text_and_once(only):
    def check(ctx):
        yield Finding("b", Span(4, 5))
        yield Finding("a", Span(0, 1))
        yield Finding("b", Span(4, 5))

    only(check, scope="file")
    assert [d.message for d in findings(MINIMAL)] == ["a", "b"]


def test_the_rest_is_counted():
    config = evolve(CONFIG, limits=Limits(max_findings_per_file=3))
    found = findings(spec(metadata="labels: {a: 1, b: 2, c: 3, d: 4, e: 5}\n"), config)
    assert [d.code for d in found] == ["MS103", "MS103", "MS103", "MS099"]
    assert found[-1].message == "2 more findings in this file are not shown."


def test_findings_on_repaired_text_are_dropped_unless_they_are_about_it(only):
    text = MINIMAL.replace("vendor: nvidia", "vendor:nvidia")
    here = Span(text.index("vendor:"), text.index("vendor:") + 6)

    def check(ctx):
        yield Finding("here", here)
        yield Finding("there", Span(0, 1))

    only(check)
    assert [d.message for d in findings(text)] == ["there"]
    only(check, on_broken=True)
    assert [d.message for d in findings(text)] == ["there", "here"]


def test_no_key_is_missing_where_a_line_was_dropped():
    text = MINIMAL.replace("      family: qwen3\n", "      ]]] family\n")
    assert [d.code for d in findings(text)] == ["MS001"]


def test_places_become_spans(only):
    def check(ctx):
        place = ctx.at(("metadata", "name"))
        related = (Related(ctx.at(("kind",), "key"), "see"), Related(Mark(1, 2, 3), "there", "other.yaml"))
        yield Finding("value", place, related=related)
        yield Finding("key", place._replace(part="key"))
        yield Finding("pair", place._replace(part="pair"))
        yield Finding("gone", ctx.at(("metadata", "labels", "a")))

    only(check)
    found = {d.message: d for d in findings(MINIMAL)}
    shown = {name: MINIMAL[slice(*d.span)] for name, d in found.items()}
    assert shown == {"value": "example", "key": "name", "pair": "name: example", "gone": "metadata"}
    assert {d.pointer for d in found.values()} == {"/metadata/name", "/metadata/labels/a"}
    here, there = found["value"].related
    assert (MINIMAL[slice(*here.span)], here.uri, here.mark) == ("kind", None, None)
    assert (there.uri, there.mark) == ("other.yaml", Mark(1, 2, 3))


def test_too_large_with_its_aliases_written_out():
    lines = "".join(f"  a{i}: [{', '.join([f'*x{i - 1}'] * 10)}]\n".replace("[", f"&x{i} [", 1) for i in range(1, 9))
    text = f"{MINIMAL}x:\n  a0: &x0 [1, 1]\n{lines}"
    (found,) = findings(text)
    assert (found.code, found.severity) == ("MS001", Severity.ERROR)
    assert "Replace the aliases by values." in found.message


def test_severity_by_settings():
    config = evolve(
        CONFIG, severity={"value-out-of-range": Severity.HINT, "MS1": Severity.WARNING, "all": Severity.ERROR}
    )
    found = findings(spec(count="0", id="1"), config)
    assert [(d.code, d.severity) for d in found] == [("MS103", Severity.WARNING), ("MS105", Severity.HINT)]


def test_fixes_that_do_not_apply_as_a_whole_do_not_apply():
    document = Document("x.modelspec.yaml", MINIMAL)
    place = Place(0, ("metadata", "name"))
    assert resolve_fix(document, Fix("both", (SetValue(place, "a"), RemovePair(Place(0, ("nothing",)))))) == ()
    assert resolve_fix(document, Fix("twice", (SetValue(place, "a"), SetValue(place, "b")))) == ()
    assert len(resolve_fix(document, Fix("once", (SetValue(place, "a"), ReplaceSpan(Span(0, 0), "# x\n"))))) == 2


def test_texts_that_are_checked_together_get_what_each_gets_alone():
    broken, other = "a: [1\nkind: ModelSpec\n", MINIMAL.replace("l40s", "l40x")
    texts = {
        "a": MINIMAL,
        "b": other,
        "c": broken,
        "d": "kind: Service\n",
        "modelspec": "[x]\n",
        "e": MINIMAL + "a: 1\n",
    }
    names = [f"{name}.modelspec.yaml" if name != "modelspec" else "modelspec.toml" for name in texts]
    alone = [Document(f"file:///w/{name}", text) for name, text in zip(names, texts.values(), strict=True)]
    together = [Document(d.uri, d.text) for d in alone]
    check_together([(document, Snapshot()) for document in together])
    kept = [document.memo.get("diagnostics") for document in together]
    assert [k is not None for k in kept] == [analysis.judged(document) for document in together]
    for one, other_one in zip(alone, together, strict=True):
        assert check_here(one, Snapshot()) == check_here(other_one, Snapshot())
