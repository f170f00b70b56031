"""Required fields must be there.

## What it checks

That every mapping has the fields the schema requires. One finding per mapping, on its key, names all
that is missing.

## Why it matters

The document is rejected without them.

## Bad

```yaml
spec:
  identity:
    model:
#   ^^^^^ error[missing-required-field]: `model` needs `family`
      id: qwen3-8b
      task: chat-completion
      framework: transformers
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
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, Finding, Fix, InsertPairs, Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import code_list, plural
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.skeleton import skeleton
from modelspec_ls.rules.wording import holder
from modelspec_ls.schema import navigate
from modelspec_ls.syntax.nodes import Missing, deref

META = Rule("MS101", "missing-required-field", "schema", Severity.ERROR, "Required fields must be there", fixable=True)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield one finding per mapping that lacks required fields."""
    if ctx.is_spec and isinstance(deref(ctx.document.root), Missing) and not ctx.tree.repairs:
        yield _empty(ctx)
        return
    for problem in ctx.problems:
        if problem.kind != "missing" or ctx.incomplete(problem.path):
            continue
        name, names = holder(problem.path), problem.names
        yield Finding(
            f"{name[:1].upper()}{name[1:]} needs {code_list(names)}.",
            ctx.at(problem.path, "key"),
            fixes=(_insert(ctx, problem.path, names),),
        )


def _empty(ctx: DocumentContext) -> Finding:
    names = navigate.required(ctx.schema)
    return Finding(
        f"The document is empty. A ModelSpec needs {code_list(names)}.",
        ctx.at(()),
        fixes=(Fix("Insert the required fields", (InsertPairs(ctx.at(()), skeleton(ctx.schema, names)),)),),
    )


def _insert(ctx: DocumentContext, path: DocPath, names: tuple[str, ...]) -> Fix:
    schema = navigate.at(ctx.schema, path)
    assert schema is not None
    title = f"Insert {code_list(names)}" if len(names) < 4 else f"Insert {plural(len(names), 'required field')}"
    # The values are for the author to fill in, so this is no fix to apply unseen.
    safe = all("const" in navigate.properties(schema)[name] for name in names)
    return Fix(
        title,
        (InsertPairs(ctx.at(path), skeleton(schema, names)),),
        Applicability.SAFE if safe else Applicability.SUGGEST,
    )
