"""Artifact addresses should be fixed to one version.

## What it checks

Hub repositories without revision, or with a branch for one; OCI references without digest whose tag is
`latest` or missing; object paths with a part `latest`. In production also object paths with nothing in
them that looks like a version. Weights and tokenizer in one repository are reported once.

## Why it matters

A moving reference loads other weights after the next restart, and a rollback brings nothing back.

## Bad

```yaml
spec:
  identity:
    model:
      id: meta-llama-3-8b-instruct
      family: llama3
      task: chat-completion
      framework: transformers
      precision: bf16
      artifacts:
        modelUri: hf://meta-llama/Meta-Llama-3-8B-Instruct
#                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ information[artifact-not-pinned]: follows the moving `main`
```

## Good

```yaml
spec:
  identity:
    model:
      id: meta-llama-3-8b-instruct
      family: llama3
      task: chat-completion
      framework: transformers
      artifacts:
        modelUri: s3://acme-models/meta-llama-3-8b-instruct/weights-v3/
        tokenizerUri: hf://meta-llama/Meta-Llama-3-8B-Instruct@0123456789abcdef0123456789abcdef01234567
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.core.words import shorten
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import BOTH, MODELS, Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.openmodel import HUB, MODEL_ID
from modelspec_ls.spec.pinning import BRANCHES, moving
from modelspec_ls.spec.view import MODEL

META = Rule(
    "MS209",
    "artifact-not-pinned",
    "identity",
    Severity.INFORMATION,
    "Artifact addresses should be fixed to one version",
    kinds=BOTH,
    about=("spec.identity.model.artifacts", "spec.source"),
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield one finding per distinct moving reference."""
    if ctx.kind in MODELS:
        yield from _of_hub(ctx)
        return
    seen: set[str] = set()
    for key in ("modelUri", "tokenizerUri"):
        path = (*MODEL, "artifacts", key)
        uri = stated(ctx, *path)
        place, why = moving(uri, production=ctx.view.production) if uri else ("", None)
        if uri is None or why is None or place in seen:
            continue
        seen.add(place)
        yield Finding(f"`{shorten(uri, 80)}` {why}, so that a re-deploy loads the same files.", ctx.at(path))


def _of_hub(ctx: DocumentContext) -> Iterator[Finding]:
    """The revision of an OpenModel's repository. A hint: most clusters follow the branch on purpose."""
    model, revision = stated(ctx, *MODEL_ID), ctx.view.text(*HUB, "revision")
    if model is None or revision.state == "invalid" or (revision.value or "main").lower() not in BRANCHES:
        return
    name = revision.value
    said = f"`revision: {name}` is a branch," if name else "Without `revision` it is the branch `main`,"
    message = f"{said} which moves; state a commit, so that every node loads the same files."
    yield Finding(message, ctx.at(revision.path if name else MODEL_ID), Severity.HINT)
