"""Findings across files: from facts and the graph, kept with it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from attrs import evolve

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Diagnostic, Place, Related, RelatedSpan
from modelspec_ls.core.path import pointer
from modelspec_ls.core.text import Mark, Span
from modelspec_ls.knowledge import secrets
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.registry import RuleModule, asked, severity
from modelspec_ls.rules.silence import silenced_links
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import SpecFacts
from modelspec_ls.workspace.graph import Graph, Node
from modelspec_ls.workspace.scopes import Scope

from .findings import INTERNAL, discreet, failed, order

log = logging.getLogger(__name__)


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
            about = module.rule.about
            for context, out in members:
                if not about or not context.spec.marks.keys().isdisjoint(about):
                    _ask(module, context, out)
    for key, scope, each in found:
        told, hidden = [d for out in each for d in out], list[Diagnostic]()
        facts = graph.files.get(key)
        if told and facts is not None:
            # Messages also quote what other files say.
            texts = [text for spec in facts.parts for text in spec.texts()] + [d.message for d in told]
            told = list(discreet(told, _credentials(texts)))
        if told and scope.policies is not None and facts is not None:
            from modelspec_ls.rules.policies import levelled_links  # noqa: PLC0415  (only where there are policies)

            told = levelled_links(told, facts, key, scope)
        if facts is not None and facts.suppressions:
            told, hidden = silenced_links(graph, facts, told, scope.config)
        kept[key] = (scope, tuple(told), tuple(hidden))


def _credentials(texts: Sequence[str]) -> tuple[str, ...]:
    """The credentials in some values; one that is broken over lines has spaces there when it is read."""
    whole = "\n".join(texts)
    if not secrets.may_hold(whole):
        return ()
    held = (text for text in texts if secrets.may_hold(text))
    broken = (part for text in held for part in secrets.broken_in(text.replace(" ", "\n")))
    return secrets.ordered((*secrets.found_in(whole), *broken))


def _links_kept(graph: Graph) -> dict[str, tuple[Scope, tuple[Diagnostic, ...], tuple[Diagnostic, ...]]]:
    kept: dict[str, tuple[Scope, tuple[Diagnostic, ...], tuple[Diagnostic, ...]]]
    kept = graph.memo.setdefault("diagnostics", {})
    return kept


def _ask(module: RuleModule, ctx: LinkedContext, out: list[Diagnostic]) -> None:
    """Add what a rule finds. Most find nothing."""
    rule, spec = module.rule, ctx.spec
    try:
        for finding in module.check(ctx):
            assert isinstance(finding.where, Place)
            path = finding.where.path
            level = severity(rule, ctx.config, finding.severity)
            related = tuple(_far(spec, r) for r in finding.related)
            out.append(Diagnostic(
                rule.code, rule.name, rule.category, level, finding.message, Span(0, 0), pointer(path),
                spec.document, related, finding.fixes, spec.mark(path),
            ))  # fmt: skip
    except Exception:
        log.exception("rule %s failed", rule.code)
        out.append(Diagnostic(
            INTERNAL.code, INTERNAL.name, INTERNAL.category, INTERNAL.severity, failed(rule), Span(0, 0), "",
            spec.document, mark=spec.mark(()),
        ))  # fmt: skip


def _far(spec: SpecFacts, related: Related) -> RelatedSpan:
    where = related.where
    if isinstance(where, Place):
        return RelatedSpan(Span(0, 0), related.message, None, spec.mark(where.path))
    assert isinstance(where, Mark)
    return RelatedSpan(Span(0, 0), related.message, related.uri, where)


def placed(document: Document, own: tuple[Diagnostic, ...], linked: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """A text's own findings and those across files, which stand at marks, by position."""
    return tuple(sorted((*own, *(_placed(document, d) for d in linked)), key=order)) if linked else own


def _placed(document: Document, diagnostic: Diagnostic) -> Diagnostic:
    """A finding across files with its places in this text as spans."""
    here = document.index.span_of
    related = tuple(
        evolve(r, span=here(r.mark), mark=None, uri=None) if r.mark and r.uri in {None, document.uri} else r
        for r in diagnostic.related
    )
    assert diagnostic.mark is not None
    return evolve(diagnostic, span=here(diagnostic.mark), mark=None, related=related)
