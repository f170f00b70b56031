"""A flavor must hold the model's weights.

## What it checks

For each flavor whose accelerator can be read (from `nodeSelector`, `params.INSTANCE-TYPE` or its name): whether the
weights, and some room for the KV cache, fit the memory of the accelerators that `limits` claims. The engine is the one
that a hint names, else the one that loads such files, else vLLM. Of a name that means several sizes, such as `a100`,
the largest is taken. Where no flavor holds the model, it is said once, on `flavors`.

## Why it matters

Flavors are tried in their order. One that is too small is scheduled, downloads the model and crashes.

## Bad

```yaml
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen2-7b
spec:
  familyName: qwen2
  source:
    uri: s3://models/Qwen2-7B
  inferenceConfig:
    flavors:
      - name: t4
#             ^^ warning[flavor-memory-exceeded]: needs 14.3 GiB for weights
        limits:
          nvidia.com/gpu: 1
      - name: a10
        limits:
          nvidia.com/gpu: 1
```

## Good

```yaml
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen2-7b
spec:
  familyName: qwen2
  source:
    uri: s3://models/Qwen2-7B
  inferenceConfig:
    flavors:
      - name: t4
        limits:
          nvidia.com/gpu: 2
        params:
          TP: "2"
      - name: a10
        limits:
          nvidia.com/gpu: 1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from modelspec_ls.core.finding import Finding, Fix, Related, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import join
from modelspec_ls.fit.estimate import evaluate
from modelspec_ls.fit.limits import valid_counts
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import gib, put
from modelspec_ls.rules.flavors import JudgedFlavor, judged_flavors
from modelspec_ls.rules.meta import MODELS, Rule
from modelspec_ls.spec.openmodel import FLAVORS

META = Rule(
    "OM106",
    "flavor-memory-exceeded",
    "openmodel",
    Severity.WARNING,
    "A flavor must hold the model's weights",
    fixable=True,
    kinds=MODELS,
)
# More accelerators of one host are not to be had.
_ONE_HOST = 8


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield flavors that are too small, on their names; all of them as one finding on the list."""
    flavors = judged_flavors(ctx)
    small = [flavor for flavor in flavors if flavor.weights_exceed]
    if len(small) > 1 and len(small) == len(ctx.open_model.flavors):
        yield _none(ctx, small)
        return
    for flavor in small:
        fixes = tuple(_fixes(ctx, flavor))
        message = f"{flavor.flavor.title.capitalize()}: {_need(flavor)}.{_offer(flavor)}"
        yield Finding(message, ctx.at(_place(ctx, flavor)), _level(flavor), tuple(_related(ctx, flavor)), fixes)


def _none(ctx: DocumentContext, small: list[JudgedFlavor]) -> Finding:
    sizes = join(f"{_offered(flavor)} on {flavor.given.count} x {flavor.type}" for flavor in small[:4])
    first = small[0]
    weights = first.report.weights_total_gib
    needed = gib(weights) if weights else "more"
    message = f"No flavor holds {first.model}: its weights need {needed}, and there are {sizes}.{_offer(first)}"
    level = max(_level(flavor) for flavor in small)
    fixes = tuple(fix for flavor in small for fix in _fixes(ctx, flavor))
    return Finding(message, ctx.at(FLAVORS, "key"), level, fixes=fixes)


def _place(ctx: DocumentContext, flavor: JudgedFlavor) -> DocPath:
    name = (*flavor.flavor.path, "name")
    return name if ctx.find(name) is not None else flavor.flavor.path


def _need(flavor: JudgedFlavor) -> str:
    per, n = flavor.report.per_device, flavor.given.count
    if per.weights is None or per.capacity is None or per.budget is None:
        return f"{flavor.model} does not fit {n} x {flavor.type}"
    on = f"{n} x {flavor.type} {'have' if n > 1 else 'has'}"
    weights = f"{flavor.model} needs {gib(per.weights.value * n)} for weights"
    if flavor.report.exceeds == "memory":
        return f"{weights}, {on} {gib(per.capacity.value * n)}"
    return f"{weights}, which leaves no KV cache in the {gib(per.budget.value * n)} that {on} for the engine"


def _offered(flavor: JudgedFlavor) -> str:
    capacity = flavor.report.per_device.capacity
    return gib(capacity.value * flavor.given.count) if capacity else "too few"


def _offer(flavor: JudgedFlavor) -> str:
    fewest = _fewest(flavor)
    return f" {fewest} of them hold it." if fewest else " Use a larger accelerator."


def _fewest(flavor: JudgedFlavor) -> int | None:
    """The fewest accelerators of one host that hold the model, where that is more than are claimed."""
    given, shape = flavor.given, flavor.given.architecture
    if shape is None or flavor.flavor.pipeline != 1:
        return None
    tries = (n for n in valid_counts(shape, given) if given.count < n <= _ONE_HOST)
    trials = ((n, evaluate(evolve(given, count=n, tensor_parallel=n), limits=False)) for n in tries)
    return next((n for n, report in trials if report.verdict != "weights-exceed"), None)


def _level(flavor: JudgedFlavor) -> Severity:
    """No warning rests on a guess: of the accelerator's size, of the width of the weights, of the model by its name."""
    known = flavor.given.grade != "name" or flavor.flavor.gguf
    stated = flavor.given.weights is not None or flavor.given.measured_weight_bytes is not None
    return Severity.WARNING if flavor.sure and known and stated else Severity.INFORMATION


def _fixes(ctx: DocumentContext, flavor: JudgedFlavor) -> Iterator[Fix]:
    fewest, facts = _fewest(flavor), flavor.flavor
    if fewest is None or facts.resource is None:
        return
    operations = [put(ctx, facts.limit_path, str(fewest)), put(ctx, (*facts.path, "params", "TP"), f'"{fewest}"')]
    title = f'Claim `{facts.resource.name}: {fewest}` and set `TP: "{fewest}"` for {facts.title}'
    yield Fix(title, tuple(operations))


def _related(ctx: DocumentContext, flavor: JudgedFlavor) -> Iterator[Related]:
    facts = flavor.flavor
    if facts.resolution is not None:
        yield Related(
            ctx.at(facts.resolution[1].path), f"the model: {facts.model.id if facts.model else 'by its name'}"
        )
    if facts.reading is not None and facts.reading[1].path != _place(ctx, flavor):
        memory = flavor.given.device.memory_gib
        yield Related(ctx.at(facts.reading[1].path), f"{gib(memory)} each" if memory else "the accelerator")
    yield Related(ctx.at(facts.limit_path), "how many accelerators")
