"""Rules across files, both ways: what is found where, with which numbers, and that the way out works."""

import re

import pytest

from modelspec_ls.analysis import check_document, resolve_fix
from modelspec_ls.core.finding import Applicability
from modelspec_ls.core.text import apply_edits
from modelspec_ls.workspace.document import Document
from support.specs import spec
from support.workspace import folder, opened

ROOT = "/ws"


def entry(ref="", role="custom", **more):
    lines = [f"    - id: dep\n      role: {role}\n"]
    lines += [f"      specRef: {ref}\n"] if ref else []
    latency = more.pop("latency", None)
    lines += [f"      {key}: {value}\n" for key, value in more.items()]
    lines += [f"      interface:\n        maxLatencyMs: {latency}\n"] if latency is not None else []
    return "".join(lines)


def one(name="caller", *entries, scaling="", governance="", labels="", **values):
    body = f"operations:\n  scaling: {{{scaling}}}\n" if scaling else ""
    body += f"pipeline:\n  dependencies:\n{''.join(entries)}" if entries else ""
    body += f"governance:\n  compliance: {{{governance}}}\n" if governance else ""
    metadata = f"labels: {{{labels}}}\n" if labels else ""
    return spec(body, metadata=metadata, name=name, **values)


def steps(*names):
    lines = "".join(f"    - name: {name}\n      type: text_cleaning\n" for name in names)
    return spec(f"pipeline:\n  preprocess:\n    steps:\n{lines}", name="a")


def found(files, name="a.modelspec.yaml", codes="MS8|MS154"):
    snapshot = folder(files, ROOT)
    uri = f"file://{ROOT}/{name}"
    return [d for d in check_document(snapshot, uri) if re.match(codes, d.code)], snapshot.document(uri)


def brief(files, **more):
    return [f"{d.severity.label} {d.code}" for d in found(files, **more)[0]]


A, B = "a.modelspec.yaml", "b.modelspec.yaml"
CASES = {
    "there": ({A: one("a", entry("./b.modelspec.yaml")), B: one("b")}, []),
    "missing": ({A: one("a", entry("./b.modelspec.yaml"))}, ["warning MS801"]),
    "missing and optional": ({A: one("a", entry("./b.modelspec.yaml", required="false"))}, ["information MS801"]),
    "no such name": ({A: one("a", entry("bee"))}, ["warning MS801"]),
    "by name": ({A: one("a", entry("b")), B: one("b")}, []),
    "two of that name": (
        {A: one("a", entry("b")), B: one("b", labels="env: dev"), "c.modelspec.yaml": one("b", labels="env: prod")},
        ["information MS801"],
    ),
    "fetched by nobody": ({A: one("a", entry("git://host/x.yaml"))}, ["hint MS801"]),
    "a template": ({A: one("a", entry('"${REF}"'))}, []),
    "no such part": ({A: one("a", entry("./b.modelspec.yaml#x")), B: one("b")}, ["warning MS801"]),
    "several, unnamed": (
        {A: one("a", entry("./b.modelspec.yaml")), B: f"{one('b')}---\n{one('c')}"},
        ["information MS801"],
    ),
    "several, named": ({A: one("a", entry("./b.modelspec.yaml#c")), B: f"{one('b')}---\n{one('c')}"}, []),
    "another kind": ({A: one("a", entry("./b.yaml")), "b.yaml": "kind: Service\n"}, ["error MS802"]),
    "broken": ({A: one("a", entry("./b.yaml")), "b.yaml": "x: [\n"}, ["error MS802"]),
    "with errors": ({A: one("a", entry("./b.modelspec.yaml")), B: one("b", count="two")}, ["warning MS802"]),
    "itself": ({A: one("a", entry("./a.modelspec.yaml"))}, ["error MS803"]),
    "round": ({A: one("a", entry("./b.modelspec.yaml")), B: one("b", entry("a"))}, ["error MS803"]),
    "round, optionally": (
        {A: one("a", entry("./b.modelspec.yaml")), B: one("b", entry("a", required="false"))},
        ["warning MS803"],
    ),
    "same id": ({A: one("a", entry(), entry())}, ["warning MS804"]),
    "same spec twice": (
        {A: one("a", entry("./b.modelspec.yaml"), entry("b").replace("id: dep", "id: two")), B: one("b")},
        ["information MS804"],
    ),
    "same path from elsewhere": (
        # The second is looked up from the root too, and found there.
        {
            "x/a.modelspec.yaml": one("a", entry("./b.yaml", required="false"), entry("b.yaml").replace("dep", "two")),
            "b.yaml": one("b"),
            A: one("c"),
        },
        [],
    ),
    "same text that leads nowhere": (
        {A: one("a", entry("git://x/y"), entry("git://x/y").replace("id: dep", "id: two"))},
        ["hint MS801", "information MS804", "hint MS801"],
    ),
    "same spec in two roles": (
        {A: one("a", entry("b", "input"), entry("./b.modelspec.yaml").replace("id: dep", "id: two")), B: one("b")},
        [],
    ),
    "same step": ({A: steps("clean", "clean")}, ["warning MS804"]),
    "other steps": ({A: steps("clean", "trim")}, []),
    "over budget": (
        {A: one("a", entry(role="input", latency=90), scaling="targetLatencyMsP95: 80")},
        ["warning MS805"],
    ),
    "half of it": (
        {A: one("a", entry(role="input", latency=50), scaling="targetLatencyMsP95: 80")},
        ["information MS805"],
    ),
    "within": ({A: one("a", entry(role="input", latency=40), scaling="targetLatencyMsP95: 80")}, []),
    "not on the way": ({A: one("a", entry(role="custom", latency=90), scaling="targetLatencyMsP95: 80")}, []),
    "its own promise": (
        {
            A: one("a", entry("b", "input"), scaling="targetLatencyMsP95: 80"),
            B: one("b", scaling="targetLatencyMsP95: 90"),
        },
        ["warning MS805"],
    ),
    "slower than allowed": (
        {A: one("a", entry("b", latency=50)), B: one("b", scaling="targetLatencyMsP95: 120")},
        ["warning MS806"],
    ),
    "too few requests": (
        {A: one("a", entry("b"), scaling="targetRps: 9"), B: one("b", scaling="targetRps: 5")},
        ["warning MS806"],
    ),
    "asleep": ({A: one("a", entry("b", latency=50)), B: one("b", scaling="minReplicas: 0")}, ["information MS806"]),
    "no reranker": ({A: one("a", entry("b", "reranker")), B: one("b", task="embedding")}, ["warning MS807"]),
    "a reranker of one text": (
        {A: one("a", "    - {id: b, role: reranker, interface: {inputType: text}}\n")},
        ["information MS807"],
    ),
    "a reranker of one text with a spec": (
        {A: one("a", entry("b", "reranker", interface="{inputType: text}")), B: one("b", task="rerank")},
        [],
    ),
    "a reranker of pairs": (
        {A: one("a", entry("b", "reranker", interface="{inputType: text_pairs}")), B: one("b", task="rerank")},
        [],
    ),
    "a guardrail of vectors": (
        {A: one("a", entry("b", "guardrail", interface="{outputType: embedding}")), B: one("b", task="embedding")},
        ["warning MS807"],
    ),
    "a reranker": ({A: one("a", entry("b", "reranker")), B: one("b", task="rerank")}, []),
    "open guardrail": ({A: one("a", entry(role="guardrail", required="false"))}, ["information MS808"]),
    "stricter": (
        {A: one("a", entry("b"), governance="pii: {allowed: true}"), B: one("b", governance="pii: {allowed: false}")},
        ["warning MS809"],
    ),
    "production on a test": (
        {A: one("a", entry("b"), labels="env: prod"), B: one("b", labels="env: test")},
        ["warning MS809"],
    ),
    "keeps longer": (
        {
            A: one("a", entry("b"), governance="retention: {logsDays: 7}"),
            B: one("b", governance="retention: {logsDays: 30}"),
        },
        ["information MS809"],
    ),
    "same name": ({A: one("a"), B: one("a")}, ["warning MS154"]),
    "same Service": ({A: one("rag-llm"), B: one("Rag_LLM")}, ["warning MS154"]),
    "same name elsewhere": ({A: one("a", labels="env: prod"), B: one("a", labels="env: dev")}, []),
    "wrong types": ({A: spec("pipeline: {dependencies: 7}\n", name="a")}, []),
    "wrong types inside": ({A: one("a", "    - id: [x]\n      role: custom\n      specRef: {a: b}\n")}, []),
}


@pytest.mark.parametrize("files, expected", CASES.values(), ids=CASES)
def test_both_ways(files, expected):
    assert brief(files) == expected


@pytest.mark.parametrize(
    "files, expected", [c for c in CASES.values() if c[1]], ids=[n for n, c in CASES.items() if c[1]]
)
def test_the_way_out_works(files, expected):
    """Every fix applies, leaves a text that reads, and settles its finding."""
    diagnostics, document = found(files)
    for diagnostic in diagnostics:
        for fix in diagnostic.fixes:
            edits = resolve_fix(document, fix)
            after = dict(files)
            after[A] = apply_edits(document.text, list(edits))
            for made in fix.creates:
                after[made.uri.removeprefix(f"file://{ROOT}/")] = made.text
            assert after != files
            assert not Document("file:///x.modelspec.yaml", after[A]).tree.problems
            left = [d for d in found(after)[0] if (d.code, d.pointer) == (diagnostic.code, diagnostic.pointer)]
            assert not left or fix.creates or left[0].message != diagnostic.message


def test_messages_name_both_sides():
    files = {A: one("a", entry("b", latency=50)), B: one("b", scaling="targetLatencyMsP95: 120")}
    (slow,), document = found(files)
    assert "budgeted 50 ms here, but its own spec promises 120 ms (P95, b.modelspec.yaml:" in slow.message
    (there,) = slow.related
    assert there.uri == f"file://{ROOT}/{B}" and there.mark.line == files[B].splitlines().index(
        "    scaling: {targetLatencyMsP95: 120}"
    )
    assert document.text[slice(*slow.span)] == "50"


def test_the_whole_way_round_is_shown():
    files = {
        A: one("a", entry("./b.modelspec.yaml")),
        B: one("b", entry("./c.modelspec.yaml")),
        "c.modelspec.yaml": one("c", entry("./a.modelspec.yaml")),
    }
    (circle,), _ = found(files)
    assert "Circular dependency: a → b → c → a." in circle.message
    assert [r.uri.rpartition("/")[2] for r in circle.related] == [B, "c.modelspec.yaml"]


def test_a_wrong_ending_is_fixed_for_certain():
    files = {A: one("a", entry("./b.modelspec.yml")), B: one("b")}
    (missing,), document = found(files)
    assert "Did you mean `./b.modelspec.yaml`?" in missing.message
    assert missing.fixes[0].applicability is Applicability.SAFE
    text = apply_edits(document.text, list(resolve_fix(document, missing.fixes[0])))
    assert brief({**files, A: text}) == []


@pytest.mark.parametrize("ident", ["yes", "1.0", "embedder"])
def test_the_spec_that_is_made_says_what_is_known(ident):
    dependency = entry("./new.modelspec.yaml", "reranker", latency=40).replace("id: dep", f'id: "{ident}"')
    files = {A: one("a", dependency, labels="env: prod")}
    (missing,), _ = found(files)
    (create,) = next(fix for fix in missing.fixes if fix.creates).creates
    made = found({**files, "new.modelspec.yaml": create.text}, "new.modelspec.yaml", "MS1")[0]
    assert {d.code for d in made} <= {"MS101", "MS103", "MS107", "MS151"}
    assert "task: rerank" in create.text and "targetLatencyMsP95: 40" in create.text
    graph = folder({"new.modelspec.yaml": create.text}, ROOT).graph
    assert [s.name for _, s in graph.nodes()] == [ident]


@pytest.mark.parametrize(
    "ref, made, written",
    [
        ("bee", "bee.modelspec.yaml", "bee"),
        ("name:bee", "bee.modelspec.yaml", "name:bee"),
        ("./deps/bee.modelspec.json", "deps/bee.modelspec.json", "./deps/bee.modelspec.json"),
        ("./deps/bee", "deps/bee.modelspec.yaml", "./deps/bee.modelspec.yaml"),
        ("./deps/bee#bee", "deps/bee.modelspec.yaml", "./deps/bee.modelspec.yaml#bee"),
        ("/deps/bee.yaml", "deps/bee.yaml", "/deps/bee.yaml"),
    ],
)
def test_a_missing_spec_can_be_made(ref, made, written):
    files = {A: one("a", entry(ref, latency=2.5).replace("id: dep", "id: bee"))}
    (missing,), document = found(files)
    (fix,) = (fix for fix in missing.fixes if fix.creates)
    (create,) = fix.creates
    assert create.uri == f"file://{ROOT}/{made}"
    after = {A: apply_edits(document.text, list(resolve_fix(document, fix))), made: create.text}
    assert f"specRef: {written}\n" in after[A]
    assert [d.code for d in found(after)[0]] in ([], ["MS802"])  # It is found; some of it is still to be written.
    assert [spec.name for _, spec in folder({made: create.text}, ROOT).graph.nodes()] == ["bee"]
    assert "2.5" in create.text


@pytest.mark.parametrize("ref", ["./deps/", "./.modelspec.yaml", "./x.txt", "../../out/bee.yaml", "a b c", "x:y"])
def test_what_is_no_name_of_a_spec_is_not_made(ref):
    diagnostics, _ = found({A: one("a", entry(ref))})
    assert not any(fix.creates for d in diagnostics for fix in d.fixes)


def test_a_circle_is_broken_where_two_entries_lead_the_same_way():
    other = one("b", entry("./a.modelspec.yaml"))
    files = {A: one("a", entry("b"), entry("./b.modelspec.yaml").replace("id: dep", "id: two")), B: other}
    diagnostics, document = found(files, codes="MS803")
    assert len(diagnostics) == 2
    for diagnostic in diagnostics:
        (fix,) = diagnostic.fixes
        assert fix.title == "Break the circle: remove the dependencies `dep` and `two`"
        text = apply_edits(document.text, list(resolve_fix(document, fix)))
        assert found({**files, A: text}, codes="MS1|MS8")[0] == []
    kept = {A: one("a", entry("b"), entry(B).replace("dep", "two"), entry("c").replace("dep", "c")), B: other}
    kept["c.modelspec.yaml"] = one("c")
    diagnostics, document = found(kept, codes="MS803")
    text = apply_edits(document.text, list(resolve_fix(document, diagnostics[0].fixes[0])))
    assert "id: c" in text and "id: dep" not in text and found({**kept, A: text})[0] == []


def test_very_many_entries_that_close_a_circle_are_told_shortly():
    text = one("a", *(entry("./a.modelspec.yaml").replace("id: dep", f"id: dep{n}") for n in range(300)))
    diagnostics, document = found({A: text}, codes="MS803")
    (fix,) = (fix for diagnostic in diagnostics for fix in diagnostic.fixes)
    assert fix.title.endswith("`dep11` and 288 more")
    after = apply_edits(document.text, list(resolve_fix(document, fix)))
    assert found({A: after}, codes="MS803")[0] == []


@pytest.mark.parametrize(
    "length, words", [(13, "s6 → s7 → s8"), (14, "s6 → … 1 more … → s8"), (40, "s6 → … 27 more … → s34")]
)
def test_a_long_circle_says_how_many_are_left_out(length, words):
    files = {f"s{n}.modelspec.yaml": one(f"s{n}", entry(f"s{(n + 1) % length}")) for n in range(length)}
    (circle,), _ = found(files, "s0.modelspec.yaml", codes="MS803")
    assert words in circle.message
    assert circle.message.count("→") == min(length, 14)


def test_among_very_many_a_long_way_round_is_not_looked_for(monkeypatch):
    monkeypatch.setattr("modelspec_ls.workspace.graph._MOST_STEPS", 0)
    for length, words in ((40, "… 27 more …"), (80, "s0 → s1 is part of a circle among 80 specs")):
        files = {f"s{n}.modelspec.yaml": one(f"s{n}", entry(f"s{(n + 1) % length}")) for n in range(length)}
        (circle,), _ = found(files, "s0.modelspec.yaml", codes="MS803")
        assert words in circle.message
        assert circle.fixes[0].title == "Break the circle: remove the dependency `dep`"


def test_the_place_of_a_latency_that_is_a_sum():
    files = {
        A: one("a", entry("b", "input"), scaling="targetLatencyMsP95: 80"),
        B: one("b", entry("c", "input", latency=90)),
        "c.modelspec.yaml": one("c"),
    }
    (over,), _ = found(files, codes="MS805")
    (there,) = over.related
    assert there.message == "what `dep` depends on may take 90 ms"
    assert there.mark.line == files[B].splitlines().index("  pipeline:") + 1


def test_a_text_in_no_folder():
    document = Document("untitled:Untitled-1", one("a", entry("./b.modelspec.yaml"), entry("b.yaml")), declared=True)
    messages = [d.message for d in check_document(opened(document), document.uri) if d.code == "MS801"]
    assert messages == [
        f"`{ref}` is not looked up: this text lies in no folder yet. Save it first."
        for ref in ("./b.modelspec.yaml", "b.yaml")
    ]
