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
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import BOTH, Rule
from modelspec_ls.workspace.facts import NAME, SpecFacts
from modelspec_ls.workspace.graph import Node
from modelspec_ls.workspace.naming import likeness, service_name
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


_Group = tuple[str, ...]
_Specs = list[tuple[Node, SpecFacts]]


def _group(ctx: LinkedContext, node: Node, spec: SpecFacts) -> _Group:
    """What those have in common that get in each other's way.

    OpenModels of other folders are for other clusters, or other examples.
    """
    if spec.kind == "OpenModel":
        return spec.kind, posixpath.dirname(node.key), spec.name
    return spec.kind, ctx.environment(spec)


def _groups(ctx: LinkedContext) -> tuple[dict[_Group, _Specs], dict[tuple[_Group, str], _Specs]]:
    """The specs whose names become the same Service, in their order: by group, and by group and name."""
    service, environments = likeness(ctx.spec.name), tuple(sorted(ctx.config.environments.items()))
    kept: dict[Any, tuple[dict[_Group, _Specs], dict[tuple[_Group, str], _Specs]]]
    kept = ctx.graph.memo.setdefault("alike by group", {})
    if (service, environments) not in kept:
        by_group: dict[_Group, _Specs] = {}
        by_name: dict[tuple[_Group, str], _Specs] = {}
        for node, spec in sorted(ctx.graph.alike(ctx.spec.name), key=itemgetter(0)):
            group = _group(ctx, node, spec)
            by_group.setdefault(group, []).append((node, spec))
            by_name.setdefault((group, spec.name), []).append((node, spec))
        kept[service, environments] = by_group, by_name
    return kept[service, environments]


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield a name that another spec bears, on the name."""
    name = ctx.spec.name
    if not name or is_template(name) or ctx.graph.files[ctx.node.key].guest:
        return
    by_group, by_name = _groups(ctx)
    group = _group(ctx, ctx.node, ctx.spec)
    count = len(by_group[group]) - 1
    if not count:
        return
    # Those with the very same name first.
    same = (other for other in by_name[group, name] if other[0] != ctx.node)
    unlike = (other for other in by_group[group] if other[1].name != name)
    others = list(islice(chain(same, unlike), _SHOWN))
    node, spec = others[0]
    more = f" and {count - 1} more" if count > 1 else ""
    if spec.name == name:
        message = f"`{name}` is also defined in {ctx.place(node, NAME)}{more}. Give one of them another name."
    else:
        message = (
            f"`{name}` and `{spec.name}` ({ctx.place(node, NAME)}{more}) become the same Service in Kubernetes, "
            f"`{service_name(name)}`. Give one of them another name."
        )
    related = tuple(ctx.there(n, NAME, f"`{s.name}`") for n, s in others)
    yield Finding(message, ctx.at(NAME), None, related)
