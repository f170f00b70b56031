"""A suppression should name rules that exist and that would speak.

## What it checks

Comments `# modelspec-ignore: RULES reason` and the annotation `modelspec/ignore`: a word that names no rule (a
warning), a rule that has nothing to say there, a comment for the whole file below its first ten lines.

A rule across files may have nothing to say only because a single file was looked at; its suppressions are judged where
a whole folder is.

## Why it matters

A suppression that outlives its reason hides the next, real finding.

## Bad

```yaml
metadata:
  name: example  # modelspec-ignore: MS103 it was a number once
#                                    ^^^^^ hint[useless-suppression]: Nothing to suppress: MS103 does not speak here.
spec:
  identity:
    # modelspec-ignore: precision-asumed the hub decides
#                       ^^^^^^^^^^^^^^^^ warning[useless-suppression]: did you mean `precision-assumed`?
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
```

## Good

```yaml
metadata:
  name: example
spec:
  identity:
    # modelspec-ignore: precision-assumed the hub decides
    model:
      id: qwen3-8b
      family: qwen3
      task: chat-completion
      framework: transformers
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, Operation, RemovePair, ReplaceSpan, Severity
from modelspec_ls.core.finding import Place as PlaceOf
from modelspec_ls.core.text import Span
from modelspec_ls.core.words import near
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.policy.policy_violation import META as POLICY
from modelspec_ls.rules.registry import all_rules
from modelspec_ls.rules.suppressed import SuppressionContext
from modelspec_ls.spec.view import ANNOTATIONS
from modelspec_ls.workspace.suppressions import ANNOTATION, FILE_LINES, Suppression

META = Rule(
    "MS172", "useless-suppression", "hints", Severity.HINT, "A suppression must name a rule that would speak",
    fixable=True, scope="suppressions", on_broken=True,
)  # fmt: skip


def check(ctx: SuppressionContext) -> Iterator[Finding]:
    """Yield words that hide nothing, and comments that cannot."""
    place = ctx.file.index.span_of
    for suppression in ctx.suppressions:
        if not suppression.words:
            message = "This suppression names no rule; write `modelspec-ignore: MS601 reason`, or remove it."
            yield Finding(message, place(suppression.whole), Severity.WARNING, fixes=(_removal(ctx, suppression),))
        elif suppression.late:
            message = (
                f"This holds for nothing: a comment for the whole file must stand in the first {FILE_LINES} lines."
            )
            yield Finding(message, place(suppression.whole), Severity.WARNING)
    for suppression, number, word, rules in ctx.words():
        where = place(suppression.marks[number])
        if not rules and (active := ctx.policy_rule(word)) is not None:
            if not active.rule.suppressible:
                message = f"`{word}` cannot be suppressed: policy `{active.source.name}` says so. Ask for an exemption."
                yield Finding(message, where, Severity.WARNING, fixes=(_removal(ctx, suppression, number),))
            elif ctx.useless(suppression, number, (POLICY,)):
                yield Finding(message_of(word), where, fixes=(_removal(ctx, suppression, number),))
        elif not rules:
            guess = near(word, [name for m in all_rules() for name in (m.rule.name, m.rule.code, m.rule.category)])
            hint = f"did you mean `{guess}`?" if guess else "`modelspec rule --all` lists them."
            fixes = [_removal(ctx, suppression, number)]
            if guess:
                rename = ReplaceSpan(where, guess)
                fixes.insert(0, Fix(f"Change to `{guess}`", (rename,), Applicability.SUGGEST))
            yield Finding(f"There is no rule `{word}`; {hint}", where, Severity.WARNING, fixes=tuple(fixes))
        elif ctx.useless(suppression, number, rules):
            yield Finding(message_of(word), where, fixes=(_removal(ctx, suppression, number),))


def message_of(word: str) -> str:
    """What is said of a word that hides nothing."""
    return f"Nothing to suppress: {word} does not speak here. Remove it, so that it hides no later finding."


def _removal(ctx: SuppressionContext, suppression: Suppression, number: int = 0) -> Fix:
    """Take a word out; the last one with its whole comment or annotation."""
    text, index = ctx.file.text, ctx.file.index
    operation: Operation
    if len(suppression.words) > 1:
        start, end = index.span_of(suppression.marks[number])
        if number:
            start = index.span_of(suppression.marks[number - 1]).end
        else:
            end = index.span_of(suppression.marks[1]).start
        operation = ReplaceSpan(Span(start, end), "")
    elif suppression.form == "document":
        operation = RemovePair(PlaceOf(suppression.document, (*ANNOTATIONS, ANNOTATION), "pair"))
    else:
        line = index.line_of(index.span_of(suppression.whole).start)
        start, end = index.line_span(line)
        before = text[start : index.span_of(suppression.whole).start]
        if before.strip(" \t\ufeff"):
            operation = ReplaceSpan(Span(start + len(before.rstrip()), end), "")
        else:
            after = index.starts[line + 1] if line + 1 < index.line_count else end
            operation = ReplaceSpan(Span(start + before.count("\ufeff"), after), "")
    return Fix("Remove the suppression", (operation,), Applicability.SAFE)
