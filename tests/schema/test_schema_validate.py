"""Schema errors sorted into what a person did: one per cause."""

import copy

import pytest
import yaml

from modelspec_ls.schema.validate import validate
from support.specs import MINIMAL

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
