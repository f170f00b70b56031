"""What a production spec usually says and this one does not, from the learning path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelspec_ls.analysis import resolve_fix
from modelspec_ls.core.finding import Fix, InsertPairs, Place
from modelspec_ls.core.path import DocPath
from modelspec_ls.ide.completion.snippets import all_snippets
from modelspec_ls.ide.results import CodeAction
from modelspec_ls.syntax.lookup import find
from modelspec_ls.syntax.nodes import Mapping, Missing, deref

from .where import Where

_WANTED = (
    "modelspec-production-metadata", "modelspec-batch", "modelspec-resources", "modelspec-serving",
    "modelspec-scaling", "modelspec-observability", "modelspec-governance",
)  # fmt: skip
"""The snippets that production rules and reviewers ask for."""
_STOP = re.compile(r"\$\{\d+\|([^,|]*)[^}]*\|\}|\$\{\d+:([^{}]*)\}|\$\{\d+\}|\$\d+")


def production_sections(where: Where) -> Iterator[CodeAction]:
    """On a top key or on the labels: all missing sections at once."""
    if len(where.path) > 1 and where.path[:2] != ("metadata", "labels"):
        return
    missing: dict[DocPath, str] = {}
    for snippet in all_snippets():
        if snippet.prefix in _WANTED and snippet.place is not None:
            for key, source in _pairs(_STOP.sub(lambda m: m[1] or m[2] or "", snippet.body)):
                path = (*snippet.place, key)
                if find(where.part, path) is None:
                    missing[path] = source
    operations = [
        InsertPairs(Place(where.part.number, base), tuple(pairs)) for base, pairs in _grouped(where, missing).items()
    ]
    edits = resolve_fix(where.document, Fix("", tuple(operations))) if operations else ()
    if edits:
        names = ", ".join(f"`{path[-1]}`" for path in missing)
        yield CodeAction(f"Add what production specs say: {names}", edits, kind="refactor.rewrite")


def _grouped(where: Where, missing: dict[DocPath, str]) -> dict[DocPath, list[tuple[str, str]]]:
    """The missing pairs by the deepest mapping that is there, those of a missing parent below it."""
    groups: dict[DocPath, dict[str, list[str]]] = {}
    for path, source in missing.items():
        base = path[:-1]
        while base and not _open(where, base):
            base = base[:-1]
        names = [str(name) for name in path[len(base) :]]
        entries = groups.setdefault(base, {})
        if len(names) == 1:
            entries[names[0]] = [source]
        else:
            entries.setdefault(names[0], []).append(_nested(names[1:], source))
    return {base: [(k, "".join(v)) for k, v in entries.items()] for base, entries in groups.items()}


def _open(where: Where, path: DocPath) -> bool:
    found = find(where.part, path)
    return found is not None and isinstance(deref(found.node), (Mapping, Missing))


def _nested(names: list[str], source: str) -> str:
    """A line break and the indented lines of a pair below parents."""
    first, *rest = names
    if rest:
        inner = _nested(rest, source)
        return f"\n  {first}:" + inner.replace("\n", "\n  ")
    return f"\n  {first}:{' ' if source and not source.startswith(chr(10)) else ''}" + source.replace("\n", "\n  ")


def _pairs(body: str) -> Iterator[tuple[str, str]]:
    """The top keys of a snippet with their sources; comments stay with the lines below a key."""
    key, lines = "", list[str]()
    for line in body.split("\n"):
        if line[:1].isalpha():
            if key:
                yield key, "\n".join(lines)
            key, _, value = line.partition(":")
            lines = [value.strip()]
        elif key:
            lines.append(line)
    if key:
        yield key, "\n".join(lines)
