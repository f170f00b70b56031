"""Two specs of a workspace must not share a name.

## What it checks

That no other spec of the workspace has the same `metadata.name` for the same environment (label `environment`, `env`,
`stage` or `tier`), nor one that Kubernetes would turn into the same Service name, such as `Rag_LLM` and `rag-llm`.
Variants of one name for several environments are left alone.

## Why it matters

Dashboards, references by name and Services key on it: one of the two replaces the other.

## Bad

```yaml title="other.modelspec.yaml"
metadata:
  name: rag-llm
```

```yaml
metadata:
  name: rag-llm
#       ^^^^^^^ warning[duplicate-spec-name]: is also defined in other.modelspec.yaml
```

## Good

```yaml title="other.modelspec.yaml"
metadata:
  name: rag-llm-small
```

```yaml
metadata:
  name: rag-llm
```
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import BOTH, Rule
from modelspec_ls.workspace.facts import NAME, SpecFacts
from modelspec_ls.workspace.graph import Node
from modelspec_ls.workspace.naming import service_name
from modelspec_ls.workspace.references import is_template

META = Rule(
    "MS154",
    "duplicate-spec-name",
    "metadata",
    Severity.WARNING,
    "Two specs of a workspace must not share a name",
    scope="workspace",
    kinds=BOTH,
)
_SHOWN = 5


def _clash(ctx: LinkedContext, node: Node, spec: SpecFacts) -> bool:
    """Whether two of a kind get in each other's way.

    OpenModels of other folders are for other clusters, or other examples.
    """
    if spec.kind == "OpenModel":
        same = posixpath.dirname(node.key) == posixpath.dirname(ctx.node.key)
        return same and spec.name == ctx.spec.name
    return ctx.environment(spec) == ctx.environment(ctx.spec)


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield a name that another spec bears, on the name."""
    name = ctx.spec.name
    if not name or is_template(name) or ctx.graph.files[ctx.node.key].guest:
        return
    others = [
        (node, spec)
        for node, spec in ctx.graph.alike(name)
        if node != ctx.node and spec.kind == ctx.spec.kind and _clash(ctx, node, spec)
    ]
    if not others:
        return
    # Those with the very same name first.
    others.sort(key=lambda other: (other[1].name != name, other[0]))
    node, spec = others[0]
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    if spec.name == name:
        message = f"`{name}` is also defined in {ctx.place(node, NAME)}{more}. Give one of them another name."
    else:
        message = (
            f"`{name}` and `{spec.name}` ({ctx.place(node, NAME)}{more}) become the same Service in Kubernetes, "
            f"`{service_name(name)}`. Give one of them another name."
        )
    related = tuple(ctx.there(n, NAME, f"`{s.name}`") for n, s in others[:_SHOWN])
    yield Finding(message, ctx.at(NAME), None, related)
