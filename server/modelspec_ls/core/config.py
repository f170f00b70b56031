"""Settings, the same for editor and command line. Bad values fall back to the default with a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from .finding import Severity
from .words import near


@frozen
class Limits:
    """Bounds on work and memory, so that no input can stall the tool."""

    max_file_bytes: int = 4 * 1024 * 1024
    """Largest file that is read, in bytes."""
    max_depth: int = 100
    """Deepest nesting of collections that is read."""
    max_alias_nodes: int = 100_000
    """Most nodes a document may have once its aliases are written out."""
    max_nodes: int = 400_000
    """Most values and keys of a document without aliases."""
    max_findings_per_file: int = 1_000
    """Most findings shown for one file; the rest is counted in one line."""


@frozen
class Config:
    """What a user can set."""

    select: tuple[str, ...] = ()
    """Rules to run, by code, name, group or code prefix; empty means all."""
    ignore: tuple[str, ...] = ()
    """Rules to leave out, by code, name, group or code prefix."""
    severity: Mapping[str, Severity] = field(factory=dict)
    """Severity by code, name or group; the most specific entry wins."""
    limits: Limits = field(factory=Limits)


_RULES = {"type": "array", "items": {"type": "string"}, "default": []}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "select": {
        **_RULES,
        "description": "Run only these rules, by code (`MS301`), name, group (`memory`) or code prefix (`MS3`). "
        "Empty: all rules.",
    },
    "ignore": {**_RULES, "description": "Leave these rules out, by code, name, group or code prefix."},
    "severity": {
        "type": "object",
        "additionalProperties": {"enum": [level.label for level in Severity]},
        "default": {},
        "description": "Change how severe findings are, by rule code, name or group. The most specific entry wins.",
    },
}
"""Every setting as a JSON Schema, from which clients generate theirs. Descriptions are Markdown."""

KEYS = tuple(SETTINGS)


def config_from(values: object, base: Config | None = None) -> tuple[Config, list[str]]:
    """Read settings from a plain mapping; returns the config and one message per mistake."""
    config = base or Config()
    if values is None:
        return config, []
    if not isinstance(values, Mapping):
        return config, [f"Settings must be a table of keys, got {type(values).__name__}."]
    problems: list[str] = []
    for key in ("select", "ignore"):
        if values.get(key) is None:
            continue
        rules = _rule_list(key, values[key], problems)
        if rules is not None:
            config = evolve(config, select=rules) if key == "select" else evolve(config, ignore=rules)
    if values.get("severity") is not None:
        config = evolve(config, severity=_severities(values["severity"], problems))
    for key in values:
        if key not in KEYS and key not in _CLIENT_KEYS:
            guess = near(str(key), KEYS)
            problems.append(f"Unknown setting `{key}`" + (f"; did you mean `{guess}`?" if guess else "."))
    return config, problems


# Settings of editor clients that arrive in the same section and are not ours to judge.
_CLIENT_KEYS = frozenset({"server", "trace", "editor", "path", "enable"})


def _rule_list(key: str, value: Any, problems: list[str]) -> tuple[str, ...] | None:
    words = [value] if isinstance(value, str) else value
    if isinstance(words, (list, tuple)) and all(isinstance(w, str) for w in words):
        return tuple(w.strip() for w in words if w.strip())
    problems.append(f"`{key}` must be a list of rule codes or names, got {value!r}.")
    return None


def _severities(value: Any, problems: list[str]) -> dict[str, Severity]:
    out: dict[str, Severity] = {}
    if not isinstance(value, Mapping):
        problems.append(f"`severity` must map rules to severities, got {value!r}.")
        return out
    for rule, word in value.items():
        try:
            out[str(rule)] = Severity.parse(str(word))
        except KeyError:
            problems.append(
                f"`severity.{rule}` is `{word}`; use error, warning, information or hint (or `ignore` the rule)."
            )
    return out
