"""Document links: what a URI or a specRef in the text leads to."""

from __future__ import annotations

import re

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Span
from modelspec_ls.spec.openmodel import HUB, MODEL_ID
from modelspec_ls.spec.view import SpecView
from modelspec_ls.syntax.lookup import walk
from modelspec_ls.syntax.nodes import Scalar
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.entries import HINTS, spec_in
from modelspec_ls.workspace.graph import Graph
from modelspec_ls.workspace.kinds import Standing
from modelspec_ls.workspace.policies import policy_file_of
from modelspec_ls.workspace.references import parse_ref, uri_of
from modelspec_ls.workspace.snapshot import Snapshot
from modelspec_ls.workspace.views import view_of

from .results import Link

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_REVISION = re.compile(r"[\w./-]+")
_WEB = re.compile(r"https?://[^\s\"'<>]+")
_HUB = re.compile(r"hf://(?:models/)?(?P<repo>[\w.-]+/[\w.-]+?)(?:[@:](?P<rev>[\w./-]+))?(?P<path>/.*)?$")


def document_links(snapshot: Snapshot, uri: str) -> tuple[Link, ...]:
    """Links of all values of a document, in text order."""
    document = snapshot.document(uri)
    if document is None or not document.ours:
        return ()
    out: list[Link] = []
    for part in document.tree.documents:
        extended = _extended(document, part.number)
        for path, node, _ in walk(part):
            if not isinstance(node, Scalar) or node.style in {"|", ">"}:
                continue
            inner = 1 if node.style in {"'", '"'} else 0
            span = Span(node.start + inner, node.end - inner)
            if path in extended:
                out.append(Link(span, extended[path], "Open the policy"))
                continue
            link = _link(snapshot.graph, document.key, path, node.value, span)
            if path == MODEL_ID and document.roles[part.number].standing is Standing.NEIGHBOUR:
                link = _of_hub(view_of(document, part.number), node.value, span)
            if link is not None:
                out.append(link)
    return tuple(out)


def _extended(document: Document, number: int) -> dict[DocPath, str]:
    """Where a policy names those that it builds on, with the files."""
    if document.roles[number].standing is not Standing.POLICY:
        return {}
    found = policy_file_of(document).extends
    return {path: uri_of(target) for n, path, _, target in found if n == number}


def _link(graph: Graph, file: str, path: DocPath, value: str, span: Span) -> Link | None:
    if path[-1:] == ("specRef",) and (target := _target(graph, file, value)):
        return Link(span, target, "Open the spec")
    if path in HINTS and (said := spec_in(path, value)) and (target := _target(graph, file, said)):
        return Link(span, target, "Open the spec")
    if hub := _HUB.match(value):
        target = f"https://huggingface.co/{hub['repo']}"
        if hub["rev"]:
            target += f"/tree/{hub['rev']}"
        return Link(span, target, "Open on the Hugging Face Hub")
    if match := _WEB.search(value):
        start = span.start + match.start()
        return Link(Span(start, start + len(match[0])), match[0]) if "\n" not in value else None
    return None


def _of_hub(view: SpecView, model: str, span: Span) -> Link | None:
    """The page of an OpenModel's repository."""
    if not _REPOSITORY.fullmatch(model):
        return None
    if view.text(*HUB, "name").value == "ModelScope":
        return Link(span, f"https://modelscope.cn/models/{model}", "Open on ModelScope")
    revision = view.text(*HUB, "revision").value
    pinned = revision and _REVISION.fullmatch(revision) and revision != "main"
    tree = f"/tree/{revision}" if pinned else ""
    return Link(span, f"https://huggingface.co/{model}{tree}", "Open on the Hugging Face Hub")


def _target(graph: Graph, file: str, value: str) -> str | None:
    """The file that a specRef leads to, there or not: an editor offers to make one that is missing."""
    ref = parse_ref(value)
    target = graph.resolve(file, ref)
    if target.key:
        return graph.files[target.key].uri
    places = graph.candidates(file, ref)
    return uri_of(places[0]) if places else None
