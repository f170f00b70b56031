"""Known values should be written the usual way.

## What it checks

`framework`, `precision` and the logging level: other spellings of the same thing, such as `vLLM`,
`bfloat16` or `WARN`. Names of accelerators may be written in any way.

## Why it matters

Tools compare strings. The rule that `vllm` needs a maximum sequence length, for one, does not see `vLLM`.

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: vLLM
#                ^^^^ hint[noncanonical-spelling]: Usually written `vllm`
  runtime:
    batch:
      maxSequenceLengthTokens: 4096
```

## Good

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: vllm
  runtime:
    batch:
      maxSequenceLengthTokens: 4096
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.view import MODEL

from .unknown_value import spell

META = Rule(
    "MS205",
    "noncanonical-spelling",
    "identity",
    Severity.HINT,
    "Known values should be written the usual way",
    fixable=True,
)

_FIELDS = (
    ((*MODEL, "framework"), "framework"),
    ((*MODEL, "precision"), "precision"),
    (("spec", "operations", "observability", "logging", "level"), "loggingLevel"),
)
# Aliases that leave out the width (`awq`) or the engine's choice (`auto`) say less than the usual word.
_SAY_LESS = frozenset({"auto", "awq", "gptq", "qlora", "w8a8", "full", "float"})


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield known values in another spelling."""
    for path, name in _FIELDS:
        text, words = stated(ctx, *path), vocabulary(name)
        term = words.find(text) if text and words else None
        if term is None or text is None or text == term.value or text.casefold() in _SAY_LESS:
            continue
        yield Finding(f"Usually written `{term.value}`.", ctx.at(path), fixes=spell(ctx, path, term.value))
