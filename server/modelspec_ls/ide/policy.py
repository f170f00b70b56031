"""Policies in the editor: what they say of a field of a spec, how many apply, and what a policy itself means."""

from __future__ import annotations

from modelspec_ls.core.markdown import code, prose
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import plural, shorten
from modelspec_ls.policy.bundle import Active
from modelspec_ls.policy.evaluate import Outcome
from modelspec_ls.policy.fields import field
from modelspec_ls.policy.model import Rule
from modelspec_ls.policy.wording import selection
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.policies import said_of
from modelspec_ls.rules.registry import all_rules, matches
from modelspec_ls.syntax.lookup import find
from modelspec_ls.syntax.nodes import span_of
from modelspec_ls.workspace.deployments import known_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.policies import policy_at
from modelspec_ls.workspace.references import uri_of
from modelspec_ls.workspace.snapshot import Snapshot

from .completion.policy import field_page, is_field_map
from .results import Lens, Location

_MOST = 8
"""Most rules of one hover."""
_LONGEST = 1_000
_TOP: DocPath = ("apiVersion",)


def _said(snapshot: Snapshot, document: Document, number: int) -> tuple[Outcome, ...]:
    scope = snapshot.scope(document.uri)
    part = document.tree.documents[number]
    broken = any(part.start <= repair.span.start < part.end for repair in document.tree.changes)
    if scope.policies is None or broken or not document.roles[number].governed:
        return ()
    known = known_in(snapshot, document).get(number)
    return said_of(DocumentContext(document, scope, number, known))[0]


def policies_on(snapshot: Snapshot, document: Document, number: int, path: DocPath) -> str:
    """What policies say of the field at a path, with the verdict now; empty where they say nothing."""
    lines = [
        f"- {'✓' if outcome.holds else '✗'} {code(outcome.active.rule.name)} ({prose(outcome.active.source.name)}): "
        f"{prose(_sentence(outcome))}"
        for outcome in _said(snapshot, document, number)
        if outcome.path == path
    ]
    more = [f"- and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return "\n".join(["**Policies**", "", *lines[:_MOST], *more]) if lines else ""


def _sentence(outcome: Outcome) -> str:
    rule = outcome.active.rule
    if outcome.error:
        return f"cannot be judged: {outcome.error}"
    verdict = "holds" if outcome.holds else "does not hold"
    if outcome.check is None:
        return (
            f"{code(rule.expression)} {verdict}"
            if len(rule.expression) < 80
            else f"{shorten(rule.description, _LONGEST) or 'the rule'} {verdict}"
        )
    verb = "forbids" if rule.sort == "forbid" else "asks for"
    name = f"{code(outcome.check.field.text)}: " if outcome.check.field.derived else ""
    return f"{name}{verb} {outcome.check.sentence}; {verdict}"


def lenses(snapshot: Snapshot, uri: str) -> tuple[Lens, ...]:
    """``3 policy rules apply`` above a spec, which leads to their lines; nothing where none does."""
    document = snapshot.document(uri)
    if document is None or not snapshot.scope(uri).groups:
        return ()
    out: list[Lens] = []
    for number in range(len(document.roles)):
        found = find(document.tree.documents[number], _TOP)
        said = _said(snapshot, document, number)
        rules = {id(outcome.active): outcome.active for outcome in said}
        if not rules or found is None or found.pair is None:
            continue
        failing = len({id(outcome.active) for outcome in said if not outcome.holds})
        apply = "applies" if len(rules) == 1 else "apply"
        title = f"{plural(len(rules), 'policy rule')} {apply}" + (f", {failing} not met" if failing else "")
        places = tuple(_place(active) for active in rules.values())
        out.append(Lens(span_of(found.pair.key), title, "modelspec.showReferences", places))
    return tuple(out)


def _place(active: Active) -> Location:
    return Location(uri_of(active.source.path), active.mark)


def about(document: Document, number: int, path: DocPath) -> str:
    """What a place in a policy means beyond its schema: a field, a rule, a built-in rule; empty for others."""
    policy = policy_at(document, number)
    if len(path) > 1 and is_field_map(path[:-1]):
        found = field(str(path[-1]), _kinds(document, number, path))
        return field_page(found) if found is not None else ""
    if policy is not None and path[:2] == ("spec", "rules") and len(path) == 4 and path[3] == "name":
        rule = next((rule for rule in policy.rules if rule.path == path[:3]), None)
        return _rule_page(rule) if rule is not None else ""
    if path[:2] == ("spec", "overrides") and len(path) == 5 and path[3] == "rules":
        named = [module.rule for module in all_rules() if matches(module.rule, str(path[4]))]
        return "\n".join(f"- **{rule.code}** `{rule.name}`: {rule.summary}" for rule in named[:_MOST])
    return ""


def _kinds(document: Document, number: int, path: DocPath) -> tuple[str, ...]:
    policy = policy_at(document, number)
    rules = policy.rules if policy is not None else ()
    return next((rule.match.kinds for rule in rules if rule.path == path[:3]), ()) or ("ModelSpec",)


def _rule_page(rule: Rule) -> str:
    level = rule.severity.label if rule.severity is not None else "broken: not in force" if rule.broken else "off"
    lines = [f"**{prose(rule.name)}** — {level}"]
    if rule.description:
        lines.append(prose(shorten(rule.description, _LONGEST)))
    lines.append(f"About {prose(selection(rule))}.")
    asked = [f"- {code(r.field.text)}: {', '.join(f'`{n}`' for n, _ in r.matchers)}" for r in rule.requirements]
    if asked:
        lines.append("\n".join(asked))
    if rule.exempt:
        lines.append(
            "\n".join(
                f"- exempt until {e.until.isoformat()}: {code(e.name)} ({prose(shorten(e.reason, _LONGEST))})"
                for e in rule.exempt
            )
        )
    return "\n\n".join(lines)
