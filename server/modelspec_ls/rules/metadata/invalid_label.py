"""Labels and annotations should be ones that Kubernetes accepts.

## What it checks

Keys of `metadata.labels` and `metadata.annotations`: an optional domain and a slash, then a name of at most 63
letters, digits, `-`, `_` and `.`. Values of labels: the same alphabet and length, or empty. Values of annotations are
free, but all of them together must stay below 256 KiB. Keys under `kubernetes.io/` and `k8s.io/`, which Kubernetes
keeps to itself, are pointed out.

## Why it matters

Labels that Kubernetes refuses cannot be carried over to the workload, so dashboards and selectors never see them.

## Bad

```yaml
metadata:
  name: example
  labels:
    team: "ML Platform"
#         ^^^^^^^^^^^^^ warning[invalid-label]: is not valid in Kubernetes (a space); use `ML-Platform`
```

## Good

```yaml
metadata:
  name: example
  labels:
    team: ml-platform
  annotations:
    supportChannel: "#support-ml"
```
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from modelspec_ls.core.finding import (
    Applicability,
    Finding,
    Fix,
    MovePair,
    Operation,
    RemovePair,
    RenameKey,
    SetValue,
    Severity,
)
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import shorten
from modelspec_ls.knowledge import kubernetes
from modelspec_ls.knowledge.conventions import threshold
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.fitting import put
from modelspec_ls.rules.meta import BOTH, MODELS, Rule
from modelspec_ls.rules.statements import stated
from modelspec_ls.spec.view import ANNOTATIONS, LABELS
from modelspec_ls.syntax.nodes import Mapping, deref

from .name_not_dns_label import source

META = Rule(
    "MS152",
    "invalid-label",
    "metadata",
    Severity.WARNING,
    "Labels and annotations should be ones that Kubernetes accepts",
    fixable=True,
    kinds=BOTH,
    about=("metadata.labels", "metadata.annotations"),
)


def check(ctx: DocumentContext) -> Iterator[Finding]:
    """Yield faults of keys on the key, those of values on the value."""
    for path in (LABELS, ANNOTATIONS):
        for key in ctx.view.keys(*path):
            yield from _key(ctx, path, key)
    for key in ctx.view.keys(*LABELS):
        yield from _value(ctx, key)
    yield from _size(ctx)


def _key(ctx: DocumentContext, path: DocPath, key: str) -> Iterator[Finding]:
    at, fault = (*path, key), kubernetes.key_fault(key)
    if fault is not None:
        slug = kubernetes.key_slug(key)
        free = bool(slug) and ctx.find((*path, slug)) is None
        fixes = (Fix(f"Rename to `{slug}`", (RenameKey(ctx.at(at, "pair"), slug),)),) if free else ()
        advice = f"; use `{slug}`." if slug else "."
        yield Finding(
            f"Key `{shorten(key)}` is not valid in Kubernetes ({fault}){advice}",
            ctx.at(at, "key"),
            _level(ctx),
            (),
            fixes,
        )
    elif kubernetes.reserved(key) and ctx.is_spec:
        message = (
            f"`{key.rpartition('/')[0]}/` belongs to Kubernetes itself; use a domain of your own before the slash."
        )
        yield Finding(message, ctx.at(at, "key"), Severity.INFORMATION)


def _value(ctx: DocumentContext, key: str) -> Iterator[Finding]:
    path = (*LABELS, key)
    value = stated(ctx, *path)
    fault = kubernetes.label_fault(value) if value else None
    if value is None or fault is None:
        return
    slug = kubernetes.label_slug(value)
    fixes: list[Fix] = []
    if slug:
        fixes.append(Fix(f"Write `{slug}`", (SetValue(ctx.at(path), source(slug)),), Applicability.SAFE))
    if ctx.find((*ANNOTATIONS, key)) is None:
        fixes.append(Fix("Move it to the annotations", _move(ctx, path, value)))
    use = f"use `{slug}` or move it" if slug else "move it"
    message = f"Label value `{shorten(value)}` is not valid in Kubernetes ({fault}); {use} to the annotations."
    yield Finding(message, ctx.at(path), _level(ctx), fixes=tuple(fixes))


def _level(ctx: DocumentContext) -> Severity | None:
    """An OpenModel is an object of Kubernetes, which refuses it."""
    return Severity.ERROR if ctx.kind in MODELS else None


def _move(ctx: DocumentContext, path: DocPath, value: str) -> tuple[Operation, ...]:
    """Take the pair along with its comments, where the style has lines to move; else write it anew."""
    target, labels = (*ANNOTATIONS, path[-1]), ctx.find(LABELS)
    node = deref(labels.node) if labels else None
    if ctx.tree.json or (isinstance(node, Mapping) and node.flow):
        return RemovePair(ctx.at(path, "pair")), put(ctx, target, json.dumps(value, ensure_ascii=False))
    return (MovePair(ctx.at(path, "pair"), target),)


def _size(ctx: DocumentContext) -> Iterator[Finding]:
    """All annotations together; only a long text can exceed the limit."""
    limit = int(threshold("annotationsBytes"))
    if ctx.document.end - ctx.document.start < limit / 4:
        return
    size = sum(len(k.encode()) + len(v.encode()) for k, v in ctx.view.map(*ANNOTATIONS).items())
    if size > limit:
        message = f"The annotations have {size / 1024:.0f} KiB, Kubernetes takes {limit // 1024}. Link to long texts."
        yield Finding(message, ctx.at(ANNOTATIONS, "key"))
