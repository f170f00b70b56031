"""A value close to a known one is probably a typo.

## What it checks

`task`, `framework`, `vendor`, the logging level, the metrics provider, the warm pool's strategy and the
cloud provider: values that differ from a known one by a letter or two. Anything else is allowed there.

## Why it matters

ModelSpec takes any text in these fields, so a typo such as `vlllm` goes through and switches off every
check that depends on the engine.

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: vlllm
#                ^^^^^ information[unknown-value]: did you mean `vllm`?
```

## Good

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: my-inhouse-server
```
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from modelspec_ls.core.finding import Applicability, Finding, Fix, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import LONGEST_NAME, near, shorten
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.servers import framework
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.view import ACCELERATOR, MODEL, SCALING

META = Rule(
    "MS204",
    "unknown-value",
    "identity",
    Severity.INFORMATION,
    "A value close to a known one is probably a typo",
    fixable=True,
)

_OBSERVABILITY = ("spec", "operations", "observability")
_FIELDS = (
    ((*MODEL, "task"), "task", "task"),
    ((*MODEL, "framework"), "framework", "framework"),
    ((*ACCELERATOR, "vendor"), "vendor", "vendor"),
    ((*_OBSERVABILITY, "logging", "level"), "loggingLevel", "logging level"),
    ((*_OBSERVABILITY, "metrics", "provider"), "metricsProvider", "metrics provider"),
    ((*SCALING, "warmPool", "strategy"), "warmPoolStrategy", "strategy"),
    (("spec", "governance", "cost", "pricingHints", "cloudProvider"), "cloudProvider", "cloud provider"),
)
# Names of three letters are all alike: `mlc` is no misspelt `mlx`.
_SHORTEST = 4


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield values with a known neighbour, on the value."""
    for path, name, noun in _FIELDS:
        text = stated(ctx, *path)
        if text and len(text) <= LONGEST_NAME and (best := _meant(name, text)):
            yield _finding(ctx, path, f"`{shorten(text)}` is not a known {noun}; did you mean `{best}`?", best)


def _finding(ctx: DocumentContext, path: DocPath, message: str, best: str) -> Finding:
    return Finding(message, ctx.at(path), fixes=spell(ctx, path, best))


def spell(ctx: DocumentContext, path: DocPath, word: str) -> tuple[Fix, ...]:
    """Write the usual spelling. Where an engine's name brings a field along, that is for the author to look at."""
    operations = framework(ctx, word) if path == (*MODEL, "framework") else (SetValue(ctx.at(path), word),)
    level = Applicability.SAFE if len(operations) == 1 else Applicability.SUGGEST
    return (Fix(f"Write `{word}`", operations, level),) if operations else ()


@lru_cache(maxsize=1024)
def _meant(name: str, text: str) -> str | None:
    """The canonical spelling that a value outside of the vocabulary is close to."""
    words = vocabulary(name)
    if words is None or len(text) < _SHORTEST or words.find(text):
        return None
    guess = near(text, (spelling for term in words.terms for spelling in (term.value, *term.aliases)))
    term = words.find(guess) if guess else None
    return term.value if term else None
