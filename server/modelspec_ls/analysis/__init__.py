"""``check_document``: the one entrance to all findings, for the server and the command line.

Runs the chosen rules on texts, sorts and bounds. ``across`` does so for findings across files; ``findings`` resolves
places to spans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from attrs import define, field

from modelspec_ls.core.finding import Diagnostic, Place, Severity
from modelspec_ls.core.packed import packed
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.records import record
from modelspec_ls.rules.configured import SettingsContext
from modelspec_ls.rules.context import DocumentContext, FileContext
from modelspec_ls.rules.registry import FORM, RuleModule, all_rules, asked, suited
from modelspec_ls.rules.silence import silenced
from modelspec_ls.rules.suppressed import SuppressionContext
from modelspec_ls.syntax.lookup import locate
from modelspec_ls.workspace.checkpoints import Query
from modelspec_ls.workspace.credentials import secrets_in
from modelspec_ls.workspace.deployments import Known, known_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import FileFacts, file_facts
from modelspec_ls.workspace.kinds import SETTINGS_FILE, is_own_name
from modelspec_ls.workspace.scopes import Scope
from modelspec_ls.workspace.settings import settings_of
from modelspec_ls.workspace.snapshot import Snapshot
from modelspec_ls.workspace.suppressions import Suppression, suppressions

from .across import check_links, hidden_links, link_together, placed
from .findings import apply, discreet, order, overflow, resolve_fix, unreadable

__all__ = [
    "Examined",
    "Kept",
    "check_document",
    "check_here",
    "check_links",
    "check_text",
    "check_together",
    "examine",
    "faults",
    "hidden_in",
    "hidden_links",
    "judged",
    "link_together",
    "not_shown",
    "placed",
    "resolve_fix",
    "unreadable",
]


def check_document(snapshot: Snapshot, uri: str) -> tuple[Diagnostic, ...]:
    """All diagnostics of an open document by position; none for one that is not ours."""
    document = snapshot.document(uri)
    if document is None or not judged(document):
        return ()
    own, linked = check_here(document, snapshot), check_links(snapshot.graph, document.key, snapshot.scope(uri))
    if not linked:
        return own
    kept: tuple[Any, Any, tuple[Diagnostic, ...]] | None = document.memo.get("all diagnostics")
    if kept is None or kept[0] is not own or kept[1] is not linked:
        kept = document.memo["all diagnostics"] = (own, linked, placed(document, own, linked))
    return kept[2]


@packed
@record
class Examined:
    """All that one text says by itself. ``ours``: it holds something of ours; ``judged``: it counts as ours."""

    diagnostics: tuple[Diagnostic, ...]
    facts: FileFacts
    ours: bool
    judged: bool
    suppressed: tuple[Diagnostic, ...] = ()


class Kept(NamedTuple):
    """What is kept of a file between runs: the result, and what it rests on.

    ``checkpoints``: those that were looked for on disk. ``bases``: other specs that its hints lead to, each with the
    digest of what it holds. ``projects``: where ``/x.yaml`` starts in the folders of all these.
    """

    examined: Examined
    checkpoints: tuple[tuple[Query, str | None, tuple[tuple[str, int, int], ...]], ...]
    bases: tuple[tuple[str, bytes], ...] = ()
    projects: tuple[tuple[str, str], ...] = ()


def examine(document: Document, snapshot: Snapshot) -> Examined:
    """Look at one text by itself; nothing of the result refers to the text."""
    if not judged(document):
        return Examined((), file_facts(document), ours=document.ours, judged=False)
    found = check_here(document, snapshot)
    facts = file_facts(document, _faults(found))
    ours = document.ours or document.linked or document.is_settings
    return Examined(found, facts, ours=ours, judged=True, suppressed=hidden_in(document))


def hidden_in(document: Document) -> tuple[Diagnostic, ...]:
    """What a text's suppressions kept out of its own findings when it was last checked."""
    hidden: tuple[Diagnostic, ...] = document.memo.get("suppressed", ())
    return hidden


def not_shown(document: Document) -> tuple[Diagnostic, ...]:
    """The findings of a text beyond those that are shown, when it was last checked."""
    more: tuple[Diagnostic, ...] = document.memo.get("not shown", ())
    return more


def faults(document: Document, snapshot: Snapshot) -> tuple[int, str]:
    """The number of errors in a text and by the schema, and the message of the first: what dependants are told."""
    return _faults(check_here(document, snapshot))


def _faults(diagnostics: Iterable[Diagnostic]) -> tuple[int, str]:
    found = [d for d in diagnostics if d.severity is Severity.ERROR and d.category in FORM]
    return len(found), found[0].message if found else ""


def judged(document: Document) -> bool:
    """Whether the text is ours: by its name, by the user's word, or by what a document in it declares."""
    if document.is_settings:
        return document.uri.endswith(SETTINGS_FILE) or "tool.modelspec" in document.text
    return document.claimed or is_own_name(document.uri) or document.ours or document.linked


def check_here(document: Document, snapshot: Snapshot) -> tuple[Diagnostic, ...]:
    """All diagnostics of one text by itself, in the surroundings that a snapshot knows."""
    return check_text(document, snapshot.scope(document.uri), known_in(snapshot, document))


def check_text(
    document: Document, scope: Scope, known: Mapping[int, Known] = MappingProxyType({})
) -> tuple[Diagnostic, ...]:
    """All diagnostics of one text by itself. The result is kept with the document for the same surroundings.

    ``scope``: what holds for its folder. ``known``: what is known beyond the text, by the number of the document.
    """
    kept: tuple[Scope, Mapping[int, Known], tuple[Diagnostic, ...]] | None = document.memo.get("diagnostics")
    if kept is not None and kept[0] is scope and kept[1] == known:
        return kept[2]
    subject = _Subject(document, scope, known)
    _run([subject])
    return _settled(subject)


def check_together(texts: Iterable[tuple[Document, Snapshot]]) -> None:
    """Work out the diagnostics of several texts, each by itself, and keep them with the texts.

    Rule by rule: a rule that has just been asked is still at hand in the processor's cache. This takes a third less
    time than text by text.
    """
    subjects = [
        _Subject(document, snapshot.scope(document.uri), known_in(snapshot, document))
        for document, snapshot in texts
        if judged(document)
    ]
    _run(subjects)
    for subject in subjects:
        _settled(subject)


@define
class _Subject:
    """A text that is being checked, with what was found so far."""

    document: Document
    scope: Scope
    known: Mapping[int, Known]
    found: list[Diagnostic] = field(factory=list)


def _settled(subject: _Subject) -> tuple[Diagnostic, ...]:
    """What is told of a text: sorted, without what it asks not to be told, bounded; kept with the text."""
    document, scope, config = subject.document, subject.scope, subject.scope.config
    found = sorted(set(discreet(subject.found, secrets_in(document))), key=order)
    if found and scope.policies is not None:
        from modelspec_ls.rules.policies import levelled  # noqa: PLC0415  (only where there are policies)

        found = sorted(levelled(found, document, scope), key=order)
    hidden: list[Diagnostic] = []
    present = suppressions(document)
    if present:
        found, hidden, used = silenced(document, present, found)
        useless = discreet(_useless(document, scope, present, used), secrets_in(document))
        found = sorted((*found, *useless), key=order)
    document.memo["suppressed"] = tuple(hidden)
    limit = config.limits.max_findings_per_file
    document.memo["not shown"] = tuple(found[limit:])
    if len(found) > limit:
        found = [*found[:limit], overflow(document, len(found) - limit)]
    result = tuple(found)
    document.memo["diagnostics"] = (scope, subject.known, result)
    return result


def _run(subjects: Sequence[_Subject]) -> None:
    """Ask all rules about all texts, rule by rule."""
    usual = [subject for subject in subjects if not _apart(subject)]
    _ask([(asked(s.scope.config, "file"), FileContext(s.document, s.scope), s) for s in usual])
    todo: list[_Asking] = []
    for subject in usual:
        document, scope = subject.document, subject.scope
        roles = enumerate(document.roles)
        parts = [DocumentContext(document, scope, i, subject.known.get(i)) for i, role in roles if role.ours]
        subject.found += _oversized(document, parts)
        for part in parts:
            if not part.too_large:
                # Where some of its text had to be repaired, its meaning is not judged.
                kind, broken = part.kind if part.role.governed else None, _broken(part)
                todo.append((asked(scope.config, "document", kind, form_only=broken), part, subject))
                if scope.groups and not broken and kind is not None:
                    todo.append((_policies(), part, subject))
    _ask(todo)


_Asking = tuple[tuple[RuleModule, ...], FileContext, _Subject]
"""Rules, and what they are asked about."""


def _ask(todo: Iterable[_Asking]) -> None:
    alike: dict[int, list[_Asking]] = {}
    for asking in todo:
        # The same choice of rules is the same tuple.
        alike.setdefault(id(asking[0]), []).append(asking)
    for group in alike.values():
        # Few sets of parts that many rules are about.
        having: dict[tuple[DocPath, ...], list[_Asking]] = {(): group}
        for module in group[0][0]:
            about = module.rule.about
            if about not in having:
                having[about] = [a for a in group if isinstance(a[1], DocumentContext) and a[1].has_any(about)]
            for _, ctx, subject in having[about]:
                subject.found += apply(module, ctx, subject.document, subject.scope.config)


def _apart(subject: _Subject) -> bool:
    """Deal with a text that is no usual one: too large to be read, or one with settings."""
    document, scope, config = subject.document, subject.scope, subject.scope.config
    if document.oversized:
        size, limit = len(document.text) / 2**20, config.limits.max_file_bytes / 2**20
        message = f"The file has {size:.1f} MiB; at most {limit:g} MiB is read. Split it into smaller files."
        finding = unreadable(message, Severity.ERROR, config)
        subject.found += (finding,) if finding else ()
    elif document.is_settings:
        subject.found += _settings(document, scope)
    return document.oversized or document.is_settings


def _settings(document: Document, scope: Scope) -> Iterator[Diagnostic]:
    """What is wrong in a settings file."""
    file = settings_of(document.key, document.text, scope.config.limits)
    if file is not None:
        for module in asked(scope.config, "settings"):
            yield from apply(module, SettingsContext(document, scope, file), document, scope.config)


@cache
def _policies() -> tuple[RuleModule, ...]:
    """What speaks for policies. Each of their rules is chosen by its own name."""
    return suited(all_rules(), "policy")


def _useless(
    document: Document, scope: Scope, present: tuple[Suppression, ...], used: set[tuple[int, int]]
) -> Iterator[Diagnostic]:
    """What is said of suppressions themselves, which none can suppress."""
    whole = not document.tree.repairs and not document.oversized
    for module in asked(scope.config, "suppressions"):
        context = SuppressionContext(document, scope, present, used, whole)
        yield from apply(module, context, document, scope.config)


def _broken(part: DocumentContext) -> bool:
    document = part.document
    return any(document.start <= repair.span.start < document.end for repair in part.tree.changes)


def _oversized(document: Document, parts: list[DocumentContext]) -> Iterator[Diagnostic]:
    for part in parts:
        if part.too_large:
            aliases = "*" in document.text
            message = (
                f"{'With its aliases written out, this' if aliases else 'This'} document has {part.data.size:,} keys "
                f"and values, nested {part.data.depth:,} deep: too large to check. "
                + ("Replace the aliases by values." if aliases else "Split it.")
            )
            span = locate(document.tree, Place(part.document.number, (), "key"))
            yield Diagnostic("MS001", "invalid-yaml", "syntax", Severity.ERROR, message, span, "", part.document.number)
