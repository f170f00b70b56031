"""A policy as it was read: immutable, with places by path, and nothing of it looked up yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from attrs import field, frozen

from modelspec_ls.core.finding import Part, Severity
from modelspec_ls.core.path import DocPath

from .fields import FieldPath

Sort = Literal["require", "forbid", "expression", "nothing"]


@frozen
class Flaw:
    """What is wrong in a policy, and where. ``guess``: what was meant, to be written in its place."""

    path: DocPath
    message: str
    severity: Severity = Severity.ERROR
    part: Part = "value"
    guess: str | None = None
    at: int | None = None
    """The character of the value that it is about."""
    sure: bool = False
    """Whether the guess is certainly what was meant, so that nobody needs to look at it."""


@frozen
class Requirement:
    """A field with what is asked of it. Arguments may still be ``$params.NAME``."""

    field: FieldPath
    matchers: tuple[tuple[str, Any], ...]
    optional: bool
    path: DocPath
    """Where it stands in the policy."""


@frozen
class Selector:
    """Documents that all of this holds of. Empty: says nothing."""

    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """``*`` among the values: any."""
    annotations: tuple[tuple[str, tuple[str, ...]], ...] = ()
    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    fields: tuple[Requirement, ...] = ()
    expression: str = ""


@frozen
class Exemption:
    """``name``: a pattern for names. ``until``: the last day on which it holds."""

    name: str
    until: date
    reason: str


@frozen
class Rule:
    """One rule. ``severity`` None: off."""

    name: str
    path: DocPath
    """Where it stands in the policy."""
    severity: Severity | None = Severity.WARNING
    stated: bool = False
    """Whether the severity was written."""
    sort: Sort = "nothing"
    match: Selector = field(factory=Selector)
    exclude: Selector | None = None
    requirements: tuple[Requirement, ...] = ()
    expression: str = ""
    expression_path: DocPath = ()
    at: FieldPath | None = None
    message: str = ""
    description: str = ""
    docs: str = ""
    fix: str | Mapping[str, Any] = ""
    suppressible: bool = True
    exempt: tuple[Exemption, ...] = ()
    broken: bool = False
    """Something in it is wrong: it is not in force, and nor is one of the same name that it overrides."""


@frozen
class Override:
    """Severities of built-in rules; None: off."""

    match: Selector
    rules: tuple[tuple[str, Severity | None], ...]


@frozen
class Case:
    """A document with the rules that must find something in it."""

    name: str
    path: DocPath
    document: Mapping[str, Any] | None
    file: str
    today: date | None
    expect: tuple[str, ...]


@frozen
class Policy:
    """One document of kind ModelSpecPolicy."""

    name: str = ""
    description: str = ""
    extends: tuple[tuple[DocPath, str], ...] = ()
    params: Mapping[str, Any] = field(factory=dict)
    prices: Mapping[str, float] = field(factory=dict)
    rules: tuple[Rule, ...] = ()
    overrides: tuple[Override, ...] = ()
    cases: tuple[Case, ...] = ()
    flaws: tuple[Flaw, ...] = ()
