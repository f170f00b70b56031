"""A single file cannot be combined with patterns, nor with ModelScope.

## What it checks

`modelHub.filename` together with `allowPatterns` or `ignorePatterns`, and with `name: ModelScope`.

## Why it matters

llmaz refuses the object: one file leaves nothing to choose from, and its loader fetches single files from Hugging Face
only.

## Bad

```yaml
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen2-0-5b-gguf
spec:
  familyName: qwen2
  source:
    modelHub:
      modelID: Qwen/Qwen2-0.5B-Instruct-GGUF
      revision: 198f08841147e5196a6a69bd0053690fb1fd3857
      filename: qwen2-0_5b-instruct-q5_k_m.gguf
      allowPatterns:
#     ^^^^^^^^^^^^^ error[filename-conflict]: cannot be combined with `filename`
        - "*.gguf"
```

## Good

```yaml
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata:
  name: qwen2-0-5b-gguf
spec:
  familyName: qwen2
  source:
    modelHub:
      modelID: Qwen/Qwen2-0.5B-Instruct-GGUF
      revision: 198f08841147e5196a6a69bd0053690fb1fd3857
      filename: qwen2-0_5b-instruct-q5_k_m.gguf
```
"""

from __future__ import annotations

from collections.abc import Iterator
from json import dumps

from modelspec_ls.core.finding import Applicability, Finding, Fix, Related, RemovePair, RenameKey, SetValue, Severity
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import MODELS, Rule
from modelspec_ls.spec.openmodel import FILENAME, HUB
from modelspec_ls.syntax.nodes import Scalar, deref
from modelspec_ls.syntax.scalars import resolve

META = Rule(
    "OM104",
    "filename-conflict",
    "openmodel",
    Severity.ERROR,
    "A single file cannot be combined with patterns, nor with ModelScope",
    fixable=True,
    kinds=MODELS,
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield what contradicts a file name, on its key."""
    found = ctx.find(FILENAME)
    node = deref(found.node) if found else None
    if not isinstance(node, Scalar) or not isinstance(resolve(node), str):
        return
    file = Related(ctx.at(FILENAME), "the one file")
    for key in ("allowPatterns", "ignorePatterns"):
        path = (*HUB, key)
        if ctx.view.length(*path):
            fix = Fix(f"Delete `{key}`", (RemovePair(ctx.at(path, "pair")),), Applicability.SAFE)
            message = f"`{key}` cannot be combined with `filename`, which is one file already. Delete one of the two."
            yield Finding(message, ctx.at(path, "key"), related=(file,), fixes=(fix,))
    if ctx.view.text(*HUB, "name").value == "ModelScope":
        fixes: tuple[Fix, ...] = ()
        if ctx.find((*HUB, "allowPatterns")) is None and node.value:
            rename = RenameKey(ctx.at(FILENAME, "pair"), "allowPatterns")
            fixes = (Fix("Write it as `allowPatterns`", (rename, SetValue(ctx.at(FILENAME), dumps([node.value])))),)
        message = "`filename` works with Huggingface only; for ModelScope use `allowPatterns`."
        yield Finding(
            message, ctx.at(FILENAME, "key"), related=(Related(ctx.at((*HUB, "name")), "the hub"),), fixes=fixes
        )
