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

import posixpath
import re
from collections.abc import Iterator

from modelspec_ls.core.finding import Applicability, CreateFile, Finding, Fix, Severity
from modelspec_ls.core.words import code_list, near, plural
from modelspec_ls.rules.leads import (
    SHOWN,
    finding,
    found_with_doubt,
    guesses,
    looked_in,
    not_fetched,
    refer,
    to_guesses,
    without_folder,
    without_name,
)
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.rules.skeletons import ENDING, creation, is_free, skeleton
from modelspec_ls.workspace.graph import Edge
from modelspec_ls.workspace.references import relative_ref, uri_of

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
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


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
    return finding(ctx, edge, message, level, (*to_guesses(ctx, edge, found), *creation(ctx, edge)))


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


def _create_named(ctx: LinkedContext, edge: Edge) -> tuple[Fix, ...]:
    """A fix that makes the spec of a missing name, in a file called after it beside this one."""
    name = edge.reference.target.text
    key = f"{posixpath.dirname(ctx.node.key)}/{name}{ENDING}"
    if not _FILE_NAME.fullmatch(name) or not is_free(ctx, key):
        return ()
    text = skeleton(edge.reference, ctx.spec.environment)
    return (Fix(f"Create `./{name}{ENDING}`", (), Applicability.SUGGEST, (CreateFile(uri_of(key), text),)),)
