"""What a rule says of a spec: matchers, selectors, exemptions, messages, fixes, severities."""

import time

import pytest

from modelspec_ls.core.config import Config, Settings
from modelspec_ls.core.finding import Severity
from modelspec_ls.rules import policies
from support.policies import asking, findings, policy, said, spec_of
from support.specs import fixed

TYPE = "spec.runtime.accelerator.type"
COUNT = "spec.runtime.accelerator.count"
TEAM = "metadata.labels.team"
LOGS = "spec.governance.compliance.retention.logsDays"
NONE = {"id": "x/y"}
DEPENDENCIES = "spec.pipeline.dependencies"


@pytest.mark.parametrize(
    "field, matchers, changes, holds",
    [
        (TEAM, "{present: true}", {"labels": {"team": "a"}}, True),
        (TEAM, "{present: true}", {}, False),
        (TEAM, "{present: false}", {"labels": {"team": "a"}}, False),
        (TEAM, "{present: false}", {}, True),
        (TEAM, "{equals: a}", {"labels": {"team": "a"}}, True),
        (TEAM, "{equals: a}", {"labels": {"team": "A"}}, False),
        (TEAM, "{equals: a, optional: true}", {}, True),
        (COUNT, "{equals: 1}", {}, True),
        (COUNT, "{equals: 2}", {}, False),
        (COUNT, "{in: [1, 2]}", {}, True),
        (COUNT, "{notIn: [1, 2]}", {}, False),
        (COUNT, "{min: 1, max: 4}", {}, True),
        (COUNT, "{min: 2}", {}, False),
        (COUNT, "{max: 0}", {}, False),
        ("metadata.name", "{matches: '^exam'}", {}, True),
        ("metadata.name", "{matches: '^x'}", {}, False),
        ("metadata.name", "{startsWith: [a, exam], endsWith: ple}", {}, True),
        ("metadata.name", "{endsWith: [-prod]}", {}, False),
        ("metadata.labels", "{minItems: 2}", {"labels": {"a": "b"}}, False),
        ("metadata.labels", "{maxItems: 1}", {"labels": {"a": "b"}}, True),
        ("metadata.labels.app.kubernetes.io/name", "{equals: x}", {"labels": {"app.kubernetes.io/name": "x"}}, True),
        # Other names of the same thing.
        (TYPE, "{in: [l40s-48gb]}", {}, True),
        (TYPE, "{in: [L40S]}", {}, True),
        (TYPE, "{in: [h100, l4]}", {}, False),
        (TYPE, "{notIn: [NVIDIA-L40S]}", {}, False),
        ("spec.identity.model.framework", "{equals: vLLM}", {}, True),
        ("derived.engine", "{equals: vllm}", {}, True),
        ("derived.fits", "{equals: true}", {"type": "b200"}, True),
        ("derived.fits", "{equals: true}", {"id": "llama-3.3-70b-instruct", "family": "llama-3.3"}, False),
        ("derived.fits", "{equals: true, optional: true}", {"id": "acme/none"}, True),
        ("derived.fits", "{equals: true}", {"id": "acme/none"}, False),
        ("derived.verdict", "{in: [weights-exceed]}", {"id": "llama-3.3-70b-instruct", "family": "llama-3.3"}, True),
        ("derived.environment", "{equals: prod}", {"labels": {"stage": "production"}}, True),
        ("derived.maxAccelerators", "{max: 8}", {"maxReplicas": 8, "minReplicas": 1}, True),
        ("derived.maxAccelerators", "{max: 8}", {"maxReplicas": 9, "minReplicas": 1}, False),
        ("derived.model.parameters", "{max: 9000000000}", {}, True),
        ("derived.model.context", "{min: 100000000}", {}, False),
        ("derived.budgetGiB", "{min: 1, max: 48}", {}, True),
        ("derived.weightsGiB", "{min: 14, max: 16}", {}, True),
        ("derived.loadSeconds", "{max: 1}", {}, False),
        ("derived.pinned", "{equals: true}", {"artifacts": {"modelUri": "hf://Qwen/Qwen3-8B"}}, False),
        ("derived.pinned", "{equals: true}", {"artifacts": {"modelUri": "s3://x/v3/"}}, True),
        ("derived.dependencies", "{max: 0}", {}, True),
    ],
)  # fmt: skip
def test_require(field, matchers, changes, holds):
    assert (said(spec_of(**changes), asking(field, matchers)) == []) is holds


@pytest.mark.parametrize(
    "matchers, changes, holds",
    [
        ("{equals: true}", {"spotAllowed": True}, False),
        ("{equals: true}", {"spotAllowed": False}, True),
        ("{equals: true}", {}, True),
        ("{present: true}", {"spotAllowed": False}, False),
    ],
)
def test_forbid(matchers, changes, holds):
    field = "spec.governance.cost.pricingHints.spotAllowed"
    assert (said(spec_of(**changes), asking(field, matchers, "forbid")) == []) is holds


def dependencies(*ids):
    lines = [f"    - {{id: {name}, role: custom, specRef: ./{name}.yaml}}" for name in ids]
    return spec_of() + "\n".join(["  pipeline:", "    dependencies:", *lines, ""])


def test_every_element():
    text = dependencies("a", "b", "a")
    assert said(text, asking(f"{DEPENDENCIES}[].id", "{in: [a]}")) == [
        f"warning the-rule /{DEPENDENCIES.replace('.', '/')}/1/id"
    ]
    unique = said(text, asking(f"{DEPENDENCIES}[].id", "{uniqueIn: document}"))
    assert unique == ["warning the-rule /spec/pipeline/dependencies/2/id"]
    assert said(spec_of(), asking(f"{DEPENDENCIES}[].id", "{present: true}")) == []
    # The element is there, the field of it is not.
    missing = said(text, asking(f"{DEPENDENCIES}[].interface.maxLatencyMs", "{max: 100}"))
    assert [line.rpartition("/")[0].rpartition("/")[0].rpartition("/")[0] for line in missing] == [
        "warning the-rule /spec/pipeline/dependencies" for _ in range(3)
    ]


@pytest.mark.parametrize(
    "selector, changes, applies",
    [
        ("match: {labels: {tier: gold}}", {"labels": {"tier": "gold"}}, True),
        ("match: {labels: {tier: gold}}", {"labels": {"tier": "tin"}}, False),
        ("match: {labels: {tier: [tin, gold]}}", {"labels": {"tier": "tin"}}, True),
        ("match: {labels: {tier: '*'}}", {"labels": {"tier": "any"}}, True),
        ("match: {labels: {tier: '*'}}", {}, False),
        ("match: {annotations: {a: b}}", {"annotations": {"a": "b"}}, True),
        ("match: {names: ['exam*']}", {}, True),
        ("match: {names: [other]}", {}, False),
        ("match: {paths: [spec.modelspec.yaml]}", {}, True),
        ("match: {paths: [teams/]}", {}, False),
        ("match: {environments: [prod]}", {"labels": {"env": "live"}}, True),
        ("match: {environments: [prod]}", {}, False),
        ("match: {fields: {spec.runtime.accelerator.vendor: {equals: nvidia}}}", {}, True),
        ("match: {fields: {spec.runtime.accelerator.vendor: {equals: amd}}}", {}, False),
        ("match: {fields: {derived.maxAccelerators: {min: 1}}}", {}, False),
        ("match: {kinds: [ModelSpec]}", {}, True),
        ("exclude: {names: ['*-batch']}", {"name": "x-batch"}, False),
        ("exclude: {names: ['*-batch'], labels: {a: b}}", {"name": "x-batch"}, True),
    ],
)  # fmt: skip
def test_selectors(selector, changes, applies):
    text = policy(f"""\
        rules:
          - name: the-rule
            {selector}
            require:
              spec.operations.serving.port: {{present: true}}
        """)
    assert bool(said(spec_of(**changes), text)) is applies


def test_exemptions_end(monkeypatch):
    text = policy("""\
        rules:
          - name: the-rule
            require: {metadata.labels.team: {present: true}}
            exempt: [{name: "exam*", until: 2026-03-31, reason: because}]
        """)
    for day, expected in (("2026-03-31", 0), ("2026-04-01", 1)):
        monkeypatch.setattr(policies, "today", lambda day=day: policies.date.fromisoformat(day))
        assert len(said(spec_of(), text)) == expected


def test_messages():
    text = policy("""\
        params: {limit: 14, many: [a, b]}
        rules:
          - name: the-rule
            require: {spec.governance.compliance.retention.logsDays: {max: $params.limit}}
            message: "{path} of {name} is {value}, {expected}, {rule} {params.many} {derived.engine} {derived.fits}"
        """)
    (found,) = [d for d in findings(spec_of(retention={"logsDays": 30}), text) if d.said]
    assert found.message == f"{LOGS} of example is 30, 14, the-rule a, b vllm true"


@pytest.mark.parametrize(
    "field, matchers, changes, message",
    [
        (TEAM, "{present: true}", {}, "`metadata.labels.team` is missing; policy `acme` asks for a value."),
        (LOGS, "{min: 1, max: 14}", {}, f"`{LOGS}` is missing; policy `acme` asks for at least 1 and at most 14."),
        (TYPE, "{in: [h100, l4]}", {}, f"`{TYPE}` is `l40s`; policy `acme` asks for one of `h100` or `l4`."),
        ("derived.fits", "{equals: true}", NONE, "`derived.fits` is not known; policy `acme` asks for `true`."),
    ],
)  # fmt: skip
def test_generated_messages(field, matchers, changes, message):
    (found,) = [d for d in findings(spec_of(**changes), asking(field, matchers)) if d.said]
    assert found.message == message


@pytest.mark.parametrize(
    "field, matchers, changes, expected",
    [
        (LOGS, "{max: 14}", {"retention": {"logsDays": 30}}, "logsDays: 14"),
        ("spec.operations.scaling.minReplicas", "{min: 2}", {}, "minReplicas: 2"),
        (TEAM, "{equals: search}", {}, 'team: "search"'),
        (TEAM, "{in: [search]}", {"labels": {"team": "x"}}, 'team: "search"'),
        (TEAM, "{in: [search, chat]}", {"labels": {"team": "x"}}, None),
        (COUNT, "{min: 2, max: 1}", {}, None),
        (TEAM, "{present: true}", {}, None),
        ("derived.maxAccelerators", "{max: 1}", {"minReplicas": 1, "maxReplicas": 8}, None),
    ],
)
def test_fix_from_the_requirement(field, matchers, changes, expected):
    text, ask = spec_of(**changes), asking(field, matchers)
    (found,) = [d for d in findings(text, ask) if d.said]
    assert bool(found.fixes) is (expected is not None)
    if expected:
        after = fixed(text, found.fixes[0])
        assert expected in after and said(after, ask) == []


def test_fixes_that_the_rule_says():
    field = "spec.governance.cost.pricingHints.spotAllowed"
    text = spec_of(spotAllowed=True)
    for fix, gone in (("remove", True), (f"{{{field}: false}}", True), ("none", False)):
        ask = asking(field, "{equals: true}", "forbid", fix=fix)
        (found,) = [d for d in findings(text, ask) if d.said]
        assert bool(found.fixes) is gone
        if gone:
            assert said(fixed(text, found.fixes[0]), ask) == []


def test_prices_of_the_policy_come_before_those_of_the_settings():
    ask = policy("""\
        prices: {l40s: 2}
        rules: [{name: the-rule, require: {derived.hourlyUsdAtMax: {max: 9}}}]
        """)
    text = spec_of(minReplicas=1, maxReplicas=5)
    (found,) = [d for d in findings(text, ask, Config(prices={"l40s": 1})) if d.said]
    assert "is 10;" in found.message and found.pointer == "/spec/operations/scaling/maxReplicas"
    assert said(text, ask.replace("prices: {l40s: 2}", "params: {}"), Config(prices={"l40s": 1})) == []


def test_one_cause_one_finding():
    """What the schema says of a field, the policy does not say again."""
    ask = asking(COUNT, "{min: 2}")
    for line in ('count: "4"', "count: 0", "cuont: 1"):
        text = spec_of().replace("count: 1", line)
        assert said(text, ask) == [], line
    # Text that had to be repaired is not judged.
    assert said(spec_of().replace("count: 1", "count: 1\n  x: [", 1), ask) == []


def test_severity_and_choice():
    text, ask = spec_of(), asking(TEAM, "{present: true}", severity="error")
    assert said(text, ask) == ["error the-rule /metadata/labels/team"]
    assert said(text, ask, Config(severity={"the-rule": Severity.HINT})) == ["hint the-rule /metadata/labels/team"]
    for word in ("the-rule", "PL101", "policy", "policy-violation", "PL"):
        assert said(text, ask, Config(ignore=(word,))) == []
        assert len(said(text, ask, Config(select=(word,)))) == 1
    assert said(text, ask, Config(select=("schema",))) == []
    assert said(text, asking(TEAM, "{present: true}", severity="off")) == []


def test_suppressions():
    ask = asking(TEAM, "{present: true}")
    text = f"# modelspec-ignore-file: the-rule because\n{spec_of()}"
    assert said(text, ask) == []
    assert [d.code for d in findings(text, ask) if d.code == "MS172"] == []
    loud = ask.replace("name: the-rule", "name: the-rule\n      suppressible: false")
    assert len(said(text, loud)) == 1
    (useless,) = [d for d in findings(text, loud) if d.code == "MS172"]
    assert "cannot be suppressed" in useless.message
    met = findings(text, asking(TEAM, "{present: false}"))
    assert ["Nothing to suppress" in d.message for d in met if d.code == "MS172"] == [True]


def levels(text, rules, config=None):
    found = findings(text, policy(f"overrides:\n{rules}"), config)
    return {d.code: d.severity.label for d in found}


def test_overrides_of_built_in_rules():
    text = spec_of(labels={"environment": "prod"}, minReplicas=1, maxReplicas=2)
    assert levels(text, "  - rules: {single-replica-in-prod: error}")["MS703"] == "error"
    assert "MS703" not in levels(text, "  - rules: {scaling: off}")
    assert levels(text, "  - rules: {scaling: off, MS703: hint}")["MS703"] == "hint"
    assert levels(text, "  - match: {environments: [dev]}\n    rules: {MS703: error}")["MS703"] == "warning"
    twice = "  - rules: {MS703: error}\n  - match: {names: [example]}\n    rules: {MS703: hint}"
    assert levels(text, twice)["MS703"] == "hint"
    config = Config(severity={"MS703": Severity.INFORMATION})
    assert levels(text, "  - rules: {MS703: error}", config)["MS703"] == "error"


def test_overrides_reach_findings_across_files():
    text = dependencies("gone")
    files = {
        "modelspec-policy.yaml": policy(
            "overrides:\n  - match: {names: [example]}\n    rules: {spec-ref-not-found: error}"
        )
    }
    (found,) = [d for d in findings(text, files) if d.code == "MS801"]
    assert found.severity is Severity.ERROR
    off = {"modelspec-policy.yaml": policy("overrides:\n  - rules: {pipeline: off}")}
    assert not [d for d in findings(text, off) if d.code == "MS801"]


def test_a_finding_points_back_to_its_rule():
    ask = asking(TEAM, "{present: true}", docs="https://wiki.example.com/x")
    (found,) = [d for d in findings(spec_of(), ask) if d.said]
    assert (found.ident, found.said.policy, found.said.docs) == ("the-rule", "acme", "https://wiki.example.com/x")
    (related,) = found.related
    assert related.uri == "file:///ws/modelspec-policy.yaml"
    assert ask.split("\n")[related.mark.line].strip() == "- name: the-rule"


def test_what_the_command_line_asks_for_is_stronger():
    config = Config(asked=Settings(ignore=("the-rule",))).final()
    assert said(spec_of(), asking(TEAM, "{present: true}"), config) == []


def test_several_documents_of_a_stream():
    text = f"{spec_of(labels={'team': 'a'})}---\n{spec_of(name='second')}"
    assert said(text, asking(TEAM, "{present: true}")) == ["warning the-rule /metadata/labels/team"]


def test_too_much_work_is_said_once():
    text = dependencies(*(f"d{number}" for number in range(1000)))
    rules = [
        f"  - {{name: r-{n}, require: {{'{DEPENDENCIES}[].id': {{matches: '^[a-z]+{n}$|d'}}}}}}" for n in range(120)
    ]
    started = time.process_time()
    (found,) = said(text, policy("\n".join(["rules:", *rules, ""])))
    assert found.startswith("warning r-0") and time.process_time() - started < 8
