"""The schema as shipped: the same as published, described throughout, and found by path."""

import json

import pytest
from jsonschema import Draft202012Validator

from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.schema.navigate import (
    all_names,
    at,
    choices,
    map_value,
    notes,
    places_of,
    properties,
    required,
    schema_for,
    type_name,
    walk,
)
from modelspec_ls.schema.validate import fits, is_valid
from support.reference import REFERENCE

SCHEMA = schema_for("ModelSpec")
FIELDS = dict(walk(SCHEMA))


def bare(schema):
    """What decides over validity, without words about it."""
    if not isinstance(schema, dict):
        return schema
    kept = {k: v for k, v in schema.items() if k in {"type", "minimum", "maximum", "enum", "const", "items"}}
    if "const" in kept:
        kept.pop("type", None)
    if kept.get("type") == "object":
        kept["required"] = sorted(schema.get("required", ()))
        kept["properties"] = {k: bare(v) for k, v in schema.get("properties", {}).items()}
        kept["additionalProperties"] = bare(schema.get("additionalProperties", True))
    return {k: bare(v) if k == "items" else v for k, v in kept.items()}


def test_it_says_what_the_published_schema_says():
    assert bare(SCHEMA) == bare(REFERENCE)


def test_it_is_a_schema():
    Draft202012Validator.check_schema(dict(SCHEMA))


@pytest.mark.parametrize("path", FIELDS, ids=lambda p: "/".join(map(str, p)) or "root")
def test_every_field_is_described(path):
    schema = FIELDS[path]
    assert schema["description"].endswith(".")
    assert set(notes(schema)) <= {"unit", "typical", "ifOmitted", "interacts", "vocabulary", "enumDescriptions", "file"}
    for example in schema.get("examples", ()):
        assert fits(schema, example) or path == (), example
    if name := notes(schema).get("vocabulary"):
        assert vocabulary(name), name


def test_the_whole_example_is_valid():
    assert all(is_valid("ModelSpec", example) for example in SCHEMA["examples"])
    assert not is_valid("ModelSpec", json.loads("{}"))


@pytest.mark.parametrize(
    "path, expected",
    [
        ((), "a mapping"),
        (("spec", "runtime", "accelerator", "count"), "a whole number"),
        (("spec", "runtime", "resources", "memoryGb"), "a number"),
        (("spec", "pipeline", "dependencies"), "a list"),
        (("spec", "pipeline", "dependencies", 7), "a mapping"),
        (("spec", "pipeline", "dependencies", 7, "required"), "true or false"),
        (("metadata", "labels", "anything"), "text"),
    ],
)
def test_at(path, expected):
    assert type_name(at(SCHEMA, path)) == expected


@pytest.mark.parametrize("path", [("x",), ("spec", 0), ("metadata", "name", "x"), ("metadata", "labels", "a", "b")])
def test_at_leads_nowhere(path):
    assert at(SCHEMA, path) is None


def test_questions_to_a_subschema():
    model = at(SCHEMA, ("spec", "identity", "model"))
    assert required(model) == ("id", "family", "task", "framework")
    assert list(properties(model))[:2] == ["id", "family"]
    assert map_value(model) is None
    assert map_value(at(SCHEMA, ("metadata", "labels")))["type"] == "string"
    assert choices(at(SCHEMA, ("kind",))) == ("ModelSpec",)
    assert choices(at(SCHEMA, ("spec", "operations", "serving", "protocol"))) == ("http", "grpc")
    assert choices(at(SCHEMA, ("spec", "pipeline", "dependencies", 0, "required"))) == (True, False)
    assert choices(at(SCHEMA, ("metadata", "name"))) == ()
    assert type_name({}) == "a value"


def test_places():
    assert places_of("ModelSpec", "precision") == (("spec", "identity", "model", "precision"),)
    assert len(places_of("ModelSpec", "steps")) == 2
    assert places_of("ModelSpec", "nothing") == ()
    assert {"apiVersion", "specRef", "owner"} <= set(all_names("ModelSpec"))
    with pytest.raises(KeyError):
        schema_for("Service")
