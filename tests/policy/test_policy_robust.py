"""Whatever stands in a policy: it is read, judged and put into force without a fault of the tool's."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from modelspec_ls.policy import cel
from modelspec_ls.workspace import policies
from support.policies import HEAD, findings, spec_of

PACK = yaml.safe_load(
    HEAD
    + """
  extends: [./base.yaml]
  params: {a: [x, y], b: 3}
  prices: {l40s: 1.5}
  rules:
    - name: one
      severity: error
      match: {labels: {a: b}, names: [x*], paths: [a/], kinds: [ModelSpec], environments: [prod]}
      exclude: {annotations: {a: ['*']}, expression: 'true', fields: {metadata.name: {min: 1}}}
      require:
        metadata.labels.team: {in: $params.a, optional: true}
        'spec.pipeline.dependencies[].id': {uniqueIn: document}
      at: metadata.name
      message: "{value} {x} {params.b}"
      docs: https://x
      fix: {metadata.name: x}
      suppressible: false
      exempt: [{name: a, until: '2027-01-01', reason: b}]
    - {name: two, forbid: {metadata.name: {matches: 'a+'}}}
    - {name: three, expression: 'object.x == 1'}
  overrides: [{match: {labels: {a: b}}, rules: {scaling: off}}]
  tests: [{name: t, document: {}, expect: [one]}]
"""
)  # fmt: skip
VALUES = [None, -1, 10**400, "$params.a", [None], {"a": None}]


@pytest.fixture(autouse=True)
def _without_processes(monkeypatch):
    monkeypatch.setattr(cel, "available", lambda: False)
    monkeypatch.setattr(policies.log, "exception", pytest.fail)


def nodes(value, path=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from nodes(inner, (*path, key))


def sound(text):
    of_spec = findings(spec_of(labels={"a": "b"}, name="xx"), text)
    own = findings(text, {"spec.modelspec.yaml": spec_of()}, name="modelspec-policy.yaml")
    assert not [d.message for d in (*of_spec, *own) if d.code == "MS000"], text


@pytest.mark.parametrize("value", VALUES, ids=lambda v: repr(v)[:12])
def test_wrong_types_everywhere(value):
    for path in nodes(PACK):
        data = json.loads(json.dumps(PACK))
        parent = data
        for key in path[:-1]:
            parent = parent[key]
        parent[path[-1]] = value
        sound(json.dumps(data))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
WORDS = (
    "require forbid match exclude fix exempt severity at message metadata.name in min matches expression labels names "
    "paths fields kinds name"
)
KEYS = st.sampled_from(WORDS.split())


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, st.dictionaries(KEYS, JSON, max_size=3) | JSON, max_size=5))
def test_any_rule(rule):
    data = json.loads(json.dumps(PACK))
    data["spec"]["rules"] = [{"name": "a", **rule}]
    sound(json.dumps(data))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2000), st.integers(0, 2000), st.text(alphabet="{}[]:- \n\"'&*#|>ax0", max_size=4))
def test_any_text(start, length, junk):
    text = yaml.safe_dump(PACK, sort_keys=False)
    sound(text[:start] + junk + text[start + length % 40 :])
