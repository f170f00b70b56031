"""All statements about the model must mean the same one.

## What it checks

`family` and `modelUri` against `id`, the vocabulary of the model at `tokenizerUri`, and a size in
`metadata.name`. Only where both sides are known for certain: generic names (`llama`, `deepseek`),
quantised copies and the base of a fine-tune are no contradiction.

## Why it matters

Token numbers of another model's tokenizer produce nonsense without any error, and a family or size that
belongs to another model misleads everybody who reads the spec.

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen2.5-7b-instruct
      family: llama3
#             ^^^^^^ warning[model-identity-conflict]: the catalogue counts it to `qwen2.5`
      task: chat-completion
      framework: transformers
```

```yaml
spec:
  identity:
    model:
      id: meta-llama-3-8b-instruct
      family: llama3
      task: chat-completion
      framework: transformers
      artifacts:
        modelUri: hf://meta-llama/Meta-Llama-3-8B-Instruct@v1
        tokenizerUri: hf://meta-llama/Llama-2-7b-hf@v1
#                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[model-identity-conflict]: 32,000 entries against 128,256
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
        modelUri: hf://meta-llama/Meta-Llama-3-8B-Instruct@v1
        tokenizerUri: hf://meta-llama/Meta-Llama-3-8B-Instruct@v1
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, Related, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import shorten
from modelspec_ls.knowledge import models, packaging
from modelspec_ls.knowledge.catalogue import BUILT_IN, Catalogue
from modelspec_ls.knowledge.match import Resolution
from modelspec_ls.knowledge.types import Model
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import BOTH, MODELS, Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.openmodel import FAMILY
from modelspec_ls.spec.view import MODEL

META = Rule(
    "MS202",
    "model-identity-conflict",
    "identity",
    Severity.WARNING,
    "All statements about the model must mean the same one",
    fixable=True,
    kinds=BOTH,
)

_ID, _FAMILY = (*MODEL, "id"), (*MODEL, "family")
_URI, _TOKENIZER = (*MODEL, "artifacts", "modelUri"), (*MODEL, "artifacts", "tokenizerUri")
_LETTERS = re.compile(r"[a-z]+")
_DASHES = re.compile(r"(\d)--?(?=\d+[bm](?![a-z]))")
# Tables are padded, and fine-tunes add a few tokens.
_SAME_VOCABULARY = 0.05
_SAME_SIZE = 0.1


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield contradictions, each on the statement that is less likely right."""
    if ctx.kind in MODELS:
        yield from _of_open_model(ctx)
        return
    by_id = _known(ctx.deployment.id_resolution) if stated(ctx, *_ID) else None
    by_uri = _known(ctx.deployment.uri_resolution) if stated(ctx, *_URI) else None
    found = tuple((path, model) for path, model in ((_ID, by_id), (_URI, by_uri)) if model)
    if not found:
        return
    yield from _family(ctx, found)
    if by_id and by_uri:
        yield from _artifact(ctx, by_id, by_uri)
    path, model = found[-1]
    yield from _tokenizer(ctx, model, path)
    yield from _size(ctx, model)


def _of_open_model(ctx: DocumentContext) -> Iterator[Finding]:
    """An OpenModel says it twice at most: by its source and by its family; its name may tell the size."""
    found = ctx.open_model.resolution
    model = _known(found[0]) if found and stated(ctx, *found[1].path) else None
    if found is not None and model is not None:
        yield from _family(ctx, ((found[1].path, model),))
        yield from _size(ctx, model)


def _known(resolution: Resolution | None) -> Model | None:
    """The model, where the statement means it for certain."""
    return resolution.model if resolution and resolution.grade in {"exact", "alias"} else None


def _family(ctx: DocumentContext, found: tuple[tuple[DocPath, Model], ...]) -> Iterator[Finding]:
    place = FAMILY if ctx.kind in MODELS else _FAMILY
    family = stated(ctx, *place)
    if not family or any(_belongs(model, family, ctx.catalogue) for _, model in found):
        return
    path, model = found[0]
    yield Finding(
        f"`{place[-1]}` says `{shorten(family)}`, but `{path[-1]}` means {model.id}; the catalogue counts it to "
        f"`{model.family}`. Correct the one that is wrong.",
        ctx.at(place),
        related=(Related(ctx.at(path), f"{model.id}, of family {model.family}"),),
        fixes=(Fix(f"Write `{model.family}`", (SetValue(ctx.at(place), model.family),)),),
    )


def _belongs(model: Model, family: str, catalogue: Catalogue = BUILT_IN) -> bool:
    """Whether a family is unknown, or right for a model, or that of what the model was made from."""
    if not model.family or models.accepts_family(model, family):
        return True
    others = catalogue.models_of_family(family)
    if not others:
        return True
    letters, own = _letters(family), _letters(model.model_type)
    related = letters in own or own in letters or model.model_type in {other.model_type for other in others}
    # The same word with another number, as `llama2` for Llama 3, is another generation.
    return related and letters != _letters(model.family)


def _letters(text: str) -> str:
    return "".join(_LETTERS.findall(text.lower()))


def _artifact(ctx: DocumentContext, by_id: Model, by_uri: Model) -> Iterator[Finding]:
    a, b = by_id.parameters_total, by_uri.parameters_total
    if by_id is by_uri or (by_id.family == by_uri.family and abs(a - b) <= _SAME_SIZE * max(a, b)):
        return
    name = by_uri.id.rpartition("/")[2].lower()
    yield Finding(
        f"`id` says {by_id.id} ({_billions(a)}), `modelUri` says {by_uri.id} ({_billions(b)}). Name the same model "
        "in both.",
        ctx.at(_URI),
        related=(Related(ctx.at(_ID), by_id.id),),
        fixes=(Fix(f"Write `id: {name}`", (SetValue(ctx.at(_ID), name),)),),
    )


def _tokenizer(ctx: DocumentContext, model: Model, path: DocPath) -> Iterator[Finding]:
    text = stated(ctx, *_TOKENIZER)
    other = _known(ctx.catalogue.resolve(text)) if text else None
    if other is None:
        return
    a, b = other.vocab_size, model.vocab_size
    if abs(a - b) <= _SAME_VOCABULARY * max(a, b):
        return
    uri = stated(ctx, *_URI)
    own = (SetValue(ctx.at(_TOKENIZER), uri),) if path == _URI and uri else ()
    yield Finding(
        f"`tokenizerUri` says {other.id}, `{path[-1]}` says {model.id}: a vocabulary of {a:,} entries against {b:,}. "
        "Take the tokenizer of the model.",
        ctx.at(_TOKENIZER),
        related=(Related(ctx.at(path), model.id),),
        fixes=(Fix("Take the tokenizer of `modelUri`", own),) if own else (),
    )


def _size(ctx: DocumentContext, model: Model) -> Iterator[Finding]:
    """Names lag behind, so this is information."""
    name = stated(ctx, "metadata", "name")
    said, real = packaging.size(name) if name else None, packaging.size(model.id.rpartition("/")[2])
    if name is None or not said or not real:
        return
    # Kubernetes takes no dots in names: `1-5b` and `0--5b` are 1.5 and 0.5.
    decimal = packaging.size(_DASHES.sub(r"\1.", name)) if ctx.kind in MODELS else None
    if any(abs(s - n) <= 0.25 * n for s in (said, decimal or said) for n in (real, model.parameters_total)):
        return
    yield Finding(
        f"The name says {_billions(said)} parameters, but the model is {model.id} with "
        f"{_billions(model.parameters_total)}. Rename the spec if the name lags behind.",
        ctx.at(("metadata", "name")),
        Severity.INFORMATION,
    )


def _billions(parameters: int) -> str:
    return f"{parameters / 10**9:.3g} B"
