"""What a text asks not to be told is not told; what hides nothing is."""

import logging

import pytest
from attrs import evolve

from modelspec_ls.analysis import check_document, check_links, hidden_in, hidden_links
from modelspec_ls.core.config import Config
from modelspec_ls.rules.registry import all_rules
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.scopes import Scope
from modelspec_ls.workspace.suppressions import suppressions
from support.choice import choose
from support.specs import diagnose, fixed, spec
from support.workspace import folder

BAD = spec(count="two")


def codes(text, name="x.modelspec.yaml", config=None):
    return [d.code for d in diagnose(text, name, config or Config())]


def with_comment(comment, text=BAD):
    return text.replace("count: two", f"count: two  # {comment}")


def test_without_any():
    assert "MS103" in codes(BAD)


@pytest.mark.parametrize(
    "comment",
    [
        "modelspec-ignore: MS103", "modelspec-ignore: MS103 why not", "modelspec-ignore:wrong-type -- reason",
        "modelspec-ignore: MS402,MS103, wrong-type x", "modelspec-ignore: schema", "modelspec-ignore: MS1",
        "modelspec-ignore MS103", "later: # modelspec-ignore: ms103",
    ],
)  # fmt: skip
def test_at_the_end_of_the_line(comment):
    assert "MS103" not in codes(with_comment(comment))


def test_above_the_line():
    for comment in ("# modelspec-ignore: MS103 x\n", "# modelspec-ignore: MS103 x\n\n      # More.\n"):
        assert "MS103" not in codes(BAD.replace("      count: two", f"      {comment}      count: two"))


def test_for_the_file_within_its_first_lines():
    comment = "# modelspec-ignore-file: MS103 a template\n"
    assert "MS103" not in codes(comment + BAD)
    late = codes("#\n" * 10 + comment + BAD)
    assert "MS103" in late and "MS172" in late


@pytest.mark.parametrize("other", ["", "---\n" + BAD])
def test_for_a_document(other):
    annotated = BAD.replace("name: example\n", 'name: example\n  annotations:\n    modelspec/ignore: "MS103 -- why"\n')
    found = codes(annotated + other)
    assert found.count("MS103") == bool(other) and "MS172" not in found and "MS171" not in found


def test_in_json():
    import json

    import yaml

    data = yaml.safe_load(BAD)
    data["metadata"]["annotations"] = {"modelspec/ignore": "wrong-type"}
    assert "MS103" not in codes(json.dumps(data, indent=1), "x.modelspec.json")


@pytest.mark.parametrize(
    "text",
    [
        with_comment("modelspec-ignore: MS402 elsewhere"),
        BAD.replace("name: example", 'name: "x # modelspec-ignore: MS103"'),
        BAD.replace("name: example", "name: |\n    # modelspec-ignore-file: MS103"),
        with_comment("modelspec-ignored: MS103"),
        with_comment("nomodelspec-ignore: MS103"),
        BAD.replace("count: two", "count: two# modelspec-ignore: MS103"),
    ],
)
def test_what_is_no_suppression_of_it(text):
    assert {"MS103", "MS001"} & set(codes(text))


def test_order_and_ends_of_lines_do_not_matter():
    text = with_comment("modelspec-ignore: MS103 é𝄞")
    for layout in (text.replace("\n", "\r\n"), "\ufeff" + text, text.rstrip("\n")):
        assert "MS103" not in codes(layout)


# Useless ones


def useless(text, config=None):
    return [d for d in diagnose(text, config=config or Config()) if d.code == "MS172"]


@pytest.mark.parametrize("severity, word, part", [
    ("hint", "MS104", "MS104 does not speak here"),
    ("warning", "MS998", "There is no rule `MS998`"),
    ("warning", "wrong-typ", "did you mean `wrong-type`?"),
])  # fmt: skip
def test_useless(severity, word, part):
    text = with_comment(f"modelspec-ignore: MS103, {word} x")
    (finding,) = useless(text)
    assert (finding.severity.label, text[slice(*finding.span)]) == (severity, word) and part in finding.message


def test_one_without_rules():
    (finding,) = useless(with_comment("modelspec-ignore"))
    assert "names no rule" in finding.message


@pytest.mark.parametrize(
    "text, after",
    [
        (with_comment("modelspec-ignore: MS103, MS104 x"), with_comment("modelspec-ignore: MS103 x")),
        (with_comment("modelspec-ignore: MS104, MS103 x"), with_comment("modelspec-ignore: MS103 x")),
        (spec(count="2  # modelspec-ignore: MS104 x"), spec(count=2)),
        ("# modelspec-ignore-file: MS104 x\n" + spec(), spec()),
        (
            spec(metadata='annotations:\n  a: "b"\n  modelspec/ignore: MS104\n'),
            spec(metadata='annotations:\n  a: "b"\n'),
        ),
    ],
)
def test_removal(text, after):
    for layout in ("\n", "\r\n"):
        given = text.replace("\n", layout)
        (finding,) = useless(given)
        result = fixed(given, finding.fixes[-1])
        assert result == after.replace("\n", layout)
        assert useless(result) == []


def test_a_rule_that_does_not_run_is_not_judged():
    text = with_comment("modelspec-ignore: MS104 x")
    assert useless(text) != []
    assert useless(text, Config(ignore=("MS104",))) == []
    assert useless(text, Config(select=("MS103", "MS172"))) == []


def test_a_text_that_was_repaired_is_not_judged():
    assert useless(with_comment("modelspec-ignore: MS104 x") + "a: b: c\n") == []


def test_what_is_hidden_is_known():
    document = Document("file:///ws/x.modelspec.yaml", with_comment("modelspec-ignore: MS103 x"), claimed=True)
    check_document(folder({"x.modelspec.yaml": document.text}), document.uri)
    snapshot = folder({"x.modelspec.yaml": document.text})
    check_document(snapshot, document.uri)
    assert [d.code for d in hidden_in(snapshot.document(document.uri))] == ["MS103"]


# Across files

ENTRY = "pipeline:\n  dependencies:\n    - id: embedder\n      role: input\n      specRef: ./gone.modelspec.yaml{}\n"
COMMENT = "  # modelspec-ignore: MS801 another team's"


def across(files):
    snapshot = folder(files)
    key = "/ws/a.modelspec.yaml"
    return (
        [d.code for d in check_document(snapshot, f"file://{key}")],
        [d.code for d in hidden_links(snapshot.graph, key, Scope(snapshot.config))],
        [d.code for d in check_links(snapshot.graph, key, Scope(snapshot.config))],
    )


def test_findings_across_files_are_suppressed_open_and_closed():
    shown, hidden, told = across({"a.modelspec.yaml": spec(ENTRY.format(""))})
    assert "MS801" in shown and hidden == [] and told == ["MS801"]
    shown, hidden, told = across({"a.modelspec.yaml": spec(ENTRY.format(COMMENT))})
    assert "MS801" not in shown and hidden == ["MS801"] and told == []


def test_across_files_nothing_is_useless_where_one_file_is_known():
    here = {"a.modelspec.yaml": spec().replace("count: 1", f"count: 1{COMMENT}")}
    assert "MS172" not in across(here)[0]
    assert "MS172" in across({**here, "b.modelspec.yaml": spec().replace("example", "other")})[0]


def test_many_suppressions_are_quick_to_find():
    text = "# modelspec-ignore-file: MS104\n" * 3 + spec()
    document = Document("file:///ws/x.modelspec.yaml", text)
    assert len(suppressions(document)) == 3 and suppressions(document) is suppressions(document)


@pytest.mark.parametrize(
    "code, name, text",
    [
        ("MS172", "x.modelspec.yaml", with_comment("modelspec-ignore: MS104 x")),
        ("MS173", "modelspec.toml", "sellect = []\n"),
    ],
)
def test_when_it_fails_itself_that_is_reported_once(code, name, text, monkeypatch, caplog):
    def fail(_):
        raise RuntimeError(code)

    before = diagnose(text, name, Config())
    assert code in {d.code for d in before}
    broken = tuple(evolve(m, check=fail) if m.rule.code == code else m for m in all_rules())
    choose(monkeypatch, broken)
    with caplog.at_level(logging.CRITICAL):
        found = diagnose(text, name, Config())
    (report,) = [d for d in found if d.code == "MS000"]
    assert code in report.message
    assert [d.code for d in found if d.code != "MS000"] == [d.code for d in before if d.code != code]
