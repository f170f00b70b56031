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
from modelspec_ls.core.words import code_list, near, plural, shorten
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.meta import Rule
from modelspec_ls.syntax.edit import yaml_text
from modelspec_ls.workspace.facts import Reference
from modelspec_ls.workspace.graph import Edge
from modelspec_ls.workspace.kinds import API_VERSION
from modelspec_ls.workspace.references import SUFFIXES, SpecRef, relative_ref, shown, uri_of

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
_SHOWN = 4
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
        elif outcome == "no-fragment":
            where = code_list(dict.fromkeys(edge.target.names)) or "none"
            name = edge.reference.target.fragment
            message = f"`{ctx.called(edge.target.key)}` has no spec called `{name}`; it has {where}."
            yield _finding(ctx, edge, message, level, _names(ctx, edge))
        elif outcome == "ambiguous":
            # A file may hold several of them.
            keys = list(dict.fromkeys(edge.target.names))[:_SHOWN]
            files = code_list(ctx.called(key) for key in keys)
            name = edge.reference.target.text
            many = plural(len(edge.target.names), "spec")
            message = f"{many} called `{name}` are equally near: {files}. Name one by its path."
            fixes = tuple(_point(ctx, edge, key) for key in keys)
            yield _finding(ctx, edge, message, Severity.INFORMATION, fixes)
        elif outcome == "external":
            text = shorten(edge.reference.target.text)
            message = f"`{text}` is not checked: this tool reads files of the workspace and fetches nothing."
            yield _finding(ctx, edge, message, Severity.HINT)
        elif outcome == "spec":
            yield from _found(ctx, edge)


def _found(ctx: LinkedContext, edge: Edge) -> Iterator[Finding]:
    target = edge.target
    if len(target.names) > 1 and not edge.reference.target.fragment:
        first = edge.target.spec.title if edge.target.spec else ""
        message = (
            f"`{ctx.called(target.key)}` holds {plural(len(target.names), 'spec')}: {code_list(target.names)}. "
            f"The first, `{first}`, is taken; write `#{first}` behind the path to say which."
        )
        yield _finding(ctx, edge, message, Severity.INFORMATION, _names(ctx, edge))
    elif not ctx.graph.spans(target.key):
        message = f"`{edge.reference.spec_ref}` leads out of the workspace; others who open it may not have that file."
        yield _finding(ctx, edge, message, Severity.INFORMATION)


def _missing(ctx: LinkedContext, edge: Edge, level: Severity) -> Finding:
    reference, tried = edge.reference, edge.target.tried
    if not posixpath.dirname(tried[0]):
        message = f"`{reference.target.text}` is not looked up: this text lies in no folder yet. Save it first."
        return _finding(ctx, edge, message, Severity.INFORMATION)
    looked = code_list(dict.fromkeys(_folder(ctx, reference.target, key) for key in tried))
    need = "This dependency is required." if reference.required else "This dependency is optional."
    guesses = _guesses(ctx, edge)
    hint = f" Did you mean `{guesses[0][0]}`?" if guesses else " Create it, or correct the path."
    message = f"`{reference.target.text}` does not exist (looked in {looked}). {need}{hint}"
    fixes = tuple(
        _set(ctx, edge, ref, Applicability.SAFE if sure else Applicability.SUGGEST) for ref, sure in guesses[:_SHOWN]
    )
    return _finding(ctx, edge, message, level, (*fixes, *_create(ctx, edge)))


def _folder(ctx: LinkedContext, ref: SpecRef, tried: str) -> str:
    """The folder of a file that was looked for. What may also be a path from the system's root is said as one."""
    folder = posixpath.dirname(tried)
    if ref.rooted and tried == posixpath.normpath(ref.text):
        return folder
    return shown(folder, ctx.node.key)


def _no_name(ctx: LinkedContext, edge: Edge, level: Severity) -> Finding:
    name = edge.reference.target.text
    beyond = [node for node, spec in ctx.graph.nodes() if spec.name == name]
    if beyond:
        path = relative_ref(ctx.node.key, beyond[0].key)
        message = f"`{name}` is the name of {ctx.called(beyond[0].key)}, which is no part of this workspace. "
        fixes = (_set(ctx, edge, path),) if path else ()
        return _finding(ctx, edge, f"{message}Name it by its path.", level, fixes)
    guess = near(name, ctx.graph.offers().by_name)
    hint = (
        f"did you mean `{guess}`?" if guess else "write the path of its file, such as `./" + name + ".modelspec.yaml`."
    )
    message = f"No spec of the workspace is called `{name}`; {hint}"
    fixes = (_set(ctx, edge, guess),) if guess else ()
    return _finding(ctx, edge, message, level, (*fixes, *_create_named(ctx, edge)))


def _finding(ctx: LinkedContext, edge: Edge, message: str, level: Severity, fixes: tuple[Fix, ...] = ()) -> Finding:
    return Finding(message, ctx.at(edge.reference.path("specRef")), level, fixes=fixes)


def _guesses(ctx: LinkedContext, edge: Edge) -> list[tuple[str, bool]]:
    """Files that were probably meant, and whether only the ending or the case differs in the same folder."""
    wanted = edge.target.tried[0]
    base, folder = posixpath.basename(wanted), posixpath.dirname(wanted)
    offers = ctx.graph.offers()
    beside = [key for key in offers.by_folder.get(folder, ()) if key != ctx.node.key]
    same = [key for key in beside if _stem(key) == _stem(wanted)]
    moved = [key for key in offers.by_file.get(base, ()) if key != ctx.node.key]
    named = [key for key in offers.by_name.get(edge.reference.id, ()) if key != ctx.node.key]
    files = {posixpath.basename(key): key for key in beside}
    guess = near(base, files)
    likely = [*same, *sorted(moved, key=len), *([files[guess]] if guess else []), *sorted(named, key=len)]
    return [
        (ref, len(same) == 1 and key == same[0])
        for key in dict.fromkeys(likely)
        if (ref := relative_ref(ctx.node.key, key))
    ]


def _stem(key: str) -> str:
    name = posixpath.basename(key).casefold()
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name.removesuffix(".modelspec")


def _point(ctx: LinkedContext, edge: Edge, key: str) -> Fix:
    # Of several specs in a file the first would be taken.
    fragment = f"#{edge.reference.target.text}" if len(ctx.graph.files[key].specs) > 1 else ""
    return _set(ctx, edge, (relative_ref(ctx.node.key, key) or key) + fragment)


def _names(ctx: LinkedContext, edge: Edge) -> tuple[Fix, ...]:
    path = edge.reference.target.text
    names = list(dict.fromkeys(edge.target.names))[:_SHOWN]
    return tuple(_set(ctx, edge, f"{path}#{name}") for name in names if name)


def _set(ctx: LinkedContext, edge: Edge, ref: str, how: Applicability = Applicability.SUGGEST) -> Fix:
    where = ctx.at(edge.reference.path("specRef"))
    return Fix(f"Refer to `{ref}`", (SetValue(where, yaml_text(ref)),), how)


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
    name = _stem(key) if ctx.graph.named(reference.id) else ""
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
