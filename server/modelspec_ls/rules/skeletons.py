"""Specs that are referred to and are not there, made with the least that a spec needs."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from typing import Any

from modelspec_ls.core.finding import Applicability, CreateFile, Fix, SetValue
from modelspec_ls.syntax.edit import yaml_text
from modelspec_ls.workspace.entries import Reference
from modelspec_ls.workspace.graph import Edge
from modelspec_ls.workspace.kinds import API_VERSION
from modelspec_ls.workspace.references import SUFFIXES, uri_of

from .leads import stem_of
from .linked import LinkedContext

ENDING = ".modelspec.yaml"
_TASKS = {"reranker": "rerank", "guardrail": "moderation", "input": "embedding"}


def creation(ctx: LinkedContext, edge: Edge) -> tuple[Fix, ...]:
    """A fix that makes the missing file, where it lies in the workspace and its name may be one of ours.

    A path without an ending gets one, in the reference too.
    """
    reference, key = edge.reference, edge.target.tried[0]
    path, mark, fragment = reference.spec_ref.strip().partition("#")
    operations: tuple[SetValue, ...] = ()
    if "." not in posixpath.basename(path):
        path, key = f"{path}{ENDING}", f"{key}{ENDING}"
        source = yaml_text(reference.saying(f"{path}{mark}{fragment}"))
        operations = (SetValue(ctx.at(reference.path("specRef")), source),)
    if not key.lower().endswith(SUFFIXES) or posixpath.basename(path) == ENDING or not is_free(ctx, key):
        return ()
    # Of two specs with one name neither could be referred to by it.
    name = stem_of(key) if not reference.id or ctx.graph.named(reference.id) else ""
    text = skeleton(reference, ctx.spec.environment, name=name, as_json=key.lower().endswith(".json"))
    return (Fix(f"Create `{path}`", operations, Applicability.SUGGEST, (CreateFile(uri_of(key), text),)),)


def is_free(ctx: LinkedContext, key: str) -> bool:
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
