"""Flavors that a claim picks must be flavors of the model.

## What it checks

The names in `inferenceFlavors` of llmaz Playgrounds and Services, against the flavors of the OpenModels that they
claim. Nothing is said where one of these models is not in the workspace, or several have its name.

## Why it matters

llmaz looks for the flavor in the model. What it does not find is left out, so that nothing, or something else than was
meant, is scheduled.

## Bad

```yaml title="model.yaml"
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3-8b
spec:
  familyName: qwen3
  source:
    uri: s3://models/Qwen3-8B
  inferenceConfig:
    flavors:
      - name: l40s
        limits:
          nvidia.com/gpu: 1
```

```yaml
apiVersion: inference.llmaz.io/v1alpha1
kind: Playground
metadata:
  name: chat
spec:
  modelClaim:
    modelName: qwen3-8b
    inferenceFlavors:
      - h100
#       ^^^^ warning[claimed-flavor-unknown]: `qwen3-8b` has no flavor `h100`
```

## Good

```yaml title="model.yaml"
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3-8b
spec:
  familyName: qwen3
  source:
    uri: s3://models/Qwen3-8B
  inferenceConfig:
    flavors:
      - name: l40s
        limits:
          nvidia.com/gpu: 1
```

```yaml
apiVersion: inference.llmaz.io/v1alpha1
kind: Playground
metadata:
  name: chat
spec:
  modelClaim:
    modelName: qwen3-8b
    inferenceFlavors:
      - l40s
```
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.core.words import code_list, near, shorten
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import CLAIMS, Rule
from modelspec_ls.syntax.edit import yaml_text
from modelspec_ls.workspace.facts import NAME

META = Rule(
    "OM112",
    "claimed-flavor-unknown",
    "openmodel",
    Severity.WARNING,
    "Flavors that a claim picks must be flavors of the model",
    fixable=True,
    scope="workspace",
    kinds=CLAIMS,
)
_SHOWN = 4


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield flavors that no claimed model has, on the name."""
    if not ctx.spec.flavors or not ctx.edges:
        return
    models = [(edge.target.node, edge.target.spec) for edge in ctx.edges]
    known: list[str] = []
    for node, spec in models:
        if node is None or spec is None or spec.broken:
            return
        known += [flavor for flavor in spec.flavors if flavor]
    titles = list(dict.fromkeys(spec.title for _, spec in models if spec is not None))
    none = f"`{titles[0]}` has no flavor" if len(titles) == 1 else f"None of {code_list(titles)} has a flavor"
    for index, flavor in enumerate(ctx.spec.flavors):
        if not flavor or flavor in known or any(mark in flavor for mark in ("{{", "${", "$(")):
            continue
        where = ctx.at(ctx.spec.flavor_path(index))
        guess = near(flavor, known)
        has = f"there is {code_list(dict.fromkeys(known))}" if known else "there is none"
        offers = [guess] if guess else list(dict.fromkeys(known))[:_SHOWN]
        fixes = tuple(Fix(f"Write `{offer}`", (SetValue(where, yaml_text(offer)),)) for offer in offers)
        related = tuple(ctx.there(node, NAME, "the model") for node, _ in models if node is not None)
        yield Finding(f"{none} `{shorten(flavor)}`; {has}.", where, related=related, fixes=fixes)
