"""The model must be able to do the task.

## What it checks

The task against what the catalogue says the model was made for. Generators used as embedders or rankers
are fine: engines can convert them. A chat task on a base checkpoint is information.

## Why it matters

An encoder has no head to write text with, so serving it as a generator fails when it loads. A base
checkpoint has no chat template.

## Bad

```yaml
spec:
  identity:
    model:
      id: bge-large-en-v1.5
      family: bge
      task: text-generation
#           ^^^^^^^^^^^^^^^ warning[task-model-mismatch]: Did you mean `embedding`?
      framework: transformers
```

## Good

```yaml
spec:
  identity:
    model:
      id: bge-large-en-v1.5
      family: bge
      task: embedding
      framework: transformers
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, SetValue, Severity
from modelspec_ls.knowledge.types import Model
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.view import MODEL

META = Rule(
    "MS203", "task-model-mismatch", "identity", Severity.WARNING, "The model must be able to do the task", fixable=True
)

# What a model is, by the hub's names of its tasks; the first that applies names it.
_KINDS = {
    "speech-to-text": ("automatic-speech-recognition",),
    "rerank": ("text-ranking",),
    "embedding": ("feature-extraction", "sentence-similarity"),
    "text-classification": ("text-classification", "zero-shot-classification", "token-classification"),
    "image-classification": ("image-classification", "zero-shot-image-classification"),
}
_NAMES = {
    "speech-to-text": "a speech recognition model",
    "rerank": "a reranker",
    "embedding": "an embedding model",
    "text-classification": "a classifier",
    "image-classification": "an image classifier",
}
_GENERATES = frozenset(
    {"text-generation", "image-text-to-text", "text2text-generation", "translation", "summarization"}
)
_WRITING = frozenset({"text-generation", "chat-completion", "code-generation", "image-text-to-text"})
_OTHER_MEDIA = frozenset({"speech-to-text", "text-to-speech", "text-to-image", "object-detection"})


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the task."""
    text, words = stated(ctx, *MODEL, "task"), vocabulary("task")
    term = words.find(text) if text and words else None
    found = ctx.deployment.resolution
    model = found[0].model if found else None
    if term is None or found is None or model is None:
        return
    generates = bool(_GENERATES.intersection(model.tasks))
    kind = next((k for k, tasks in _KINDS.items() if set(tasks) & set(model.tasks)), None)
    if term.value in _WRITING and not generates:
        if kind:
            yield _wrong(ctx, model, f"is {_NAMES[kind]} and cannot write text", kind, Applicability.SAFE)
    elif term.value in _OTHER_MEDIA and generates and "automatic-speech-recognition" not in model.tasks:
        yield _wrong(ctx, model, "only writes text", "chat-completion" if model.tuning == "instruct" else None)
    elif term.value == "image-text-to-text" and not _sees(model):
        yield _wrong(ctx, model, "does not read images", "chat-completion" if model.tuning == "instruct" else None)
    elif term.value == "chat-completion" and model.tuning == "base" and found[0].grade in {"exact", "alias"}:
        message = f"{model.id} is a base checkpoint without a chat template; take the instruct version for `{text}`."
        yield Finding(message, ctx.at((*MODEL, "task")), Severity.INFORMATION, fixes=(_fix(ctx, "text-generation"),))
    elif term.value == "text-generation" and generates and "text-generation" not in model.tasks and _sees(model):
        message = f"{model.id} also reads images; `image-text-to-text` would say so."
        yield Finding(message, ctx.at((*MODEL, "task")), Severity.INFORMATION, fixes=(_fix(ctx, "image-text-to-text"),))


def _sees(model: Model) -> bool:
    return model.vision is not None or "image-text-to-text" in model.tasks


def _wrong(
    ctx: DocumentContext,
    model: Model,
    what: str,
    better: str | None,
    level: Applicability = Applicability.SUGGEST,
) -> Finding:
    task = stated(ctx, *MODEL, "task")
    advice = f"Did you mean `{better}`?" if better else "Correct the task or the model."
    fixes = (_fix(ctx, better, level),) if better else ()
    message = f"{model.id} {what}, but the task is `{task}`. {advice}"
    return Finding(message, ctx.at((*MODEL, "task")), fixes=fixes)


def _fix(ctx: DocumentContext, task: str, level: Applicability = Applicability.SUGGEST) -> Fix:
    return Fix(f"Write `{task}`", (SetValue(ctx.at((*MODEL, "task")), task),), level)
