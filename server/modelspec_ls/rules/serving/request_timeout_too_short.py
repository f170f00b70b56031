"""Requests must be given the time that the spec promises.

## What it checks

`serving.timeoutSeconds` below `scaling.targetLatencyMsP95`. For models that write tokens, also a timeout in which not
even half of `maxSequenceLengthTokens` can be written: a token takes at least the time to read the weights it uses from
memory once.

## Why it matters

A timeout below the latency target cuts requests that the target calls good. One that is too short for long answers
cuts them after all the work was done.

## Bad

```yaml
spec:
  operations:
    serving:
      timeoutSeconds: 1
#                     ^ warning[request-timeout-too-short]: below the P95 target of 2000 ms
    scaling:
      targetLatencyMsP95: 2000
```

## Good

```yaml
spec:
  operations:
    serving:
      timeoutSeconds: 120
    scaling:
      targetLatencyMsP95: 2000
```
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Related, Severity
from modelspec_ls.knowledge.conventions import threshold
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import SEQUENCE, setting
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import generates, number, pace
from modelspec_ls.spec.view import SCALING, SERVING

META = Rule(
    "MS604",
    "request-timeout-too-short",
    "serving",
    Severity.WARNING,
    "Requests must be given the time that the spec promises",
    fixable=True,
    about=("spec.operations.serving",),
)
_TIMEOUT = (*SERVING, "timeoutSeconds")
_TARGET = (*SCALING, "targetLatencyMsP95")
_MARGIN = 1.5


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the timeout."""
    timeout = ctx.view.integer(*_TIMEOUT).value
    if not timeout or timeout < 0:
        return
    target, sequence = ctx.view.number(*_TARGET).value or 0.0, ctx.view.integer(*SEQUENCE).value
    speed = pace(ctx) if sequence and sequence > 0 and generates(ctx) else None
    longest = sequence * speed.token_seconds * threshold("shareOfLongest") if speed and sequence else 0.0
    enough = math.ceil(_MARGIN * max(target / 1000, longest))
    fixes = (setting(ctx, _TIMEOUT, enough),)
    if timeout * 1000 < target:
        message = f"Requests are cut after {timeout} s, below the P95 target of {number(target)} ms. Allow {enough} s."
        yield Finding(message, ctx.at(_TIMEOUT), related=(Related(ctx.at(_TARGET), "the target"),), fixes=fixes)
    elif speed is not None and timeout < longest:
        message = (
            f"At best {speed.token_seconds * 1000:.1f} ms per token, {timeout} s allow "
            f"{int(timeout / speed.token_seconds)} output tokens; `maxSequenceLengthTokens` allows {sequence}. "
            f"Allow {enough} s, or limit the sequence."
        )
        related = (Related(ctx.at(SEQUENCE), "the longest sequence"),)
        yield Finding(message, ctx.at(_TIMEOUT), Severity.INFORMATION, related, fixes)
