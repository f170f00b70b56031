"""The graph of a workspace: step by step it equals one made at once, and its answers are those of brute force."""

from __future__ import annotations

import posixpath
from itertools import pairwise

import pytest
from attrs import fields
from hypothesis import given, settings
from hypothesis import strategies as st

from modelspec_ls.analysis import check_links, faults
from modelspec_ls.core.config import Config, Limits
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.entries import BASE_MODEL, DEPENDENCIES, HintReference, Reference
from modelspec_ls.workspace.facts import FileFacts, SpecFacts, file_facts
from modelspec_ls.workspace.graph import Graph, Node
from modelspec_ls.workspace.lineage import heirs, line
from modelspec_ls.workspace.link import link, settle, unlink
from modelspec_ls.workspace.naming import service_name
from modelspec_ls.workspace.pipeline import Devices, Load, replicas, totals
from modelspec_ls.workspace.scopes import Scope
from modelspec_ls.workspace.snapshot import Snapshot
from support.workspace import folder

ROOTS = ("/ws",)
CONFIG = Config()
KEYS = ("/ws/a.yaml", "/ws/b.yaml", "/ws/d/c.yaml", "/ws/d/e.yaml", "/out/g.yaml")
NAMES = ("a", "b", "A_", "c", "")
REFS = (
    "./a.yaml", "./b.yaml", "d/c.yaml", "../a.yaml", "c.yaml", "/d/e.yaml", "#b", "b.yaml#b", "./b.yml",
    "../out/g.yaml", "a", "b", "name:c", "git://host/x", "${X}", "", ".",
)  # fmt: skip

references = st.builds(
    lambda ref, role, required, id_: (id_, role, ref, required),
    st.sampled_from(REFS),
    st.sampled_from(["input", "custom", "guardrail"]),
    st.booleans(),
    st.sampled_from(["a", "b", "x"]),
)
PATHS = [ref for ref in REFS if "/" in ref or "#" in ref]
bases = st.lists(st.sampled_from([*PATHS, "https://host/x.yaml"]), max_size=1)
specs = st.tuples(st.sampled_from(NAMES), st.sampled_from(["", "prod", "dev"]), st.lists(references, max_size=3), bases)


def made(key, drawn):
    """Facts of a file from plain values; None: it is gone."""
    kind, parts = drawn
    uri = f"file://{key}"
    if kind == "gone":
        return None
    if kind != "specs":
        return FileFacts(uri, kind, what="a folder" if kind == "folder" else "broken YAML", guest=True)
    return FileFacts(
        uri,
        "specs",
        tuple(
            SpecFacts(
                document=number,
                name=name,
                environment=environment,
                references=tuple(
                    Reference(n, id_, role, ref, required) for n, (id_, role, ref, required) in enumerate(refs)
                ),
                lineage=tuple(HintReference(-1, "", "", base) for base in bases),
                target_latency_ms=100.0 if environment else None,
                marks=dict.fromkeys(((), *[DEPENDENCIES] * bool(refs), *[BASE_MODEL] * bool(bases)), (0, 0, 0, "")),
            )
            for number, (name, environment, refs, bases) in enumerate(parts)
        ),
        guest=key.startswith("/out/"),
    )


states = st.one_of(
    st.tuples(st.just("specs"), st.lists(specs, min_size=1, max_size=2)),
    st.tuples(st.sampled_from(["missing", "folder", "broken", "gone"]), st.just([])),
)
changes = st.dictionaries(st.sampled_from(KEYS), states, max_size=3)


def seen_to_the_end(graph):
    """The graph with nothing left to look at: what no step wrote is not there."""
    while unread := {mention for key in graph.files for mention in graph.wanted(key)}:
        graph = graph.with_files({key: FileFacts(f"file://{key}", "missing", guest=True) for key in unread})
    return graph


def after(graph, drawn):
    return seen_to_the_end(graph.with_files({key: made(key, state) for key, state in drawn.items()}))


def answers(graph):
    """All that can be asked, as plain values."""
    nodes = sorted(node for node, _ in graph.nodes())
    edges = [edge for node in nodes for edge in graph.edges(node)]
    offers = graph.offers()
    return {
        "edges": edges,
        "incoming": {node: graph.incoming(node) for node in nodes},
        "users": {node: graph.users(node) for node in nodes},
        "heirs": {node: heirs(graph, node) for node in nodes},
        "lines": [list(line(graph, edge)) for node in nodes for edge in graph.lineage(node.key, graph.spec(node))],
        "referrers": {key: graph.referrers(key) for key in sorted(graph.files)},
        "mentions": {key: graph.mentions(key) for key in sorted(graph.files)},
        "alike": {name: graph.alike(name) for name in NAMES},
        "named": {name: graph.named(name) for name in NAMES},
        "asking": {name: set(graph.asking_for(name)) for name in NAMES},
        "component": {node: graph.component(node) for node in nodes},
        "cycle": [tuple(step.source for step in graph.cycle(edge)) for edge in edges],
        "closure": {
            (node, optional): set(graph.closure(node, optional=optional))
            for node in nodes
            for optional in (True, False)
        },
        "offers": (dict(offers.by_file), dict(offers.by_folder), dict(offers.by_name)),
        "dangling": graph.dangling(),
        "names": graph.names(),
    }


def hints_of(graph):
    return [edge for node, spec in graph.nodes() for edge in graph.lineage(node.key, spec)]


@given(st.lists(changes, min_size=1, max_size=4))
def test_step_by_step_equals_at_once(steps):
    graph = Graph(roots=ROOTS)
    for drawn in steps:
        graph = after(graph, drawn)
    at_once = Graph(roots=ROOTS).with_files(dict(sorted(graph.files.items())))
    assert answers(graph) == answers(at_once)
    assert answers(graph.with_roots(("/ws/d",)).with_roots(ROOTS)) == answers(at_once)


@given(changes, changes)
def test_a_graph_does_not_change(first, second):
    graph = after(Graph(roots=ROOTS), first)
    before = answers(graph)
    after(graph, second)
    fresh = Graph(roots=ROOTS).with_files(graph.files)
    assert answers(graph) == before == answers(fresh)
    assert graph.with_files(dict(graph.files)) is graph


def reachable(graph, start):
    out, queue = set(), [start]
    while queue:
        for node in graph.successors(queue.pop()):
            if node not in out:
                out.add(node)
                queue.append(node)
    return out


@given(st.dictionaries(st.sampled_from(KEYS), states, min_size=3))
def test_circles_are_those_of_brute_force(drawn):
    graph = after(Graph(roots=ROOTS), drawn)
    reach = {node: reachable(graph, node) for node, _ in graph.nodes()}
    for node, far in reach.items():
        assert graph.component(node) == {node} | {other for other in far if node in reach[other]}
        everything = graph.closure(node, optional=True)
        assert everything[0] == node
        assert len(set(everything)) == len(everything)
        assert set(everything) == {node} | far
        assert set(graph.closure(node, optional=False)) <= set(everything)
        for edge in graph.edges(node):
            circle = graph.cycle(edge)
            target = edge.target.node
            assert bool(circle) == (target is not None and (target == node or node in reach[target]))
            if circle:
                assert circle[0] == edge
                for step, following in zip(circle, (*circle[1:], circle[0]), strict=True):
                    assert step.target.node == following.source
                assert len(circle) == 1 + distance(graph, target, node)


def distance(graph, start, goal):
    """The fewest edges from one node to another, by waves."""
    count, wave, seen = 0, {start}, {start}
    while goal not in wave:
        wave = {after for node in wave for after in graph.successors(node)} - seen
        seen |= wave
        count += 1
    return count


@given(st.dictionaries(st.sampled_from(KEYS), states, min_size=3))
def test_who_is_made_from_a_spec(drawn):
    graph = after(Graph(roots=ROOTS), drawn)
    for node, _ in graph.nodes():
        assert [user.node for user in heirs(graph, node)] == sorted(
            edge.source for edge in hints_of(graph) if edge.target.node == node
        )
    for edge in hints_of(graph):
        steps = list(line(graph, edge))
        assert steps[0] == edge
        assert all(step.source == before.target.node for before, step in pairwise(steps))


def findings(graph):
    """What rules across files say, and what the specs above a text are, which its memory rests on."""
    fresh = Graph(roots=graph.roots).with_files(graph.files)
    told = {key: [*check_links(fresh, key, Scope(CONFIG))] for key in fresh.files}
    for edge in hints_of(fresh):
        told[edge.source.key] += [step.target.spec for step in line(fresh, edge)]
    return told


@settings(max_examples=200)
@given(st.lists(changes, min_size=2, max_size=4))
def test_whatever_changes_is_touched(steps):
    before = Graph(roots=ROOTS)
    for drawn in steps:
        graph = after(before, drawn)
        old, new = findings(before), findings(graph)
        differ = {key for key in {*old, *new} if old.get(key, []) != new.get(key, [])}
        assert differ <= graph.touched_by(before)
        before = graph


def test_what_has_nothing_to_do_with_a_change_is_not_touched():
    texts = {f"s{n}.modelspec.yaml": spec_text(f"s{n}") for n in range(20)}
    texts["user.modelspec.yaml"] = spec_text("user", dependency("./s3.modelspec.yaml"))
    before = folder(texts).graph
    changed = Document("file:///ws/s3.modelspec.yaml", spec_text("s3", scaling={"targetRps": 5}))
    graph = settle(before, {changed.key: changed}, Limits(), lambda _: True)
    assert graph.touched_by(before) == {"/ws/s3.modelspec.yaml", "/ws/user.modelspec.yaml"}
    assert graph.touched_by(graph) == set()


# ---------------------------------------------------------------------- files that come and go
def spec_text(name, *dependencies, scaling=None, accelerator=("l40s", 1), environment=""):
    lines = ["apiVersion: piqc.ai/v1alpha1", "kind: ModelSpec", f"metadata:\n  name: {name}"]
    lines += [f"  labels:\n    environment: {environment}"] if environment else []
    lines += [
        "spec:",
        "  identity:",
        "    model: {id: qwen3-8b, family: qwen3, task: chat-completion, framework: vllm}",
    ]
    if accelerator:
        type_, count = accelerator
        lines += ["  runtime:", f"    accelerator: {{vendor: nvidia, type: {type_}, count: {count}}}"]
        lines += ["    batch: {maxBatchSize: 1, maxSequenceLengthTokens: 4096}"]
    if scaling:
        lines += ["  operations:", "    scaling:", *(f"      {key}: {value}" for key, value in scaling.items())]
    if dependencies:
        lines += ["  pipeline:", "    dependencies:", *dependencies]
    return "\n".join(lines) + "\n"


def dependency(ref, role="input", id_="", *, required=None, latency=None):
    more = "" if required is None else f", required: {str(required).lower()}"
    more += "" if latency is None else f", interface: {{maxLatencyMs: {latency}}}"
    name = id_ or posixpath.basename(ref).partition(".")[0]
    return f'      - {{id: {name}, role: {role}, specRef: "{ref}"{more}}}'


@pytest.fixture
def outside(tmp_path):
    """A workspace folder, and a file beside it that leads to a second one."""
    (tmp_path / "ws").mkdir()
    (tmp_path / "far.modelspec.yaml").write_text(spec_text("far", dependency("./further.modelspec.yaml")))
    (tmp_path / "further.modelspec.yaml").write_text(spec_text("further", dependency("./ws/own.modelspec.yaml")))
    own = tmp_path / "ws" / "own.modelspec.yaml"
    own.write_text(spec_text("own", dependency("../far.modelspec.yaml")))
    return tmp_path


def covered(folder):
    return lambda key: key.startswith(f"{folder}/")


def read(path):
    return Document(path.as_uri(), path.read_text())


def test_guests_appear_with_the_reference_and_go_with_it(outside):
    root, own = (outside / "ws").as_posix(), outside / "ws" / "own.modelspec.yaml"
    far, further = ((outside / f"{name}.modelspec.yaml").as_posix() for name in ("far", "further"))
    graph = settle(Graph(roots=(root,)), {own.as_posix(): None}, Limits(), covered(root))
    assert set(graph.files) == {own.as_posix(), far, further}
    assert [graph.files[key].guest for key in (own.as_posix(), far, further)] == [False, True, True]
    # A circle through files beyond the workspace is one.
    assert len(graph.component(Node(own.as_posix(), 0))) == 3
    # The names of guests mean nothing to the workspace.
    assert graph.named("far") == ()

    without = Document(own.as_uri(), spec_text("own"))
    graph = settle(graph, {without.key: without}, Limits(), covered(root))
    assert set(graph.files) == {own.as_posix()}

    graph = settle(graph, {own.as_posix(): None}, Limits(), covered(root))
    assert set(graph.files) == {own.as_posix(), far, further}
    own.unlink()
    graph = settle(graph, {own.as_posix(): None}, Limits(), covered(root))
    # Two files beyond the workspace that refer to each other are held by nothing.
    assert not any(facts.specs for facts in graph.files.values())


def test_a_missing_file_that_comes_and_goes(tmp_path):
    root = tmp_path.as_posix()
    user, target = tmp_path / "user.modelspec.yaml", tmp_path / "target.yaml"
    user.write_text(spec_text("user", dependency("./target.yaml")))
    node = Node(user.as_posix(), 0)
    graph = settle(Graph(roots=(root,)), {user.as_posix(): None}, Limits(), covered(root))
    for text, outcome in [
        (None, "missing"),
        (spec_text("t"), "spec"),
        ("a: [", "broken"),
        ("a: 1", "other"),
        (None, "missing"),
    ]:
        if text is None:
            target.unlink(missing_ok=True)
        else:
            target.write_text(text)
        before = graph
        graph = settle(graph, {target.as_posix(): None}, Limits(), covered(root))
        assert graph.edges(node)[0].target.outcome == outcome
        if graph is not before:
            assert user.as_posix() in graph.touched_by(before)
    target.mkdir()
    graph = settle(graph, {target.as_posix(): None}, Limits(), covered(root))
    assert graph.edges(node)[0].target.outcome == "folder"


def test_looking_is_bounded(tmp_path):
    for n in range(30):
        (tmp_path / f"s{n}.yaml").write_text(spec_text(f"s{n}", dependency(f"./s{n + 1}.yaml")))
    first = (tmp_path / "s0.yaml").as_posix()
    graph = Graph(roots=("/nowhere",)).with_files({first: file_facts(read(tmp_path / "s0.yaml"))})
    assert len(link(graph, [first], Limits(), most=10).files) == 11
    whole = link(graph, [first], Limits())
    assert len(whole.files) == 31
    alone = whole.with_files({first: file_facts(Document(f"file://{first}", spec_text("s0")))})
    assert set(unlink(alone, whole.mentions(first)).files) == {first}


# ---------------------------------------------------------------------- whole pipelines
def graph_of(**texts):
    return folder({f"{name}.modelspec.yaml": text for name, text in texts.items()}).graph


def node(name):
    return Node(f"/ws/{name}.modelspec.yaml", 0)


def to(name, role="input", **more):
    return dependency(f"./{name}.modelspec.yaml", role, **more)


def test_totals_count_each_spec_once():
    graph = graph_of(
        top=spec_text(
            "top", to("left"), to("right"), scaling={"minReplicas": 2, "maxReplicas": 5}, accelerator=("h100", 4)
        ),
        left=spec_text("left", to("base"), scaling={"minReplicas": 1, "maxReplicas": 3}),
        right=spec_text("right", to("base"), to("extra", required=False), scaling={"minReplicas": 0, "maxReplicas": 2}),
        base=spec_text("base", accelerator=("l40s", 2)),
        extra=spec_text("extra", accelerator=("t4", 1), scaling={"minReplicas": 3}),
    )
    required = totals(graph, node("top"), optional=False)
    assert required.specs == 4
    assert required.devices == (Devices("h100", 8, 20), Devices("l40s", 1 + 0 + 2, 3 + 2 + 2))
    assert (required.least, required.most) == (11, 27)
    everything = totals(graph, node("top"), optional=True)
    assert everything.specs == 5
    assert Devices("t4", 3, 3) in everything.devices


def test_totals_say_what_they_leave_out():
    graph = graph_of(
        top=spec_text(
            "top", to("gone"), to("maybe", required=False), dependency("git://host/x", id_="far"), to("bare")
        ),
        bare=spec_text("bare", accelerator=None),
    )
    required = totals(graph, node("top"), optional=False)
    assert required.unresolved == ("gone", "far")
    assert required.uncounted == 1
    assert totals(graph, node("top"), optional=True).unresolved == ("gone", "maybe", "far")


def test_memory_is_that_of_all_accelerators():
    snapshot = folder(
        {
            "top.modelspec.yaml": spec_text("top", to("base"), scaling={"minReplicas": 1, "maxReplicas": 2}),
            "base.modelspec.yaml": spec_text("base"),
        }
    )
    load = Load(snapshot)
    one = load.report(node("base")).per_device.capacity.value
    found = totals(snapshot.graph, node("top"), optional=False, load=load)
    assert found.memory_least == pytest.approx(2 * one)
    assert found.memory_most == pytest.approx(3 * one)


def test_memory_is_unknown_where_one_part_is():
    snapshot = folder(
        {
            "top.modelspec.yaml": spec_text("top", to("base")),
            "base.modelspec.yaml": spec_text("base", accelerator=("no-such-card", 1)),
        }
    )
    found = totals(snapshot.graph, node("top"), optional=False, load=Load(snapshot))
    assert (found.memory_least, found.memory_most) == (None, None)
    assert found.least == 2


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        ({}, (1, 1)),
        ({"minReplicas": 3}, (3, 3)),
        ({"maxReplicas": 4}, (1, 4)),
        ({"minReplicas": 0}, (0, 1)),
        ({"minReplicas": 0, "maxReplicas": 0}, (0, 0)),
        ({"minReplicas": 5, "maxReplicas": 2}, (5, 5)),
    ],
)
def test_replicas(scaling, expected):
    graph = graph_of(x=spec_text("x", scaling=scaling))
    assert replicas(graph.spec(node("x"))) == expected


def latency_of(**texts):
    return totals(graph_of(**texts), node("top"), optional=False).latency


PROMISE = {"targetLatencyMsP95": 70}


def test_latency_along_the_way():
    assert (
        latency_of(
            top=spec_text("top", to("a"), to("b", "custom")), a=spec_text("a"), b=spec_text("b", scaling=PROMISE)
        )
        is None
    )
    # Its limit here, its own promise, or what it depends on itself.
    assert latency_of(top=spec_text("top", to("a", latency=50)), a=spec_text("a", scaling=PROMISE)) == 50
    assert latency_of(top=spec_text("top", to("a")), a=spec_text("a", to("b", latency=9), scaling=PROMISE)) == 70
    assert (
        latency_of(
            top=spec_text("top", to("a"), to("b", latency=1)),
            a=spec_text("a", to("c")),
            c=spec_text("c", scaling=PROMISE),
        )
        == 71
    )
    # Not on every request's way, or nothing said.
    assert latency_of(top=spec_text("top", to("a", required=False, latency=50))) is None
    assert latency_of(top=spec_text("top", to("a", latency=0)), a=spec_text("a")) == 0
    # With optional ones, at any distance.
    graph = graph_of(
        top=spec_text("top", to("a"), to("b", required=False, latency=50)),
        a=spec_text("a", to("c", required=False)),
        c=spec_text("c", scaling=PROMISE),
    )
    assert [totals(graph, node("top"), optional=optional).latency for optional in (False, True)] == [None, 120]
    # A circle has no end, so only what is said within it counts.
    assert latency_of(top=spec_text("top", to("a")), a=spec_text("a", to("top"), to("b", latency=5))) is None
    assert latency_of(top=spec_text("top", to("a", latency=3)), a=spec_text("a", to("top"))) == 3


def test_latency_of_many_ways_and_of_long_chains():
    levels = 30
    diamonds = {"top": spec_text("top", to("l0"), to("r0"))}
    for level in range(levels - 1):
        below = (to(f"l{level + 1}"), to(f"r{level + 1}"))
        diamonds |= {f"{side}{level}": spec_text(f"{side}{level}", *below) for side in "lr"}
    diamonds |= {f"{side}{levels - 1}": spec_text(f"{side}{levels - 1}", scaling=PROMISE) for side in "lr"}
    assert latency_of(**diamonds) == 70 * 2**levels
    chain = {"top": spec_text("top", to("c0")), **{f"c{n}": spec_text(f"c{n}", to(f"c{n + 1}")) for n in range(1500)}}
    assert latency_of(**chain, c1500=spec_text("c1500", scaling=PROMISE)) == 70


def test_a_promise_further_down_touches_what_adds_it_up():
    texts = {
        "top": spec_text("top", to("a"), scaling={"targetLatencyMsP95": 100}),
        "a": spec_text("a", to("b")),
        "b": spec_text("b", scaling={"targetLatencyMsP95": 10}),
    }
    before = graph_of(**texts)
    slow = graph_of(**texts | {"b": spec_text("b", scaling={"targetLatencyMsP95": 200})})
    key = node("b").key
    after = before.with_files({key: slow.files[key]})
    assert "MS805" in [d.code for d in check_links(after, node("top").key, Scope())]
    assert after.touched_by(before) == {node(name).key for name in ("top", "a", "b")}
    # A spec that promises something itself stands for what is below it.
    held = graph_of(**texts | {"a": spec_text("a", to("b"), scaling={"targetLatencyMsP95": 50})})
    assert held.with_files({key: slow.files[key]}).touched_by(held) == {node(name).key for name in ("a", "b")}


# ---------------------------------------------------------------------- names
def test_names_alike_and_named():
    graph = graph_of(a=spec_text("Rag_LLM"), b=spec_text("rag-llm"), c=spec_text("rag-llm"), d=spec_text("rag"))
    assert [n.key for n, _ in graph.alike("rag.llm")] == [node(x).key for x in "abc"]
    assert [n.key for n, _ in graph.named("rag-llm")] == [node(x).key for x in "bc"]
    assert graph.names() == {"Rag_LLM", "rag-llm", "rag"}


def test_service_name():
    assert service_name("Rag_LLM.v2--") == "rag-llm-v2"
    assert len(service_name("x" * 100)) == 63


def test_names_that_have_no_service_name_are_not_all_one():
    graph = graph_of(a=spec_text("模型"), b=spec_text("嵌入"))
    assert [n.key for n, _ in graph.named("模型")] == [node("a").key]
    assert [n.key for n, _ in graph.alike("模型")] == [node("a").key]


def test_faults_come_from_text_and_schema_only():
    bad = Document("file:///ws/x.modelspec.yaml", spec_text("x").replace("count: 1", "count: two"))
    assert faults(bad, Snapshot())[0] == 1
    assert faults(Document(bad.uri, spec_text("x")), Snapshot()) == (0, "")


def test_every_word_of_facts_is_among_their_texts():
    """What is kept out of messages is looked for there: a new field of text must not be forgotten."""
    words = {field.name: f"word-{field.name}" for field in fields(SpecFacts) if field.type == "str"}
    words.pop("kind")
    own = {field.name: f"ref-{field.name}" for field in fields(Reference) if field.type == "str"}
    lists = {"labels": (("key", "value"),), "annotations": ("note",), "flavors": ("a",)}
    facts = SpecFacts(0, references=(Reference(0, **own),), **lists, **words)
    assert {*words.values(), *own.values(), "key", "value", "note", "a"} == set(facts.texts()) and len(words) > 8
