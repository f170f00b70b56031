"""No rule falls over a document, and one that does takes nobody with it."""

import copy
import logging
from pathlib import Path

import pytest
import yaml
from attrs import evolve
from test_calibration import SPECS

from modelspec_ls.analysis import check_document
from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Severity
from modelspec_ls.ide.flavors import flavor_hints, flavor_lenses
from modelspec_ls.ide.memory_request import memory_fit
from modelspec_ls.rules.registry import all_rules
from support.choice import choose
from support.specs import diagnose
from support.workspace import folder

EXAMPLES = Path(__file__).parents[2] / "examples"
MODELS = list(yaml.safe_load_all((EXAMPLES / "openmodel" / "chat.yaml").read_text(encoding="utf-8")))
MODELS[1]["spec"]["modelClaims"] = {"models": [{"name": "a", "role": "main"}, {"name": "b", "role": "draft"}]}
FULL = copy.deepcopy(SPECS["08"])
FULL["spec"]["operations"]["scaling"] |= {"strategy": "reactive", "warmPool": {"size": 1}}
FULL["metadata"].setdefault("annotations", {})["modelspec/base-model"] = "./base.modelspec.yaml"
GONE = object()
VALUES = {
    "gone": GONE,
    "null": None,
    "negative": -1,
    "huge": 10**30,
    "beyond any float": 10**400,
    "a float as large as can be": 1.7e308,
    "a list in a list": [[1]],
}

# MS005 is about files that cannot be read; settings and suppressions are not in this text.
ON_SPECS = [
    m.rule.code
    for m in all_rules()
    if m.rule.code != "MS005"
    and m.rule.scope not in {"settings", "suppressions", "policy"}
    and m.rule.concerns("ModelSpec")
]


def nodes(value, path=()):
    """The paths of all values below one."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from nodes(inner, (*path, key))


@pytest.mark.parametrize("value", VALUES)
def test_every_value_exchanged(value):
    for path in nodes(FULL):
        data = copy.deepcopy(FULL)
        parent = data
        for key in path[:-1]:
            parent = parent[key]
        if VALUES[value] is GONE:
            del parent[path[-1]]
        else:
            parent[path[-1]] = VALUES[value]
        found = diagnose(yaml.safe_dump(data, sort_keys=False), config=Config())
        assert not [d.message for d in found if d.code == "MS000"], path


@pytest.mark.parametrize("value", VALUES)
def test_every_value_of_an_open_model_and_its_playground_exchanged(value):
    for number, path in [(n, path) for n, model in enumerate(MODELS) for path in nodes(model)]:
        data = copy.deepcopy(MODELS)
        parent = data[number]
        for key in path[:-1]:
            parent = parent[key]
        if VALUES[value] is GONE:
            del parent[path[-1]]
        else:
            parent[path[-1]] = VALUES[value]
        text = yaml.safe_dump_all(data, sort_keys=False)
        snapshot = folder({"m.yaml": text})
        document = snapshot.document("file:///ws/m.yaml")
        assert not [d.message for d in check_document(snapshot, document.uri) if d.code == "MS000"], path
        memory_fit(snapshot, document.uri, {})
        for model in document.model_numbers:
            list(flavor_lenses(snapshot, document, model))
            list(flavor_hints(snapshot, document, model))


@pytest.mark.parametrize("code", ON_SPECS)
def test_a_rule_that_raises_is_reported_once_and_the_others_go_on(code, monkeypatch, caplog):
    def fail(_):
        raise RuntimeError(code)

    text = yaml.safe_dump(FULL, sort_keys=False)
    before = diagnose(text, config=Config())
    broken = tuple(evolve(m, check=fail) if m.rule.code == code else m for m in all_rules())
    choose(monkeypatch, broken)
    with caplog.at_level(logging.CRITICAL):
        found = diagnose(text, config=Config())
    (report,) = [d for d in found if d.code == "MS000"]
    assert report.severity is Severity.INFORMATION
    assert code in report.message
    assert [d for d in found if d.code != "MS000"] == [d for d in before if d.code != code]
