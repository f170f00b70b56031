"""One file that references reach by several names, as links lead there, is one spec."""

import pytest

from modelspec_ls.core.config import Limits
from modelspec_ls.ide.move import move
from modelspec_ls.lsp.session import Session
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.graph import Graph, Node
from modelspec_ls.workspace.lineage import heirs
from modelspec_ls.workspace.link import settle
from modelspec_ls.workspace.pipeline import totals
from modelspec_ls.workspace.snapshot import Snapshot
from support.links import needs_links
from support.specs import spec

pytestmark = needs_links
NAMES = ("real/e.modelspec.yaml", "one.modelspec.yaml", "two.modelspec.yaml", "tuned.modelspec.yaml")


def calling(name, ref):
    return spec(f"pipeline:\n  dependencies:\n    - {{id: e, role: input, specRef: {ref}}}\n", name=name)


@pytest.fixture
def root(tmp_path):
    root = tmp_path.resolve()
    (root / "real").mkdir()
    (root / "lnk").symlink_to("real")
    hint = "  annotations: {modelspec/base-model: ./lnk/e.modelspec.yaml}\nspec:"
    texts = (
        spec(name="e"),
        calling("one", "./lnk/e.modelspec.yaml"),
        calling("two", "./real/e.modelspec.yaml").replace(
            "dependencies:", "dependencies:\n      - {id: again, role: input, specRef: ./lnk/e.modelspec.yaml}"
        ),
        spec(name="tuned").replace("spec:", hint, 1),
    )
    for name, text in zip(NAMES, texts, strict=True):
        (root / name).write_text(text, encoding="utf-8")
    return root


def settled(graph, root, *names):
    keys = {f"{root.as_posix()}/{name}": None for name in names}
    return settle(graph, keys, Limits(), lambda key: key.startswith(f"{root.as_posix()}/") and "/lnk/" not in key)


def whole(root, order=NAMES):
    graph = Graph(roots=(root.as_posix(),))
    for name in order:
        graph = settled(graph, root, name)
    return graph


def keys_of(users):
    return sorted(user.node.key.rpartition("/")[2] for user in users)


@pytest.mark.parametrize("order", [NAMES, NAMES[::-1], (NAMES[1], NAMES[0], *NAMES[2:])])
def test_a_spec_behind_a_link_is_one_spec(root, order):
    graph = whole(root, order)
    key = f"{root.as_posix()}/real/e.modelspec.yaml"
    node = Node(key, 0)
    assert [n for n, s in graph.nodes() if s.name == "e"] == [node]
    assert keys_of(graph.incoming(node)) == ["one.modelspec.yaml", "two.modelspec.yaml", "two.modelspec.yaml"]
    assert keys_of(heirs(graph, node)) == ["tuned.modelspec.yaml"]
    assert totals(graph, Node(f"{root.as_posix()}/two.modelspec.yaml", 0), optional=True).specs == 2
    changed = Document(f"file://{key}", spec(name="other"))
    after = settle(graph, {key: changed}, Limits(), lambda _: True)
    assert {k.rpartition("/")[2] for k in after.touched_by(graph)} == {name.rpartition("/")[2] for name in NAMES}


def test_what_a_link_leads_to_goes_and_comes(root):
    graph = whole(root)
    text = (root / NAMES[0]).read_text(encoding="utf-8")
    (root / NAMES[0]).unlink()
    gone = settled(graph, root, NAMES[0])
    edges = gone.edges(Node(f"{root.as_posix()}/one.modelspec.yaml", 0))
    assert [edge.target.outcome for edge in edges] == ["missing"]
    assert f"{root.as_posix()}/one.modelspec.yaml" in gone.touched_by(graph)
    (root / NAMES[0]).write_text(text, encoding="utf-8")
    again = settled(gone, root, NAMES[0])
    assert again.files == graph.files
    assert f"{root.as_posix()}/one.modelspec.yaml" in again.touched_by(gone)
    # Nobody refers to it by the link any more.
    for name in NAMES[1:]:
        (root / name).unlink()
    rest = settled(again, root, *NAMES[1:])
    assert set(rest.files) == {f"{root.as_posix()}/{NAMES[0]}"}


def test_moves_leave_references_through_links_that_stay_true(root):
    graph, top = whole(root), root.as_posix()
    found = move(Snapshot(graph=graph), {f"{top}/one.modelspec.yaml": f"{top}/uno.modelspec.yaml"}, ())
    assert found.edits == ()
    found = move(Snapshot(graph=graph), {f"{top}/real/e.modelspec.yaml": f"{top}/f.modelspec.yaml"}, ())
    said = {edit.new_text for file in found.edits for edit in file.edits}
    assert said == {"./f.modelspec.yaml"}


def test_a_spec_and_a_link_to_it_beyond_the_workspace_are_one(root):
    (root / "ws").mkdir()
    for refs in (("lnk", "real"), ("real", "lnk")):
        hint = f"  annotations: {{modelspec/base-model: ../{refs[0]}/e.modelspec.yaml}}\nspec:"
        text = calling("three", f"../{refs[1]}/e.modelspec.yaml").replace("spec:", hint, 1)
        (root / "ws" / "three.modelspec.yaml").write_text(text, encoding="utf-8")
        graph = settled(Graph(), root / "ws", "three.modelspec.yaml")
        edges = graph.entries(Node(f"{root.as_posix()}/ws/three.modelspec.yaml", 0))
        assert {edge.target.key for edge in edges} == {f"{root.as_posix()}/{NAMES[0]}"}


def test_a_file_that_is_made_from_a_spec_twice_is_told_of_once(root):
    hint = "modelspec/base-model: ./lnk/e.modelspec.yaml, modelspec/draft-model: ./real/e.modelspec.yaml"
    text = spec(name="tuned").replace("spec:", f"  annotations: {{{hint}}}\nspec:", 1)
    (root / NAMES[3]).write_text(text, encoding="utf-8")
    found = heirs(whole(root), Node(f"{root.as_posix()}/{NAMES[0]}", 0))
    assert [user.reference.hint for user in found] == ["base-model", "draft-model"]


@pytest.mark.parametrize("how", ["the file is opened and closed", "the file is referred to"])
def test_a_link_of_the_workspace_to_a_spec_beyond_it_stays_one_of_it(root, how):
    (root / "ws").mkdir()
    link, real = root / "ws" / "l.modelspec.yaml", root / NAMES[0]
    link.symlink_to(real)
    session = Session()
    session.folders = [(root / "ws").as_posix()]
    session.disk_changed([link.as_posix()])
    assert session.snapshot.graph.named("e")
    if how == "the file is opened and closed":
        session.open(real.as_uri(), spec(name="e"), 1, "yaml")
        assert [node.key for node, _ in session.snapshot.graph.named("e")] == [real.as_posix()]
        session.close(real.as_uri())
    else:
        caller = root / "ws" / "caller.modelspec.yaml"
        caller.write_text(calling("caller", "../real/e.modelspec.yaml"), encoding="utf-8")
        session.disk_changed([caller.as_posix()])
        assert session.snapshot.graph.files[real.as_posix()].guest
        session.disk_changed([link.as_posix()])
    assert [node.key for node, _ in session.snapshot.graph.named("e")] == [link.as_posix()]


def test_saving_looks_again_at_what_a_link_beyond_the_workspace_leads_to(root):
    (root / "ws").mkdir()
    session = Session()
    session.folders = [(root / "ws").as_posix()]
    for name, folder in (("two", "real"), ("one", "lnk")):
        file = root / "ws" / f"{name}.modelspec.yaml"
        session.open(file.as_uri(), calling(name, f"../{folder}/e.modelspec.yaml"), 1, "yaml")
        assert session.snapshot.graph.entries(Node(file.as_posix(), 0))[0].target.key == (root / NAMES[0]).as_posix()
    (root / NAMES[0]).write_text(spec(name="other"), encoding="utf-8")
    session.look_again(file.as_posix())
    (edge,) = session.snapshot.graph.entries(Node(file.as_posix(), 0))
    assert edge.target.spec.name == "other"


def test_an_open_file_without_a_spec_counts_as_it_is_behind_a_link_too(root):
    link, real = root / "l.modelspec.yaml", root / NAMES[0]
    link.symlink_to(real)
    session = Session()
    session.folders = [root.as_posix()]
    session.disk_changed([(root / name).as_posix() for name in NAMES])
    for text, names in (("", []), (spec(name="e"), [real.as_posix()])):
        session.open(real.as_uri(), text, 1, "yaml")
        session.disk_changed([link.as_posix()])
        assert [node.key for node, _ in session.snapshot.graph.named("e")] == names
