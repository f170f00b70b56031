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
from modelspec_ls.core.words import shorten
from modelspec_ls.rules.context import FileContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.syntax.lookup import document_at, is_merge, walk
from modelspec_ls.syntax.nodes import Alias, Document, Mapping, Missing, Node, Scalar, Sequence, deref, span_of
from modelspec_ls.syntax.scalars import known_tag, resolve, resolve_yaml11

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
        if _foreign(ctx, document_at(ctx.tree, problem.span.start).number):
            continue
        fixes: tuple[Fix, ...] = ()
        if problem.fix_title:
            applicability = Applicability.SAFE if problem.safe else Applicability.SUGGEST
            fixes = (Fix(problem.fix_title, (ReplaceSpan(problem.fix_span, problem.fix_text),), applicability),)
        severity = Severity.INFORMATION if problem.template else None
        yield Finding(problem.message, problem.span, severity, fixes=fixes)
    if any(mark in ctx.file.text for mark in ("*", "!", "<<", "? ", "[", "{")):
        for document, role in zip(ctx.tree.documents, ctx.file.roles, strict=True):
            if _foreign(ctx, document.number):
                continue
            for _, node, _pair in walk(document):
                yield from _node(ctx, document, node, ours=role.ours)


def _foreign(ctx: FileContext, number: int) -> bool:
    """Whether a document is known to be somebody else's, in a file that also holds ours."""
    role = ctx.file.roles[number]
    if role.ours or not any(other.ours or other.linked for other in ctx.file.roles):
        return False
    # Text that is broken before its head might be ours.
    return role.kind is not None or role.api_version is not None or not ctx.tree.repairs


def _node(ctx: FileContext, document: Document, node: Node, *, ours: bool) -> Iterator[Finding]:
    """What parses and still cannot be loaded: aliases that lead nowhere, foreign tags, collections as keys."""
    if isinstance(node, Alias):
        if node.target is None:
            yield Finding(_alias_message(node, document.start, ctx.file.text), span_of(node))
        return
    if not ours or isinstance(node, Missing):
        return
    if not known_tag(node.tag):
        at = ctx.file.text.rfind("!", 0, node.start)
        end = len(ctx.file.text[: node.start].rstrip())
        span = Span(at, end) if 0 <= at < end else span_of(node)
        yield Finding(
            f"The tag `{ctx.file.text[span.start : span.end]}` is not part of YAML's core; "
            "ModelSpec loaders refuse it. Write the value itself.",
            span,
        )
    elif isinstance(node, Scalar) and mistagged(node):
        kind = str(node.tag).rpartition(":")[2]
        yield Finding(f"`{shorten(node.value)}` is not what its tag `!!{kind}` says. Delete the tag.", span_of(node))
    if isinstance(node, Mapping):
        for pair in node.pairs:
            if isinstance(deref(pair.key), (Mapping, Sequence)):
                message = "A list or a mapping cannot be a key. Write the key as text, or quote it."
                yield Finding(message, _first_line(ctx, pair.key))
            elif is_merge(pair) and not _can_merge(pair.value):
                message = (
                    "`<<` takes over the keys of another mapping. Write an alias such as `<<: *name`, or delete it."
                )
                yield Finding(message, span_of(pair.key))


def mistagged(node: Scalar) -> bool:
    """Whether the tag says that the text is a number or a boolean, and it is not."""
    typed = node.tag is not None and node.tag.endswith((":int", ":float", ":bool", ":null"))
    return typed and isinstance(resolve(node), str) and isinstance(resolve_yaml11(node.value), str)


def _can_merge(value: Node) -> bool:
    if isinstance(value, Alias) and value.target is None:
        return True  # Said already.
    node = deref(value)
    items = node.items if isinstance(node, Sequence) else (node,)
    return all(isinstance(deref(item), Mapping) for item in items)


def _first_line(ctx: FileContext, node: Node) -> Span:
    line = ctx.file.index.line_of(node.start)
    return Span(node.start, min(node.end, ctx.file.index.line_span(line).end))


def _alias_message(node: Alias, start: int, text: str) -> str:
    if text.find(f"&{node.name}", start, node.start) >= 0:
        return f"`*{node.name}` refers to the node that it is part of, which would never end. Write the value out."
    return f"`*{node.name}` refers to no anchor above it. Define `&{node.name}` first, or quote the value."
