"""OpenModels and their claims in the graph: facts, what a change touches, what the cache holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelspec_ls.analysis import check_links
from modelspec_ls.core.config import Config, Limits
from modelspec_ls.workspace.cache import Cache, digest
from modelspec_ls.workspace.discover import discover
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.entries import Claim
from modelspec_ls.workspace.facts import file_facts
from modelspec_ls.workspace.graph import Graph, Node
from modelspec_ls.workspace.kinds import Standing, claims
from modelspec_ls.workspace.pipeline import totals
from modelspec_ls.workspace.scopes import Scope
from support.llmaz import HUB, claiming, findings, open_model, playground
from support.specs import MINIMAL, spec
from support.workspace import folder

CONFIG = Config()
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n"


def standings(text, name="a.yaml", **how):
    return [role.standing for role in Document(f"file:///ws/{name}", text, **how).roles]


@pytest.mark.parametrize(
    "text, standing",
    [
        ("apiVersion: llmaz.io/v1alpha1\nkind: OpenModel\n", Standing.NEIGHBOUR),
        ("apiVersion: llmaz.io/v1\nkind: OpenModel\n", Standing.NEIGHBOUR),
        ("kind: OpenModel\n", Standing.NEIGHBOUR),
        ("apiVersion: llmaz.io/v1alpha1\n", Standing.NEIGHBOUR),
        ("apiVersion: llmaz.io/v1alpha1\nkind: OpenModle\n", Standing.NEIGHBOUR),
        ("apiVersion: llmaz.io/v1alpha1\nkind: Something\n", Standing.OTHER),
        ("apiVersion: acme.io/v1\nkind: OpenModel\n", Standing.OTHER),
        ("apiVersion: inference.llmaz.io/v1alpha1\nkind: Playground\n", Standing.CLAIM),
        ("apiVersion: inference.llmaz.io/v1alpha1\nkind: Service\n", Standing.CLAIM),
        ("apiVersion: inference.llmaz.io/v1alpha1\nkind: BackendRuntime\n", Standing.OTHER),
        (SERVICE, Standing.OTHER),
    ],
)
def test_standing(text, standing):
    assert standings(text) == [standing]


def test_others_in_the_stream():
    stream = f"{open_model()}---\n{SERVICE}---\nmetadata: {{name: headless}}\nspec: {{}}\n"
    expected = [Standing.NEIGHBOUR, Standing.OTHER, Standing.OTHER]
    assert standings(stream) == expected
    # Whatever the user, the editor or another tool says of the file.
    assert standings(stream, claimed=True) == standings(stream, declared=True) == expected
    assert standings(f"{MINIMAL}---\n{open_model()}", "a.modelspec.yaml") == [Standing.SPEC, Standing.NEIGHBOUR]


@pytest.mark.parametrize("text", [open_model(), claiming("a"), '{"kind": "OpenModel"}', "a: 1\n---\nkind: OpenModel\n"])
def test_a_cheap_look_finds_them(text, tmp_path):
    assert claims(text)
    (tmp_path / "any.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(SERVICE, encoding="utf-8")
    assert [found.path.rpartition("/")[2] for found in discover([str(tmp_path)], Limits())] == ["any.yaml"]


def facts_of(text):
    return file_facts(Document("file:///ws/a.yaml", text))


def test_facts():
    text = open_model(HUB, "name: l40s", "limits: {}", "name: [x]")
    (model,) = facts_of(text).specs
    assert (model.kind, model.name, model.model, model.flavors) == (
        "OpenModel",
        "qwen3-8b",
        "Qwen/Qwen3-8B",
        ("l40s", "", ""),
    )
    found = facts_of(
        playground("modelClaims:\n  models: [{name: a}, {name: b, role: draft}, {role: 1}, 7]\n  inferenceFlavors: [x]")
    )
    assert (found.state, found.what, found.specs) == ("other", "a Playground", ())
    (claim,) = found.claims
    assert [(r.spec_ref, r.role) for r in claim.references] == [("a", "main"), ("b", "draft"), ("", ""), ("", "main")]
    assert claim.flavors == ("x",)


def test_an_edit_elsewhere_leaves_facts_equal():
    before = facts_of(f"{open_model()}---\n{claiming('qwen3-8b')}")
    after = facts_of(f"{open_model()}---\n{claiming('qwen3-8b')}  other: 1\n")
    assert before == after


def test_facts_survive_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MODELSPEC_CACHE", str(tmp_path))
    facts = facts_of(f"{open_model(HUB, 'name: l40s')}---\n{claiming('qwen3-8b', 'l40s')}")
    cache = Cache.open("facts", "x")
    cache.put("a", digest("x"), facts)
    cache.save()
    again = Cache.open("facts", "x").get("a", digest("x"))
    assert again == facts and isinstance(again.claims[0].references[0], Claim)


NAMES = ("a", "ab", "b")
models = st.builds(
    lambda name, flavors: open_model(HUB, *(f"name: {f}" for f in flavors), name=name),
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(["x", "y"]), max_size=2, unique=True),
)
plays = st.one_of(
    st.builds(
        lambda name, flavors: claiming(name, *flavors),
        st.sampled_from(NAMES),
        st.lists(st.sampled_from("xyz"), max_size=2),
    ),
    st.builds(
        lambda one, two, role: playground(f"modelClaims:\n  models: [{{name: {one}}}, {{name: {two}, role: {role}}}]"),
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.sampled_from(["main", "draft", "lora"]),
    ),
)
named = st.sampled_from(NAMES).map(lambda name: spec(name=name))
users = st.sampled_from([*NAMES, "./0.yaml", "./0.yaml#a"]).map(
    lambda ref: spec(f"pipeline:\n  dependencies:\n    - {{id: d, role: input, specRef: '{ref}'}}\n", name="user")
)
texts = st.lists(st.one_of(models, plays, named, users), min_size=1, max_size=2).map("---\n".join)
KEYS = ("/ws/0.yaml", "/ws/1.yaml", "/ws/d/2.yaml")
steps = st.dictionaries(st.sampled_from(KEYS), st.one_of(st.none(), texts), min_size=1, max_size=3)


def told(graph):
    fresh = Graph(roots=graph.roots).with_files(graph.files)
    return {key: check_links(fresh, key, Scope(CONFIG)) for key in fresh.files}


@settings(max_examples=80, deadline=None)
@given(st.lists(steps, min_size=2, max_size=4))
def test_whatever_changes_is_touched(drawn):
    before = Graph(roots=("/ws",))
    for step in drawn:
        changes = {k: file_facts(Document(f"file://{k}", text)) if text else None for k, text in step.items()}
        graph = before.with_files(changes)
        missing = {m for key in graph.files for m in graph.wanted(key)}
        graph = graph.with_files({key: file_facts(Document(f"file://{key}", "")) for key in missing})
        old, new = told(before), told(graph)
        differ = {key for key in {*old, *new} if old.get(key, ()) != new.get(key, ())}
        assert differ <= graph.touched_by(before)
        assert not [d for found in new.values() for d in found if d.code == "MS000"]
        before = graph


PIPELINE = "pipeline:\n  dependencies:\n    - id: llm\n      role: {}\n      specRef: {}\n"


@pytest.mark.parametrize("ref", ["./m.yaml", "m.yaml#qwen3-8b", "qwen3-8b", "name:qwen3-8b"])
def test_a_dependency_may_be_an_open_model(ref):
    files = {"x.modelspec.yaml": spec(PIPELINE.format("input", ref)), "m.yaml": open_model(HUB, "name: l40s")}
    assert [d.code for d in findings(files, "x.modelspec.yaml") if d.code.startswith("MS8")] == []
    graph = folder(files).graph
    found = totals(graph, Node("/ws/x.modelspec.yaml", 0), optional=True)
    assert (found.specs, found.uncounted, found.unresolved) == (2, 1, ())


def test_a_dependency_on_a_playground_is_none():
    files = {"x.modelspec.yaml": spec(PIPELINE.format("input", "./p.yaml")), "p.yaml": claiming("a")}
    found = [d for d in findings(files, "x.modelspec.yaml") if d.code == "MS802"]
    assert "is a Playground, not a ModelSpec" in found[0].message


def test_errors_of_an_open_model_are_told_to_who_depends_on_it():
    files = {"x.modelspec.yaml": spec(PIPELINE.format("input", "./m.yaml")), "m.yaml": open_model() + "  x: 1\n"}
    assert [d.code for d in findings(files, "x.modelspec.yaml") if d.code == "MS802"] == ["MS802"]
