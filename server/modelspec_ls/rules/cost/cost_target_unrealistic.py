"""A cost target must be one that hardware can reach.

## What it checks

`targetCostPer1kTokensUsd` of 0. Where prices of accelerators are given, also a target below what a full batch costs
at the limits of memory bandwidth and arithmetic. No prices are built in.

## Why it matters

A target only helps where it can be missed and met. Nothing costs nothing.

## Bad

```yaml
spec:
  governance:
    cost:
      targetCostPer1kTokensUsd: 0
#                               ^ information[cost-target-unrealistic]: nothing costs nothing
```

## Good

```yaml
spec:
  governance:
    cost:
      targetCostPer1kTokensUsd: 0.002
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Related, Severity
from modelspec_ls.knowledge.prices import prices_of
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import BATCH_SIZE, TYPE
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import generates, number, pace

META = Rule(
    "MS953",
    "cost-target-unrealistic",
    "cost",
    Severity.INFORMATION,
    "A cost target must be one that hardware can reach",
    about=("spec.governance.cost",),
)
_TARGET = ("spec", "governance", "cost", "targetCostPer1kTokensUsd")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the target."""
    if ctx.view.number(*_TARGET).value == 0:
        message = (
            "`targetCostPer1kTokensUsd: 0`: nothing costs nothing. State what 1,000 tokens may cost, or leave it out."
        )
        yield Finding(message, ctx.at(_TARGET))
    elif (price := _price(ctx)) is not None and (found := below_floor(ctx, price)) is not None:
        yield found


def _price(ctx: DocumentContext) -> float | None:
    """What the settings say that the accelerator costs, in USD an hour; None where they say nothing of it."""
    match = ctx.deployment.accelerator if ctx.config.prices else None
    if match is None or match.accelerator is None or match.ambiguous:
        return None
    prices, _ = prices_of({"prices": ctx.config.prices})
    return prices.get(match.accelerator.id)


def below_floor(ctx: DocumentContext, usd_per_accelerator_hour: float) -> Finding | None:
    """The finding on a target that no batch can reach at a price; None where it can, or too little is known."""
    target, batch = ctx.view.number(*_TARGET).value, ctx.view.integer(*BATCH_SIZE).value
    speed, count = pace(ctx), ctx.deployment.count
    if not target or target < 0 or not batch or batch < 1 or speed is None or not count or not generates(ctx):
        return None
    copies = max(1, count // speed.devices)
    floor = speed.cost_floor(-(-batch // copies), usd_per_accelerator_hour)
    if floor <= target:
        return None
    rate = speed.tokens_per_second(-(-batch // copies)) * copies
    message = (
        f"Even at full batch, {count} x {ctx.view.text(*TYPE).value} at ${usd_per_accelerator_hour:.2f} an hour each "
        f"write at most {rate:.0f} tokens/s, which is ${floor:.2g} per 1,000; the target is ${number(target)}."
    )
    return Finding(message, ctx.at(_TARGET), Severity.WARNING, (Related(ctx.at(BATCH_SIZE), "the batch"),))
