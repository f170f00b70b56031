"""A value must mean the same to YAML 1.1 and YAML 1.2 loaders.

## What it checks

Unquoted values that the two versions read differently: `yes`/`no`/`on`/`off`, numbers with a leading
zero (`0755`), `1:30`, `1e3`, `1_000`, `0o17` and dates. The same for keys of labels, annotations and
environment variables, and for invisible line separators. It is an error where only the 1.2 reading is
valid, because the reference validator of ModelSpec reads YAML 1.1, and a warning otherwise.

## Why it matters

Editors read YAML 1.2 and many command-line tools 1.1: the same file passes here and fails there.

## Bad

```yaml
metadata:
  name: example
  version: 2025-01-01
#          ^^^^^^^^^^ error[ambiguous-scalar]: a date to YAML 1.1 loaders
spec:
  operations:
    observability:
      tracing:
        enabled: yes
#                ^^^ warning[ambiguous-scalar]: write `true`
```

## Good

```yaml
metadata:
  name: example
  version: "2025-01-01"
spec:
  operations:
    observability:
      tracing:
        enabled: true
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, ReplaceSpan, Severity
from modelspec_ls.core.text import Span
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import BOTH, Rule
from modelspec_ls.schema import navigate
from modelspec_ls.schema.validate import fits
from modelspec_ls.syntax.lookup import is_merge, merge_sources, spot_at
from modelspec_ls.syntax.nodes import Mapping, Node, Scalar, Sequence, deref, key_text, span_of
from modelspec_ls.syntax.scalars import REFUSED_11, Date, JsonScalar, is_plain, resolve, resolve_yaml11, same_value

META = Rule(
    "MS003",
    "ambiguous-scalar",
    "syntax",
    Severity.WARNING,
    "A value must mean the same to YAML 1.1 and YAML 1.2 loaders",
    fixable=True,
    kinds=BOTH,
)

# YAML 1.1 ends a line at these, 1.2 does not.
_LINE_BREAKS_11 = re.compile("[\x85\u2028\u2029]")


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield scalars that two loaders would read as different values."""
    text = ctx.file.text
    if ctx.tree.json:
        return
    if not text.isascii():
        yield from _breaks(ctx)
    if ctx.too_large or not ctx.traits.disputed:
        return
    for node, schema in _governed(ctx):
        if isinstance(node, Scalar) and is_plain(node):
            yield from _value(node, schema, ctx.kind)
        elif isinstance(node, Mapping) and navigate.map_value(schema):
            yield from _keys(node, ctx.kind)


def disputed(ctx: DocumentContext, node: Scalar, schema: navigate.Schema) -> bool:
    """Whether the two readings of a scalar get different verdicts: then this rule speaks, and no other."""
    if ctx.tree.json or not is_plain(node) or not META.concerns(ctx.kind):
        return False
    new, old = resolve(node), _old(node, ctx.kind)
    return not same_value(new, old) and fits(schema, new) != _fits_old(schema, old)


def _old(node: Scalar, kind: str) -> JsonScalar:
    """A plain scalar as loaders of YAML 1.1 read it that are likely to read documents of that kind.

    Those of Kubernetes take over the words for booleans and octal numbers, not dates or times.
    """
    old = resolve_yaml11(node.value)
    if kind == "OpenModel" and (not isinstance(old, (bool, int)) or ":" in node.value):
        return resolve(node)
    return old


def _governed(ctx: DocumentContext) -> Iterator[tuple[Node, navigate.Schema]]:
    """Every node with each schema that governs it: its own place's, and the ones that aliases bring it to."""
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[Node, navigate.Schema | None]] = [(ctx.document.root, ctx.schema)]
    while stack:
        node, schema = stack.pop()
        node = deref(node)
        if schema is None or (id(node), id(schema)) in seen:
            continue
        seen.add((id(node), id(schema)))
        yield node, schema
        if isinstance(node, Sequence):
            stack.extend((item, navigate.at(schema, (0,))) for item in node.items)
        elif isinstance(node, Mapping):
            for pair in node.pairs:
                if is_merge(pair):
                    stack.extend((source, schema) for source in merge_sources(pair))
                elif (key := key_text(pair.key)) is not None:
                    stack.append((pair.value, navigate.at(schema, (key,))))


def _value(node: Scalar, schema: navigate.Schema, kind: str) -> Iterator[Finding]:
    new, old = resolve(node), _old(node, kind)
    if node.value in REFUSED_11 and fits(schema, new):
        yield _finding(node, f"`{node.value}`", "an operator", "text", [f'"{node.value}"'], Severity.ERROR, kind)
        return
    if same_value(new, old):
        return
    fits_new, fits_old = fits(schema, new), _fits_old(schema, old)
    if not fits_new and not fits_old:
        return
    writings = [_source(value) for value, fit in ((new, fits_new), (old, fits_old)) if fit]
    if navigate.main_type(schema) == "string":
        writings = [f'"{node.value}"']
    level = Severity.WARNING if fits_old else Severity.ERROR
    yield _finding(node, f"`{node.value}`", _word(old), _word(new), writings, level, kind)


def _keys(node: Mapping, kind: str) -> Iterator[Finding]:
    for pair in node.pairs:
        key = deref(pair.key)
        if not isinstance(key, Scalar) or not is_plain(key) or is_merge(pair):
            continue
        new, old = resolve(key), _old(key, kind)
        if not same_value(new, old):
            what = f"The key `{key.value}`"
            yield _finding(key, what, _word(old), _word(new), [f'"{key.value}"'], Severity.WARNING, kind)


def _breaks(ctx: DocumentContext) -> Iterator[Finding]:
    """Characters that end a line in YAML 1.1 only. In quotes they become a space, elsewhere they break the text."""
    start, end = ctx.document.start, ctx.document.end
    for match in _LINE_BREAKS_11.finditer(ctx.file.text, start, end):
        spot = spot_at(ctx.tree, match.start())
        quoted = spot is not None and isinstance(spot.node, Scalar) and ctx.file.text[spot.span.start] in {'"', "'"}
        name = f"U+{ord(match[0]):04X}"
        rejected = "" if quoted else _REJECTED[ctx.kind]
        yield Finding(
            f"The invisible character {name} ends the line for YAML 1.1 loaders{rejected} "
            "and is text to 1.2 ones; write a space.",
            Span(*match.span()),
            Severity.WARNING if quoted else Severity.ERROR,
            fixes=(Fix("Replace it by a space", (ReplaceSpan(Span(*match.span()), " "),), Applicability.SAFE),),
        )


_REJECTED = {
    "ModelSpec": " (the reference validator rejects it)",
    "OpenModel": " (Kubernetes among them, which rejects it)",
}


def _finding(
    node: Scalar, what: str, old: str, new: str, writings: list[str], severity: Severity, kind: str
) -> Finding:
    """One way to write it is a safe fix; of several the author must choose."""
    level = Applicability.SAFE if len(writings) == 1 else Applicability.SUGGEST
    choice = " or ".join(f"`{w}`" for w in writings)
    rejected = _REJECTED[kind] if severity is Severity.ERROR else ""
    return Finding(
        f"{what} is {old} to YAML 1.1 loaders{rejected} and {new} to 1.2 ones; write {choice}.",
        span_of(node),
        severity,
        fixes=tuple(Fix(f"Write {w}", (ReplaceSpan(span_of(node), w),), level) for w in writings),
    )


def _fits_old(schema: navigate.Schema, old: JsonScalar) -> bool:
    return not isinstance(old, Date) and fits(schema, old)


def _source(value: JsonScalar) -> str:
    """A boolean or a number as every loader reads it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        text = repr(value)
        return text if "." in text or "e" not in text else text.replace("e", ".0e")
    return str(value)


def _word(value: JsonScalar) -> str:
    if isinstance(value, Date):
        return "a date"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"the number {_source(value)}" if abs(value) < 1e15 else "a number"
    return "null" if value is None else "text"
