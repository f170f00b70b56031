"""A value must mean the same to YAML 1.1 and YAML 1.2 loaders.

## What it checks

Unquoted values that the two versions read differently: `yes`/`no`/`on`/`off`, numbers with a leading
zero (`0755`), `1:30`, `1e3`, `1_000`, `0o17` and dates. The same for keys of free maps. It is an error
where only the 1.2 reading is valid, because the reference validator of ModelSpec reads YAML 1.1, and a
warning otherwise.

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
#                ^^^ warning[ambiguous-scalar]: write true
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
from modelspec_ls.core.path import DocPath
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.schema import navigate
from modelspec_ls.schema.validate import fits
from modelspec_ls.syntax.lookup import walk
from modelspec_ls.syntax.nodes import Mapping, Scalar, key_text, span_of
from modelspec_ls.syntax.scalars import Date, JsonScalar, is_plain, resolve, resolve_yaml11

META = Rule(
    "MS003",
    "ambiguous-scalar",
    "syntax",
    Severity.WARNING,
    "A value must mean the same to YAML 1.1 and YAML 1.2 loaders",
    fixable=True,
)

# A quick look at the whole text: without one of these nothing can be ambiguous.
_SUSPECT = re.compile(
    r"(?:^|[\s\[{,:\-])(?:[yYnN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF)(?=[\s:,\]}]|$)"
    r"|(?<![\w.])[-+]?(?:0[0-9]|0[box_]|[0-9]+:[0-9]|[0-9][0-9.]*[eE]|\.[0-9]+[eE]|[0-9][0-9,]*_|[0-9]{4}-[0-9])",
    re.MULTILINE,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield scalars that two loaders would read as different values."""
    if not ctx.is_spec or ctx.tree.json or not _SUSPECT.search(ctx.file.text):
        return
    for path, node, _ in walk(ctx.document):
        if isinstance(node, Scalar) and is_plain(node):
            yield from _value(ctx, path, node)
        elif isinstance(node, Mapping):
            yield from _keys(node)


def disputed(node: Scalar, schema: navigate.Schema | None) -> bool:
    """Whether the two readings of a scalar get different verdicts: then this rule speaks, not wrong-type."""
    if schema is None or not is_plain(node):
        return False
    new, old = resolve(node), resolve_yaml11(node.value)
    return not _same(new, old) and fits(schema, new) != _fits_old(schema, old)


def _value(ctx: DocumentContext, path: DocPath, node: Scalar) -> Iterator[Finding]:
    new, old = resolve(node), resolve_yaml11(node.value)
    if _same(new, old):
        return
    schema = navigate.at(ctx.schema, path)
    if schema is None:
        return
    fits_new, fits_old = fits(schema, new), _fits_old(schema, old)
    if not fits_new and not fits_old:
        return
    canonical = _canonical(node.value, schema, new, old, fits_new=fits_new)
    severity = Severity.WARNING if fits_old else Severity.ERROR
    yield Finding(
        f"`{node.value}` is {_word(old)} to YAML 1.1 loaders and {_word(new)} to YAML 1.2 ones; write {canonical}.",
        span_of(node),
        severity,
        fixes=(Fix(f"Write {canonical}", (ReplaceSpan(span_of(node), canonical),), Applicability.SAFE),),
    )


def _keys(node: Mapping) -> Iterator[Finding]:
    for pair in node.pairs:
        key = pair.key
        if not isinstance(key, Scalar) or not is_plain(key) or key_text(key) == "<<":
            continue
        old = resolve_yaml11(key.value)
        if isinstance(old, str) and not isinstance(old, Date):
            continue
        canonical = f'"{key.value}"'
        yield Finding(
            f"The key `{key.value}` is {_word(old)} to YAML 1.1 loaders; write {canonical}.",
            span_of(key),
            fixes=(Fix(f"Write {canonical}", (ReplaceSpan(span_of(key), canonical),), Applicability.SAFE),),
        )


def _same(new: JsonScalar, old: JsonScalar) -> bool:
    if isinstance(old, Date):
        return False
    return (type(new) is type(old) and (new == old or new != new)) or (  # noqa: PLR0124 - not a number
        isinstance(new, (int, float))
        and isinstance(old, (int, float))
        and not isinstance(new, bool)
        and not isinstance(old, bool)
        and new == old
    )


def _fits_old(schema: navigate.Schema, old: JsonScalar) -> bool:
    return not isinstance(old, Date) and fits(schema, old)


def _canonical(text: str, schema: navigate.Schema, new: JsonScalar, old: JsonScalar, *, fits_new: bool) -> str:
    wanted = schema.get("type")
    if wanted == "boolean" and isinstance(old, bool):
        return "true" if old else "false"
    if wanted in {"integer", "number"}:
        value = new if fits_new and not isinstance(new, str) else old
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            value = int(value)
        return str(value)
    return f'"{text}"'


def _word(value: JsonScalar) -> str:
    if isinstance(value, Date):
        return "a date"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"the number {value:g}" if abs(value) < 1e15 else "a number"
    return "nothing (null)" if value is None else "text"
