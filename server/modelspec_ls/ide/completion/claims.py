"""Names of models, roles and flavors in what claims them: Playgrounds and Services of llmaz."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from modelspec_ls.ide.describe import spec_markdown
from modelspec_ls.ide.results import CompletionItem
from modelspec_ls.workspace.graph import Node

from .request import Request

_ROLES = {"main": "the model that is served", "draft": "a smaller model that drafts tokens for it"}


def claim_items(request: Request) -> Iterator[CompletionItem]:
    """What may stand at the cursor; nothing where it is not about models."""
    path = request.context.path
    names = [part for part in path if isinstance(part, str)]
    if request.context.expecting == "value" and names in _NAMES:
        yield from _models(request)
    elif request.context.expecting == "value" and names == ["spec", "modelClaims", "models", "role"]:
        for role, detail in _ROLES.items():
            yield request.value_item(role, kind="enum", detail=detail)
    elif names[-1:] == ["inferenceFlavors"] and names[1:2] in (["modelClaim"], ["modelClaims"]):
        yield from _flavors(request)


_NAMES = (["spec", "modelClaim", "modelName"], ["spec", "modelClaims", "models", "name"])


def _models(request: Request) -> Iterator[CompletionItem]:
    """OpenModels of the workspace, those of the same folder first."""
    folder = posixpath.dirname(request.document.key)
    found = sorted(
        request.snapshot.graph.models(), key=lambda f: (posixpath.dirname(f[0].key) != folder, f[1].name, f[0])
    )
    seen: set[str] = set()
    for _, spec in found:
        if spec.name and spec.name not in seen:
            seen.add(spec.name)
            yield request.value_item(spec.name, detail=spec.model, kind="reference", documentation=spec_markdown(spec))


def _flavors(request: Request) -> Iterator[CompletionItem]:
    """Flavors of the claimed models that are not picked yet."""
    graph = request.snapshot.graph
    node = Node(request.document.key, request.context.document)
    own = graph.spec(node)
    typed = request.typed
    taken = set(own.flavors if own is not None else ()) - {typed}
    for edge in graph.edges(node):
        spec = edge.target.spec
        for flavor in spec.flavors if spec is not None else ():
            if flavor and flavor not in taken:
                taken.add(flavor)
                yield request.value_item(flavor, detail=f"flavor of {spec.title if spec else ''}", kind="reference")
