"""Which spec a name or an id means: the nearest, the same one for every feature."""

import pytest

from modelspec_ls.analysis import check_links
from modelspec_ls.ide import hierarchy
from modelspec_ls.ide.claims import claim_markdown
from modelspec_ls.ide.navigation import definition, references
from modelspec_ls.ide.pipeline import lenses
from modelspec_ls.workspace.graph import Node
from support.specs import spec
from support.workspace import folder

ROOT = "/nowhere/ws"


def caller(entry, name="caller"):
    return spec(f"pipeline:\n  dependencies:\n    - role: custom\n      {entry}\n", name=name)


def uri(name):
    return f"file://{ROOT}/{name}"


def led_to(files, name):
    """The file that the only dependency of a spec leads to, or the outcome."""
    snapshot = folder(files, ROOT)
    (edge,) = snapshot.graph.edges(Node(f"{ROOT}/{name}", 0))
    return edge.target.key.removeprefix(f"{ROOT}/") if edge.target.outcome == "spec" else edge.target.outcome


@pytest.mark.parametrize(
    ("asks", "others", "found"),
    [
        ("prod/a.yaml", ["prod/x.yaml", "staging/x.yaml", "x.yaml"], "prod/x.yaml"),
        ("prod/a.yaml", ["prod/deps/x.yaml", "x.yaml", "staging/x.yaml"], "prod/deps/x.yaml"),
        ("prod/eu/a.yaml", ["prod/us/x.yaml", "staging/x.yaml"], "prod/us/x.yaml"),
        ("prod/eu/a.yaml", ["prod/x.yaml", "prod/us/x.yaml"], "ambiguous"),
        ("prod/a.yaml", ["staging/x.yaml", "test/x.yaml"], "ambiguous"),
        ("prod/a.yaml", ["prod/x.yaml", "prod/y.yaml"], "ambiguous"),
        ("a.yaml", ["x.yaml", "deps/x.yaml"], "x.yaml"),
    ],
)
def test_of_a_shared_name_the_nearest_is_meant(asks, others, found):
    files = {asks: caller("specRef: shared"), **{name: spec(name="shared") for name in others}}
    assert led_to(files, asks) == found


def test_the_same_file_is_nearest():
    files = {
        "a.yaml": caller("specRef: shared") + "---\n" + spec(name="shared"),
        "b.yaml": spec(name="shared"),
    }
    assert led_to(files, "a.yaml") == "a.yaml"


def test_what_cannot_be_decided_lists_those_that_are_equally_near():
    files = {
        "prod/a.yaml": caller("specRef: shared"),
        "prod/b.yaml": spec(name="shared"),
        "prod/c.yaml": spec(name="shared"),
        "staging/b.yaml": spec(name="shared"),
    }
    snapshot = folder(files, ROOT)
    key = f"{ROOT}/prod/a.yaml"
    messages = [d.message for d in check_links(snapshot.graph, key, snapshot.scope(uri("prod/a.yaml")))]
    assert "2 specs called `shared` are equally near: `b.yaml` and `c.yaml`. Name one by its path." in messages
    at = files["prod/a.yaml"].index("specRef: ") + 9
    places = definition(snapshot, uri("prod/a.yaml"), at)
    assert [place.uri for place in places] == [uri("prod/b.yaml"), uri("prod/c.yaml")]


def test_a_file_with_two_of_a_name_is_listed_and_offered_once():
    two = spec(name="shared") + "---\n" + spec(name="shared")
    files = {"a.yaml": caller("specRef: shared"), "b.yaml": two, "c.yaml": spec(name="shared")}
    snapshot = folder(files, ROOT)
    found = check_links(snapshot.graph, f"{ROOT}/a.yaml", snapshot.scope(uri("a.yaml")))
    (finding,) = (f for f in found if f.code == "MS801")
    assert finding.message == "3 specs called `shared` are equally near: `b.yaml` and `c.yaml`. Name one by its path."
    # The first spec of a file is taken without a name behind its path.
    assert [fix.title for fix in finding.fixes] == ["Refer to `./b.yaml#shared`", "Refer to `./c.yaml`"]


def test_a_claim_lists_a_file_with_two_models_of_a_name_once():
    model = "apiVersion: llmaz.io/v1alpha1\nkind: OpenModel\nmetadata:\n  name: qwen\n"
    play = "apiVersion: inference.llmaz.io/v1alpha1\nkind: Playground\nspec:\n  modelClaim:\n    modelName: qwen\n"
    snapshot = folder({"m.yaml": f"{model}---\n{model}", "n.yaml": model, "p.yaml": play}, ROOT)
    document = snapshot.document(uri("p.yaml"))
    said = claim_markdown(snapshot, document, play.index("qwen") + 1)
    assert said == "Several OpenModels called `qwen` are equally near: `m.yaml` and `n.yaml`."


FILES = {
    "a.yaml": caller("id: target"),
    "b.yaml": caller("id: other\n      specRef: ./t.yaml", name="second"),
    "t.yaml": spec(name="target"),
}


def test_an_id_without_a_reference_is_a_use():
    snapshot = folder(FILES, ROOT)
    name = FILES["t.yaml"].index("name: ") + 6
    found = references(snapshot, uri("t.yaml"), name, declaration=False)
    line = FILES["a.yaml"][: FILES["a.yaml"].index("id: target")].count("\n")
    assert [place.uri for place in found] == [uri("a.yaml"), uri("b.yaml")]
    assert found[0].mark.line == line
    assert references(snapshot, uri("a.yaml"), FILES["a.yaml"].index("id: target") + 5, declaration=False) == found
    assert [lens.title for lens in lenses(snapshot, uri("t.yaml"))] == ["Used by 2 specs"]
    calls = hierarchy.incoming(snapshot, Node(f"{ROOT}/t.yaml", 0))
    assert [call.item.name for call in calls] == ["caller", "second"]
    (out,) = hierarchy.outgoing(snapshot, Node(f"{ROOT}/a.yaml", 0))
    assert out.item.name == "target" and out.places[0].mark.line == line


@pytest.mark.parametrize(
    "changes",
    [
        {"c.yaml": spec(name="target")},  # Two are equally near.
        {"a.yaml": caller("id: target\n      specRef: ./gone.yaml")},
        {"a.yaml": caller("id: target\n      specRef: ${REF}")},
        {"a.yaml": caller("id: elsewhere")},
        {"a.yaml": caller("id: caller")},  # Its own name.
    ],
)
def test_an_id_that_means_no_spec_is_no_use(changes):
    snapshot = folder({**FILES, **changes}, ROOT)
    for key in ("t.yaml", "a.yaml"):
        users = snapshot.graph.users(Node(f"{ROOT}/{key}", 0))
        assert f"{ROOT}/a.yaml" not in [user.node.key for user in users]


def test_nothing_is_checked_of_what_only_an_id_names():
    snapshot = folder({**FILES, "t.yaml": caller("specRef: caller", name="target")}, ROOT)
    for key in ("a.yaml", "t.yaml"):
        codes = {d.code for d in check_links(snapshot.graph, f"{ROOT}/{key}", snapshot.scope(uri(key)))}
        assert "MS803" not in codes
