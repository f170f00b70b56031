"""The name should be one that Kubernetes accepts.

## What it checks

`metadata.name` against the rules for DNS labels: lower-case letters, digits and hyphens, a letter or digit at both
ends, at most 63 characters.

## Why it matters

The name usually becomes that of a Deployment and a Service, and the value of a label. Kubernetes refuses all others.

## Bad

```yaml
metadata:
  name: Llama-3.1_8B
#       ^^^^^^^^^^^^ warning[name-not-dns-label]: is not a valid Kubernetes name (the character `.`)
```

## Good

```yaml
metadata:
  name: llama-3-1-8b
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.core.words import shorten
from modelspec_ls.knowledge import kubernetes
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import BOTH, MODELS, Rule
from modelspec_ls.rules.statements import stated

META = Rule(
    "MS151",
    "name-not-dns-label",
    "metadata",
    Severity.WARNING,
    "The name should be one that Kubernetes accepts",
    fixable=True,
    kinds=BOTH,
)
_NAME = ("metadata", "name")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the name."""
    name = stated(ctx, *_NAME)
    fault = kubernetes.name_fault(name) if name else None
    if name is None or fault is None:
        return
    slug = kubernetes.name_slug(name)
    why = "llmaz refuses the model" if ctx.kind in MODELS else "it is used for Services and labels"
    message = f"`{shorten(name)}` is not a valid Kubernetes name ({fault}); {why}."
    fixes = (Fix(f"Rename to `{slug}`", (SetValue(ctx.at(_NAME), source(slug)),)),) if slug else ()
    advice = f" Suggested: `{slug}`." if slug else " Use lower-case letters, digits and hyphens."
    yield Finding(message + advice, ctx.at(_NAME), Severity.ERROR if ctx.kind in MODELS else None, fixes=fixes)


def source(text: str) -> str:
    """A name as YAML: quoted where it could be read as a number or a date."""
    return text if text[:1].isalpha() and text.lower() not in _WORDS else f'"{text}"'


_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
