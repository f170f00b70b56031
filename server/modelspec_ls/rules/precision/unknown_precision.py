"""The precision must be a known one.

## What it checks

`precision` against the known number formats and their other spellings. A packing that is known, but has
no size here (a rare GGUF type), is information.

## Why it matters

Bytes per parameter follow from it. When it is unknown, memory cannot be checked.

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
      precision: fp17
#                ^^^^ warning[unknown-precision]: Did you mean `fp16`?
```

## Good

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
      precision: bf16
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, SetValue, Severity
from modelspec_ls.core.words import near, shorten
from modelspec_ls.knowledge import packaging, precisions
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.view import MODEL

META = Rule(
    "MS401",
    "unknown-precision",
    "precision",
    Severity.WARNING,
    "The precision must be a known one",
    fixable=True,
    about=("spec.identity.model.precision",),
)

_PATH = (*MODEL, "precision")
_DIGITS = re.compile(r"\d+")
# Widths that some format has: another one is no typo.
_WIDTHS = frozenset({"1", "2", "3", "4", "5", "6", "8", "16", "32", "64"})
_COMMON = "`bf16`, `fp16`, `fp8`, `int8`, `int4`, `awq-int4`, `gptq-int4`, `nvfp4`, `mxfp4`, `gguf-q4_k_m`"


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the precision."""
    text = stated(ctx, *_PATH)
    if text is None or precisions.find(text):
        return
    shown = f"`{shorten(text)}`"
    if not packaging.read(text).base:
        message = f"{shown} has no known size in memory, so memory fit is not checked."
        yield Finding(message, ctx.at(_PATH), Severity.INFORMATION)
        return
    best = _meant(text)
    fixes = (Fix(f"Write `{best}`", (SetValue(ctx.at(_PATH), best),), Applicability.SAFE),) if best else ()
    guess = f" Did you mean `{best}`?" if best else ""
    message = f"{shown} is not a known precision, so memory fit is not checked.{guess} Known: {_COMMON} and others."
    yield Finding(message, ctx.at(_PATH), fixes=fixes)


def _meant(text: str) -> str | None:
    words = vocabulary("precision")
    guess = near(text, (s for t in words.terms for s in (t.value, *t.aliases))) if words else None
    own = _DIGITS.findall(text)
    if guess is None or (own != _DIGITS.findall(guess) and set(own) & _WIDTHS):
        return None
    found = precisions.find(guess)
    return found.name if found else None
