"""Field paths as policies write them: ``spec.pipeline.dependencies[].specRef``, ``derived.fits``.

A path may be that of a section too. In a free map the rest of the path is one key, so that
``metadata.labels.app.kubernetes.io/name`` needs no quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from attrs import frozen

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import near
from modelspec_ls.schema import navigate

Part = str | None
"""A key, or every element of a list."""

_SEGMENT = re.compile(r"([A-Za-z_][\w-]*)((?:\[\])*)(?:\.|(?=\[[\"'])|$)")
_QUOTED = re.compile(r"\[([\"'])(.+)\1\]")
_LABEL_PLACE: DocPath = ("metadata", "labels")
_ACCELERATOR: DocPath = ("spec", "runtime", "accelerator")
_SCALING: DocPath = ("spec", "operations", "scaling")
_MODEL: DocPath = ("spec", "identity", "model")


@frozen
class Derived:
    """A value that is worked out. ``at``: the field that it says most about."""

    type: str
    description: str
    at: DocPath


DERIVED: Mapping[str, Derived] = MappingProxyType(
    {
        "environment": Derived(
            "string",
            "Where the document says that it runs: `prod`, `staging`, `test`, `dev` or the label's own word.",
            _LABEL_PLACE,
        ),
        "engine": Derived("string", "The engine that serves the model: by hint, label or framework.", _MODEL),
        "model.parameters": Derived("integer", "Parameters of the model.", (*_MODEL, "id")),
        "model.context": Derived("integer", "Longest context of the model, in tokens.", (*_MODEL, "id")),
        "verdict": Derived(
            "string",
            "The memory estimate: `fits`, `tight`, `batch-exceeds`, `sequence-exceeds` or `weights-exceed`.",
            _ACCELERATOR,
        ),
        "fits": Derived("boolean", "Whether nothing exceeds the accelerators' memory for certain.", _ACCELERATOR),
        "weightsGiB": Derived("number", "Weights on the fullest accelerator, in GiB.", _ACCELERATOR),
        "kvGiB": Derived("number", "KV cache that batch and length need on each accelerator, in GiB.", _ACCELERATOR),
        "budgetGiB": Derived("number", "Memory that the engine may use on each accelerator, in GiB.", _ACCELERATOR),
        "minAccelerators": Derived(
            "integer", "Accelerators at the fewest replicas: `count` times `minReplicas`.", (*_SCALING, "minReplicas")
        ),
        "maxAccelerators": Derived(
            "integer", "Accelerators at the most replicas: `count` times `maxReplicas`.", (*_SCALING, "maxReplicas")
        ),
        "hourlyUsdAtMin": Derived(
            "number", "USD per hour at the fewest replicas, by the policy's or the settings' prices.",
            (*_SCALING, "minReplicas"),
        ),
        "hourlyUsdAtMax": Derived(
            "number", "USD per hour at the most replicas, by the policy's or the settings' prices.",
            (*_SCALING, "maxReplicas"),
        ),
        "loadSeconds": Derived("number", "About how long the weights of a replica take to load, in seconds.", _MODEL),
        "pinned": Derived(
            "boolean", "Whether the addresses of weights and tokenizer are fixed to one version, as far as known.",
            (*_MODEL, "artifacts"),
        ),
        "dependencies": Derived(
            "integer", "Number of specs that the pipeline names.", ("spec", "pipeline", "dependencies")
        ),
    }
)  # fmt: skip
"""What policies may read beyond the document's own fields. A value that is not known is not there."""


@frozen
class FieldPath:
    """A path that the schema knows. ``derived``: the name of a derived value, else empty."""

    text: str
    parts: tuple[Part, ...]
    schema: Mapping[str, Any]
    derived: str = ""

    @property
    def type(self) -> str:
        """The JSON type of the value; empty for any."""
        kind = self.schema.get("type")
        return kind if isinstance(kind, str) else ""

    @property
    def many(self) -> bool:
        """Whether it leads to every element of some list."""
        return None in self.parts

    @property
    def vocabulary(self) -> str:
        """The vocabulary of the field."""
        return str(navigate.notes(self.schema).get("vocabulary", ""))

    @property
    def schema_path(self) -> DocPath:
        """The path as the schema has it: 0 for every element."""
        return tuple(0 if part is None else part for part in self.parts)


def subjects() -> tuple[str, ...]:
    """The kinds of documents that policies may be about."""
    return tuple(kind for kind in navigate.kinds() if kind in {"ModelSpec", "OpenModel"})


@lru_cache(maxsize=4096)
def field(text: str, kinds: tuple[str, ...] = ("ModelSpec",)) -> FieldPath | None:
    """The field at a path in the first kind of document that has it; None where there is none."""
    if text.startswith("derived."):
        name = text.removeprefix("derived.")
        known = DERIVED.get(name)
        return FieldPath(text, (), {"type": known.type, "description": known.description}, name) if known else None
    return next((found for kind in kinds if (found := _field(text, kind)) is not None), None)


def _field(text: str, kind: str) -> FieldPath | None:
    parts: list[Part] = []
    node: Any = navigate.schema_for(kind)
    rest = text
    while rest:
        if not navigate.properties(node) and navigate.map_value(node) is not None:
            quoted = _QUOTED.fullmatch(rest)
            parts.append(quoted[2] if quoted else rest.removeprefix("."))
            return FieldPath(text, tuple(parts), navigate.map_value(node) or {})
        found = _SEGMENT.match(rest)
        if found is None:
            return None
        node = navigate.properties(node).get(found[1])
        parts.append(found[1])
        for _ in range(len(found[2]) // 2):
            node = node.get("items") if isinstance(node, Mapping) else None
            parts.append(None)
        if not isinstance(node, Mapping):
            return None
        rest = rest[found.end() :]
    return FieldPath(text, tuple(parts), node) if parts and not text.endswith(".") else None


def guess(text: str, kinds: tuple[str, ...] = ("ModelSpec",)) -> str | None:
    """The path that was most likely meant by one that leads nowhere."""
    for kind in kinds:
        if (found := _by_segments(text, kind)) is not None:
            return found
    known = [path for kind in kinds for path in all_paths(kind)]
    if found := near(text, known):
        return found
    last = text.rpartition(".")[2].removesuffix("[]")
    ending = [path for path in known if path.rpartition(".")[2].removesuffix("[]") == last]
    return ending[0] if len(ending) == 1 else None


def _by_segments(text: str, kind: str) -> str | None:
    """Each part that is not known exchanged by the near one."""
    node: Any = navigate.schema_for(kind)
    out = ""
    rest = text
    while rest:
        if not navigate.properties(node) and navigate.map_value(node) is not None:
            return f"{out}.{rest.removeprefix('.')}"
        head, _, rest = rest.partition(".")
        name = head.removesuffix("[]")
        names = navigate.properties(node)
        best = name if name in names else near(name, names)
        if best is None:
            return None
        node = names[best]
        listed = isinstance(node.get("items"), Mapping)
        if listed and (head.endswith("[]") or rest):
            node, best = node["items"], f"{best}[]"
        out = f"{out}.{best}" if out else best
    return out or None


@cache
def all_paths(kind: str) -> tuple[str, ...]:
    """Every path that a policy may write for a kind of document, derived values last."""
    own = [written(path) for path, _ in navigate.walk(navigate.schema_for(kind)) if path]
    return (*own, *(f"derived.{name}" for name in DERIVED))


def written(path: DocPath) -> str:
    """A path of a document as a policy writes it."""
    out = ""
    for part in path:
        out = f"{out}[]" if isinstance(part, int) else f"{out}.{part}" if out else part
    return out


def values_at(value: Any, parts: tuple[Part, ...], path: DocPath = ()) -> Iterator[tuple[DocPath, bool, Any]]:
    """Where a path leads in a document: each place with whether something is there, and what.

    A list that is missing or empty has no elements, so that nothing is said of them.
    """
    for number, part in enumerate(parts):
        if part is None:
            if isinstance(value, list):
                for index, item in enumerate(value):
                    yield from values_at(item, parts[number + 1 :], (*path, index))
            return
        path = (*path, part)
        if not isinstance(value, dict) or part not in value:
            if None not in parts[number + 1 :]:
                rest = tuple(str(p) for p in parts[number + 1 :])
                yield (*path, *rest), False, None
            return
        value = value[part]
    yield path, value is not None, value
