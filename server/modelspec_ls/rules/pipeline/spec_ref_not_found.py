"""A specRef must lead to a spec.

## What it checks

That the file a `specRef` names exists, looked up from this file's folder and, unless the path starts with `./` or
`../`, from the root: the nearest folder above with `.git`. A path that starts with `/` is looked up from the root only.
Without a repository the root is the highest folder above with settings (`modelspec.toml`), else the folder that was
opened or named. A path may end in `#name` to choose one of several specs in a file. A single word is the
`metadata.name` of a spec in the workspace; of several the nearest is meant: in the same file, in the same folder, else
below the lowest folder above that has one below. It is a warning for a required dependency (which is the default) and
information for an optional one. It is also information where a reference leads out of the workspace or may mean several
specs that are equally near, and a hint for a URI such as `git://…` or `https://…`, which is never fetched.

## Why it matters

A dependency that nobody can look up is a contract that nobody can check. It is no error, as the spec of another team
may live in another repository; a pipeline that wants it to be one sets the severity.

## Bad

```yaml
spec:
  pipeline:
    dependencies:
      - id: embedder
        role: input
        specRef: ./embedder.modelspec.yaml
#                ^^^^^^^^^^^^^^^^^^^^^^^^^ warning[spec-ref-not-found]: does not exist
```

## Good

```yaml title="embedder.modelspec.yaml"
metadata:
  name: embedder
spec:
  identity:
    model:
      id: bge-m3
      family: bge
      task: embedding
      framework: vllm
  runtime:
    batch:
      maxSequenceLengthTokens: 8192
```

```yaml
spec:
  pipeline:
    dependencies:
      - id: embedder
        role: input
        specRef: ./embedder.modelspec.yaml
```
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from typing import Any

from modelspec_ls.core.finding import Applicability, CreateFile, Finding, Fix, SetValue, Severity
from modelspec_ls.core.words import code_list, near, plural
from modelspec_ls.rules.leads import (
    SHOWN,
    finding,
    found_with_doubt,
    guesses,
    looked_in,
    not_fetched,
    refer,
    stem_of,
    to_guesses,
    without_folder,
    without_name,
)
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.syntax.edit import yaml_text
from modelspec_ls.workspace.entries import Reference
from modelspec_ls.workspace.graph import Edge
from modelspec_ls.workspace.kinds import API_VERSION
from modelspec_ls.workspace.references import SUFFIXES, relative_ref, uri_of

META = Rule(
    "MS801",
    "spec-ref-not-found",
    "pipeline",
    Severity.WARNING,
    "A specRef must lead to a spec",
    fixable=True,
    scope="workspace",
    about=("spec.pipeline.dependencies",),
)
_ENDING = ".modelspec.yaml"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_TASKS = {"reranker": "rerank", "guardrail": "moderation", "input": "embedding"}


def check(ctx: LinkedContext) -> Iterator[Finding]:
    """Yield references that lead nowhere, out of sight, or to more than one spec."""
    for edge in ctx.edges:
        outcome = edge.target.outcome
        level = Severity.WARNING if edge.reference.required else Severity.INFORMATION
        if outcome == "missing":
            yield _missing(ctx, edge, level)
        elif outcome == "no-name":
            yield _no_name(ctx, edge, level)
        elif outcome == "unsought":
            name = edge.reference.target.text
            message = (
                f"`{name}` was not looked for, as this file lies in no folder that is open. Open its folder, or name "
                "the spec by its path."
            )
            yield finding(ctx, edge, message, Severity.INFORMATION)
        elif outcome == "no-fragment":
            yield without_name(ctx, edge, level)
        elif outcome == "ambiguous":
            # A file may hold several of them.
            keys = list(dict.fromkeys(edge.target.names))[:SHOWN]
            files = code_list(ctx.called(key) for key in keys)
            name = edge.reference.target.text
            many = plural(len(edge.target.names), "spec")
            message = f"{many} called `{name}` are equally near: {files}. Name one by its path."
            fixes = tuple(_point(ctx, edge, key) for key in keys)
            yield finding(ctx, edge, message, Severity.INFORMATION, fixes)
        elif outcome == "external":
            yield not_fetched(ctx, edge)
        elif outcome == "spec":
            yield from found_with_doubt(ctx, edge)


def _missing(ctx: LinkedContext, edge: Edge, level: Severity) -> Finding:
    reference, tried = edge.reference, edge.target.tried
    if not posixpath.dirname(tried[0]):
        return without_folder(ctx, edge)
    need = "This dependency is required." if reference.required else "This dependency is optional."
    found = guesses(ctx, edge)
    hint = f" Did you mean `{found[0][0]}`?" if found else " Create it, or correct the path."
    message = f"`{reference.target.text}` does not exist (looked in {looked_in(ctx, edge)}). {need}{hint}"
    return finding(ctx, edge, message, level, (*to_guesses(ctx, edge, found), *_create(ctx, edge)))


def _no_name(ctx: LinkedContext, edge: Edge, level: Severity) -> Finding:
    name = edge.reference.target.text
    beyond = [node for node, spec in ctx.graph.nodes() if spec.name == name]
    if beyond:
        path = relative_ref(ctx.node.key, beyond[0].key)
        message = f"`{name}` is the name of {ctx.called(beyond[0].key)}, which is no part of this workspace. "
        fixes = (refer(ctx, edge, path),) if path else ()
        return finding(ctx, edge, f"{message}Name it by its path.", level, fixes)
    guess = near(name, ctx.graph.offers().by_name)
    hint = (
        f"did you mean `{guess}`?" if guess else "write the path of its file, such as `./" + name + ".modelspec.yaml`."
    )
    message = f"No spec of the workspace is called `{name}`; {hint}"
    fixes = (refer(ctx, edge, guess),) if guess else ()
    return finding(ctx, edge, message, level, (*fixes, *_create_named(ctx, edge)))


def _point(ctx: LinkedContext, edge: Edge, key: str) -> Fix:
    # Of several specs in a file the first would be taken.
    fragment = f"#{edge.reference.target.text}" if len(ctx.graph.files[key].specs) > 1 else ""
    return refer(ctx, edge, (relative_ref(ctx.node.key, key) or key) + fragment)


def _create(ctx: LinkedContext, edge: Edge) -> tuple[Fix, ...]:
    """A fix that makes the missing file, where it lies in the workspace and its name may be one of ours.

    A path without an ending gets one, in the reference too.
    """
    reference, key = edge.reference, edge.target.tried[0]
    path, mark, fragment = reference.spec_ref.strip().partition("#")
    operations: tuple[SetValue, ...] = ()
    if "." not in posixpath.basename(path):
        path, key = f"{path}{_ENDING}", f"{key}{_ENDING}"
        source = yaml_text(f"{path}{mark}{fragment}")
        operations = (SetValue(ctx.at(reference.path("specRef")), source),)
    if not key.lower().endswith(SUFFIXES) or posixpath.basename(path) == _ENDING or not _is_free(ctx, key):
        return ()
    # Of two specs with one name neither could be referred to by it.
    name = stem_of(key) if ctx.graph.named(reference.id) else ""
    text = skeleton(reference, ctx.spec.environment, name=name, as_json=key.lower().endswith(".json"))
    return (Fix(f"Create `{path}`", operations, Applicability.SUGGEST, (CreateFile(uri_of(key), text),)),)


def _create_named(ctx: LinkedContext, edge: Edge) -> tuple[Fix, ...]:
    """A fix that makes the spec of a missing name, in a file called after it beside this one."""
    name = edge.reference.target.text
    key = f"{posixpath.dirname(ctx.node.key)}/{name}{_ENDING}"
    if not _FILE_NAME.fullmatch(name) or not _is_free(ctx, key):
        return ()
    text = skeleton(edge.reference, ctx.spec.environment)
    return (Fix(f"Create `./{name}{_ENDING}`", (), Applicability.SUGGEST, (CreateFile(uri_of(key), text),)),)


def _is_free(ctx: LinkedContext, key: str) -> bool:
    """Whether a file may be made at a key: in the workspace, and as far as is known there is none."""
    known = ctx.graph.files.get(key)
    return key.startswith("/") and ctx.graph.spans(key) and (known is None or known.state == "missing")


def skeleton(reference: Reference, environment: str, *, name: str = "", as_json: bool = False) -> str:
    """The least that a spec needs, with what an entry already says; the rest is for its author to fill in.

    ``name``: what it is called where the entry does not say more than an ``id``.
    """
    task = "embedding" if reference.output_type in {"embedding", "vector"} else _TASKS.get(reference.role, "")
    ref = reference.target
    name = ref.fragment or (ref.text if ref.kind == "name" else name or reference.id)
    metadata: dict[str, Any] = {"name": name}
    if environment:
        metadata["labels"] = {"environment": environment}
    spec: dict[str, Any] = {
        "identity": {"model": {"id": "", "family": "", "task": task, "framework": ""}},
        "runtime": {"accelerator": {"vendor": "", "type": "", "count": 1}},
    }
    if reference.max_latency_ms is not None:
        limit = reference.max_latency_ms
        spec["operations"] = {"scaling": {"targetLatencyMsP95": int(limit) if limit.is_integer() else limit}}
    whole = {"apiVersion": API_VERSION, "kind": "ModelSpec", "metadata": metadata, "spec": spec}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n" if as_json else "\n".join(_yaml(whole)) + "\n"


def _yaml(fields: dict[str, Any], indent: str = "") -> Iterator[str]:
    for key, value in fields.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _yaml(value, f"{indent}  ")
        else:
            source = f"{value:g}" if isinstance(value, int | float) else yaml_text(value) if value else ""
            yield f"{indent}{key}: {source}".rstrip()
