"""Policies in the editor: completion, hover, lens, symbols, actions; what specs show of them."""

from pathlib import Path

import pytest

from modelspec_ls.analysis import check_document
from modelspec_ls.core.text import Span, apply_edits
from modelspec_ls.ide.code_actions import code_actions
from modelspec_ls.ide.completion import complete
from modelspec_ls.ide.completion.snippets import all_snippets
from modelspec_ls.ide.hover import hover
from modelspec_ls.ide.links import document_links
from modelspec_ls.ide.policy import lenses
from modelspec_ls.ide.symbols import document_symbols
from modelspec_ls.policy.fields import DERIVED
from modelspec_ls.policy.matchers import MATCHERS
from modelspec_ls.schema import navigate
from support.policies import HEAD, asking, policy, spec_of, wrong
from support.workspace import folder

URI = "file:///ws/modelspec-policy.yaml"
SPEC = "file:///ws/spec.modelspec.yaml"
RULE = HEAD + "  params:\n    ok: [l4]\n  rules:\n    - name: a-rule\n"


def at(text, spec=None):
    offset = text.index("<|>")
    files = {"modelspec-policy.yaml": text.replace("<|>", "")}
    return folder(files | ({"spec.modelspec.yaml": spec} if spec else {})), offset


def labels(text):
    snapshot, offset = at(text)
    return [item.label for item in complete(snapshot, URI, offset).items]


def accepted(text, label):
    """The text once an offer is taken, with its plain form."""
    snapshot, offset = at(text)
    item = next(i for i in complete(snapshot, URI, offset, snippets=False).items if i.label == label)
    source = text.replace("<|>", "")
    return source[: item.replace.start] + item.plain + source[item.replace.end :]


@pytest.mark.parametrize(
    "line, first, missing",
    [
        ("      <|>", ["description", "severity", "match"], ["name"]),
        ("      severity: <|>", ["warning", "error"], []),
        ("      require:\n        <|>", ["apiVersion", "kind", "metadata"], []),
        ("      match:\n        fields:\n          <|>", ["apiVersion", "kind", "metadata"], []),
        ("      require:\n        spec.runtime.accelerator.type: {<|>}", ["present", "equals"], ["min", "uniqueIn"]),
        ("      require:\n        spec.runtime.accelerator.count: {<|>}", ["present", "equals", "in"], ["matches"]),
        ("      require:\n        spec.pipeline.dependencies: {<|>}", ["present", "equals", "minItems"], ["in", "min"]),
        ("      require:\n        spec.runtime.accelerator.type: {in: [<|>]}", ["l4"], []),
        ("      require:\n        spec.identity.model.framework:\n          in:\n            - <|>", ["vllm"], ["$p"]),
        ("      require:\n        spec.operations.serving.protocol: {equals: <|>}", ["$params.ok", "http", "grpc"], []),
        ("      require:\n        derived.environment: {equals: <|>}", ["$params.ok", "prod"], []),
        ("      at: <|>", ["apiVersion", "kind"], []),
        ("      fix: <|>", ["set", "remove", "none"], []),
        ("      match:\n        kinds: [<|>]", ["ModelSpec"], []),
        ("      match:\n        labels:\n          <|>", ["environment"], []),
        ("  overrides:\n    - rules:\n        <|>", ["invalid-yaml"], ["policy-violation"]),
        ("  overrides:\n    - rules:\n        scaling: <|>", ["error", "warning"], []),
        ("  tests:\n    - name: x\n      expect: [<|>]", ["a-rule"], []),
        ("  prices:\n    <|>", ["nvidia-a10-24gb"], []),
    ],
)  # fmt: skip
def test_completion(line, first, missing):
    found = labels(RULE + line)
    if line.endswith("prices:\n    <|>"):
        assert len(found) > 50
    else:
        assert found[: len(first)] == first
    assert not set(found) & set(missing)


def test_what_is_taken_is_sound():
    text = RULE + "      require:\n        spec.runtime.acc<|>\n"
    after = accepted(text, "spec.runtime.accelerator.type")
    assert "        spec.runtime.accelerator.type: {}" in after
    after = accepted(RULE + "      require:\n        spec.runtime.accelerator.type: {in: <|>}\n", "l4")
    assert wrong(after) == []


def test_every_field_and_derived_value_is_offered():
    found = labels(RULE + "      require:\n        <|>")
    assert {"derived.hourlyUsdAtMax", "spec.pipeline.dependencies[].specRef", "metadata.labels"} <= set(found)


def test_an_empty_policy_gets_policy_snippets():
    found = labels("<|>")
    assert "modelspec-policy" in found and not any(label.startswith("modelspec-0") for label in found)
    assert {"policy-allowed-values", "policy-expression"} <= set(labels(HEAD + "  rules:\n    - <|>"))


@pytest.mark.parametrize("snippet", all_snippets("ModelSpecPolicy"), ids=lambda s: s.prefix)
def test_snippets_are_sound(snippet):
    from modelspec_ls.ide.completion.shapes import plain

    body = plain(snippet.body)
    if snippet.place is not None:
        key = snippet.place[-1]
        body = HEAD + f"  {key}:\n" + "\n".join(f"    {line}" for line in body.split("\n"))
        if key == "tests":
            body = body.replace("spec:\n", "spec:\n  rules: [{name: prod-needs-two-replicas, severity: 'off'}]\n", 1)
    found = [f for f in wrong(body + "\n") if f[0] in {"error", "warning"} and "exemption" not in f[3]]
    assert [f for f in found if "asks for nothing" not in f[3]] == []


@pytest.mark.parametrize(
    "text, words",
    [
        (RULE + "      require:\n        spec.runtime.accel<|>erator.type: {in: [l4]}\n", "cloud's spelling"),
        (RULE + "      require:\n        derived.fi<|>ts: {equals: true}\n", "worked out, boolean"),
        (RULE + "      require:\n        metadata.name: {mat<|>ches: x}\n", "regular expression"),
        (RULE.replace("a-rule", "a-<|>rule") + "      match: {environments: [prod]}\n", "running in `prod`"),
        (HEAD + "  overrides:\n    - rules: {scal<|>ing: error}\n", "MS701"),
        (RULE + "      seve<|>rity: error\n", "How bad a violation is"),
    ],
)
def test_hover_in_a_policy(text, words):
    snapshot, offset = at(text)
    assert words in hover(snapshot, URI, offset).markdown


def test_hover_on_a_field_tells_what_policies_say():
    ask = asking("spec.runtime.accelerator.count", "{max: 8}") + (
        "    - name: other\n      require: {spec.runtime.accelerator.count: {min: 2}}\n"
    )
    text = spec_of()
    snapshot = folder({"modelspec-policy.yaml": ask, "spec.modelspec.yaml": text})
    for place in ("count: 1", "1\n"):
        found = hover(snapshot, SPEC, text.index("count: 1") + (0 if place == "count: 1" else 7)).markdown
        assert "✓ `the-rule` (acme): asks for at most 8; holds" in found
        assert "✗ `other` (acme): asks for at least 2; does not hold" in found
    assert "Policies" not in hover(snapshot, SPEC, text.index("vendor")).markdown


def test_lens_counts_and_leads_to_the_rules():
    ask = asking("spec.runtime.accelerator.count", "{max: 8}") + (
        "    - name: other\n      require: {metadata.labels.team: {present: true}}\n"
    )
    snapshot = folder({"modelspec-policy.yaml": ask, "spec.modelspec.yaml": spec_of()})
    (lens,) = lenses(snapshot, SPEC)
    assert (lens.title, lens.command, len(lens.places)) == (
        "2 policy rules apply, 1 not met", "modelspec.showReferences", 2
    )  # fmt: skip
    assert lenses(folder({"spec.modelspec.yaml": spec_of()}), SPEC) == ()
    met = folder(
        {"modelspec-policy.yaml": asking("metadata.name", "{present: true}"), "spec.modelspec.yaml": spec_of()}
    )
    assert [lens.title for lens in lenses(met, SPEC)] == ["1 policy rule applies"]


def test_actions_of_a_violation():
    text = spec_of(minReplicas=1, maxReplicas=3)
    ask = asking("spec.operations.scaling.minReplicas", "{min: 2}")
    snapshot = folder({"modelspec-policy.yaml": ask, "spec.modelspec.yaml": text})
    where = Span(text.index("minReplicas: 1") + 13, text.index("minReplicas: 1") + 14)
    actions = {action.title: action for action in code_actions(snapshot, SPEC, where)}
    fix = actions["Set `minReplicas: 2`, as the policy asks"]
    assert "minReplicas: 2" in apply_edits(text, fix.edits)
    quiet = apply_edits(text, actions["Suppress the-rule here with a reason"].edits)
    again = folder({"modelspec-policy.yaml": ask, "spec.modelspec.yaml": quiet})
    assert not [d for d in check_document(again, SPEC) if d.said]
    loud = folder({"modelspec-policy.yaml": ask.replace("the-rule", "the-rule\n      suppressible: false"),
                   "spec.modelspec.yaml": text})  # fmt: skip
    assert not any("Suppress the-rule" in action.title for action in code_actions(loud, SPEC, where))


def test_symbols():
    snapshot = folder({"modelspec-policy.yaml": policy("rules:\n  - name: a-rule\n    severity: off\n")})
    assert "a-rule" in repr(document_symbols(snapshot, URI))


def test_links_lead_to_what_is_extended():
    snapshot = folder({"modelspec-policy.yaml": policy("extends: [./base/b.yaml]\n")})
    assert [(link.target, link.tooltip) for link in document_links(snapshot, URI)] == [
        ("file:///ws/base/b.yaml", "Open the policy")
    ]


def test_the_page_names_everything():
    page = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
    assert [name for name in (*MATCHERS, *(f"derived.{n}" for n in DERIVED)) if f"`{name}" not in page] == []
    schema = navigate.at(navigate.schema_for("ModelSpecPolicy"), ("spec", "rules", 0, "require", "x"))
    assert set(navigate.properties(schema)) == {*MATCHERS, "optional"}
