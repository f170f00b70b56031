"""The engine: what answers the requests, it or a server around it, and how another one is set."""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Operation, SetValue
from modelspec_ls.knowledge.vocabularies import Term, vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import SEQUENCE, put
from modelspec_ls.rules.statements import anchor
from modelspec_ls.spec.view import LABELS, MODEL
from modelspec_ls.syntax.nodes import Mapping, deref

_USUAL_LENGTH = 4096
"""Tokens; where the model's context is not known."""


def servers(ctx: DocumentContext) -> tuple[Term, ...]:
    """Whatever may answer: a server that is named beside the engine first, then the engine.

    Empty where one of them is not known, or known from hearsay only: then nothing can be said about paths and ports.
    """
    found = tuple(_named(ctx))
    known = all(term.facts.get("verified") and term.facts.get("port") for term in found)
    return found if known else ()


def server(ctx: DocumentContext) -> Term | None:
    """The one that answers, where there is no doubt."""
    found = servers(ctx)
    return found[0] if len(found) == 1 else None


def engine_term(ctx: DocumentContext) -> Term | None:
    """The effective engine, where it is a known one."""
    words, name = vocabulary("framework"), ctx.deployment.engine_name
    return words.find(name) if words and name else None


def framework(ctx: DocumentContext, engine: str) -> tuple[Operation, ...]:
    """Set the framework, with what the schema's validator then asks for: a spec for vLLM must state a length.

    The length is the model's own context, which vLLM takes when nothing is said. Empty where there is no place for it.
    """
    set_it: tuple[Operation, ...] = (SetValue(ctx.at((*MODEL, "framework")), engine),)
    if engine != "vllm" or ctx.find(SEQUENCE) is not None:
        return set_it
    length = ctx.deployment.context or _USUAL_LENGTH
    holder = ctx.find(anchor(ctx, SEQUENCE))
    if holder is None or not isinstance(deref(holder.node), Mapping):
        return ()
    return (*set_it, put(ctx, SEQUENCE, str(length)))


def _named(ctx: DocumentContext) -> Iterator[Term]:
    words, engine = vocabulary("framework"), engine_term(ctx)
    if words is None or engine is None:
        return
    stated = [ctx.view.text(*LABELS, key).value for key in ("serving", "runtime", "framework")]
    around = None
    for text in (*stated, ctx.view.text(*MODEL, "framework").value):
        term = words.find(text) if text else None
        if around is None and term is not None and term.facts.get("around") and term.facts.get("port"):
            around = term
    if around is not None and around != engine:
        yield around
    yield engine
