"""A flavor's parameters must suit its accelerators and the model.

## What it checks

For each flavor: `TP` and `PP` are whole numbers; `TP` is the number of accelerators in `limits`; the model's attention
heads can be divided by `TP`. Parameters whose name differs from `TP`, `PP` or `INSTANCE-TYPE` only in case; a name that
two flavors share; `cpu` and `memory` among the limits, which belong into the Playground or Service (information).

## Why it matters

The back end starts with these numbers. Devices beyond `TP` are claimed and stay idle; with fewer the model does not
start.

## Bad

```yaml
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3-8b
spec:
  familyName: qwen3
  source:
    uri: s3://models/Qwen3-8B
  inferenceConfig:
    flavors:
      - name: l40s
        limits:
          nvidia.com/gpu: 2
        params:
          TP: "4"
#             ^^^ warning[flavor-parallelism-mismatch]: does not match 2 x `nvidia.com/gpu`
```

## Good

```yaml
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3-8b
spec:
  familyName: qwen3
  source:
    uri: s3://models/Qwen3-8B
  inferenceConfig:
    flavors:
      - name: l40s
        limits:
          nvidia.com/gpu: 2
        params:
          TP: "2"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, Related, RenameKey, SetValue, Severity
from modelspec_ls.core.words import fold, shorten
from modelspec_ls.knowledge import llmaz
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import MODELS, Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.openmodel import FlavorDeployment

META = Rule(
    "OM107",
    "flavor-parallelism-mismatch",
    "openmodel",
    Severity.WARNING,
    "A flavor's parameters must suit its accelerators and the model",
    fixable=True,
    kinds=MODELS,
)
_HOST = ("cpu", "memory")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield what does not go together, on the parameter, limit or name."""
    names: dict[str, FlavorDeployment] = {}
    for flavor in ctx.open_model.flavors:
        if flavor.name and (first := names.setdefault(flavor.name, flavor)) is not flavor:
            where = ctx.at((*flavor.path, "name"))
            related = (Related(ctx.at((*first.path, "name")), "the first of that name"),)
            message = f"`{shorten(flavor.name)}` names two flavors, and claims go by the name. Rename one of them."
            yield Finding(message, where, related=related)
        yield from _parameters(ctx, flavor)
        yield from _tensor(ctx, flavor)
        yield from _host(ctx, flavor)


def _parameters(ctx: DocumentContext, flavor: FlavorDeployment) -> Iterator[Finding]:
    path = (*flavor.path, "params")
    preset = {fold(word.name): word.name for word in llmaz.parameters()}
    for key in ctx.view.keys(*path):
        right = preset.get(fold(key))
        if right is None:
            continue
        if key != right:
            free = ctx.find((*path, right)) is None
            rename = RenameKey(ctx.at((*path, key), "pair"), right)
            fixes = (Fix(f"Rename to `{right}`", (rename,), Applicability.SAFE),) if free else ()
            message = f"`{shorten(key)}` is not read; the parameter is called `{right}`."
            yield Finding(message, ctx.at((*path, key), "key"), fixes=fixes)
        elif right in {"TP", "PP"} and (text := stated(ctx, *path, key)) and flavor.parameter(right) is None:
            message = f"`{right}` is `{shorten(text)}`; it must be a whole number of 1 or more, in quotes."
            yield Finding(message, ctx.at((*path, key)))


def _tensor(ctx: DocumentContext, flavor: FlavorDeployment) -> Iterator[Finding]:
    tensor, limit, resource = flavor.parameter("TP"), flavor.limit, flavor.resource
    path = (*flavor.path, "params", "TP")
    if tensor is not None and limit is not None and resource is not None and not resource.slice and tensor != limit:
        # Over several hosts the whole may be meant.
        if tensor == limit * flavor.pipeline or (tensor > limit and tensor % limit == 0 and flavor.pipeline > 1):
            return
        idle = f", so that {limit - tensor} of them stay idle" if tensor < limit else ""
        message = (
            f"{flavor.title.capitalize()}: `TP` {tensor} does not match {limit} x `{resource.name}`{idle}. "
            "Make them equal."
        )
        fixes = (
            Fix(f'Set `TP: "{limit}"`', (SetValue(ctx.at(path), f'"{limit}"'),)),
            Fix(f"Set `{resource.name}: {tensor}`", (SetValue(ctx.at(flavor.limit_path), str(tensor)),)),
        )
        yield Finding(message, ctx.at(path), related=(Related(ctx.at(flavor.limit_path), "the limit"),), fixes=fixes)
        return
    heads = flavor.architecture.heads if flavor.architecture and flavor.grade == "exact" else None
    if tensor is not None and heads and heads % tensor:
        smaller = next(n for n in range(tensor - 1, 0, -1) if heads % n == 0)
        model = flavor.model.id if flavor.model else "the model"
        message = (
            f"{flavor.title.capitalize()}: {model} has {heads} attention heads, which cannot be divided by `TP` "
            f"{tensor}; {smaller} is possible."
        )
        yield Finding(message, ctx.at(path))


def _host(ctx: DocumentContext, flavor: FlavorDeployment) -> Iterator[Finding]:
    for name in _HOST:
        path = (*flavor.path, "limits", name)
        if ctx.find(path) is not None:
            message = (
                f"`{name}` of the host is better set in the Playground (`backendRuntimeConfig.resources`) or Service, "
                "where it can differ by back end; flavors are about accelerators."
            )
            yield Finding(message, ctx.at(path, "key"), Severity.INFORMATION)
