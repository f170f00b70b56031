"""Of a GGUF repository one file should be chosen.

## What it checks

A source that names a GGUF repository of Hugging Face or ModelScope without `filename` and without patterns.

## Why it matters

Such a repository holds the model in many quantisations, and all of them are downloaded.

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
#              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ warning[gguf-without-filename]: all of them are downloaded
      revision: 198f08841147e5196a6a69bd0053690fb1fd3857
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

import re
from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Fix, InsertPairs, Severity
from modelspec_ls.core.words import shorten
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.meta import MODELS, Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.openmodel import FILENAME, HUB, MODEL_ID

META = Rule(
    "OM109",
    "gguf-without-filename",
    "openmodel",
    Severity.WARNING,
    "Of a GGUF repository one file should be chosen",
    fixable=True,
    kinds=MODELS,
)
_GGUF = re.compile(r"[-_.]gguf$", re.IGNORECASE)
_CHOSEN = (FILENAME, (*HUB, "allowPatterns"), (*HUB, "ignorePatterns"))
_USUAL = "q4_k_m"


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield at most one finding, on the repository."""
    model = stated(ctx, *MODEL_ID)
    if model is None or not _GGUF.search(model) or any(ctx.find(path) is not None for path in _CHOSEN):
        return
    name = _GGUF.sub("", model.rpartition("/")[2])
    pattern = f'["*{_USUAL}*.gguf", "*{_USUAL.upper()}*.gguf"]'
    fixes = [Fix(f"Download `{_USUAL}` only, by pattern", (InsertPairs(ctx.at(HUB), (("allowPatterns", pattern),)),))]
    if ctx.view.text(*HUB, "name").value != "ModelScope":
        file = f"{name.lower()}-{_USUAL}.gguf"
        fixes.insert(0, Fix(f"Add `filename: {file}`", (InsertPairs(ctx.at(HUB), (("filename", file),)),)))
    yield Finding(
        f"`{shorten(model)}` holds the model in many quantisations; without `filename` or `allowPatterns` all of them "
        "are downloaded. Choose one.",
        ctx.at(MODEL_ID),
        fixes=tuple(fixes),
    )
