"""A key may stand only once in a mapping.

## What it checks

The same key twice in one mapping. A key that overrides one brought in by a merge key (`<<`) is fine.

## Why it matters

Most loaders keep the last value and say nothing, so one of the two limits is never in force.

## Bad

```yaml
spec:
  runtime:
    batch:
      maxBatchSize: 32
      maxBatchSize: 64
#     ^^^^^^^^^^^^ error[duplicate-key]: `maxBatchSize` is set twice in `batch`
```

## Good

```yaml
spec:
  runtime:
    batch:
      maxBatchSize: 32
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, Related, RemoveNth, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import shorten
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import ANY, Rule
from modelspec_ls.rules.wording import holder
from modelspec_ls.syntax.lookup import is_merge, walk
from modelspec_ls.syntax.nodes import Mapping, Pair, Scalar, deref, key_text, span_of

META = Rule(
    "MS002",
    "duplicate-key",
    "syntax",
    Severity.ERROR,
    "A key may stand only once in a mapping",
    fixable=True,
    kinds=ANY,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield one finding per repeated key, on the repetition."""
    if not ctx.traits.repeats:
        return
    for path, node, _ in walk(ctx.document):
        if not isinstance(node, Mapping):
            continue
        keys = [key_text(pair.key) for pair in node.pairs]
        if len(set(keys)) == len(keys):
            continue
        yield from _repeated(ctx, path, node)


def _repeated(ctx: DocumentContext, path: DocPath, node: Mapping) -> Iterator[Finding]:
    same: dict[str, list[Pair]] = {}
    for pair in node.pairs:
        key = key_text(pair.key)
        if key and not is_merge(pair):
            same.setdefault(key, []).append(pair)
    for key, (first, *others) in same.items():
        line = ctx.file.index.line_of(first.key.start) + 1
        place = ctx.at((*path, key), "pair")
        times = "twice" if len(others) == 1 else f"{len(others) + 1} times"
        for nth, pair in enumerate(others, 1):
            yield Finding(
                f"`{key}` is set {times} in {holder(path)} (first on line {line}); most loaders keep only the last"
                f" value{_value(others[-1])}. Delete the others.",
                span_of(pair.key),
                related=(Related(span_of(first.key), f"first set here{_value(first, ' to ')}"),),
                fixes=(
                    Fix("Delete this one", (RemoveNth(place, nth),)),
                    Fix(f"Delete the first (line {line})", (RemoveNth(place, 0),)),
                ),
            )


def _value(pair: Pair, lead: str = ", ") -> str:
    value = deref(pair.value)
    return f"{lead}`{shorten(value.value, 30)}`" if isinstance(value, Scalar) and value.value else ""
