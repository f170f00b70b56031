"""Scaling, governance and cost both ways: replicas against load, latency and load times; owners, data, machines."""

import pytest
from tables import brief, every_fix, everything, only, wrong_types

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Severity
from modelspec_ls.knowledge import accelerators
from modelspec_ls.knowledge.machines import machine
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.cost.cost_target_unrealistic import below_floor
from modelspec_ls.rules.pace import pace
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.scopes import Scope
from support.build import build, text_of
from support.specs import diagnose

GROUPS = ("scaling", "governance", "cost")
PROD = {"environment": "prod", "team": "ml-platform"}
NO_PII = {"allowed": False}
LLAMA = {"id": "llama-2-70b-chat", "family": "llama-2", "precision": "fp16", "type": "a100-80gb", "count": 4}


def range_of(low, high, **more):
    return {"minReplicas": low, "maxReplicas": high} | more


def reactive(low, high, **more):
    return range_of(low, high, strategy="reactive", targetRps=1) | more


CASES = {
    # MS701
    "crossed bounds": (reactive(4, 2), ["error MS701 minReplicas"]),
    "crossed at zero": (range_of(1, 0), ["error MS701 minReplicas"]),
    "never runs": (range_of(0, 0), ["warning MS701 maxReplicas"]),
    "equal bounds": (range_of(2, 2), []),
    "one bound, by itself": (
        {"minReplicas": 2, "strategy": "reactive", "targetRps": 1},
        ["information MS701 strategy"],
    ),
    "one bound, by hand": ({"minReplicas": 2, "strategy": "manual"}, []),
    # MS702
    "from nothing": (reactive(0, 4, targetLatencyMsP95=6000), ["warning MS702 minReplicas"]),
    "from nothing, in production": (
        reactive(0, 4, labels=PROD, pii=NO_PII),
        ["warning MS702 minReplicas"],
    ),
    "from nothing, with a warm pool": (reactive(0, 4, targetLatencyMsP95=6000, warmPool={"size": 1}), []),
    "from nothing, nothing promised": (reactive(0, 4), []),
    # MS703
    "one in production": (reactive(1, 4, labels=PROD, pii=NO_PII), ["warning MS703 minReplicas"]),
    "one of one in production": (
        range_of(1, 1, labels=PROD, pii=NO_PII),
        ["warning MS703 minReplicas"],
    ),
    "none in production, a warm pool": (
        reactive(0, 4, labels=PROD, pii=NO_PII, warmPool={"size": 1}),
        ["warning MS703 minReplicas"],
    ),
    "two in production": (reactive(2, 4, labels=PROD, pii=NO_PII), []),
    "one in staging": (reactive(1, 4, labels={"environment": "staging"}), []),
    # MS704
    "a range without strategy": (range_of(1, 4), ["hint MS704 /spec/operations/scaling"]),
    "a strategy without target": (range_of(1, 4, strategy="reactive"), ["information MS704 strategy"]),
    "a range by hand": (range_of(1, 4, strategy="manual"), ["warning MS704 strategy"]),
    "a strategy without range": (reactive(2, 2), ["warning MS704 strategy"]),
    "a misspelt strategy": (range_of(1, 4, strategy="reactiv"), []),
    # MS705
    "too many warm": (reactive(2, 3, warmPool={"size": 4}), ["warning MS705 warmPool/size"]),
    "no room for warm": (range_of(2, 2, warmPool={"size": 1}), ["warning MS705 warmPool/size"]),
    "warm by hand": (range_of(2, 2, strategy="manual", warmPool={"size": 1}), ["warning MS705 warmPool/size"]),
    "one warm": (reactive(2, 3, warmPool={"size": 1}), []),
    "none warm": (range_of(2, 2, warmPool={"size": 0}), []),
    # MS706
    "more than the slots": (
        reactive(1, 4, targetRps=200, targetLatencyMsP95=5000, maxConcurrency=32, maxBatchSize=32),
        ["warning MS706 maxReplicas"],
    ),
    "nearly all slots": (
        reactive(1, 4, targetRps=5, targetLatencyMsP95=6000),
        ["information MS706 maxReplicas"],
    ),
    "most slots free": (reactive(1, 4, targetRps=3, targetLatencyMsP95=6000), []),
    "no slots stated": (reactive(1, 4, targetRps=500, targetLatencyMsP95=6000, maxBatchSize=None), []),
    # MS707
    "five tokens": (LLAMA | {"targetLatencyMsP95": 100}, ["information MS707 targetLatencyMsP95"]),
    "not one token": (LLAMA | {"targetLatencyMsP95": 10}, ["warning MS707 targetLatencyMsP95"]),
    "forty-seven tokens": (LLAMA | {"targetLatencyMsP95": 800}, []),
    "the first token": (
        LLAMA | {"targetLatencyMsP95": 100, "annotations": {"modelspec/slo": "ttft-ms-p95=100"}},
        [],
    ),
    "an objective for something else": (
        LLAMA | {"targetLatencyMsP95": 100, "annotations": {"modelspec/slo": "availability=99.9"}},
        ["information MS707 targetLatencyMsP95"],
    ),
    "no accelerator known": (LLAMA | {"type": "acme-1", "targetLatencyMsP95": 100}, []),
    "a few active of many": (
        {"id": "qwen3-30b-a3b", "type": "h100", "targetLatencyMsP95": 100},
        [],
    ),
    # MS901
    "no owner": ({"labels": {"environment": "prod"}, "pii": NO_PII}, ["information MS901 /spec/governance/compliance"]),
    "an owner": ({"labels": {"env": "prod"}, "pii": NO_PII, "governance": {"owner": "ml"}}, []),
    "an owner by annotation": (
        {"labels": {"env": "prod"}, "pii": NO_PII, "annotations": {"acme.dev/Owner": "ml"}},
        [],
    ),
    "an owner in the wrong place": ({"labels": {"env": "prod"}, "pii": NO_PII | {"owner": "ml"}}, []),
    # MS902
    "undeclared": ({"labels": PROD}, ["information MS902 /spec"]),
    "allowed without retention": ({"pii": {"allowed": True}}, ["warning MS902 pii/allowed"]),
    "allowed with retention": ({"pii": {"allowed": True}, "retention": {"logsDays": 7}}, []),
    # MS903
    "allowed, but none": (
        {"pii": {"allowed": True, "policy": "no-PII"}, "retention": {"logsDays": 7}},
        ["warning MS903 pii/policy"],
    ),
    "not allowed, but allow": ({"pii": {"allowed": False, "policy": "allow"}}, ["warning MS903 pii/policy"]),
    "a policy that stands elsewhere": ({"pii": {"allowed": False, "policy": "internal-allow-list-v3"}}, []),
    "redacted": ({"pii": {"allowed": False, "policy": "redact"}}, []),
    # MS904
    "nothing kept": (
        {"retention": {"logsDays": 0, "artifactsDays": 0}},
        ["information MS904 retention/artifactsDays", "information MS904 retention/logsDays"],
    ),
    "no logs of personal data": (
        {"pii": {"allowed": True}, "retention": {"logsDays": 0}},
        ["information MS904 retention/logsDays"],
    ),
    # MS951
    "another accelerator": (
        {"type": "a100-80gb", "cloudProvider": "aws", "instanceType": "g5.12xlarge"},
        ["warning MS951 instanceType"],
    ),
    "the same accelerator": ({"type": "a100-80gb", "instanceType": "p4de.24xlarge"}, []),
    "the accelerator of either board": ({"type": "a100", "instanceType": "Standard_NC24ads_A100_v4"}, []),
    "another cloud": (
        {"type": "a100", "cloudProvider": "google", "instanceType": "p4d.24xlarge"},
        ["warning MS951 cloudProvider"],
    ),
    "a cloud by its long name": (
        {"type": "h100", "cloudProvider": "gcp", "instanceType": "a3-highgpu-8g"},
        [],
    ),
    "more than one machine": (
        {"id": "llama-3.3-70b-instruct", "family": "llama-3.3", "count": 4, "instanceType": "g6e.xlarge"},
        ["information MS951 instanceType"],
    ),
    "more than the host": (
        {"instanceType": "g6e.xlarge", "cpuCores": 8, "memoryGb": 64},
        ["warning MS951 cpuCores", "warning MS951 memoryGb"],
    ),
    "what the host has, in GB": ({"instanceType": "g6e.xlarge", "cpuCores": 4, "memoryGb": 34}, []),
    "a machine of the future": ({"instanceType": "g9.xlarge"}, []),
    # MS952
    "spot with one": (
        reactive(1, 4, labels=PROD, pii=NO_PII, spotAllowed=True),
        ["warning MS703 minReplicas", "warning MS952 spotAllowed"],
    ),
    "spot without a minimum": (
        {"labels": PROD, "pii": NO_PII, "spotAllowed": True},
        ["warning MS952 spotAllowed"],
    ),
    "spot with three": (reactive(3, 4, labels=PROD, pii=NO_PII, spotAllowed=True), []),
    "spot with a target": (
        reactive(3, 4, labels=PROD, pii=NO_PII, spotAllowed=True, targetLatencyMsP95=6000),
        ["information MS952 spotAllowed"],
    ),
    "spot with a target and spares": (
        reactive(3, 4, spotAllowed=True, targetLatencyMsP95=6000, warmPool={"size": 1}),
        [],
    ),
    "no spot": (reactive(2, 4, labels=PROD, pii=NO_PII, spotAllowed=False), []),
    # MS953
    "for nothing": ({"targetCostPer1kTokensUsd": 0}, ["information MS953 targetCostPer1kTokensUsd"]),
    "for something": ({"targetCostPer1kTokensUsd": 0.002}, []),
}  # fmt: skip
FOUND = {name: changes for name, (changes, expected) in CASES.items() if expected}


@pytest.mark.parametrize("name", CASES)
def test_case(name):
    changes, expected = CASES[name]
    assert brief(changes, GROUPS) == sorted(expected)


@pytest.mark.parametrize("layout", ["as written", "CRLF", "four spaces", "JSON"])
@pytest.mark.parametrize("name", FOUND)
def test_every_fix(name, layout):
    every_fix(FOUND[name], GROUPS, layout)


@pytest.mark.parametrize("name", FOUND)
def test_what_the_schema_rejects_is_not_judged(name):
    wrong_types(FOUND[name])


@pytest.mark.parametrize(
    "name, code, words",
    [
        ("from nothing", "MS702", ["some 16 s for 16 GB", "6000 ms"]),
        ("one in production", "MS703", ["some 16 s"]),
        ("too many warm", "MS705", ["3 of 4 warm instances", "3 idle accelerators"]),
        ("no room for warm", "MS705", ["No more replicas"]),
        (
            "more than the slots",
            "MS706",
            ["up to 1000 requests", "4 replicas x 32 = 128 slots", "32 replicas", "25.6 requests/s"],
        ),
        ("nearly all slots", "MS706", ["94% of them", "5 replicas"]),
        ("five tokens", "MS707", ["5 output tokens", "16.8 ms per token", "4 x a100-80gb"]),
        ("not one token", "MS707", ["not even one"]),
        ("another accelerator", "MS951", ["4 x NVIDIA A10G 24GB;", "1 x a100-80gb", "`p4de.24xlarge`"]),
        ("more than one machine", "MS951", ["1 accelerator", "spans 4"]),
        ("more than the host", "MS951", []),
        ("nothing kept", "MS904", []),
    ],
)
def test_message(name, code, words):
    found = [d for d in everything(CASES[name][0]) if d.code == code]
    missing = [word for word in words if not any(word in d.message for d in found)]
    assert found and missing == [], [d.message for d in found]


def test_the_first_token_is_added_to_the_objectives():
    for name, value in (
        ("five tokens", "ttft-ms-p95=100"),
        ("an objective for something else", "availability=99.9,ttft-ms-p95=100"),
    ):
        assert value in only(CASES[name][0], "MS707").fixes[0].title


def context(**changes):
    return DocumentContext(Document("x.modelspec.yaml", text_of(build(**changes)), claimed=True), Scope(Config()), 0)


def test_pace_takes_the_part_of_the_devices_that_works_on_one_token():
    one = pace(context(**LLAMA))
    assert 16.7 < one.token_seconds * 1000 < 17.0
    staged = pace(context(**LLAMA, annotations={"modelspec/pipeline-parallel-size": "2"}))
    assert staged.token_seconds == pytest.approx(2 * one.token_seconds)
    copies = pace(context(**LLAMA, annotations={"modelspec/data-parallel-size": "4"}))
    assert copies.token_seconds == pytest.approx(4 * one.token_seconds)


def test_of_an_ambiguous_accelerator_the_fastest_counts():
    assert pace(context(**LLAMA | {"type": "a100"})).bandwidth == max(
        c.memory_bandwidth_gb_s * 10**9 for c in accelerators.find("a100", "nvidia").candidates
    )


def test_the_floor_of_cost_follows_the_price():
    cheap = LLAMA | {"maxBatchSize": 64, "targetCostPer1kTokensUsd": 0.0001}
    finding = below_floor(context(**cheap), 2.5)
    assert finding.severity is Severity.WARNING
    # 64 sequences at 16.8 ms a step are 3,799 tokens/s for 10 USD an hour.
    assert "write at most 3799 tokens/s" in finding.message and "$0.00073 per 1,000" in finding.message
    assert below_floor(context(**cheap | {"targetCostPer1kTokensUsd": 0.0008}), 2.5) is None
    assert below_floor(context(**cheap), 0.1) is None
    for unknown in ({"maxBatchSize": None}, {"id": "example-llm"}, {"task": "embedding"}, {"type": "acme"}):
        assert below_floor(context(**cheap | unknown), 2.5) is None


@pytest.mark.parametrize("prices, found", [({"NVIDIA A100-SXM4-80GB": 2.5}, True), ({"l4": 2.5}, False), ({}, False)])
def test_prices_of_the_settings_are_what_counts(prices, found):
    cheap = LLAMA | {"maxBatchSize": 64, "targetCostPer1kTokensUsd": 0.0001}
    codes = [d.code for d in diagnose(text_of(build(**cheap)), config=Config(select=("MS953",), prices=prices))]
    assert codes == ["MS953"] * found


def test_every_machine_is_one_of_the_catalogue():
    known = {(i.cloud, i.type) for i in accelerators.all_instances()}
    from modelspec_ls.resources import load_package_json

    table = load_package_json("knowledge/data/machines.json")["machines"]
    assert {(cloud, name) for cloud, rows in table.items() for name in rows} <= known
    assert machine("aws", "p4d.24xlarge") == (96, 1152)
    assert machine("gcp", "a3-highgpu-8g") == (208, 1872)
    assert machine("aws", "m5.large") is None
