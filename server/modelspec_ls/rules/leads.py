"""What is said of a reference by where it leads, and the files that were probably meant."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, SetValue, Severity
from modelspec_ls.core.words import code_list, near, plural, shorten
from modelspec_ls.syntax.edit import yaml_text
from modelspec_ls.workspace.graph import Edge
from modelspec_ls.workspace.references import SUFFIXES, SpecRef, relative_ref, shown

from .linked import LinkedContext

SHOWN = 4
"""Most files or names that are offered."""


def finding(ctx: LinkedContext, edge: Edge, message: str, level: Severity, fixes: tuple[Fix, ...] = ()) -> Finding:
    """A finding on what refers."""
    return Finding(message, ctx.at(edge.reference.path("specRef")), level, fixes=fixes)


def refer(ctx: LinkedContext, edge: Edge, ref: str, how: Applicability = Applicability.SUGGEST) -> Fix:
    """A fix that refers to something else."""
    where = ctx.at(edge.reference.path("specRef"))
    return Fix(f"Refer to `{ref}`", (SetValue(where, yaml_text(edge.reference.saying(ref))),), how)


def without_folder(ctx: LinkedContext, edge: Edge) -> Finding:
    """What is said of a path in a text that was never saved."""
    message = f"`{edge.reference.target.text}` is not looked up: this text lies in no folder yet. Save it first."
    return finding(ctx, edge, message, Severity.INFORMATION)


def without_name(ctx: LinkedContext, edge: Edge, level: Severity) -> Finding:
    """What is said of a file that has no spec of the name behind ``#``."""
    where = code_list(name for name in dict.fromkeys(edge.target.names) if name) or "none"
    name = edge.reference.target.fragment
    message = f"`{ctx.called(edge.target.key)}` has no spec called `{name}`; it has {where}."
    return finding(ctx, edge, message, level, _by_names(ctx, edge))


def not_fetched(ctx: LinkedContext, edge: Edge) -> Finding:
    """What is said of a URI."""
    text = shorten(edge.reference.target.text)
    message = f"`{text}` is not checked: this tool reads files of the workspace and fetches nothing."
    return finding(ctx, edge, message, Severity.HINT)


def found_with_doubt(ctx: LinkedContext, edge: Edge) -> Iterator[Finding]:
    """What is said of a spec that is there, but one of several, or beyond the workspace."""
    target = edge.target
    if len(target.names) > 1 and not edge.reference.target.fragment:
        first = target.spec.title if target.spec else ""
        message = (
            f"`{ctx.called(target.key)}` holds {plural(len(target.names), 'spec')}: {code_list(target.names)}. "
            f"The first, `{first}`, is taken; write `#{first}` behind the path to say which."
        )
        yield finding(ctx, edge, message, Severity.INFORMATION, _by_names(ctx, edge))
    elif not ctx.graph.spans(target.key):
        message = f"`{edge.reference.spec_ref}` leads out of the workspace; others who open it may not have that file."
        yield finding(ctx, edge, message, Severity.INFORMATION)


def no_spec(ctx: LinkedContext, edge: Edge) -> str:
    """What stands at a path that holds no spec, in words; empty where it is something else that is wrong."""
    facts, text = ctx.graph.files.get(edge.target.key), edge.reference.target.text
    if facts is None:
        return ""
    if edge.target.outcome == "unreadable":
        return f"`{text}` is {facts.what}. Mend that file, or name that of another spec."
    if edge.target.outcome in {"folder", "other"}:
        return f"`{text}` is {facts.what}, not a ModelSpec. Name the file of a spec."
    if edge.target.outcome == "broken":
        return f"`{text}` is {facts.what}: nothing in it can be relied on. Mend that file."
    return ""


def _by_names(ctx: LinkedContext, edge: Edge) -> tuple[Fix, ...]:
    path = edge.reference.target.text
    own = ctx.spec.name if edge.target.key == ctx.node.key else ""
    names = (name for name in dict.fromkeys(edge.target.names) if name not in {"", own})
    refs = [ref for name in names if edge.reference.takes(ref := f"{path}#{name}")]
    return tuple(refer(ctx, edge, ref) for ref in refs[:SHOWN])


def looked_in(ctx: LinkedContext, edge: Edge) -> str:
    """The folders that a missing file was looked for in."""
    return code_list(dict.fromkeys(_folder(ctx, edge.reference.target, key) for key in edge.target.tried))


def _folder(ctx: LinkedContext, ref: SpecRef, tried: str) -> str:
    """The folder of a file that was looked for. What may also be a path from the system's root is said as one."""
    folder = posixpath.dirname(tried)
    if ref.rooted and tried == posixpath.normpath(ref.text):
        return folder
    return shown(folder, ctx.node.key)


def guesses(ctx: LinkedContext, edge: Edge) -> list[tuple[str, bool]]:
    """Files that were probably meant, and whether only the ending or the case differs in the same folder."""
    wanted = edge.target.tried[0]
    base, folder = posixpath.basename(wanted), posixpath.dirname(wanted)
    offers = ctx.graph.offers()
    beside = [key for key in offers.by_folder.get(folder, ()) if key != ctx.node.key]
    same = [key for key in beside if stem_of(key) == stem_of(wanted)]
    moved = [key for key in offers.by_file.get(base, ()) if key != ctx.node.key]
    named = [key for key in offers.by_name.get(edge.reference.id, ()) if key != ctx.node.key]
    files = {posixpath.basename(key): key for key in beside}
    guess = near(base, files)
    likely = [*same, *sorted(moved, key=len), *([files[guess]] if guess else []), *sorted(named, key=len)]
    return [
        (ref, len(same) == 1 and key == same[0])
        for key in dict.fromkeys(likely)
        if (ref := relative_ref(ctx.node.key, key)) and edge.reference.takes(ref)
    ]


def to_guesses(ctx: LinkedContext, edge: Edge, found: list[tuple[str, bool]]) -> tuple[Fix, ...]:
    """Fixes that refer to files that were probably meant."""
    how = {True: Applicability.SAFE, False: Applicability.SUGGEST}
    return tuple(refer(ctx, edge, ref, how[sure]) for ref, sure in found[:SHOWN])


def stem_of(key: str) -> str:
    """The name of a file without its endings, for comparing."""
    name = posixpath.basename(key).casefold()
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name.removesuffix(".modelspec")
