"""apiVersion and kind must name a document we know.

## What it checks

The head of every document that claims to be a ModelSpec, by its kind or by its file's name. The same holds for
OpenModels of llmaz. Documents of other kinds beside them are left in peace.

## Why it matters

v0.1 of the format accepts exactly `piqc.ai/v1alpha1`. The published schema's title says v0.2, so people
write that.

## Bad

```yaml
apiVersion: piqc.ai/v0.2
#           ^^^^^^^^^^^^ error[unsupported-document]: ModelSpec v0.1 uses `piqc.ai/v1alpha1`
kind: ModelSpec
```

## Good

```yaml
apiVersion: piqc.ai/v1alpha1
kind: ModelSpec
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, SetValue, Severity
from modelspec_ls.core.words import shorten
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import ANY, Rule
from modelspec_ls.workspace.kinds import API_VERSION, KIND, MODEL_API, POLICY_API, Standing

META = Rule(
    "MS106",
    "unsupported-document",
    "schema",
    Severity.ERROR,
    "apiVersion and kind must name a document we know",
    fixable=True,
    kinds=ANY,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield what is wrong with a document's head."""
    role = ctx.role
    if role.standing is Standing.SCAN:
        yield Finding(
            "This is a PIQC scan result, not a ModelSpec: same kind, other fields. Nothing in it was checked; "
            f"write a ModelSpec (`apiVersion: {API_VERSION}`) from it to have it checked.",
            ctx.at(("apiVersion",)),
            Severity.INFORMATION,
        )
    elif role.standing is Standing.STRANGER:
        yield Finding(
            f"`{shorten(str(role.kind))}` is not a kind this tool knows, but the file's name says ModelSpec. "
            f"Expected `apiVersion: {API_VERSION}` and `kind: {KIND}`; rename the file if it is something else.",
            ctx.at(("kind",)),
        )
    elif role.standing in _USES:
        yield from _head(ctx)


_USES = {
    Standing.SPEC: f"ModelSpec v0.1 uses `{API_VERSION}`",
    Standing.NEIGHBOUR: f"the OpenModels of llmaz use `{MODEL_API}`",
    Standing.POLICY: f"policies use `{POLICY_API}`",
}


def _head(ctx: DocumentContext) -> Iterator[Finding]:
    for problem in ctx.problems:
        if problem.kind != "choice" or problem.keyword != "const":
            continue
        wanted = str(problem.schema["const"])
        key, value = problem.path[-1], problem.value
        if isinstance(value, (list, dict)) or value is None:
            message = f"`{key}` must be `{wanted}`, got {'nothing' if value is None else 'a list or mapping'}."
        elif key == "apiVersion":
            message = f"The apiVersion `{shorten(str(value))}` is not supported; {_USES[ctx.role.standing]}."
        else:
            message = f"`{shorten(str(value))}` is not a kind this tool knows. Did you mean `{wanted}`?"
        fix = Fix(f"Write `{wanted}`", (SetValue(ctx.at(problem.path), wanted),), Applicability.SAFE)
        yield Finding(message, ctx.at(problem.path), fixes=(fix,))
