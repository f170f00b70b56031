"""What policies need to know of a document, and the severities that they give to other rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from attrs import evolve

from modelspec_ls.core.finding import Diagnostic
from modelspec_ls.core.path import DocPath
from modelspec_ls.policy.bundle import Bundle
from modelspec_ls.policy.derived import DerivedValues
from modelspec_ls.policy.evaluate import Outcome, Subject, level_words, outcomes
from modelspec_ls.policy.fields import subjects
from modelspec_ls.spec.view import ANNOTATIONS, LABELS, SpecView
from modelspec_ls.workspace.deployments import deployment_of
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import FileFacts, SpecFacts
from modelspec_ls.workspace.scopes import Scope
from modelspec_ls.workspace.views import view_of

from .context import DocumentContext
from .registry import word_for

NAME: DocPath = ("metadata", "name")


def today() -> date:
    """The author's own day."""
    return date.today()  # noqa: DTZ011


def said_of(ctx: DocumentContext, day: date | None = None) -> tuple[tuple[Outcome, ...], Subject]:
    """All that the policies of its folder say of a document, and the document as they see it. Kept with the text."""
    bundle = ctx.scope.policies
    if bundle is None or ctx.kind not in subjects() or ctx.too_large:
        return (), Subject(None, ctx.kind, ctx.file.key)
    wanted = day or today()
    kept = ctx.file.memo.setdefault("said", {})
    found: tuple[object, ...] | None = kept.get(ctx.document.number)
    if found is None or found[0] is not ctx.scope or found[1] != ctx.known or found[2] != wanted:
        subject = _subject(ctx, wanted)
        found = kept[ctx.document.number] = ctx.scope, ctx.known, wanted, tuple(outcomes(bundle, subject)), subject
    return found[3], found[4]  # type: ignore[return-value]


def _subject(ctx: DocumentContext, day: date) -> Subject:
    view, problems = ctx.view, ctx.problems
    wrong = {problem.path for problem in problems}
    wrong |= {(*problem.path, name) for problem in problems for name in problem.names}
    # What a misspelt or misplaced key was meant to say is said there.
    wrong |= {(*problem.path[:-1], problem.near) for problem in problems if problem.near}
    wrong |= {problem.elsewhere for problem in problems if problem.elsewhere}

    def skipped(path: DocPath) -> bool:
        return any(path[: len(at)] == at or (len(at) > len(path) and at[: len(path)] == path) for at in judged)

    judged = frozenset(path for path in wrong if path)
    return evolve(
        _seen(view, ctx.kind, ctx.file),
        value=ctx.data.value,
        derived=DerivedValues(ctx.deployment),
        today=day,
        skipped=skipped if judged else _never,
    )


def _never(_: DocPath) -> bool:
    return False


def _seen(view: SpecView, kind: str, document: Document) -> Subject:
    """A document as selectors see it that look at no field."""
    return Subject(
        None,
        kind,
        document.key,
        name=view.text(*NAME).value or "",
        labels=view.map(*LABELS),
        annotations=view.map(*ANNOTATIONS),
        environment=view.environment,
    )


def levelled(found: Iterable[Diagnostic], document: Document, scope: Scope) -> Iterator[Diagnostic]:
    """Findings with the severities that policies give them; without those that policies turn off."""
    bundle = scope.policies
    if bundle is None or not bundle.overrides:
        yield from found
        return
    seen: dict[int, Subject] = {}
    for diagnostic in found:
        number = diagnostic.document
        if number not in seen:
            role = document.roles[number]
            view = deployment_of(document, number, scope.catalogue).view if role.ours else view_of(document, number)
            seen[number] = _seen(view, role.schema, document)
        yield from _levelled(diagnostic, bundle, seen[number])


def levelled_links(found: Iterable[Diagnostic], facts: FileFacts, key: str, scope: Scope) -> list[Diagnostic]:
    """The same for findings across files, from facts."""
    bundle = scope.policies
    if bundle is None or not bundle.overrides:
        return list(found)
    seen = {spec.document: _of_facts(spec, key, scope) for spec in facts.parts}
    other = Subject(None, "", key)
    return [d for diagnostic in found for d in _levelled(diagnostic, bundle, seen.get(diagnostic.document, other))]


def _of_facts(spec: SpecFacts, key: str, scope: Scope) -> Subject:
    environment = scope.config.environments.get(spec.environment, spec.environment)
    return Subject(
        None, spec.kind, key, name=spec.name, labels=dict(spec.labels), environment=environment
    )  # fmt: skip


def _levelled(diagnostic: Diagnostic, bundle: Bundle, subject: Subject) -> Iterator[Diagnostic]:
    if diagnostic.said is not None or diagnostic.category in {"policy", "internal"}:
        yield diagnostic
        return
    words = [word for override in level_words(bundle, subject) for word in override.rules]
    level = word_for(diagnostic, reversed(words), diagnostic.severity)
    if level is diagnostic.severity:
        yield diagnostic
    elif level is not None:
        yield evolve(diagnostic, severity=level)
