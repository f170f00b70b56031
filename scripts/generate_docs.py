"""Write the rule reference, docs/rules, from the rules themselves, and the table of settings from their schema.

``--check`` writes nothing and exits with 1 when a file is missing, stale or left over.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "server"))

from modelspec_ls.rules.meta import Rule  # noqa: E402
from modelspec_ls.rules.registry import RuleModule, all_rules  # noqa: E402

FOLDER = ROOT / "docs" / "rules"
SETTINGS = ROOT / "docs" / "configuration.md"
SCHEMA = ROOT / "schema" / "modelspec-config-v1.schema.json"
KEYS = re.compile(r"(?<=schema -->\n).*?(?=<!-- end of keys -->)", re.DOTALL)
INTRODUCTION = """\
# Rules

Every finding names its rule, in the editor and on the command line alike:
`error MS101 missing-required-field`. This is what each rule looks for, why, and what to do about it.

- **error**: the document is invalid, or cannot work as written. `modelspec check` exits with 1.
- **warning**: very likely wrong, or read differently by other tools.
- **information** and **hint**: worth knowing; nothing has to change.

A rule marked *fix* offers to put its findings right: as a quick fix in the editor.

Settings name a rule by its code (`MS101`), its name (`missing-required-field`), its group (`schema`) or
the first digits of its code (`MS1`).
"""
MARKED = "The comments with `^^^` and `<-` show what is found, and where.\n"
OTHER_FILE = re.compile(r'^```(yaml|toml) title="([^"]+)"$', re.MULTILINE)
FOOTER = "<!-- Written by scripts/generate_docs.py from the rule's module. Do not edit. -->\n"


def pages() -> dict[str, str]:
    """Every page of the reference by file name."""
    modules = all_rules()
    return {"README.md": index(modules), **{file_name(m.rule): page(m) for m in modules}}


def file_name(rule: Rule) -> str:
    """The page of a rule, as diagnostics link to it."""
    return f"{rule.code}-{rule.name}.md"


def index(modules: tuple[RuleModule, ...]) -> str:
    """The table of all rules, one per group."""
    parts = [INTRODUCTION]
    for group, found in groupby(modules, key=lambda m: m.rule.category):
        members = list(found)
        about = introduction(members[0])
        rows = [
            f"| [{m.rule.code}]({file_name(m.rule)}) | {m.rule.name} | {m.rule.severity.label} "
            f"| {m.rule.category} | {'fix' if m.rule.fixable else ''} | {m.rule.summary} |"
            for m in members
        ]
        head = ["| Code | Name | Severity | Group | Fix | What it asks for |", "| --- | --- | --- | --- | --- | --- |"]
        parts.append("\n".join([f"## {group.capitalize()}", "", *about, *head, *rows, ""]))
    return "\n".join([*parts, FOOTER])


def introduction(module: RuleModule) -> list[str]:
    """What a rule's group is about: the docstring of its package, without the codes in front."""
    package = import_module(module.check.__module__.rpartition(".")[0])
    text = " ".join((package.__doc__ or "").split()).partition(": ")[2]
    return [text[:1].upper() + text[1:], ""] if text else []


def page(module: RuleModule) -> str:
    """One rule's page: its facts, then its docstring."""
    rule = module.rule
    summary, _, body = module.documentation.strip().partition("\n\n")
    facts = [
        f"**{rule.severity.label}** by default",
        f"group `{rule.category}`",
        f"since {rule.since}",
        "offers a fix" if rule.fixable else "no automatic fix",
    ]
    if "[" + rule.name + "]" in body:
        body = body.replace("## Bad\n", f"## Bad\n\n{MARKED}")
    body = OTHER_FILE.sub(r"`\2`:\n\n```\1", body)
    return f"# {rule.name} ({rule.code})\n\n{summary}\n\n{' · '.join(facts)}\n\n{body}\n\n{FOOTER}"


def stale(wanted: dict[str, str]) -> list[str]:
    """Names of files that are not as they should be."""
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    return sorted(name for name in {*wanted, *there} if there.get(name) != wanted.get(name))


def settings_page(text: str) -> str:
    """The page on settings with its table of keys as the schema has them."""
    rows = ["| key | value | meaning |", "| --- | --- | --- |"]
    for name, schema in json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"].items():
        rows.append(f"| `{name}` | {kind(schema)} | {schema['description']} |")
        inner = schema.get("properties") or schema.get("additionalProperties", {})
        prefix = name
        if isinstance(inner, dict) and inner.get("type") == "object":
            inner, prefix = inner["properties"], f"{name}.ENGINE"
        if isinstance(inner, dict) and all(isinstance(sub, dict) for sub in inner.values()):
            rows += [
                f"| `{prefix}.{key}` | {kind(sub)} | {sub['description']} |"
                for key, sub in inner.items()
                if "description" in sub
            ]
        for key, sub in schema.get("items", {}).get("properties", {}).items():
            rows.append(f"| `{name}[].{key}` | {kind(sub)} | {sub['description'] if key == 'paths' else 'As above.'} |")
    table = "\n".join(rows) + "\n"
    return KEYS.sub(lambda _: table, text)


def kind(schema: dict[str, Any]) -> str:
    """What a value must be, in a few words."""
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    above = "above" if "exclusiveMinimum" in schema else "from"
    limits = ("" if low is None else f" {above} {low:,}") + ("" if high is None else f" to {high:,}")
    default = f"; {schema['default']:,} by default" if "default" in schema else ""
    names = {
        "array": "list of texts",
        "object": "table",
        "string": "text",
        "integer": "whole number",
        "number": "number",
    }
    if schema["type"] == "array" and schema["items"].get("type") == "object":
        return "list of tables"
    return f"{names[schema['type']]}{limits}{default}"


def main(arguments: list[str]) -> int:
    """Write what is stale, or only report it."""
    wanted = pages()
    names = stale(wanted)
    about = SETTINGS.read_text(encoding="utf-8")
    settings = settings_page(about)
    if "--check" in arguments:
        for name in names:
            print(f"docs/rules/{name} is stale; run: python scripts/generate_docs.py", file=sys.stderr)
        if settings != about:
            print(f"docs/{SETTINGS.name} is stale; run: python scripts/generate_docs.py", file=sys.stderr)
        return 1 if names or settings != about else 0
    if settings != about:
        SETTINGS.write_text(settings, encoding="utf-8", newline="\n")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            (FOLDER / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
