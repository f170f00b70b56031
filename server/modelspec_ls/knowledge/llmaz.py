"""What llmaz and the clusters it runs on call things: resources, node labels, parameters, protocols."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from modelspec_ls.resources import load_package_json


class Named(NamedTuple):
    """A word with what it stands for."""

    name: str
    description: str


class Resource(NamedTuple):
    """A kind of accelerator that pods ask for."""

    name: str
    vendor: str
    slice: bool
    """A part of an accelerator, whose memory is not the card's."""


def resource(name: str) -> Resource | None:
    """The accelerator resource of this name; None for all others, such as ``cpu``."""
    for row in _data()["resources"]["values"]:
        pattern = row["name"]
        if name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1])):
            return Resource(name, row["vendor"], row.get("slice", False))
    return None


@cache
def node_labels(says: str) -> tuple[str, ...]:
    """Labels whose value names an ``accelerator`` or a ``machine``, the surest first."""
    return tuple(row["name"] for row in _data()["nodeLabels"]["values"] if row["says"] == says)


@cache
def parameters() -> tuple[Named, ...]:
    """The preset parameters of a flavor."""
    return _named("parameters")


@cache
def offered(group: str) -> tuple[Named, ...]:
    """The words of a group that are worth offering: ``resources``, ``nodeLabels``, ``parameters``."""
    return tuple(word for word in _named(group) if "*" not in word.name)


@cache
def forms() -> dict[str, str]:
    """The form of an address by protocol."""
    return {row["name"]: row["form"] for row in _data()["protocols"]["values"]}


@cache
def protocols() -> tuple[Named, ...]:
    """The protocols of a source's URI."""
    return _named("protocols")


@cache
def protocol_meant(word: str) -> str | None:
    """The protocol that another spelling means."""
    return next((row["name"] for row in _data()["protocols"]["values"] if word in row.get("meant", ())), None)


def default_engine() -> str:
    """The engine where a Playground names none."""
    return str(_data()["backends"]["default"])


def _named(group: str) -> tuple[Named, ...]:
    return tuple(Named(row["name"], row["description"]) for row in _data()[group]["values"])


def _data() -> Any:
    return load_package_json("knowledge/data/llmaz.json")
