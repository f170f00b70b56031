"""The text must be YAML 1.2 (or JSON in a ``.json`` file).

## What it checks

That the file can be read at all. Reading goes on after a mistake, so the rest of the file keeps its
completion and its other findings, and several mistakes are shown at once. A file with template
expressions (`{{ … }}`, `<% … %>`, `${…}` outside quotes) is reported once, as information.

## Why it matters

A file that does not parse is deployed by nobody, and most tools stop at the first mistake.

## Bad

```yaml
spec:
  runtime:
    accelerator:
      vendor:nvidia
#     ^^^^^^^^^^^^^ error[invalid-yaml]: needs a space after the colon
      type: l40s
      count: 1
```

## Good

```yaml
spec:
  runtime:
    accelerator:
      vendor: nvidia
      type: l40s
      count: 1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, ReplaceSpan, Severity
from modelspec_ls.core.text import Span
from modelspec_ls.rules.context import FileContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.syntax.lookup import walk
from modelspec_ls.syntax.nodes import Alias, Mapping, Scalar, Sequence, span_of
from modelspec_ls.syntax.scalars import known_tag

META = Rule(
    "MS001",
    "invalid-yaml",
    "syntax",
    Severity.ERROR,
    "The text must be YAML 1.2, or JSON in a .json file",
    fixable=True,
    scope="file",
    on_broken=True,
)


def check(ctx: FileContext) -> Iterator[Finding]:
    """Yield what the reader could not make sense of."""
    for problem in ctx.tree.problems:
        fixes: tuple[Fix, ...] = ()
        if problem.fix_title:
            fixes = (Fix(problem.fix_title, (ReplaceSpan(problem.fix_span, problem.fix_text),), Applicability.SAFE),)
        severity = Severity.INFORMATION if problem.template else None
        yield Finding(problem.message, problem.span, severity, fixes=fixes)
    if "*" in ctx.file.text or "!" in ctx.file.text:
        yield from _references(ctx)


def _references(ctx: FileContext) -> Iterator[Finding]:
    """Aliases that lead nowhere, and tags that plain loaders refuse."""
    for document, role in zip(ctx.tree.documents, ctx.file.roles, strict=True):
        for _, node, _pair in walk(document):
            if isinstance(node, Alias) and node.target is None:
                yield Finding(_alias_message(node, document.start, ctx.file.text), span_of(node))
            elif role.ours and isinstance(node, (Scalar, Mapping, Sequence)) and not known_tag(node.tag):
                at = ctx.file.text.rfind("!", 0, node.start)
                span = Span(at, node.start) if at >= 0 else span_of(node)
                yield Finding(
                    f"The tag `{ctx.file.text[span.start : span.end].strip()}` is not part of YAML's core; "
                    "ModelSpec loaders refuse it. Write the value itself.",
                    span,
                )


def _alias_message(node: Alias, start: int, text: str) -> str:
    if text.find(f"&{node.name}", start, node.start) >= 0:
        return f"`*{node.name}` refers to the node that it is part of, which would never end. Write the value out."
    return (
        f"`*{node.name}` refers to an anchor that is not defined above it. "
        f"Define `&{node.name}` first, or quote the value."
    )
