"""Credentials must not stand in the spec.

## What it checks

Every text for the formats of well-known tokens and private keys, and for a password in a URL; that is an error.
Environment variables, labels and annotations whose name ends in `TOKEN`, `SECRET`, `PASSWORD`, `API_KEY` or the like
with a literal of 8 characters or more; that is a warning. References such as `$(HF_TOKEN)`, `vault:…` or a path are
right. The value is never repeated in a message.

## Why it matters

Specs are committed and shared. What was in a repository once must count as known to everybody, and be replaced.

## Bad

```yaml
spec:
  runtime:
    environment:
      variables:
        HF_TOKEN: hf_ThisIsNoRealTokenButLooksLike1234
#                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[plaintext-secret]: looks like a Hugging Face token
        REDIS_PASSWORD: correct-horse-battery
#                       ^^^^^^^^^^^^^^^^^^^^^ warning[plaintext-secret]: looks like a credential
```

## Good

```yaml
spec:
  runtime:
    environment:
      variables:
        HF_TOKEN: $(HF_TOKEN)
        REDIS_PASSWORD: vault:secret/redis#password
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import shorten
from modelspec_ls.knowledge import secrets
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import BOTH, Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.view import ANNOTATIONS, LABELS
from modelspec_ls.syntax.lookup import scalars

from .unknown_engine_variable import VARIABLES

META = Rule(
    "MS607",
    "plaintext-secret",
    "serving",
    Severity.ERROR,
    "Credentials must not stand in the spec",
    fixable=True,
    kinds=BOTH,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield credentials, on the value."""
    seen: set[DocPath] = set()
    text = ctx.file.text
    if ctx.file.may_hold_secrets and ("\\" in text or secrets.kind_of(text) is not None):  # Most need no walk.
        for path, node in scalars(ctx.document, lambda node: secrets.kind_of(node.value)):
            kind = secrets.kind_of(node.value)
            if kind is not None and path and path not in seen:
                seen.add(path)
                yield _finding(ctx, path, kind)
    for section in (VARIABLES, LABELS, ANNOTATIONS):
        for name in ctx.view.keys(*section):
            path = (*section, name)
            if path in seen or not secrets.names_credential(name):
                continue
            value = stated(ctx, *path)
            if value is not None and secrets.literal(value):
                yield _finding(ctx, path, "credential", Severity.WARNING)


def _finding(ctx: DocumentContext, path: DocPath, kind: str, severity: Severity | None = None) -> Finding:
    name = str(path[-1])
    fixes: tuple[Fix, ...] = ()
    if path[:-1] == VARIABLES:
        fixes = (Fix(f"Write `$({shorten(name)})`", (SetValue(ctx.at(path), f"$({name})"),)),)
    article = "an" if kind[0] in "AN" else "a"
    message = (
        f"`{shorten(name)}` holds what looks like {article} {kind}. Remove it, replace it where it was issued, and "
        "refer to a secret instead."
    )
    return Finding(message, ctx.at(path), severity, fixes=fixes)
