"""A field with a closed set of values takes only those.

## What it checks

`serving.protocol`, `scaling.strategy` and a dependency's `role`.

## Why it matters

The schema rejects any other value.

## Bad

```yaml
spec:
  pipeline:
    dependencies:
      - id: embedder
        role: retriever
#             ^^^^^^^^^ error[invalid-enum-value]: is not one of `input`, `guardrail`
```

## Good

```yaml
spec:
  pipeline:
    dependencies:
      - id: embedder
        role: input
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, SetValue, Severity
from modelspec_ls.core.path import dotted
from modelspec_ls.core.words import code_list, near, shorten
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import ANY, Rule
from modelspec_ls.schema.validate import Problem

META = Rule(
    "MS104",
    "invalid-enum-value",
    "schema",
    Severity.ERROR,
    "A field with a closed set of values takes only those",
    fixable=True,
    kinds=ANY,
)
_VOCABULARY = {"role": "role", "protocol": "protocol", "strategy": "scalingStrategy"}


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield values outside a closed set; apiVersion and kind belong to unsupported-document."""
    for problem in ctx.problems:
        if problem.kind != "choice" or problem.keyword != "enum" or not isinstance(problem.value, str):
            continue
        choices = tuple(problem.schema["enum"])
        guess, reason = _guess(problem, choices)
        message = f"`{shorten(problem.value)}` is not one of {code_list(choices, 'or')} for `{dotted(problem.path)}`."
        if guess:
            message += f" {reason or f'Did you mean `{guess}`?'}"
        fixes: tuple[Fix, ...] = ()
        if guess:
            level = Applicability.SUGGEST if reason else Applicability.SAFE
            fixes = (Fix(f"Write `{guess}`", (SetValue(ctx.at(problem.path), guess),), level),)
        yield Finding(message, ctx.at(problem.path), fixes=fixes)


def _guess(problem: Problem, choices: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The value that was meant, and why, where that is more than a typo."""
    close = near(problem.value, choices)
    if close:
        return close, None
    name = _VOCABULARY.get(str(problem.path[-1]))
    words = vocabulary(name) if name else None
    term = words.find(problem.value) if words else None
    if term is None:
        return None, None
    return term.value, f"Use `{term.value}` ({term.description.rstrip('.')})."
