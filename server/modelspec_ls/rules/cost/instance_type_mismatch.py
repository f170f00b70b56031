"""The machine type must have what the spec asks for.

## What it checks

`pricingHints.instanceType`, where the catalogue knows it: its accelerators against `accelerator.type`, its cloud
against `cloudProvider`, its processors and memory against `resources`. A replica with more accelerators than one
machine has is pointed out.

## Why it matters

Costs are worked out, and pods are scheduled, by the machine type. A pod that asks for another GPU stays pending.

## Bad

```yaml
spec:
  runtime:
    accelerator:
      vendor: nvidia
      type: a100-80gb
      count: 1
  governance:
    cost:
      pricingHints:
        cloudProvider: aws
        instanceType: g5.12xlarge
#                     ^^^^^^^^^^^ warning[instance-type-mismatch]: has 4 x NVIDIA A10G
```

## Good

```yaml
spec:
  runtime:
    accelerator:
      vendor: nvidia
      type: a100-80gb
      count: 1
  governance:
    cost:
      pricingHints:
        cloudProvider: aws
        instanceType: p4de.24xlarge
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, Related, SetValue, Severity
from modelspec_ls.core.words import code_list, plural, shorten
from modelspec_ls.knowledge import accelerators
from modelspec_ls.knowledge.machines import machine
from modelspec_ls.knowledge.types import Instance
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import TYPE
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import number
from modelspec_ls.rules.statements import stated

META = Rule(
    "MS951",
    "instance-type-mismatch",
    "cost",
    Severity.WARNING,
    "The machine type must have what the spec asks for",
    fixable=True,
    about=("spec.governance.cost",),
)
PRICING = ("spec", "governance", "cost", "pricingHints")
INSTANCE, CLOUD = (*PRICING, "instanceType"), (*PRICING, "cloudProvider")
_RESOURCES = ("spec", "runtime", "resources")
_GIB_IN_GB = 2**30 / 10**9
_OFFERED = 3


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield what does not agree, on the machine type or the number it cannot give."""
    text = stated(ctx, *INSTANCE)
    found = accelerators.instance(None, text) if text else None
    if found is None:
        return
    yield from _cloud(ctx, found)
    if not _other_accelerator(ctx, found):
        yield from _count(ctx, found)
        yield from _host(ctx, found)
        return
    yield _accelerator(ctx, found)


def _other_accelerator(ctx: DocumentContext, found: Instance) -> bool:
    """Whether the spec asks for an accelerator that this machine does not have, whatever the name may mean."""
    match = ctx.deployment.accelerator
    asked = match.candidates or (match.accelerator,) if match else ()
    # Of a workspace's own accelerator, perhaps a slice of a card, nobody knows which machines have it.
    known = all(a is not None and (a.instances or not a.origin) for a in asked)
    return bool(asked) and known and all(a is not None and a.id != found.accelerator_id for a in asked)


def _accelerator(ctx: DocumentContext, found: Instance) -> Finding:
    match, count = ctx.deployment.accelerator, ctx.deployment.count or 1
    own = ctx.catalogue.accelerator(found.accelerator_id)
    assert own is not None
    assert match is not None
    offers = [i for a in match.candidates for i in accelerators.instances_with(a, count) if i.cloud == found.cloud]
    better = list(dict.fromkeys(i.type for i in sorted(offers, key=lambda i: (i.count, i.type))))[:_OFFERED]
    size = f"{own.memory_gb_marketed}"
    name = own.name if size in own.name else f"{own.name} ({size} GB)"
    asked = f"{count} x {ctx.view.text(*TYPE).value}"
    advice = f" With these: {code_list(better, 'or')}." if better else f" The catalogue knows none at {found.cloud}."
    message = f"`{found.type}` ({found.cloud}) has {found.count} x {name}; this spec asks for {asked}.{advice}"
    fixes = tuple(Fix(f"Write `{kind}`", (SetValue(ctx.at(INSTANCE), kind),)) for kind in better)
    return Finding(message, ctx.at(INSTANCE), related=(Related(ctx.at(TYPE), "what is asked for"),), fixes=fixes)


def _cloud(ctx: DocumentContext, found: Instance) -> Iterator[Finding]:
    text, words = stated(ctx, *CLOUD), vocabulary("cloudProvider")
    term = words.find(text.strip()) if text and words else None
    if text is None or term is None or term.value == found.cloud:
        return
    message = f"`{found.type}` is a machine type of {found.cloud}, not of {shorten(text)}."
    fix = Fix(f"Write `{found.cloud}`", (SetValue(ctx.at(CLOUD), found.cloud),))
    yield Finding(message, ctx.at(CLOUD), related=(Related(ctx.at(INSTANCE), "the machine type"),), fixes=(fix,))


def _count(ctx: DocumentContext, found: Instance) -> Iterator[Finding]:
    count = ctx.deployment.count
    if count is None or count <= found.count:
        return
    nodes = -(-count // found.count)
    message = (
        f"`{found.type}` has {plural(found.count, 'accelerator')}, so that one replica with {count} spans {nodes} "
        "machines and talks over the network."
    )
    yield Finding(message, ctx.at(INSTANCE), Severity.INFORMATION)


def _host(ctx: DocumentContext, found: Instance) -> Iterator[Finding]:
    """Processors and memory of one replica against the machines that hold it; memory by the smaller reading of GB."""
    size = machine(found.cloud, found.type)
    if size is None:
        return
    nodes = -(-(ctx.deployment.count or 1) // found.count)
    memory = size.memory_gib * _GIB_IN_GB
    rows = (
        ("cpuCores", size.cpus, f"{size.cpus} virtual CPUs"),
        ("memoryGb", memory, f"{number(size.memory_gib)} GiB"),
    )
    for name, limit, shown in rows:
        path = (*_RESOURCES, name)
        value = ctx.view.number(*path).value
        if value is not None and value > limit * nodes:
            machines = f"{nodes} x `{found.type}` have" if nodes > 1 else f"`{found.type}` has"
            each = " each" if nodes > 1 else ""
            message = f"{machines} {shown}{each}; a replica with `{name}: {number(value)}` is never scheduled."
            yield Finding(message, ctx.at(path), related=(Related(ctx.at(INSTANCE), "the machine type"),))
