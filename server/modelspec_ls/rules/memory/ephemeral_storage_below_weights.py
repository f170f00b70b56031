"""Downloaded weights must fit the ephemeral storage.

## What it checks

`resources.ephemeralStorageGb` against the size of the weights where `modelUri` is downloaded (`hf://`, `s3://`,
`gs://`, `az://`, `oci://`, `https://` and the like). GB is read as 2^30 bytes, and the smaller of the checkpoint and
the loaded weights counts. `modelspec/load-format: streamer` or `baked` says that nothing is downloaded to disk.

## Why it matters

A pod that exceeds its ephemeral storage is evicted, here in the middle of the download, again and again.

## Bad

```yaml
spec:
  identity:
    model:
      id: llama-2-70b-chat
      family: llama-2
      task: chat-completion
      framework: vllm
      precision: fp16
      artifacts:
        modelUri: hf://meta-llama/Llama-2-70b-chat-hf@main
  runtime:
    accelerator:
      vendor: nvidia
      type: a100-80gb
      count: 4
    batch:
      maxSequenceLengthTokens: 4096
    resources:
      ephemeralStorageGb: 100
#                         ^^^ warning[ephemeral-storage-below-weights]: 138 GB of weights
```

## Good

```yaml
spec:
  identity:
    model:
      id: llama-2-70b-chat
      family: llama-2
      task: chat-completion
      framework: vllm
      precision: fp16
      artifacts:
        modelUri: hf://meta-llama/Llama-2-70b-chat-hf@main
  runtime:
    accelerator:
      vendor: nvidia
      type: a100-80gb
      count: 4
    batch:
      maxSequenceLengthTokens: 4096
    resources:
      ephemeralStorageGb: 200
```
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.fit.inputs import GIB
from modelspec_ls.fit.ranges import Range, exactly
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import finding, setting
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.pace import GB, loaded_bytes
from modelspec_ls.spec.view import MODEL

META = Rule(
    "MS309",
    "ephemeral-storage-below-weights",
    "memory",
    Severity.WARNING,
    "Downloaded weights must fit the ephemeral storage",
    fixable=True,
    about=("spec.runtime.resources",),
)
_PATH = ("spec", "runtime", "resources", "ephemeralStorageGb")
_OBJECTS = frozenset({"s3", "gs", "gcs", "az", "abfs", "abfss", "oss"})
_REMOTE = _OBJECTS | {"hf", "huggingface", "modelscope", "ms", "oci", "https", "http", "hdfs", "webhdfs", "ngc"}


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield storage that the weights alone overflow, on the storage."""
    storage = ctx.view.number(*_PATH).value
    if storage is None or storage <= 0 or not _downloads(ctx):
        return
    need = _on_disk(ctx)
    if need is None or storage * GIB >= need.low:
        return
    enough = math.ceil(1.2 * need.value / GB / 10) * 10
    message = (
        f"The {need.value / GB:.0f} GB of weights do not fit `ephemeralStorageGb: {storage:g}`; the pod would "
        f"be evicted while downloading. Use at least {enough}, or mount a volume."
    )
    yield finding(ctx, _PATH, message, fixes=(setting(ctx, _PATH, enough),))


def _downloads(ctx: DocumentContext) -> bool:
    uri = ctx.view.text(*MODEL, "artifacts", "modelUri").value or ""
    scheme = uri.partition("://")[0].strip().casefold() if "://" in uri else ""
    streamed = ctx.hints.load_format in {"streamer", "baked"} or (scheme in _OBJECTS and bool(ctx.hints.engine))
    return scheme in _REMOTE and not streamed


def _on_disk(ctx: DocumentContext) -> Range | None:
    """Bytes of the checkpoint: as it is stored or as it is loaded, whichever is less."""
    loaded, model = loaded_bytes(ctx), ctx.deployment.model
    if loaded is None or model is None or ctx.hints.weights_bytes is not None:
        return loaded
    return min(loaded, exactly(float(model.weight_bytes)))
