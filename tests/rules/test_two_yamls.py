"""YAML 1.1 against 1.2: an error exactly where the reference validator, which reads 1.1, finds one."""

import pytest
import yaml
from jsonschema import Draft202012Validator

from modelspec_ls.core.finding import Severity
from support.reference import REFERENCE
from support.specs import MINIMAL, brief, diagnose, fixed, spec

VALIDATOR = Draft202012Validator(REFERENCE)
FIELDS = {
    "text": "metadata:\n  version: {}\n",
    "label": "metadata:\n  labels:\n    tier: {}\n",
    "enum": "operations:\n  serving:\n    protocol: {}\n",
    "whole number": "operations:\n  scaling:\n    minReplicas: {}\n",
    "port": "operations:\n  serving:\n    port: {}\n",
    "number": "runtime:\n    resources:\n      memoryGb: {}\n",
    "boolean": "operations:\n  observability:\n    tracing:\n      enabled: {}\n",
    "mapping": "governance: {}\n",
}
PLAIN = """
yes Yes YES no No NO on On ON off Off OFF y n Y N true True TRUE false False FALSE tRue ~ null Null NULL nULL
0 1 -1 +1 00 01 07 08 010 0755 0177777 0200000 0o10 0O10 0o8 0x1F 0X1F 0xG 0b101 0b2 1_000 1_0 _1 1__0 0_1 1_ 10_0.5
1.5 1. .5 +.5 -.5 +.5e+1 5.0 -0.0 1.0e3 1.0e+3 1e3 1E3 1e+3 1e-3 1.5e-1 .5e1 .5e+1 1_0.0e+1
1e400 1.0e+400 99999999999999999999
.inf -.inf +.inf .Inf .INF .nan .NaN .NAN inf nan Infinity -inf
1:30 12:30 1:60 12:30:45 1:30.5 -1:30 0:30 190:20:30 1:3:5 01:30 12:30.
2025-01-31 2025-1-31 2025-13-45 2025-02-30 2025-01-31T10:00:00Z 2025-01-31T10:00:00 2025-1-3T1:02:03 20250131 2025-01
= << - -- --- ... . .. / + "1" '1' "yes" !!str !!int !!null
1.2.3 v1.2 1,000 50% 0.1.0 1e 1e+ e3 0e0 0.0 -010 +010 -0x1F +0o10 0x_1 0x piqc.ai/v1alpha1 http HTTP
"""
TOKENS = (
    *PLAIN.split(),
    "!!str 1",
    "!!int '3'",
    "!!int abc",
    "!!float 1",
    "!foo x",
    "2025-01-31 10:00:00",
    "&a 1",
    "*a",
)


def document(field, token):
    text = FIELDS[field].format(token)
    if field in {"text", "label"}:
        return MINIMAL.replace("metadata:\n", text)
    if field == "number":
        return MINIMAL.replace("  runtime:\n", f"  {text}")
    return spec(text)


def reference_rejects(text):
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, LookupError):  # The latter two are crashes of PyYAML on odd scalars.
        return True
    return not VALIDATOR.is_valid(data)


# Not in the list: ``!!bool yes`` is an error here, though 1.1 reads it, because the tag says it is no text.
@pytest.mark.parametrize("field", FIELDS)
def test_an_error_where_the_reference_has_one(field):
    wrong = []
    for token in TOKENS:
        text = document(field, token)
        found = [d for d in diagnose(text) if d.severity is Severity.ERROR]
        if bool(found) != reference_rejects(text):
            wrong.append((token, [f"{d.code} {d.message}" for d in found]))
    assert wrong == []


# What the comparison with other tools showed: each document once, with what this tool says about it.
STEP = "pipeline:\n  dependencies:\n    - id: a\n      role: input\n"
TABLE = {
    "required: yes": (spec(f"{STEP}      required: yes\n"), ["warning MS003 /spec/pipeline/dependencies/0/required"]),
    "required: on": (spec(f"{STEP}      required: on\n"), ["warning MS003 /spec/pipeline/dependencies/0/required"]),
    "date": (document("text", "2025-01-31"), ["error MS003 /metadata/version"]),
    "label no": (document("label", "no"), ["error MS003 /metadata/labels/tier"]),
    "label 12:30": (document("label", "12:30"), ["error MS003 /metadata/labels/tier"]),
    "count 1_0": (spec(count="1_0"), ["warning MS003 /spec/runtime/accelerator/count"]),
    "count 0o10": (spec(count="0o10"), ["error MS003 /spec/runtime/accelerator/count"]),
    "count 1e1": (spec(count="1e1"), ["error MS003 /spec/runtime/accelerator/count"]),
    "memoryGb 1e3": (document("number", "1e3"), ["error MS003 /spec/runtime/resources/memoryGb"]),
    "memoryGb 1.0e3": (document("number", "1.0e3"), ["error MS003 /spec/runtime/resources/memoryGb"]),
    "both invalid": (document("label", "1"), ["error MS103 /metadata/labels/tier"]),
    "both valid, another number": (spec(count="010"), ["warning MS003 /spec/runtime/accelerator/count"]),
    "duplicate key": (f"{MINIMAL}      count: 2\n", ["error MS002 /spec/runtime/accelerator/count"]),
    "two documents": (f"{MINIMAL}---\n{MINIMAL}", ["information MS004"]),
    "comment only": ("# to be written\n", ["error MS101"]),
    "NEL in a plain value": (spec(id="qwen\x85x"), ["error MS003 /spec/identity/model/id"]),
    "NEL in quotes": (spec(id='"qwen\x85x"'), ["warning MS003 /spec/identity/model/id"]),
    "NEL in a comment": (f"# a\x85 comment\n{MINIMAL}", ["error MS003"]),
    "undefined alias": (spec(id="*model"), ["error MS001"]),
    "custom tag": (spec(id="!env MODEL"), ["error MS001"]),
    "trailing ---": (f"{MINIMAL}---\n", []),
    "infinity": (document("number", ".inf"), []),
    "integer keys": (document("label", "a\n    1: b"), []),
    "boolean keys": (document("label", "a\n    on: b"), ["warning MS003 /metadata/labels/on"]),
    "same dependency id twice": (spec(f"{STEP}    - id: a\n      role: input\n"), []),
}


@pytest.mark.parametrize("name", TABLE)
def test_table(name):
    text, expected = TABLE[name]
    assert brief(text) == expected


def test_json_is_read_as_json():
    """No version of YAML has a say there: an exponent needs neither a dot nor a sign."""
    text = '{"apiVersion": "piqc.ai/v1alpha1", "kind": "ModelSpec", "metadata": {"name": "a", "version": 1e3}}'
    assert brief(text, "x.modelspec.json") == ["error MS101", "error MS103 /metadata/version"]


@pytest.mark.parametrize(
    "text, writings",
    [
        (spec(count="1e1"), ["10"]),
        (spec(count="010"), ["10", "8"]),
        (spec(count="0o17"), ["15"]),
        (document("number", "1e300"), ["1.0e+300"]),
        (document("number", "1e-7"), ["1.0e-07"]),
        (document("boolean", "Off"), ["false"]),
        (document("label", "no"), ['"no"']),
        (document("text", "="), ['"="']),
    ],
)
def test_what_to_write_is_read_alike(text, writings):
    (finding,) = diagnose(text)
    after = [fixed(text, fix) for fix in finding.fixes]
    assert [f.title for f in finding.fixes] == [f"Write {w}" for w in writings]
    assert [brief(t) for t in after] == [[]] * len(writings)


def test_one_value_is_judged_at_every_place_that_uses_it():
    text = spec(metadata="annotations: &notes\n  replicas: &n 1_0\nlabels: *notes\n", count="*n")
    assert brief(text) == ["error MS003 /metadata/annotations/replicas", "warning MS003 /metadata/annotations/replicas"]
    merged = spec(metadata="labels:\n  <<: {a: no, b: x}\n  c: y\n")
    assert [(d.code, merged[slice(*d.span)]) for d in diagnose(merged)] == [("MS003", "no")]
