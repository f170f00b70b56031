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
from modelspec_ls.core.words import code_list, join, plural
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import ANY, Rule
from modelspec_ls.rules.skeleton import skeleton
from modelspec_ls.rules.wording import holder
from modelspec_ls.schema import navigate
from modelspec_ls.spec.view import ACCELERATOR, MODEL
from modelspec_ls.syntax.nodes import Missing, deref

META = Rule(
    "MS101",
    "missing-required-field",
    "schema",
    Severity.ERROR,
    "Required fields must be there",
    fixable=True,
    kinds=ANY,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield one finding per mapping that lacks required fields."""
    if ctx.role.governed and isinstance(deref(ctx.document.root), Missing) and not ctx.tree.repairs:
        yield _empty(ctx)
        return
    for problem in ctx.problems:
        if problem.kind != "missing" or ctx.incomplete(problem.path):
            continue
        name, names = holder(problem.path, ctx.noun), problem.names
        known = _known(ctx, problem.path, names)
        because = f" ({join(why for _, why in known.values())})" if known else ""
        yield Finding(
            f"{name[:1].upper()}{name[1:]} needs {code_list(names)}{because}.",
            ctx.at(problem.path, "key"),
            fixes=(_insert(ctx, problem.path, names, {key: value for key, (value, _) in known.items()}),),
        )


def _empty(ctx: DocumentContext) -> Finding:
    names = navigate.required(ctx.schema)
    return Finding(
        f"The document is empty. {ctx.noun[:1].upper()}{ctx.noun[1:]} needs {code_list(names)}.",
        ctx.at(()),
        fixes=(Fix("Insert the required fields", (InsertPairs(ctx.at(()), skeleton(ctx.schema, names)),)),),
    )


def _known(ctx: DocumentContext, path: DocPath, names: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Values that follow from what is stated, each with the reason: the model's family, the accelerator's maker."""
    model, match = ctx.deployment.model, ctx.deployment.accelerator
    if path == MODEL and "family" in names and model is not None and model.family:
        return {"family": (model.family, f"{model.id} belongs to family `{model.family}`")}
    makers = {candidate.vendor for candidate in match.candidates} if match else set()
    if path == ACCELERATOR and "vendor" in names and len(makers) == 1:
        maker = makers.pop()
        return {"vendor": (maker, f"`{ctx.view.text(*path, 'type').value}` is made by `{maker}`")}
    return {}


def _insert(ctx: DocumentContext, path: DocPath, names: tuple[str, ...], known: dict[str, str]) -> Fix:
    schema = navigate.at(ctx.schema, path)
    assert schema is not None
    title = f"Insert {code_list(names)}" if len(names) < 4 else f"Insert {plural(len(names), 'required field')}"
    pairs = tuple((name, known.get(name, source)) for name, source in skeleton(schema, names))
    # Other values are for the author to fill in, so that this is no fix to apply unseen.
    safe = all(name in known or "const" in navigate.properties(schema)[name] for name in names)
    return Fix(title, (InsertPairs(ctx.at(path), pairs),), Applicability.SAFE if safe else Applicability.SUGGEST)
