"""What the schema says at a path: the one answer for completion, hover and messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from modelspec_ls.core.path import DocPath
from modelspec_ls.resources import load_json

Schema = Mapping[str, Any]

_FILES = {
    "ModelSpec": "modelspec-v1alpha1.schema.json",
    "OpenModel": "openmodel-v1alpha1.schema.json",
    "Model": "model-facts-v1.schema.json",
    "Accelerator": "accelerator-facts-v1.schema.json",
    "ModelSpecPolicy": "modelspec-policy-v1alpha1.schema.json",
}
EXTRA = "x-modelspec"


def schema_for(kind: str) -> Schema:
    """The schema of a document kind, with what it refers to written out.

    Raises:
        KeyError: for a kind we have no schema of.
    """
    return _schema(kind)


def kinds() -> tuple[str, ...]:
    """The document kinds that have a schema."""
    return tuple(_FILES)


@cache
def _schema(kind: str) -> Schema:
    schema: Schema = load_json("schema", _FILES[kind])
    definitions = schema.get("$defs")
    return _written_out(schema, definitions, {}) if definitions else schema


def _written_out(node: Any, definitions: Mapping[str, Any], done: dict[str, Any]) -> Any:
    """A schema without references. Ours refer to ``#/$defs`` only, and never to themselves."""
    if isinstance(node, list):
        return [_written_out(item, definitions, done) for item in node]
    if not isinstance(node, Mapping):
        return node
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return {key: _written_out(value, definitions, done) for key, value in node.items() if key != "$defs"}
    name = reference.rpartition("/")[2]
    if name not in done:
        done[name] = _written_out(definitions[name], definitions, done)
    own = {key: _written_out(value, definitions, done) for key, value in node.items() if key != "$ref"}
    return {**done[name], **own}


def at(schema: Schema, path: DocPath) -> Schema | None:
    """The subschema that governs a path, or None where the schema allows nothing."""
    node: Any = schema
    for part in path:
        if isinstance(part, int):
            node = node.get("items")
        else:
            node = properties(node).get(part) or map_value(node)
        if not isinstance(node, Mapping):
            return None
    found: Schema = node
    return found


def properties(schema: Schema) -> Mapping[str, Any]:
    """The named properties, in the schema's order."""
    found: Mapping[str, Any] = schema.get("properties", {})
    return found


def required(schema: Schema) -> tuple[str, ...]:
    """Required property names, in the schema's order of properties."""
    wanted = set(schema.get("required", ()))
    return tuple(name for name in properties(schema) if name in wanted)


def map_value(schema: Schema) -> Schema | None:
    """The schema of values of a free map such as labels; None for closed objects."""
    extra = schema.get("additionalProperties")
    return extra if isinstance(extra, Mapping) else None


def notes(schema: Schema) -> Mapping[str, Any]:
    """Our own facts about a field: unit, typical, ifOmitted, interacts, vocabulary, enumDescriptions."""
    facts: Mapping[str, Any] = schema.get(EXTRA, {})
    return facts


def choices(schema: Schema) -> tuple[Any, ...]:
    """The closed set of values: enum, const or boolean; empty for an open field."""
    if "const" in schema:
        return (schema["const"],)
    if "enum" in schema:
        return tuple(schema["enum"])
    return (True, False) if schema.get("type") == "boolean" else ()


def main_type(schema: Schema) -> str:
    """The type of a field; of several the one that all others can be written as: text, where it is among them."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return "string" if "string" in kinds else str(kinds[0])
    return str(kinds)


def type_name(schema: Schema) -> str:
    """A person's word for the type: ``a whole number``, ``a list``."""
    words = {
        "string": "text",
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
        "object": "a mapping",
        "array": "a list",
    }
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return " or ".join(words[kind] for kind in kinds if kind in words) or "a value"
    return words.get(str(kinds), "a value")


@cache
def _places(kind: str) -> Mapping[str, tuple[DocPath, ...]]:
    found: dict[str, list[DocPath]] = {}
    for path, _ in walk(schema_for(kind)):
        if path and isinstance(path[-1], str):
            found.setdefault(path[-1], []).append(path)
    return {name: tuple(paths) for name, paths in found.items()}


def places_of(kind: str, name: str) -> tuple[DocPath, ...]:
    """Every path at which the schema has a property of that name; list items are written as index 0."""
    return _places(kind).get(name, ())


def all_names(kind: str) -> tuple[str, ...]:
    """Every property name of the schema."""
    return tuple(_places(kind))


def walk(schema: Schema, path: DocPath = ()) -> Iterator[tuple[DocPath, Schema]]:
    """Every property of the schema with its path, parents first."""
    yield path, schema
    for name, sub in properties(schema).items():
        yield from walk(sub, (*path, name))
    items = schema.get("items")
    if isinstance(items, Mapping):
        yield from walk(items, (*path, 0))
