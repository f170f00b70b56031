"""The schema of policies: described throughout, its examples sound, and quick to judge by."""

import pytest
from jsonschema import Draft202012Validator

from modelspec_ls.resources import load_json
from modelspec_ls.schema.navigate import notes, schema_for, walk
from modelspec_ls.schema.quick import compiled
from modelspec_ls.schema.validate import fits

SCHEMA = schema_for("ModelSpecPolicy")
FIELDS = dict(walk(SCHEMA))


def test_it_is_a_schema_of_its_own():
    """As shipped, with references, for editors that know nothing of ours."""
    shipped = load_json("schema", "modelspec-policy-v1alpha1.schema.json")
    Draft202012Validator.check_schema(shipped)
    sound = {
        "apiVersion": "modelspec-policy/v1alpha1",
        "kind": "ModelSpecPolicy",
        "metadata": {"name": "a"},
        "spec": {},
    }
    wrong = sound | {"spec": {"rules": [{"name": "a", "match": {"kindz": []}}]}}
    for schema in (shipped, SCHEMA):
        assert Draft202012Validator(schema).is_valid(sound) and not Draft202012Validator(schema).is_valid(wrong)


def test_there_is_a_quick_verdict():
    assert compiled(SCHEMA) is not None


@pytest.mark.parametrize("path", FIELDS, ids=lambda p: "/".join(map(str, p)) or "root")
def test_every_field_is_described(path):
    schema = FIELDS[path]
    assert schema["description"].endswith(".")
    assert set(notes(schema)) <= {"ifOmitted", "enumDescriptions", "fieldPaths"}
    assert all(fits(schema, example) for example in schema.get("examples", ()))
