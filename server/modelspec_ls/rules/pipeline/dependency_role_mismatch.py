"""A dependency's spec must do what its role says.

## What it checks

Where `specRef` leads to a spec: that a `reranker` has a rerank or classification task, a `guardrail` one of
moderation, classification or generation, and that an `outputType` of embeddings comes from an embedding model. Where
it does not, or there is none, only the shape is looked at, as information: a reranker whose `inputType` holds no
documents (only words such as `text` and `query`), a guardrail that returns embeddings.

## Why it matters

What one stage returns is what the next one reads.

## Bad

```yaml title="embedder.modelspec.yaml"
metadata:
  name: embedder
spec:
  identity:
    model:
      id: bge-m3
      family: bge
      task: embedding
      framework: vllm
  runtime:
    batch:
      maxSequenceLengthTokens: 8192
```

```yaml
spec:
  pipeline:
    dependencies:
      - id: reranker
        role: reranker
#             ^^^^^^^^ warning[dependency-role-mismatch]: its spec has `task: embedding`
        specRef: ./embedder.modelspec.yaml
```

## Good

```yaml title="reranker.modelspec.yaml"
metadata:
  name: reranker
spec:
  identity:
    model:
      id: bge-reranker-v2-m3
      family: bge
      task: rerank
      framework: vllm
  runtime:
    batch:
      maxSequenceLengthTokens: 8192
```

```yaml
spec:
  pipeline:
    dependencies:
      - id: reranker
        role: reranker
        specRef: ./reranker.modelspec.yaml
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from modelspec_ls.core import words
from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.workspace.entries import Reference
from modelspec_ls.workspace.facts import TASK
from modelspec_ls.workspace.graph import Edge

META = Rule(
    "MS807",
    "dependency-role-mismatch",
    "pipeline",
    Severity.WARNING,
    "A dependency's spec must do what its role says",
    fixable=True,
    scope="workspace",
    about=("spec.pipeline.dependencies",),
)
_fold = lru_cache(maxsize=1024)(words.fold)
"""The same few tasks and types stand in all specs."""
_RERANKS = re.compile(r"rerank|ranking|classif|crossencoder|scor")
_GUARDS = re.compile(r"moderat|classif|guard|safety|toxic|pii|tokenclass|ner|generat|chat|completion|instruct")
_EMBEDS = re.compile(r"embed|featureextraction|retriev|similarity|rerank")
_VECTORS = re.compile(r"embedding|vector")
_ONE_THING = frozenset({"text", "string", "str", "query", "question", "prompt", "message", "image", "audio", "video"})
"""What an ``inputType`` says that holds nothing to be put in order."""
_ROLES = ((_RERANKS, "reranker"), (_EMBEDS, "input"))


def fold(text: str) -> str:
    """A task or type without case and separators."""
    return _fold(text[: words.LONGEST_NAME])


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield roles that the other spec does not fill."""
    for edge in ctx.edges:
        spec = edge.target.spec
        if spec is not None and spec.task and not spec.broken:
            yield from _by_task(ctx, edge, spec.task)
        else:
            yield from _by_shape(ctx, edge.reference)


def _by_task(ctx: LinkedContext, edge: Edge, task: str) -> Iterator[Finding]:
    reference, folded = edge.reference, fold(task)
    wanted = {"reranker": _RERANKS, "guardrail": _GUARDS}.get(reference.role)
    if wanted is not None and not wanted.search(folded):
        message = (
            f"`{reference.id}` is used as {reference.role}, but its spec has `task: {task}`. "
            "Correct the role, or refer to another spec."
        )
        yield _finding(ctx, edge, "role", message, _roles(ctx, reference, folded))
    elif _VECTORS.search(fold(reference.output_type)) and not _EMBEDS.search(folded):
        message = (
            f"`{reference.id}` should return `{reference.output_type}`, but its spec has `task: {task}`. "
            "Correct outputType, or refer to an embedding model."
        )
        yield _finding(ctx, edge, "specRef", message, ())


def _roles(ctx: LinkedContext, reference: Reference, task: str) -> tuple[Fix, ...]:
    role = next((role for pattern, role in _ROLES if pattern.search(task)), "custom")
    return (Fix(f"Set `role: {role}`", (SetValue(ctx.at(reference.path("role")), role),)),)


def _finding(ctx: LinkedContext, edge: Edge, at: str, message: str, fixes: tuple[Fix, ...]) -> Finding:
    assert edge.target.node is not None
    related = (ctx.there(edge.target.node, TASK, "its task"),)
    return Finding(message, ctx.at(edge.reference.path(at)), None, related, fixes)


def _by_shape(ctx: LinkedContext, reference: Reference) -> Iterator[Finding]:
    returns = fold(reference.output_type)
    takes = set(re.findall(r"[a-z]+", reference.input_type.casefold()))
    where = ctx.at(reference.path("role"))
    if reference.role == "reranker" and takes and takes <= _ONE_THING:
        message = (
            f"A reranker orders documents, but `{reference.id}` takes `{reference.input_type}`. "
            "Name them in inputType, or correct the role."
        )
        yield Finding(message, where, Severity.INFORMATION)
    elif reference.role == "guardrail" and _VECTORS.search(returns):
        message = (
            f"A guardrail passes or blocks, but `{reference.id}` returns `{reference.output_type}`. "
            "Correct outputType, or the role."
        )
        yield Finding(message, where, Severity.INFORMATION)
