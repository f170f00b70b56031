"""The type should name one accelerator with its memory.

## What it checks

`accelerator.type` against the catalogue: a name that is not in it, a slice of a card (MIG), and a name that exists
in several sizes, such as `a100` with 40 and 80 GB. Sizes that decide whether the model fits are told apart.

## Why it matters

Whether the model fits depends on the memory. Of several sizes this tool shows the smallest and reports a problem
only where it is one on all of them.

## Bad

```yaml
spec:
  runtime:
    accelerator:
      vendor: nvidia
      type: a100
#           ^^^^ information[accelerator-memory-unknown]: exists with 40 and 80 GB
      count: 1
```

## Good

```yaml
spec:
  runtime:
    accelerator:
      vendor: nvidia
      type: NVIDIA-A100-SXM4-80GB
      count: 1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, SetValue, Severity
from modelspec_ls.knowledge.accelerators import AcceleratorMatch
from modelspec_ls.knowledge.types import Accelerator
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import EXCEEDS, TYPE, readings
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.schema import placeholder_value
from modelspec_ls.rules.wording import broken
from modelspec_ls.spec.view import ACCELERATOR

from .weights_exceed_memory import short

META = Rule(
    "MS307",
    "accelerator-memory-unknown",
    "memory",
    Severity.INFORMATION,
    "The type should name one accelerator with its memory",
    fixable=True,
)
_WORDS = {
    "weights-exceed": "the weights do not fit",
    "sequence-exceeds": "the longest sequence does not fit",
    "batch-exceeds": "the full batch does not fit",
}


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield a type whose memory is not certain, on the type."""
    match, text = ctx.deployment.accelerator, ctx.view.text(*TYPE).value
    if match is None or text is None:
        return
    if match.ambiguous:
        yield _ambiguous(ctx, match, text)
    elif match.accelerator is None and match.candidates:
        yield Finding(
            f"`{text}` is a slice of one {match.candidates[0].name}; memory of slices is not in the catalogue, "
            "so memory fit is not checked.",
            ctx.at(TYPE),
        )
    elif match.accelerator is None and not _processor(ctx, text) and not _blank(ctx):
        guess = ctx.catalogue.suggest_accelerator(text)
        fixes: tuple[Fix, ...] = ()
        if guess:
            fixes = (Fix(f"Write `{guess}`", (SetValue(ctx.at(TYPE), guess),), Applicability.SAFE),)
        meant = f" Did you mean `{guess}`?" if guess else ""
        message = f"`{text}` is not in the accelerator catalogue; memory fit is not checked.{meant}"
        message = f"{message} {broken(ctx, 'Accelerator', text)}".rstrip()
        yield Finding(message, ctx.at(TYPE), fixes=fixes)


def _blank(ctx: DocumentContext) -> bool:
    """Whether the type is a placeholder, which is a finding of its own."""
    return any(found.where == ctx.at(TYPE) for found in placeholder_value.check(ctx))


def _processor(ctx: DocumentContext, text: str) -> bool:
    """Whether the spec runs on no accelerator at all."""
    words = vocabulary("vendor")
    vendor = ctx.view.text(*ACCELERATOR, "vendor").value or ""
    terms = (words.find(word.strip()) for word in (vendor, text)) if words else ()
    return any(term is not None and term.value == "cpu" for term in terms)


def _ambiguous(ctx: DocumentContext, match: AcceleratorMatch, text: str) -> Finding:
    names = {c.memory_gb_marketed: _name(c, text, ctx) for c in reversed(match.candidates)}
    sizes = sorted(names)
    fixes = tuple(Fix(f"Write `{names[size]}`", (SetValue(ctx.at(TYPE), names[size]),)) for size in sizes)
    listed = f"{', '.join(map(str, sizes[:-1]))} and {sizes[-1]} GB"
    message = f"`{text}` exists with {listed}; {sizes[0]} GB assumed.{_apart(ctx)} Write `{names[sizes[-1]]}`"
    others = " or ".join(f"`{names[size]}`" for size in reversed(sizes[:-1]))
    return Finding(f"{message} or {others}.", ctx.at(TYPE), fixes=fixes)


def _name(candidate: Accelerator, text: str, ctx: DocumentContext) -> str:
    """The name as written with its size, where that is understood, else the catalogue's."""
    word = f"{text.strip()}-{candidate.memory_gb_marketed}gb"
    match = ctx.catalogue.find_accelerator(word, ctx.view.text(*ACCELERATOR, "vendor").value)
    if not match.ambiguous and match.accelerator is not None and match.sizes_gb == (candidate.memory_gb_marketed,):
        return word
    return short(candidate, ctx.catalogue)


def _apart(ctx: DocumentContext) -> str:
    """What the sizes decide, where they do."""
    found = {accelerator.memory_gb_marketed: report.verdict for accelerator, _, report in readings(ctx)}
    bad = [size for size, verdict in found.items() if verdict in EXCEEDS]
    good = [size for size, verdict in found.items() if verdict in {"fits", "tight"}]
    if not bad or not good:
        return ""
    return f" With {bad[0]} GB {_WORDS[found[bad[0]]]}; with {good[0]} GB everything fits."
