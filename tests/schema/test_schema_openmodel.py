"""The schema of OpenModels: what the API takes, described throughout."""

import pytest
from jsonschema import Draft202012Validator

from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.schema.navigate import notes, schema_for, type_name, walk
from modelspec_ls.schema.quick import compiled
from modelspec_ls.schema.validate import fits, is_valid, validate

SCHEMA = schema_for("OpenModel")
FIELDS = dict(walk(SCHEMA))
NOTES = {
    "unit", "typical", "ifOmitted", "interacts", "vocabulary", "enumDescriptions", "byCluster", "instead", "form",
    "formerly",
}  # fmt: skip


def test_it_is_a_schema():
    Draft202012Validator.check_schema(dict(SCHEMA))
    assert compiled(SCHEMA) is not None


@pytest.mark.parametrize("path", FIELDS, ids=lambda p: "/".join(map(str, p)) or "root")
def test_every_field_is_described(path):
    schema = FIELDS[path]
    if path[-1:] == (0,) and schema.get("type") in {"string", "object"} and "properties" not in schema:
        return  # Items that their list describes.
    assert schema["description"].endswith(".")
    assert set(notes(schema)) <= NOTES
    for example in schema.get("examples", ()):
        assert fits(schema, example), example
    if name := notes(schema).get("vocabulary"):
        assert vocabulary(name), name


def document(**spec):
    return {
        "apiVersion": "llmaz.io/v1alpha1",
        "kind": "OpenModel",
        "metadata": {"name": "a"},
        "spec": {"familyName": "a", "source": {"uri": "s3://b/m"}, **spec},
    }


def flavors(**fields):
    return {"inferenceConfig": {"flavors": [{"name": "a", **fields}]}}


@pytest.mark.parametrize(
    "spec, keyword",
    [
        ({}, None),
        (flavors(limits={"nvidia.com/gpu": 1}), None),
        (flavors(limits={"nvidia.com/gpu": "1"}), None),
        (flavors(limits={"cpu": "500m", "memory": "16Gi"}), None),
        (flavors(limits={"cpu": 1.5}), "type"),
        (flavors(limits={"cpu": "a lot"}), "pattern"),
        (flavors(params={"TP": 2}), "type"),
        (flavors(requests={}), "additionalProperties"),
        ({"inferenceConfig": {"flavors": [{"name": "a"}] * 9}}, "maxItems"),
        ({"createdAt": "2025-05-21T10:00:00Z"}, None),
        ({"createdAt": "2025-05-21T10:00:00.5+02:00"}, None),
        ({"createdAt": "2025-05-21 10:00:00"}, "pattern"),
        ({"source": {"modelHub": {"name": "HuggingFace"}}}, "enum"),
    ],
)
def test_verdicts(spec, keyword):
    found = validate("OpenModel", document(**spec))
    assert [problem.keyword for problem in found] == ([keyword] if keyword else [])
    assert is_valid("OpenModel", document(**spec)) == (keyword is None)
    assert compiled(SCHEMA)(document(**spec)) == (keyword is None)


def test_a_name_to_complete_stands_for_a_name():
    data = document()
    data["metadata"] = {"generateName": "a-"}
    assert validate("OpenModel", data) == ()
    data["metadata"] = {}
    assert [p.names for p in validate("OpenModel", data)] == [("name",)]


def test_words_for_types():
    limit = FIELDS[("spec", "inferenceConfig", "flavors", 0, "limits")]["additionalProperties"]
    assert type_name(limit) == "a whole number or text"


def test_a_former_name_leads_to_the_present_one():
    (problem,) = validate("OpenModel", document(**flavors(requests={})))
    assert problem.near == "limits"
