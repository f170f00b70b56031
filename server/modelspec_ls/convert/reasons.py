"""Why fields have no place in the other kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelspec_ls.core.path import DocPath
from modelspec_ls.schema import navigate

from .reading import PLACEHOLDER

_OF_MODELSPEC: Mapping[DocPath, str] = {
    (): "an OpenModel has no place for it",
    ("metadata", "labels"): "a label of Kubernetes is a text",
    ("metadata", "annotations"): "an annotation of Kubernetes is a text",
    (
        "spec",
        "runtime",
        "accelerator",
    ): "llmaz asks for devices by a resource of Kubernetes, and none is known for them",
    ("spec", "runtime", "batch"): "in llmaz an argument of the engine, in the Playground",
    ("spec", "runtime", "resources"): "in llmaz a part of the Playground (`backendRuntimeConfig.resources`)",
    ("spec", "runtime", "environment"): "in llmaz a part of the Playground (`backendRuntimeConfig.envs`)",
    ("spec", "operations"): "in llmaz a matter of the Playground and its backend, not of the model",
    ("spec", "operations", "scaling"): "in llmaz a part of the Playground (`elasticConfig`)",
    ("spec", "operations", "serving"): "in llmaz a part of the BackendRuntime",
    ("spec", "pipeline"): "an OpenModel has no steps and no dependencies",
}
_OF_OPENMODEL: Mapping[DocPath, str] = {
    (): "a ModelSpec has no place for it",
    ("metadata",): "the cluster's own bookkeeping",
    ("metadata", "namespace"): "an OpenModel belongs to no namespace, and a ModelSpec has none",
    ("metadata", "labels"): "a label is a text",
    ("metadata", "annotations"): "an annotation is a text",
    ("spec", "inferenceConfig"): "it is no flavor that llmaz would take",
    ("status",): "written by the cluster",
}

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": (int, float),
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}


def of_modelspec(path: DocPath, value: Any) -> str:
    """Why something in a ModelSpec is not in the OpenModel."""
    return _reason(path, value, _OF_MODELSPEC, "ModelSpec")


def of_openmodel(path: DocPath, value: Any) -> str:
    """Why something in an OpenModel is not in the ModelSpec."""
    return _reason(path, value, _OF_OPENMODEL, "OpenModel")


def _reason(path: DocPath, value: Any, table: Mapping[DocPath, str], kind: str) -> str:
    schema = navigate.at(navigate.schema_for(kind), path)
    if schema is None:
        return f"no field of {'an OpenModel' if kind == 'OpenModel' else 'a ModelSpec'}"
    if isinstance(value, str) and not value.strip():
        return "it is empty"
    if isinstance(value, str) and PLACEHOLDER.fullmatch(value):
        return "a placeholder that nobody has filled in"
    expected = navigate.main_type(schema)
    if not isinstance(value, _TYPES.get(expected, object)) or (isinstance(value, bool) and expected != "boolean"):
        return f"it should be {navigate.type_name(schema)}"
    return next(table[path[:n]] for n in range(len(path), -1, -1) if path[:n] in table)
