"""Schema errors sorted into what a person did: one per cause."""

import copy
import random
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from modelspec_ls.schema.navigate import schema_for
from modelspec_ls.schema.validate import _validator, validate
from support.specs import MINIMAL

ROOT = Path(__file__).parents[2]
VALID = yaml.safe_load(MINIMAL)


def problems(change):
    data = copy.deepcopy(VALID)
    change(data)
    return [(p.kind, ".".join(map(str, p.path)), p.names) for p in validate("ModelSpec", data)]


@pytest.mark.parametrize(
    "change, expected",
    [
        (lambda d: None, []),
        (lambda d: d.clear(), [("missing", "", ("apiVersion", "kind", "metadata", "spec"))]),
        (lambda d: d["spec"].pop("runtime"), [("missing", "spec", ("runtime",))]),
        # A typo of a required key is not a missing key too, but the others are.
        (
            lambda d: d["spec"]["identity"].update(model={"ID": "x", "task": "y"}),
            [
                ("missing", "spec.identity.model", ("family", "framework")),
                ("unknown", "spec.identity.model.ID", ()),
            ],
        ),
        # Nor is a misplaced one.
        (
            lambda d: d["spec"]["identity"].update(framework=d["spec"]["identity"]["model"].pop("framework")),
            [("unknown", "spec.identity.framework", ())],
        ),
        # A value of the wrong type is not out of range too.
        (
            lambda d: d["spec"]["runtime"]["accelerator"].update(count=0.5),
            [("type", "spec.runtime.accelerator.count", ())],
        ),
        (
            lambda d: d["spec"]["runtime"]["accelerator"].update(count=0),
            [("range", "spec.runtime.accelerator.count", ())],
        ),
        (lambda d: d.update(apiVersion=1), [("choice", "apiVersion", ())]),
        (lambda d: d.update(kind=None, apiVersion="x"), [("choice", "apiVersion", ()), ("choice", "kind", ())]),
        (
            lambda d: d["spec"].update(operations={"serving": {"protocol": 1}}),
            [("type", "spec.operations.serving.protocol", ())],
        ),
        # An empty key whose content stands beside it.
        (
            lambda d: d["spec"].update(operations=None, serving={}),
            [("unknown", "spec.serving", ())],
        ),
    ],
)
def test_one_problem_per_cause(change, expected):
    assert sorted(problems(change)) == sorted(expected)


def test_two_items():
    step = {"id": "a", "role": "input", "inputType": "text"}
    data = copy.deepcopy(VALID)
    data["spec"]["pipeline"] = {"dependencies": [step, {**step, "id": "b"}]}
    assert [p.elsewhere for p in validate("ModelSpec", data)] == [
        ("spec", "pipeline", "dependencies", i, "interface", "inputType") for i in (0, 1)
    ]


def test_the_quick_look_hides_no_error():
    """Only what a quick look finds wrong is given to the validator: the errors are those of the whole value."""
    rng = random.Random(5)
    whole = Draft202012Validator(schema_for("ModelSpec"))
    ours = _validator("ModelSpec")
    specs = [yaml.safe_load(path.read_text("utf-8")) for path in sorted((ROOT / "examples").glob("0*.yaml"))]
    strange = [None, 0, -1, 1.5, "x", True, [], {}, [1], {"x": 1}]
    wrong = 0
    for _ in range(300):
        value = copy.deepcopy(rng.choice(specs))
        for _ in range(rng.randint(1, 3)):
            holder = rng.choice(list(_holders(value)))
            key = rng.choice([*(holder if isinstance(holder, dict) else range(len(holder))), "unknown", 0])
            if isinstance(holder, list):
                holder.append(rng.choice(strange))
            elif rng.random() < 0.3:
                holder.pop(key, None)
            else:
                holder[str(key)] = rng.choice(strange)
        expected = _told(whole, value)
        wrong += bool(expected)
        assert _told(ours, value) == expected
    assert wrong > 200


def _holders(value):
    if isinstance(value, (dict, list)) and value:
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _holders(item)


def _told(validator, value):
    return [(list(e.absolute_path), list(e.schema_path), e.message) for e in validator.iter_errors(value)]
