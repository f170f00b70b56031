"""Production should not log everything.

## What it checks

`logging.level` or the engine's own variable (`VLLM_LOGGING_LEVEL`) at `trace`, `debug` or `all` in a production spec.
Where personal data is not allowed (`pii.allowed: false`), the level is pointed out in other specs too.

## Why it matters

These levels write the contents of requests, and cost throughput.

## Bad

```yaml
metadata:
  name: chat
  labels:
    environment: prod
spec:
  operations:
    observability:
      metrics:
        enabled: true
      logging:
        level: debug
#              ^^^^^ warning[verbose-logging-in-prod]: `debug` logging in production
```

## Good

```yaml
metadata:
  name: chat
  labels:
    environment: prod
spec:
  operations:
    observability:
      metrics:
        enabled: true
      logging:
        level: info
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.knowledge import conventions
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule

META = Rule(
    "MS653",
    "verbose-logging-in-prod",
    "observability",
    Severity.WARNING,
    "Production should not log everything",
    fixable=True,
    about=("spec.operations.observability", "spec.runtime.environment"),
)
_LEVEL = ("spec", "operations", "observability", "logging", "level")
_VARIABLES = ("spec", "runtime", "environment", "variables")
_PII = ("spec", "governance", "compliance", "pii", "allowed")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield verbose levels, on the level."""
    for path in (_LEVEL, *((*_VARIABLES, name) for name in conventions.ordered("verboseLogging", "variables"))):
        level = ctx.view.text(*path).value
        if level is not None and level.strip().casefold() in conventions.words("verboseLogging", "levels"):
            yield from _finding(ctx, path, level.strip())


def _finding(ctx: DocumentContext, path: DocPath, level: str) -> Iterator[Finding]:
    private = ctx.view.boolean(*_PII).value is False
    production = ctx.view.production
    if not production and not private:
        return
    usual = "info" if level.islower() else "INFO"
    where = " in production" if production else ""
    clause = " can write prompts to logs although personal data is not allowed" if private else ""
    doing = clause or " writes requests to logs and costs throughput"
    message = f"`{level}` logging{where}{doing}. Use `{usual}`."
    source = f'"{usual}"' if path[:-1] == _VARIABLES else usual
    fix = Fix(f"Write `{usual}`", (SetValue(ctx.at(path), source),))
    yield Finding(message, ctx.at(path), None if production else Severity.INFORMATION, fixes=(fix,))
