"""A sequence must not be longer than the model's context.

## What it checks

`maxSequenceLengthTokens` against the context of the model. An error for vLLM; a warning for other engines, where
`VLLM_ALLOW_LONG_MAX_MODEL_LEN` is `"1"`, and where the model was read from a name. A checkpoint with another context,
for example by RoPE scaling, says so in the annotation `modelspec/architecture: context=…`.

## Why it matters

vLLM refuses a longer one. Beyond its context a model reads positions that it was never trained on: nonsense, NaN or
an index out of bounds.

## Bad

```yaml
spec:
  identity:
    model:
      id: llama-2-70b-chat
      family: llama-2
      task: chat-completion
      framework: vllm
      precision: fp16
  runtime:
    accelerator:
      vendor: nvidia
      type: a100-80gb
      count: 4
    batch:
      maxSequenceLengthTokens: 8192
#                              ^^^^ error[sequence-exceeds-model-context]: has a context of 4096 tokens
```

## Good

```yaml
spec:
  identity:
    model:
      id: llama-2-70b-chat
      family: llama-2
      task: chat-completion
      framework: vllm
      precision: fp16
  runtime:
    accelerator:
      vendor: nvidia
      type: a100-80gb
      count: 4
    batch:
      maxSequenceLengthTokens: 4096
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, Related, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.knowledge.types import Model
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import SEQUENCE, setting
from modelspec_ls.rules.meta import Rule

META = Rule(
    "MS502",
    "sequence-exceeds-model-context",
    "batching",
    Severity.ERROR,
    "A sequence must not be longer than the model's context",
    fixable=True,
    about=("spec.runtime.batch",),
)
_ALLOW: DocPath = ("spec", "runtime", "environment", "variables", "VLLM_ALLOW_LONG_MAX_MODEL_LEN")
_SAME_SIZE = 0.1


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield a length beyond the model's context, on the length."""
    length, context = ctx.view.integer(*SEQUENCE).value, ctx.deployment.context
    if length is None or context is None or length <= context:
        return
    if any("modelspec/architecture" in {problem.path[-1], problem.fix_key} for problem in ctx.hints.problems):
        return
    model = ctx.deployment.model
    name = model.id.rpartition("/")[2] if model else "The model"
    vllm = ctx.deployment.engine.name == "vllm"
    allowed = ctx.view.text(*_ALLOW).value == "1"
    then = ", which vLLM refuses" if vllm and not allowed else ""
    other = _longer(ctx.catalogue, model, length) if model and "context" not in ctx.hints.architecture else None
    variant = f", or a long-context model such as `{other.id}`" if other else ""
    message = (
        f"{name} has a context of {context} tokens; `maxSequenceLengthTokens: {length}` exceeds it{then}. "
        f"Use {context}{variant}."
    )
    certain = vllm and not allowed and ctx.deployment.grade != "name" and length > _positions(ctx, context)
    fix = setting(ctx, SEQUENCE, context)
    level = Severity.ERROR if certain else Severity.WARNING
    fixes = (Fix(fix.title, fix.operations, Applicability.SAFE),)
    found = ctx.deployment.resolution
    related = (Related(ctx.at(found[1].path), f"the model: {model.id}"),) if found and model else ()
    yield Finding(message, ctx.at(SEQUENCE), level, related, fixes)


def _positions(ctx: DocumentContext, context: int) -> int:
    """Positions the checkpoint has; a sentence encoder's own limit may be lower and can be raised."""
    model = ctx.deployment.model
    return max(context, (model.max_position_embeddings or 0) if model else 0)


def _longer(catalogue: Catalogue, model: Model, length: int) -> Model | None:
    """A model of the same family, size and tuning with a context that is long enough."""
    for other in catalogue.models_of_family(model.family):
        near = abs(other.parameters_total - model.parameters_total) <= _SAME_SIZE * model.parameters_total
        if near and other.tuning == model.tuning and (other.context_tokens or 0) >= length:
            return other
    return None
