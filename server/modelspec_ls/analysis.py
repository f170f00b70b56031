"""``check_document``: the one entrance to all findings, for the server and the command line.

Runs the chosen rules, drops what stands on repaired text, resolves places to spans, sorts and bounds.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from attrs import define, evolve, field, frozen

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Diagnostic, Finding, Fix, Place, Related, RelatedSpan, Severity
from modelspec_ls.core.path import pointer
from modelspec_ls.core.text import Mark, Span, TextEdit, apply_edits
from modelspec_ls.knowledge import secrets
from modelspec_ls.rules.configured import SettingsContext
from modelspec_ls.rules.context import DocumentContext, FileContext
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.registry import FORM, RuleModule, all_rules, asked, chosen, severity, speaks, suited
from modelspec_ls.rules.silence import silenced, silenced_links
from modelspec_ls.rules.suppressed import SuppressionContext
from modelspec_ls.syntax.edit import resolve_operation
from modelspec_ls.syntax.lookup import document_at, locate, spot_at
from modelspec_ls.workspace.checkpoints import Query, Reading
from modelspec_ls.workspace.deployments import readings_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import FileFacts, SpecFacts, file_facts
from modelspec_ls.workspace.graph import Graph, Node
from modelspec_ls.workspace.kinds import SETTINGS_FILE, is_own_name
from modelspec_ls.workspace.scopes import Scope
from modelspec_ls.workspace.settings import settings_of
from modelspec_ls.workspace.snapshot import Snapshot
from modelspec_ls.workspace.suppressions import Suppression, suppressions

log = logging.getLogger(__name__)

_INTERNAL = Rule("MS000", "internal-error", "internal", Severity.INFORMATION, "A rule failed; the others went on")
_MORE = Rule(
    "MS099", "findings-cut", "internal", Severity.INFORMATION, "A file with very many findings shows the first"
)


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


def placed(document: Document, own: tuple[Diagnostic, ...], linked: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """A text's own findings and those across files, which stand at marks, by position."""
    return tuple(sorted((*own, *(_placed(document, d) for d in linked)), key=_order)) if linked else own


@frozen
class Examined:
    """All that one text says by itself. ``ours``: it holds something of ours; ``judged``: it counts as ours."""

    diagnostics: tuple[Diagnostic, ...]
    facts: FileFacts
    ours: bool
    judged: bool
    suppressed: tuple[Diagnostic, ...] = ()


class Kept(NamedTuple):
    """What is kept of a file between runs: the result, and the checkpoints on disk that it rests on."""

    examined: Examined
    checkpoints: tuple[tuple[Query, str | None, tuple[tuple[str, int, int], ...]], ...]


def examine(document: Document, snapshot: Snapshot) -> Examined:
    """Look at one text by itself; nothing of the result refers to the text."""
    if not judged(document):
        return Examined((), file_facts(document), ours=document.ours, judged=False)
    found = check_here(document, snapshot)
    facts = file_facts(document, faults(document, snapshot))
    ours = document.ours or document.linked or document.is_settings
    return Examined(found, facts, ours=ours, judged=True, suppressed=hidden_in(document))


def hidden_in(document: Document) -> tuple[Diagnostic, ...]:
    """What a text's suppressions kept out of its own findings when it was last checked."""
    hidden: tuple[Diagnostic, ...] = document.memo.get("suppressed", ())
    return hidden


def check_links(graph: Graph, key: str, scope: Scope) -> tuple[Diagnostic, ...]:
    """What the rules across files say of one file; each stands at a mark. Kept with the graph for the same scope."""
    return _links(graph, key, scope)[0]


def hidden_links(graph: Graph, key: str, scope: Scope) -> tuple[Diagnostic, ...]:
    """What a file's suppressions keep out of its findings across files."""
    return _links(graph, key, scope)[1]


def _links(graph: Graph, key: str, scope: Scope) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    kept = _links_kept(graph)
    if key not in kept or kept[key][0] is not scope:
        link_together(graph, [(key, scope)])
    return kept[key][1:]


def link_together(graph: Graph, files: Iterable[tuple[str, Scope]]) -> None:
    """Work out what the rules across files say of several files, rule by rule, and keep it with the graph."""
    kept = _links_kept(graph)
    asked_of: dict[tuple[int, str], tuple[Config, list[tuple[LinkedContext, list[Diagnostic]]]]] = {}
    found: list[tuple[str, Scope, list[list[Diagnostic]]]] = []
    for key, scope in files:
        facts, config = graph.files.get(key), scope.config
        parts = facts.parts if facts is not None else ()
        contexts = [LinkedContext(graph, Node(key, s.document), s, config) for s in parts if not s.broken]
        each: list[list[Diagnostic]] = [[] for _ in contexts]
        for context, out in zip(contexts, each, strict=True):
            asked_of.setdefault((id(config), context.spec.kind), (config, []))[1].append((context, out))
        found.append((key, scope, each))
    for (_, kind), (config, members) in asked_of.items():
        for module in asked(config, "workspace", kind):
            for context, out in members:
                out.extend(_linked(module, context, config))
    for key, scope, each in found:
        told, hidden = [d for out in each for d in out], list[Diagnostic]()
        facts = graph.files.get(key)
        if told and facts is not None:
            told = list(_discreet(told, secrets.found_in(repr(facts.parts))))
        if told and scope.policies is not None and facts is not None:
            from modelspec_ls.rules.policies import levelled_links  # noqa: PLC0415  (only where there are policies)

            told = levelled_links(told, facts, key, scope)
        if facts is not None and facts.suppressions:
            told, hidden = silenced_links(graph, facts, told, scope.config)
        kept[key] = (scope, tuple(told), tuple(hidden))


def _links_kept(graph: Graph) -> dict[str, tuple[Scope, tuple[Diagnostic, ...], tuple[Diagnostic, ...]]]:
    kept: dict[str, tuple[Scope, tuple[Diagnostic, ...], tuple[Diagnostic, ...]]]
    kept = graph.memo.setdefault("diagnostics", {})
    return kept


def faults(document: Document, snapshot: Snapshot) -> tuple[int, str]:
    """The number of errors in a text and by the schema, and the message of the first: what dependants are told."""
    found = [d for d in check_here(document, snapshot) if d.severity is Severity.ERROR and d.category in FORM]
    return len(found), found[0].message if found else ""


def judged(document: Document) -> bool:
    """Whether the text is ours: by its name, by the user's word, or by what a document in it declares."""
    if document.is_settings:
        return document.uri.endswith(SETTINGS_FILE) or "tool.modelspec" in document.text
    return document.claimed or is_own_name(document.uri) or document.ours or document.linked


def check_here(document: Document, snapshot: Snapshot) -> tuple[Diagnostic, ...]:
    """All diagnostics of one text by itself, in the surroundings that a snapshot knows."""
    return check_text(document, snapshot.scope(document.uri), readings_in(snapshot, document))


def check_text(
    document: Document, scope: Scope, readings: Mapping[int, Reading] = MappingProxyType({})
) -> tuple[Diagnostic, ...]:
    """All diagnostics of one text by itself. The result is kept with the document for the same surroundings.

    ``scope``: what holds for its folder. ``readings``: checkpoints on disk, by the number of the document.
    """
    kept: tuple[Scope, Mapping[int, Reading], tuple[Diagnostic, ...]] | None = document.memo.get("diagnostics")
    if kept is not None and kept[0] is scope and kept[1] == readings:
        return kept[2]
    subject = _Subject(document, scope, readings)
    _run([subject])
    return _settled(subject)


def check_together(texts: Iterable[tuple[Document, Snapshot]]) -> None:
    """Work out the diagnostics of several texts, each by itself, and keep them with the texts.

    Rule by rule: a rule that has just been asked is still at hand in the processor's cache. This takes a third less
    time than text by text.
    """
    subjects = [
        _Subject(document, snapshot.scope(document.uri), readings_in(snapshot, document))
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
    readings: Mapping[int, Reading]
    found: list[Diagnostic] = field(factory=list)


def _settled(subject: _Subject) -> tuple[Diagnostic, ...]:
    """What is told of a text: sorted, without what it asks not to be told, bounded; kept with the text."""
    document, scope, config = subject.document, subject.scope, subject.scope.config
    found = sorted(set(_discreet(subject.found, secrets_in(document))), key=_order)
    if found and scope.policies is not None:
        from modelspec_ls.rules.policies import levelled  # noqa: PLC0415  (only where there are policies)

        found = sorted(levelled(found, document, scope), key=_order)
    hidden: list[Diagnostic] = []
    present = suppressions(document)
    if present:
        found, hidden, used = silenced(document, present, found)
        useless = _discreet(_useless(document, scope, present, used), secrets_in(document))
        found = sorted((*found, *useless), key=_order)
    document.memo["suppressed"] = tuple(hidden)
    limit = config.limits.max_findings_per_file
    if len(found) > limit:
        found = [*found[:limit], _overflow(document, len(found) - limit)]
    result = tuple(found)
    document.memo["diagnostics"] = (scope, subject.readings, result)
    return result


def secrets_in(document: Document) -> tuple[str, ...]:
    """The credentials in a text, which no message may repeat; kept with it."""
    found: tuple[str, ...] | None = document.memo.get("secrets")
    if found is None:
        found = document.memo["secrets"] = secrets.found_in(document.text)
    return found


def _discreet(diagnostics: Iterable[Diagnostic], found: tuple[str, ...]) -> Iterable[Diagnostic]:
    """Diagnostics that repeat no credential."""
    return [_without(d, found) for d in diagnostics] if found else diagnostics


def _without(diagnostic: Diagnostic, found: tuple[str, ...]) -> Diagnostic:
    def say(text: str) -> str:
        return secrets.hidden(text, found)

    return evolve(
        diagnostic,
        message=say(diagnostic.message),
        pointer=say(diagnostic.pointer),
        related=tuple(evolve(r, message=say(r.message)) for r in diagnostic.related),
        fixes=tuple(evolve(fix, title=say(fix.title)) for fix in diagnostic.fixes),
    )


def _order(diagnostic: Diagnostic) -> tuple[Any, ...]:
    return diagnostic.span, diagnostic.severity, diagnostic.code, diagnostic.name, diagnostic.message


def _linked(module: RuleModule, ctx: LinkedContext, config: Config) -> Iterator[Diagnostic]:
    rule, spec = module.rule, ctx.spec
    try:
        for finding in module.check(ctx):
            assert isinstance(finding.where, Place)
            path = finding.where.path
            level = severity(rule, config, finding.severity)
            related = tuple(_far(spec, r) for r in finding.related)
            yield Diagnostic(
                rule.code, rule.name, rule.category, level, finding.message, Span(0, 0), pointer(path),
                spec.document, related, finding.fixes, spec.mark(path),
            )  # fmt: skip
    except Exception:
        log.exception("rule %s failed", rule.code)
        yield Diagnostic(
            _INTERNAL.code, _INTERNAL.name, _INTERNAL.category, _INTERNAL.severity, _failed(rule), Span(0, 0), "",
            spec.document, mark=spec.mark(()),
        )  # fmt: skip


def _far(spec: SpecFacts, related: Related) -> RelatedSpan:
    where = related.where
    if isinstance(where, Place):
        return RelatedSpan(Span(0, 0), related.message, None, spec.mark(where.path))
    assert isinstance(where, Mark)
    return RelatedSpan(Span(0, 0), related.message, related.uri, where)


def _placed(document: Document, diagnostic: Diagnostic) -> Diagnostic:
    """A finding across files with its places in this text as spans."""
    here = document.index.span_of
    related = tuple(
        evolve(r, span=here(r.mark), mark=None, uri=None) if r.mark and r.uri in {None, document.uri} else r
        for r in diagnostic.related
    )
    assert diagnostic.mark is not None
    return evolve(diagnostic, span=here(diagnostic.mark), mark=None, related=related)


def _near(document: Document, related: Related) -> RelatedSpan:
    where = related.where
    if isinstance(where, Mark):
        return RelatedSpan(Span(0, 0), related.message, related.uri, where)
    return RelatedSpan(locate(document.tree, where), related.message)


def _failed(rule: Rule) -> str:
    return f"The check {rule.code} ({rule.name}) failed inside this tool; all others ran. Please report it."


def unreadable(message: str, level: Severity, config: Config) -> Diagnostic | None:
    """The finding on a file that could not be read; None where the configuration leaves it out."""
    module = next((m for m in chosen(config) if m.rule.code == "MS005"), None)
    if module is None:
        return None
    rule = module.rule
    return Diagnostic(rule.code, rule.name, rule.category, severity(rule, config, level), message, Span(0, 0), "", 0)


def _run(subjects: Sequence[_Subject]) -> None:
    """Ask all rules about all texts, rule by rule."""
    usual = [subject for subject in subjects if not _apart(subject)]
    _ask([(asked(s.scope.config, "file"), FileContext(s.document, s.scope), s) for s in usual])
    todo: list[_Asking] = []
    for subject in usual:
        document, scope = subject.document, subject.scope
        roles = enumerate(document.roles)
        parts = [DocumentContext(document, scope, i, subject.readings.get(i)) for i, role in roles if role.ours]
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
        for module in group[0][0]:
            for _, ctx, subject in group:
                subject.found += _apply(module, ctx, subject.document, subject.scope.config)


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
            yield from _apply(module, SettingsContext(document, scope, file), document, scope.config)


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
        yield from _apply(module, context, document, scope.config)


def _broken(part: DocumentContext) -> bool:
    document = part.document
    return any(document.start <= repair.span.start < document.end for repair in part.tree.repairs)


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


def _apply(module: RuleModule, ctx: Any, document: Document, config: Config) -> Iterable[Diagnostic]:
    """What a rule finds. Most find nothing, at the cost of little more than the call."""
    rule = module.rule
    out: list[Diagnostic] = []
    try:
        for finding in module.check(ctx):
            diagnostic = _resolve(document, rule, finding, config)
            if diagnostic is not None:
                out.append(diagnostic)
    except Exception:
        # One broken rule must not take the others with it.
        log.exception("rule %s failed", rule.code)
        out.append(_make(document, _INTERNAL, Finding(_failed(rule), Span(0, 0)), Span(0, 0), Severity.INFORMATION))
    return out


def _resolve(document: Document, rule: Rule, finding: Finding, config: Config) -> Diagnostic | None:
    span = locate(document.tree, finding.where)
    if not rule.on_broken and document.tree.repairs and document.tree.tainted(span):
        return None
    if finding.said is not None:
        if not speaks(rule, config, finding.said.name):
            return None
        rule = evolve(rule, name=finding.said.name)
    return _make(document, rule, finding, span, severity(rule, config, finding.severity))


def _make(document: Document, rule: Rule, finding: Finding, span: Span, level: Severity) -> Diagnostic:
    where = finding.where
    if isinstance(where, Place):
        index, path = where.document, where.path
    else:
        index, path = document_at(document.tree, span.start).number, ()
        if not rule.on_broken and (spot := spot_at(document.tree, span.start)):
            path = spot.place.path
    related = tuple(_near(document, r) for r in finding.related)
    return Diagnostic(
        rule.code,
        rule.name,
        rule.category,
        level,
        finding.message,
        span,
        pointer(path),
        index,
        related,
        finding.fixes,
        said=finding.said,
    )


def _overflow(document: Document, more: int) -> Diagnostic:
    end = len(document.text)
    message = f"{more:,} more findings in this file are not shown."
    return _make(document, _MORE, Finding(message, Span(end, end)), Span(end, end), Severity.INFORMATION)


def resolve_fix(document: Document, fix: Fix) -> tuple[TextEdit, ...]:
    """The text edits of a fix; empty when it no longer applies."""
    edits: list[TextEdit] = []
    for operation in fix.operations:
        resolved = resolve_operation(document.tree, document.index, operation)
        if not resolved:
            return ()
        edits.extend(resolved)
    try:
        apply_edits(document.text, edits)
    except ValueError:  # Two operations on the same text: only the whole fix makes sense.
        return ()
    return tuple(edits)
