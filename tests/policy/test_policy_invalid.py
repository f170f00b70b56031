"""What is wrong in a policy is said there, at its place, and nothing false in any spec."""

import pytest

from modelspec_ls.analysis import check_document
from support.policies import HEAD, findings, policy, said, spec_of, wrong
from support.specs import fixed
from support.workspace import folder

NAMED = "require: {metadata.name: {present: true}}"
RULE = "rules:\n  - name: a-rule\n    {0}\n"


def first(body):
    found = [f for f in wrong(policy(body)) if f[0] != "information" or f[1] == "PL102"]
    assert found, body
    return found[0]


@pytest.mark.parametrize(
    "line, severity, marked, message",
    [
        ("require: {spec.runtime.acelerator.type: {in: [a]}}", "error", "spec.runtime.acelerator.type",
         "did you mean `spec.runtime.accelerator.type`?"),
        ("require: {metadata.nmae: {present: true}}", "error", "metadata.nmae", "did you mean `metadata.name`?"),
        ("require: {derived.fit: {equals: true}}", "error", "derived.fit", "did you mean `derived.fits`?"),
        ("require: {nothing: {present: true}}", "error", "nothing", "paths start with"),
        ("require: {spec.pipeline.dependencies.id: {present: true}}", "error", "spec.pipeline.dependencies.id",
         "did you mean `spec.pipeline.dependencies[].id`?"),
        ("require: {metadata.name: {min: 2}}", "error", "2", "`min` cannot judge `metadata.name`, which is a text."),
        ("require: {spec.runtime.accelerator.count: {min: two}}", "error", "two", "`min` must be a number."),
        ("require: {spec.runtime.accelerator.count: {in: [1, two]}}", "error", "two", "is a whole number."),
        ("require: {spec.operations.serving.protocol: {equals: htpp}}", "error", "htpp", "can only be"),
        ("require: {metadata.name: {matches: '(a'}}", "error", "(", "a `(` without its `)`."),
        ("require: {metadata.name: {matches: 'x(?=y)'}}", "error", "(", "only `(…)`"),
        ("require: {metadata.name: {in: abc}}", "error", "abc", "must be a list of values"),
        ("require: {metadata.name: {equals: $params.gone}}", "error", "$params.gone", "There is no parameter `gone`"),
        ("require: {metadata.name: {in: [$params.x]}}", "error", "$params.x", "stands for a whole argument"),
        ("require: {metadata.name: {uniqueIn: document}}", "error", "document", "needs a path with `[]`"),
        ("require: {metadata.name: {optional: true}}", "error", "metadata.name", "Nothing is asked of"),
        ("require: {}", "error", "require", "names no field"),
        ("require: {metadata.name: {present: true}}\n    forbid: {metadata.name: {present: true}}", "error", "forbid",
         "has `require` already"),
        ("at: metadata.nmae\n    require: {metadata.name: {present: true}}", "error", "metadata.nmae", "did you mean"),
        ("match: {kinds: [ModelSpeck]}\n    require: {metadata.name: {present: true}}", "error", "ModelSpeck",
         "did you mean `ModelSpec`?"),
        ("match: {labels: {tier: 1}}\n    require: {metadata.name: {present: true}}", "error", "1", "labels are texts"),
        ("docs: wiki/x\n    require: {metadata.name: {present: true}}", "error", "wiki/x", "https://"),
        ("fix: yes please\n    require: {metadata.name: {present: true}}", "error", "yes please", "`fix` must be"),
        ("fix: {derived.fits: true}\n    require: {metadata.name: {present: true}}", "error", "derived.fits",
         "no field that can be written"),
        (f"message: 'is {{vale}}'\n    {NAMED}", "warning", "{", "did you mean `{value}`?"),
        ("exempt: [{name: a, until: soon, reason: b}]\n    require: {metadata.name: {present: true}}", "error", "soon",
         "no date"),
        ("exempt: [{name: a, until: 2020-01-01, reason: b}]\n    require: {metadata.name: {present: true}}", "warning",
         "2020-01-01", "ended on 2020-01-01"),
        ("description: no more", "error", "a-rule", "asks for nothing"),
        # What the schema says, it says itself.
        ("severity: fatal\n    require: {metadata.name: {present: true}}", "error", "fatal", "severity"),
        ("sevrity: error\n    require: {metadata.name: {present: true}}", "error", "sevrity", "severity"),
        ("require: {metadata.name: {minn: 1}}", "error", "minn", "min"),
    ],
)  # fmt: skip
def test_wrong_in_a_rule(line, severity, marked, message):
    found = first(RULE.format(line))
    assert (found[0], found[2]) == (severity, marked), found
    assert message in found[3]
    # What is wrong is not in force, and no spec hears of it.
    if severity == "error":
        assert said(spec_of(), policy(RULE.format(line))) == []


@pytest.mark.parametrize(
    "body, marked, message",
    [
        (f"rules:\n  - name: Not_A Name\n    {NAMED}\n", "Not_A Name", "lower-case words"),
        ("rules:\n  - &r {name: twice, require: {metadata.name: {present: true}}}\n  - {name: twice, severity: off}\n",
         "twice", "has the name `twice` already"),
        ("rules:\n  - name: probe-path-unknown\n    require: {metadata.name: {present: true}}\n", "probe-path-unknown",
         "built-in rule"),
        ("overrides:\n  - rules: {spec-ref-not-fund: error}\n", "spec-ref-not-fund", "did you mean `spec-ref-not-fo"),
        ("prices: {h1000: 3}\n", "h1000", "names no one accelerator"),
        ("extends: [./gone.yaml]\n", "./gone.yaml", "cannot be extended"),
        ("extends: [/etc/passwd]\n", "/etc/passwd", "Only paths from this file's folder"),
        ("extends: ['https://example.com/p.yaml']\n", "'https://example.com/p.yaml'", "Only paths from this file's"),
        ("extends: [../../etc/shadow]\n", "../../etc/shadow", "Only `.yaml` and `.yml`"),
        ("extends: ['~/p.yaml']\n", "'~/p.yaml'", "Only paths"),
        ("tests:\n  - {name: a, expect: []}\n", "{name: a, expect: []}", "one of `document` and `file`"),
        ("tests:\n  - {name: a, expect: [], file: x.yaml, today: now}\n", "now", "must be a date"),
    ],
)  # fmt: skip
def test_wrong_elsewhere(body, marked, message):
    found = [f for f in wrong(policy(body)) if message in f[3]]
    assert [f[2] for f in found] == [marked]


@pytest.mark.parametrize("name", ["require", "forbid"])
def test_a_near_miss_is_put_right(name):
    text = policy(RULE.format(f"{name}: {{spec.runtime.acelerator.type: {{in: [t4]}}}}"))
    snapshot = folder({"modelspec-policy.yaml": text})
    (found,) = check_document(snapshot, "file:///ws/modelspec-policy.yaml")
    after = fixed(text, found.fixes[0], "file:///ws/modelspec-policy.yaml")
    assert "accelerator.type: {in" in after and wrong(after) == []


def test_the_head_decides():
    assert wrong("kind: ModelSpecPolicy\n")[0][1] == "MS101"
    text = policy(RULE.format("require: {metadata.labels.x: {present: true}}"))
    assert len(said(spec_of(), text)) == 1
    # Of another version nothing is in force.
    later = text.replace("v1alpha1", "v2")
    assert [f[1] for f in wrong(later)] == ["MS106"] and said(spec_of(), later) == []


def test_broken_yaml_is_one_finding():
    text = policy(RULE.format("require: {metadata.labels.x: {present: true}}")) + "  params: [\n"
    assert len([f for f in wrong(text) if f[0] == "error"]) == 1
    assert said(spec_of(), text) == []


def test_a_broken_rule_takes_its_older_namesake_along():
    files = {
        "modelspec-policy.yaml": policy(RULE.format("require: {metadata.labels.x: {present: true}}")),
        ".modelspec/policies/a.yaml": policy(RULE.format("require: {metadata.labls.x: {present: true}}")),
    }
    assert [d for d in findings(spec_of(), files) if d.said] == []


def test_a_sound_policy_has_no_finding():
    assert wrong(HEAD.replace("spec:\n", "spec: {}\n")) == []
