"""A Playground or Service should claim a model that is defined.

## What it checks

`modelClaim.modelName` and `modelClaims.models[].name` of llmaz Playgrounds and Services, against the OpenModels of the
workspace. It is information, because the model may be known to the cluster only, and a warning where the name is nearly
that of an OpenModel beside it. A workspace without OpenModels is not judged, nor is a name that several of them share.

## Why it matters

llmaz waits for a model that is not there, and says so nowhere but in its log.

## Bad

```yaml title="model.yaml"
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen3-8b
spec:
  familyName: qwen3
  source:
    uri: s3://models/qwen3-8b
```

```yaml
apiVersion: inference.llmaz.io/v1alpha1
kind: Playground
metadata:
  name: chat
spec:
  modelClaim:
    modelName: qwen3-8
#              ^^^^^^^ warning[claimed-model-unknown]: Did you mean `qwen3-8b`?
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
    uri: s3://models/qwen3-8b
```

```yaml
apiVersion: inference.llmaz.io/v1alpha1
kind: Playground
metadata:
  name: chat
spec:
  modelClaim:
    modelName: qwen3-8b
```
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, SetValue, Severity
from modelspec_ls.core.words import near, plural, shorten
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import CLAIMS, Rule
from modelspec_ls.syntax.edit import yaml_text

META = Rule(
    "OM110",
    "claimed-model-unknown",
    "openmodel",
    Severity.INFORMATION,
    "A Playground or Service should claim a model that is defined",
    fixable=True,
    scope="workspace",
    kinds=CLAIMS,
)
_TEMPLATES = ("${", "{{", "$(", "<")


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield claims of models that the workspace does not hold, on the name."""
    for edge in ctx.edges:
        name = edge.reference.spec_ref
        if edge.target.outcome != "no-name" or any(mark in name for mark in _TEMPLATES):
            continue
        models = ctx.graph.models()
        if not models:
            return  # All models are in the cluster.
        where = ctx.at(edge.reference.path("specRef"))
        guess = near(name, dict.fromkeys(spec.name for _, spec in models if spec.name))
        if guess is None:
            message = (
                f"No OpenModel is called `{shorten(name)}` among the {plural(len(models), 'model')} of this workspace. "
                "Right if the cluster has it."
            )
            yield Finding(message, where)
            continue
        folder = posixpath.dirname(ctx.node.key)
        beside = any(spec.name == guess and posixpath.dirname(node.key) == folder for node, spec in models)
        fixes = (Fix(f"Write `{guess}`", (SetValue(where, yaml_text(guess)),)),)
        message = f"No OpenModel of this workspace is called `{shorten(name)}`. Did you mean `{guess}`?"
        yield Finding(message, where, Severity.WARNING if beside else None, fixes=fixes)
