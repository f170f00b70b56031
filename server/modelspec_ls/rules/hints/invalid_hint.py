"""A hint in the annotations must be one this tool can read, and agree with the rest.

## What it checks

Annotations under `modelspec/`: a key that is no hint, a value that cannot be read, and a hint that contradicts the
document: an engine that is not known, a share of memory above 97 %, a parameter count other than the catalogue's, a
draft model that is the model itself, an adapter on a model that nobody knows, and objectives that contradict each
other or what the hardware can do. A hint that names something outside of the catalogue is pointed out.

## Why it matters

Annotations are free text to the schema, so a typo would switch the hint off without a word.

## Bad

```yaml
metadata:
  name: example
  annotations:
    modelspec/tensor-paralell-size: "1"
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[invalid-hint]: did you mean `modelspec/tensor-parallel-size`?
    modelspec/gpu-memory-utilization: "90"
#                                     ^^^^ warning[invalid-hint]: expected a fraction above 0 up to 1
    modelspec/parameter-count: "13B"
#                              ^^^^^ warning[invalid-hint]: but Qwen/Qwen3-8B has 8.19B
```

## Good

```yaml
metadata:
  name: example
  annotations:
    modelspec/tensor-parallel-size: "1"
    modelspec/gpu-memory-utilization: "0.9"
    modelspec/parameter-count: "8.19B"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, RenameKey, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import near, shorten
from modelspec_ls.knowledge.conventions import threshold
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import KV_DTYPE, TYPE, UTILIZATION
from modelspec_ls.rules.meta import BOTH, Rule
from modelspec_ls.rules.pace import generates, number, pace
from modelspec_ls.spec.hints import PREFIX, HintProblem
from modelspec_ls.spec.lineage import names_spec
from modelspec_ls.spec.view import ANNOTATIONS

META = Rule(
    "MS171",
    "invalid-hint",
    "hints",
    Severity.WARNING,
    "A hint in the annotations must be readable",
    fixable=True,
    kinds=BOTH,
    about=("metadata.annotations",),
)
_FP8_CAPABILITY = 8.9


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield hints that cannot be used or contradict the document, on the key or on the value."""
    for problem in ctx.hints.problems:
        where = ctx.at(problem.path, "key" if problem.on_key else "value")
        yield Finding(problem.message, where, fixes=tuple(_fixes(ctx, problem)))
    yield from _engine(ctx)
    yield from _memory(ctx)
    yield from _models(ctx)
    yield from _objectives(ctx)


def _fixes(ctx: DocumentContext, problem: HintProblem) -> Iterator[Fix]:
    if problem.fix_key and ctx.find((*ANNOTATIONS, problem.fix_key)) is None:
        rename = RenameKey(ctx.at(problem.path, "pair"), problem.fix_key)
        yield Fix(f"Rename to `{problem.fix_key}`", (rename,), Applicability.SAFE)
    if problem.fix_value:
        yield _write(ctx, problem.path, problem.fix_value, Applicability.SAFE)


def _write(ctx: DocumentContext, path: DocPath, value: str, level: Applicability = Applicability.SUGGEST) -> Fix:
    return Fix(f"Write `{value}`", (SetValue(ctx.at(path), f'"{value}"'),), level)


def _hint(name: str) -> DocPath:
    return (*ANNOTATIONS, f"{PREFIX}{name}")


def _engine(ctx: DocumentContext) -> Iterator[Finding]:
    name, words = ctx.hints.engine, vocabulary("framework")
    if name is None or words is None or words.find(name) is not None:
        return
    guess = near(name, (term.value for term in words.terms))
    meant = f" Did you mean `{guess}`?" if guess else ""
    message = f"`{shorten(name)}` is not a known engine, so that its rules are not checked.{meant}"
    version = f"=={ctx.hints.engine_version}" if ctx.hints.engine_version else ""
    fixes = (_write(ctx, _hint("engine"), f"{guess}{version}", Applicability.SAFE),) if guess else ()
    yield Finding(message, ctx.at(_hint("engine")), None if guess else Severity.INFORMATION, fixes=fixes)


def _memory(ctx: DocumentContext) -> Iterator[Finding]:
    share, most = ctx.hints.gpu_memory_utilization, threshold("utilizationMost")
    if share is not None and share > most:
        message = (
            f"A share of {share:g} leaves nothing for contexts and buffers outside of the engine's budget, which take "
            f"about 3 %. Use {most:g} at most."
        )
        yield Finding(message, ctx.at(UTILIZATION), fixes=(_write(ctx, UTILIZATION, f"{most:g}"),))
    dtype, match = ctx.hints.kv_cache_dtype, ctx.deployment.accelerator
    capability = match.accelerator.compute_capability if match and match.accelerator else None
    if dtype is not None and dtype.startswith("fp8") and capability and capability < _FP8_CAPABILITY:
        message = (
            f"The cache in {dtype} saves memory, but {ctx.view.text(*TYPE).value} "
            f"(compute capability {capability}) has no fp8 arithmetic: values are converted at every step."
        )
        yield Finding(message, ctx.at(KV_DTYPE), Severity.INFORMATION)


def _models(ctx: DocumentContext) -> Iterator[Finding]:
    hints, found = ctx.hints, ctx.deployment.resolution
    model = found[0].model if found and found[0].grade in {"exact", "alias"} else None
    if hints.parameters is not None and model is not None:
        real, stated = model.parameters_total, hints.parameters.total
        if abs(stated - real) > threshold("parametersDiffer") * real:
            right = f"{real / 10**9:.3g}B" if real >= 10**9 else f"{real / 10**6:.3g}M"
            message = (
                f"The hint says {stated / 10**9:.3g}B parameters, but {model.id} has {right}. Correct one of them."
            )
            yield Finding(
                message, ctx.at(_hint("parameter-count")), fixes=(_write(ctx, _hint("parameter-count"), right),)
            )
    if hints.draft_model is not None:
        drafting, stating = ctx.deployment.hinted("draft-model", hints.draft_model)
        draft = drafting.model if drafting is not None else None
        if draft is not None and draft is ctx.deployment.model:
            message = f"The draft model is the model itself, {draft.id}. A draft must be a smaller model."
            yield Finding(message, ctx.at(_hint("draft-model")))
        elif draft is None and stating is None:
            yield from _unknown(ctx, "draft-model", hints.draft_model, "its memory is not counted")
    base = hints.base_model
    if base is not None:
        below, stating = ctx.deployment.hinted("base-model", base)
        if (below is None or below.model is None) and stating is None:
            yield from _unknown(ctx, "base-model", base, "it says nothing about memory and context")
    adapter = hints.adapter
    if adapter is not None and adapter.method != "full" and base is None and ctx.deployment.model is None:
        message = f"An adapter ({adapter.method}) needs the model it adapts: state `{PREFIX}base-model`."
        yield Finding(message, ctx.at(_hint("adapter")))


def _unknown(ctx: DocumentContext, name: str, text: str, then: str) -> Iterator[Finding]:
    if not names_spec(text):
        message = f"`{shorten(text)}` is not in the model catalogue, so {then}."
    elif ctx.deployment.lineage.get(name):
        message = (
            f"The model of `{shorten(text)}` is not in the model catalogue, so {then}. State "
            f"`{PREFIX}parameter-count` there."
        )
    else:
        return  # Where it leads is another rule's business.
    yield Finding(message, ctx.at(_hint(name)), Severity.INFORMATION)


def _objectives(ctx: DocumentContext) -> Iterator[Finding]:
    slo, path = ctx.hints.slo, _hint("slo")
    first, whole, each = (slo.get(name) for name in ("ttft-ms-p95", "e2e-ms-p99", "tpot-ms-p95"))
    if first is not None and whole is not None and whole < first:
        message = (
            f"`e2e-ms-p99={number(whole)}` is below `ttft-ms-p95={number(first)}`: the whole answer cannot come before "
            "its first token."
        )
        yield Finding(message, ctx.at(path))
    speed = pace(ctx) if each is not None and generates(ctx) else None
    if each is not None and speed is not None and each < speed.token_seconds * 1000:
        message = (
            f"`tpot-ms-p95={number(each)}` is faster than memory bandwidth allows: {speed.token_seconds * 1000:.1f} ms "
            "per token at best."
        )
        yield Finding(message, ctx.at(path))
