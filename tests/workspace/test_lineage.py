"""Lines of specs that are made from each other: which model is meant, and what is not known."""

import pytest

from modelspec_ls.analysis import check_document
from modelspec_ls.workspace.deployments import deployment_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.graph import Graph, Node
from modelspec_ls.workspace.lineage import LONGEST, heirs
from support.specs import spec
from support.workspace import folder, opened


def made(model="acme-llm", **hints):
    """A spec of some model with hints."""
    lines = "".join(f"    modelspec/{name.replace('_', '-')}: '{text}'\n" for name, text in hints.items())
    return (
        spec()
        .replace("id: qwen3-8b", f"id: {model}")
        .replace("spec:", f"  annotations:\n{lines}spec:" if lines else "spec:", 1)
    )


def looked(**texts):
    """A workspace of files by their short names."""
    documents = [Document(f"file:///ws/{name}.yaml", text, claimed=True) for name, text in texts.items()]
    return opened(*documents, roots=("/ws",))


def deployed(snapshot, name):
    return deployment_in(snapshot, snapshot.document(f"file:///ws/{name}.yaml"), 0)


def model(snapshot, name):
    found = deployed(snapshot, name).model
    return found.id if found else None


def told(snapshot, name, *codes):
    return [d.message for d in check_document(snapshot, f"file:///ws/{name}.yaml") if d.code in codes]


def test_a_spec_and_what_is_made_from_it_have_one_model():
    """The base counts before a spec's own id: for that spec, so for all below it."""
    snapshot = looked(
        root=made("qwen3-32b"),
        middle=made("qwen3-8b", base_model="./root.yaml"),
        low=made(base_model="./middle.yaml"),
        lost=made("qwen3-8b", base_model="./gone.yaml"),
        found=made(base_model="./lost.yaml"),
    )
    assert {model(snapshot, name) for name in ("root", "middle", "low")} == {"Qwen/Qwen3-32B"}
    assert {model(snapshot, name) for name in ("lost", "found")} == {"Qwen/Qwen3-8B"}


def test_a_spec_that_states_size_and_shape_has_no_longer_those_of_its_base():
    shape = "layers=20,heads=32,kv-heads=8,head-dim=128"
    snapshot = looked(
        root=made("qwen3-32b"),
        pruned=made(base_model="./root.yaml", parameter_count="5B", architecture=shape),
        low=made(base_model="./pruned.yaml"),
    )
    found = deployed(snapshot, "low").architecture
    assert (found.parameters, found.layers) == (5_000_000_000, 20)


def test_a_private_model_has_the_numbers_of_its_hints():
    snapshot = looked(root=made(parameter_count="70B"), low=made(base_model="./root.yaml"))
    low = deployed(snapshot, "low")
    assert (low.architecture.parameters, low.architecture.layers, low.grade) == (70_000_000_000, None, "declared")
    assert told(snapshot, "low", "MS201", "MS171") == []


def test_a_draft_that_was_made_from_its_model_is_another_one():
    snapshot = looked(
        big=made("qwen3-8b", draft_model="./head.yaml;tokens=3"),
        head=made("head", base_model="./big.yaml"),
        other=made("qwen3-8b", draft_model="./sized.yaml"),
        sized=made("head", base_model="./other.yaml", parameter_count="0.3B"),
    )
    assert deployed(snapshot, "big").given.draft is None
    (message,) = told(snapshot, "big", "MS171", "MS174")
    assert message.startswith("The model of `./head.yaml` is not in the model catalogue, so its memory is not counted.")
    assert deployed(snapshot, "other").given.draft.architecture.parameters == 300_000_000
    assert told(snapshot, "other", "MS171", "MS174") == []


@pytest.mark.parametrize("size", [1, 2, 7, 20])
def test_models_that_are_made_from_each_other_are_told_once_and_nothing_is_known(size):
    texts = {f"c{n}": made(base_model=f"./c{(n + 1) % size}.yaml") for n in range(size)}
    snapshot = looked(**texts, low=made(base_model="./c0.yaml"))
    for name in texts:
        (message,) = told(snapshot, name, "MS171", "MS174")
        assert message.count("`") == (0 if size == 1 else 2 * min(size + 1, 8))
        assert deployed(snapshot, name).architecture is None
    assert deployed(snapshot, "low").architecture is None


def test_a_line_that_is_too_long_is_told():
    texts = {f"c{n}": made(base_model=f"./c{n + 1}.yaml") for n in range(LONGEST)}
    snapshot = looked(**texts, **{f"c{LONGEST}": made("qwen3-32b")})
    (message,) = told(snapshot, "c0", "MS171", "MS174")
    assert f"followed through {LONGEST} specs" in message
    assert model(snapshot, "c0") is None
    assert told(snapshot, "c1", "MS171", "MS174") == []
    assert model(snapshot, "c1") == "Qwen/Qwen3-32B"


def test_what_a_broken_spec_is_made_from_does_not_count():
    broken = made(base_model="./root.yaml").replace("name: example", "name: 'example")
    snapshot = looked(root=made("qwen3-32b"), middle=broken, low=made(base_model="./middle.yaml"))
    assert deployed(snapshot, "low").architecture is None


def test_all_heirs_of_a_file_are_found_by_following_each_hint_once(monkeypatch):
    text = "---\n".join(
        f"kind: ModelSpec\nmetadata: {{name: s{n}, annotations: {{modelspec/base-model: '#s{n + 1}'}}}}\n"
        for n in range(50)
    )
    snapshot = looked(a=text)
    seen, real = [], Graph.resolve

    def resolve(self, key, ref):
        seen.append(ref)
        return real(self, key, ref)

    monkeypatch.setattr(Graph, "resolve", resolve)
    found = [len(heirs(snapshot.graph, Node("/ws/a.yaml", n))) for n in range(50)]
    assert found == [0, *[1] * 49]
    assert len(seen) == 50


def test_a_project_that_appears_around_a_base_touches_what_is_made_from_it():
    """``/root.yaml`` of the middle one then means another file."""
    texts = {
        "low.yaml": "kind: ModelSpec\nmetadata: {name: low, annotations: {modelspec/base-model: ./in/mid.yaml}}\n",
        "in/mid.yaml": "kind: ModelSpec\nmetadata: {name: mid, annotations: {modelspec/base-model: /root.yaml}}\n",
        "root.yaml": "kind: ModelSpec\nmetadata: {name: root}\n",
        "in/root.yaml": "kind: ModelSpec\nmetadata: {name: other}\n",
    }
    before = folder(texts).graph
    after = before.with_projects({"/ws/in": "/ws/in"})
    assert {"/ws/low.yaml", "/ws/in/mid.yaml"} <= after.touched_by(before)
