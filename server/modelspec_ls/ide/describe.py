"""What a field, a value or a rule means, as Markdown: one wording for hover and completion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from modelspec_ls.core.markdown import code, prose
from modelspec_ls.core.path import DocPath, dotted, last_key
from modelspec_ls.knowledge.vocabularies import Term, Vocabulary, vocabulary
from modelspec_ls.rules.registry import all_rules
from modelspec_ls.schema import navigate
from modelspec_ls.workspace.facts import SpecFacts


def field_type(schema: navigate.Schema) -> str:
    """The type in a few words with its range and unit: ``whole number, 1 or more, tokens``."""
    words = {"string": "text", "integer": "whole number", "object": "section", "array": "list"}
    kind = str(schema.get("type", "value"))
    parts = [words.get(kind, kind)]
    if navigate.map_value(schema) is not None:
        parts = ["map of text to text"]
    if "const" in schema:
        parts = ["fixed value"]
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        parts.append(f"{low} to {high}")
    elif low is not None:
        parts.append(f"{low} or more")
    unit = navigate.notes(schema).get("unit")
    if unit:
        parts.append(str(unit))
    return ", ".join(parts)


def field_markdown(schema: navigate.Schema, path: DocPath, *, required: bool, title: bool = True) -> str:
    """Everything about a field, most important first."""
    facts = navigate.notes(schema)
    out: list[str] = []
    if title:
        out.append(f"**{prose(dotted(path))}** — {field_type(schema)}{', required' if required else ''}")
    if text := schema.get("description"):
        out.append(_without_codes(str(text)))
    out.extend(_values(schema))
    rows: list[str] = []
    if typical := facts.get("typical"):
        rows.append(f"Typical: {_without_codes(typical)}")
    if omitted := facts.get("ifOmitted"):
        rows.append(f"If omitted: {_without_codes(omitted)}")
    if rows:
        out.append("  \n".join(rows))
    if interacts := [line for line in facts.get("interacts", ()) if _kept(line)]:
        out.append("\n".join(f"- {line}" for line in interacts))
    if example := _example(schema, path):
        out.append(example)
    return "\n\n".join(out)


_CODE = re.compile(r"\bMS\d{3}\b")
_BRACKETED = re.compile(r"\s*\([^()]*\bMS\d{3}[^()]*\)")


@cache
def _codes() -> frozenset[str]:
    return frozenset(module.rule.code for module in all_rules())


def _kept(line: str) -> bool:
    """Whether what a line promises is checked: not if all rules it names are still to come."""
    named = _CODE.findall(line)
    return not named or any(code in _codes() for code in named)


def _without_codes(text: str) -> str:
    """The text without mentions of rules that are still to come."""
    return _BRACKETED.sub(lambda found: found[0] if _kept(found[0]) else "", text)


def _values(schema: navigate.Schema) -> list[str]:
    """The allowed values, each with its meaning."""
    facts = navigate.notes(schema)
    meanings = facts.get("enumDescriptions", {})
    if "enum" in schema:
        return ["\n".join(f"- `{v}`: {meanings.get(v, '')}".rstrip(": ") for v in schema["enum"])]
    words = vocabulary(str(facts.get("vocabulary", "")))
    if words is not None:
        shown = ", ".join(f"`{t.value}`" for t in words.terms[:8])
        more = f" and {len(words.terms) - 8} more" if len(words.terms) > 8 else ""
        return [f"Known values: {shown}{more}; others are allowed." if words.open else f"Values: {shown}."]
    return []


def _example(schema: navigate.Schema, path: DocPath) -> str:
    examples = schema.get("examples")
    if not examples or not path:
        return ""
    value = examples[0]
    if isinstance(value, (dict, list)):
        lines = yaml_lines(value, 1)
        return "```yaml\n" + "\n".join([f"{last_key(path)}:", *lines]) + "\n```"
    return f"```yaml\n{last_key(path)}: {yaml_scalar(value)}\n```"


def yaml_lines(value: Any, level: int) -> list[str]:
    """A small value as block YAML."""
    pad = "  " * level
    lines: list[str] = []
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, (dict, list)) and item:
                lines += [f"{pad}{key}:", *yaml_lines(item, level + 1)]
            else:
                lines.append(f"{pad}{key}: {yaml_scalar(item)}")
    elif isinstance(value, list):
        for item in value:
            inner = yaml_lines(item, level + 1) if isinstance(item, (dict, list)) else [f"{pad}  {yaml_scalar(item)}"]
            lines += [f"{pad}- {inner[0].lstrip()}", *inner[1:]]
    return lines


def yaml_scalar(value: Any) -> str:
    """A scalar as it must be written to be read back as itself, by YAML 1.1 and 1.2 loaders alike."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quote_if_needed(value)
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return "null" if value is None else str(value)


def quote_if_needed(text: str) -> str:
    """Plain where that is safe, else in double quotes."""
    from modelspec_ls.syntax.scalars import resolve_plain, resolve_yaml11  # noqa: PLC0415

    special = (
        not text
        or text != text.strip()
        or text[0] in "!&*?|>@`\"'%#{}[],"
        or text[:2] in {"- ", ": "}
        or ": " in text
        or " #" in text
        or text.endswith(":")
        or not text.isprintable()
    )
    if special or not isinstance(resolve_plain(text), str) or type(resolve_yaml11(text)) is not str:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'
    return text


def term_markdown(term: Term, words: Vocabulary) -> str:
    """A vocabulary's value with what is known about it."""
    out = [f"**{term.value}** — {term.description}"]
    if term.aliases:
        out.append("Also written " + ", ".join(f"`{a}`" for a in term.aliases) + ".")
    rows = [f"- {_label(name)}: {_shown(value)}" for name, value in term.facts.items() if name in _FACTS and value]
    if rows:
        out.append("\n".join(rows))
    if term.facts.get("verified") is False:
        out.append("From general knowledge; not checked against the project's documentation.")
    if words.source.startswith("http"):
        out.append(f"Source: {words.source}")
    return "\n\n".join(out)


def entry_markdown(row: Mapping[str, Any]) -> str:
    """A known key of a free map: what it is for and what it takes."""
    detail = row.get("detail", "")
    out = [f"**{row['key']}** — {detail}" if detail else f"**{row['key']}**", row.get("description", "")]
    if values := row.get("values"):
        out.append("Values: " + ", ".join(f"`{value}`" for value in values))
    if syntax := row.get("syntax"):
        out.append(f"Value: {syntax}")
    return "\n\n".join(part for part in out if part)


def spec_markdown(spec: SpecFacts) -> str:
    """Another spec in a few lines."""
    rows = [
        ("Kind", spec.kind if spec.kind != "ModelSpec" else ""),
        ("Model", spec.model),
        ("Task", spec.task),
        ("Engine", spec.framework),
        ("Accelerator", spec.accelerator),
        ("Family", spec.family if spec.kind == "OpenModel" else ""),
        ("Flavors", ", ".join(flavor for flavor in spec.flavors if flavor)),
        ("Depends on", ", ".join(r.id for r in spec.references if r.id)),
    ]
    return "\n\n".join(
        [f"**{prose(spec.name or 'a spec without a name')}**", "\n".join(f"- {k}: {code(v)}" for k, v in rows if v)]
    )


_FACTS = {
    "port": "Port",
    "grpcPort": "gRPC port",
    "readinessPaths": "Readiness paths",
    "livenessPaths": "Liveness paths",
    "metricsPort": "Metrics port",
    "metricsPath": "Metrics path",
    "loads": "Loads from",
    "formats": "Formats",
    "bytesPerParameter": "Bytes per parameter",
    "minComputeCapability": "Needs compute capability",
    "fullSpeedComputeCapability": "Full speed from compute capability",
    "form": "Form",
    "pin": "Pinned by",
}


def _label(name: str) -> str:
    return _FACTS[name]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"`{v}`" for v in value)
    return f"`{value}`"
