"""What policies have against a document, as findings with fixes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from modelspec_ls.core.finding import Finding, Fix, Operation, Related, RemovePair, Said, Severity
from modelspec_ls.core.path import last_key
from modelspec_ls.policy.evaluate import Outcome, Subject
from modelspec_ls.policy.wording import message, remedies
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import put
from modelspec_ls.rules.policies import said_of
from modelspec_ls.workspace.references import uri_of


def violations(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield one finding per field that is not as a rule asks, or per expression that is not true."""
    found, subject = said_of(ctx)
    for outcome in found:
        if not outcome.holds:
            yield _finding(ctx, outcome, subject)


def _finding(ctx: DocumentContext, outcome: Outcome, subject: Subject) -> Finding:
    active = outcome.active
    rule = active.rule
    at = rule.at
    path = at.schema_path if at is not None and not at.derived and not at.many else outcome.path
    line = Related(active.mark, f"rule `{rule.name}` of policy `{active.source.name}`", uri_of(active.source.path))
    return Finding(
        message(outcome, subject),
        # A path that leads nowhere stands at the nearest section above it.
        ctx.at(path, "value"),
        Severity.WARNING if outcome.error else active.severity,
        (line,),
        tuple(_fixes(ctx, outcome)),
        Said(rule.name, active.source.name, rule.docs, rule.suppressible),
    )


def _fixes(ctx: DocumentContext, outcome: Outcome) -> Iterator[Fix]:
    wanted = remedies(outcome)
    if wanted is None:
        return
    if not wanted:
        title = f"Remove `{last_key(outcome.path)}`"
        yield Fix(title, (RemovePair(ctx.at(outcome.path, "pair")),))
        return
    operations: list[Operation] = [put(ctx, path, json.dumps(value, ensure_ascii=False)) for path, value in wanted]
    path, value = wanted[0]
    verb = "Set" if ctx.find(path) is not None else "Add"
    more = f" and {len(wanted) - 1} more" if len(wanted) > 1 else ""
    yield Fix(f"{verb} `{last_key(path)}: {_shown(value)}`{more}, as the policy asks", tuple(operations))


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"
