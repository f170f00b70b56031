"""No placeholder may be left in a value.

## What it checks

Values that are still a template's blank: `<…>`, `TODO`, `FIXME`, `changeme`, `your-…`, `REPLACE_ME`,
`example.com`, `path/to/…`, `xxx`, leftover snippet marks such as `${1:name}`, and empty text where a
name, a path or an id belongs. Descriptions are not looked at.

## Why it matters

The schema accepts any text, so an unfinished snippet validates and fails at deployment.

## Bad

```yaml
spec:
  identity:
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
      artifacts:
        modelUri: s3://<YOUR_BUCKET>/qwen3-8b/
#                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[placeholder-value]: still holds the placeholder
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
      artifacts:
        modelUri: s3://acme-models/qwen3-8b/v1/
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Place, Severity
from modelspec_ls.core.path import DocPath, dotted
from modelspec_ls.core.words import shorten
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import BOTH, Rule
from modelspec_ls.schema import navigate
from modelspec_ls.syntax.lookup import scalars
from modelspec_ls.syntax.nodes import Scalar

META = Rule(
    "MS107",
    "placeholder-value",
    "schema",
    Severity.WARNING,
    "No placeholder may be left in a value",
    kinds=BOTH,
)

_PLACEHOLDER = re.compile(
    r"<[A-Za-z][\w .:/-]*>"
    r"|\b(?-i:TODO|FIXME|TBD)\b"
    r"|\b(?:change[-_ ]?me|replace[-_ ]?me|fill[-_ ]?me[-_ ]?in)\b"
    r"|(?<![a-z])your[-_]\w+"
    r"|\bexample\.(?:com|org|net)\b"
    r"|\bpath/to/"
    r"|\Ax{3,}\Z"
    r"|\$\{\d+[:|}]",
    re.IGNORECASE,
)
# Without one of these in the text no value needs a look. Plain words are found ten times faster than the pattern.
_SUSPECT = (
    "<", "${", "todo", "fixme", "tbd", "your", "example.", "path/to/", "xxx",
)  # fmt: skip
# Where an empty text is certainly unfinished, beside every required field.
_MUST_SAY = frozenset({"modelUri", "tokenizerUri", "path", "specRef", "policy"})
_FREE = frozenset({"description"})


_FILL_ME = ("change", "replace", "fill")
# Between the words a line may end, which is a space in the value.
_SUSPECT_ME = re.compile(r"(?:change|replace|fill)[-_\s\\]*me")


def check(ctx: DocumentContext) -> tuple[Finding, ...]:
    """Strings that nobody has filled in. Kept with the text, because other rules leave these places alone."""
    kept: dict[int, tuple[Finding, ...]] = ctx.file.memo.setdefault("placeholders", {})
    number = ctx.document.number
    if number not in kept:
        kept[number] = tuple(_found(ctx))
    return kept[number]


def places(ctx: DocumentContext) -> frozenset[DocPath]:
    """Where something still has to be filled in."""
    if ctx.unfinished is None:
        ctx.unfinished = frozenset(f.where.path for f in check(ctx) if isinstance(f.where, Place))
    return ctx.unfinished


def _found(ctx: DocumentContext) -> Iterator[Finding]:
    if not (ctx.traits.blank or _suspect(ctx.file.text[ctx.document.start : ctx.document.end])):
        return
    for path, node in scalars(ctx.document, _unfinished):
        if not path or path[-1] in _FREE:
            continue
        if _blank(node):
            yield from _empty(ctx, path)
        elif match := _PLACEHOLDER.search(node.value):
            yield Finding(
                f"`{dotted(path)}` still holds the placeholder `{shorten(match[0], 40)}`. Fill it in.",
                ctx.at(path),
            )


def _blank(node: Scalar) -> bool:
    return bool(node.style) and not node.value.strip()


def _unfinished(node: Scalar) -> bool:
    return _blank(node) or _PLACEHOLDER.search(node.value) is not None


def _suspect(text: str) -> bool:
    lower = text.lower()
    for word in _SUSPECT:  # Asked of every text: a loop takes half the time of `any`.
        if word in lower:
            return True
    return "me" in lower and any(word in lower for word in _FILL_ME) and _SUSPECT_ME.search(lower) is not None


def _empty(ctx: DocumentContext, path: DocPath) -> Iterator[Finding]:
    parent = navigate.at(ctx.schema, path[:-1])
    if parent is not None and path[-1] in navigate.required(parent):
        yield Finding(f"`{dotted(path)}` is required, but empty. Fill it in.", ctx.at(path))
    elif path[-1] in _MUST_SAY:
        yield Finding(f"`{dotted(path)}` is empty. Fill it in, or delete the key.", ctx.at(path))
