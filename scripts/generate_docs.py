"""Write the rule reference, docs/rules, from the rules themselves: their metadata and docstrings.

``--check`` writes nothing and exits with 1 when a file is missing, stale or left over.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "server"))

from modelspec_ls.rules.meta import Rule  # noqa: E402
from modelspec_ls.rules.registry import RuleModule, all_rules  # noqa: E402

FOLDER = ROOT / "docs" / "rules"
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
OTHER_FILE = re.compile(r'^```yaml title="([^"]+)"$', re.MULTILINE)
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
    body = body.replace("## Bad\n", f"## Bad\n\n{MARKED}")
    body = OTHER_FILE.sub(r"`\1`:\n\n```yaml", body)
    return f"# {rule.name} ({rule.code})\n\n{summary}\n\n{' · '.join(facts)}\n\n{body}\n\n{FOOTER}"


def stale(wanted: dict[str, str]) -> list[str]:
    """Names of files that are not as they should be."""
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    return sorted(name for name in {*wanted, *there} if there.get(name) != wanted.get(name))


def main(arguments: list[str]) -> int:
    """Write what is stale, or only report it."""
    wanted = pages()
    names = stale(wanted)
    if "--check" in arguments:
        for name in names:
            print(f"docs/rules/{name} is stale; run: python scripts/generate_docs.py", file=sys.stderr)
        return 1 if names else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            (FOLDER / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
