"""How a dependency may name another spec: by the path of its file, or by its name. The nearest come first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from modelspec_ls.ide.describe import spec_markdown
from modelspec_ls.ide.results import CompletionItem
from modelspec_ls.workspace.facts import SpecFacts
from modelspec_ls.workspace.graph import Graph, Node
from modelspec_ls.workspace.references import SpecRef, parse_ref, relative_ref, shared, shown

from .catalogue_values import hub_id
from .request import Request

MOST = 120
"""Most specs that are offered at once; of more, what is typed chooses."""

Near = tuple[Node, SpecFacts]


def spec_refs(request: Request) -> Iterator[CompletionItem]:
    """Paths of other specs, with ``#name`` where a file has several; then names that lead there from here."""
    graph, own = request.snapshot.graph, request.document.key
    found = _near(request, request.text_value(*request.context.path[:-1], "id"))
    yield from _paths(request, found)
    for node, spec in found:
        ref = SpecRef("name", spec.name)
        if spec.name and parse_ref(spec.name) == ref and graph.resolve(own, ref).node == node:
            yield request.value_item(
                spec.name,
                detail=f"by name: {shown(node.key, own)}",
                kind="reference",
                documentation=spec_markdown(spec),
            )


def model_specs(request: Request) -> Iterator[CompletionItem]:
    """For the hint of a base or draft model: models by their id, then specs by their path."""
    yield from hub_id(request)
    yield from _paths(request, _near(request, ""))


def _paths(request: Request, found: Iterable[Near]) -> Iterator[CompletionItem]:
    graph, own = request.snapshot.graph, request.document.key
    for node, spec in found:
        path = _path(graph, own, node, spec)
        if path:
            detail = ", ".join(part for part in (spec.name, spec.task or spec.model) if part)
            yield request.value_item(
                path, detail=detail, kind="file", documentation=spec_markdown(spec), filter_text=f"{path} {spec.name}"
            )


def spec_ids(request: Request) -> Iterator[CompletionItem]:
    """Names of other specs; of the one that ``specRef`` leads to, where that is said already."""
    reference = request.text_value(*request.context.path[:-1], "specRef")
    own = request.text_value("metadata", "name")
    target = request.snapshot.graph.resolve(request.document.key, parse_ref(reference)).key
    names: dict[str, str] = {}
    for _, spec in _near(request, "", target):
        if spec.name and spec.name != own:
            names.setdefault(spec.name, spec.task)
    for name, task in names.items():
        yield request.value_item(name, detail=task or "a spec of this workspace", kind="reference")


def _path(graph: Graph, own: str, node: Node, spec: SpecFacts) -> str:
    """The path of a spec's file, with the spec's name where that needs saying; empty where it cannot be said."""
    several = len(graph.files[node.key].specs) > 1
    if several and not spec.name:
        return ""
    path = "" if node.key == own else relative_ref(own, node.key) or ""
    return f"{path}#{spec.name}" if several and (path or node.key == own) else path


def _near(request: Request, wanted: str, only: str = "") -> list[Near]:
    """Other specs, the nearest first. ``wanted``: a name that comes before all. ``only``: the key of the one file."""
    graph, own = request.snapshot.graph, Node(request.document.key, request.context.document)
    here = own.key.split("/")[:-1]
    folders: dict[str, list[str]] = {}
    for key, facts in graph.files.items() if not only else [(only, graph.files[only])]:
        if facts.specs:
            folders.setdefault(key.rpartition("/")[0], []).append(key)
    many = sum(map(len, folders.values())) > MOST
    out = [(node, spec) for node, spec in graph.named(wanted) if node != own] if wanted else []
    seen = {node for node, _ in out}
    for ups, _, way, folder in sorted(_way(here, folder) for folder in folders):
        for key in sorted(folders[folder]):
            for spec in graph.files[key].specs:
                node = Node(key, spec.document)
                if node == own or node in seen or (many and not _typed(request.typed, ups, way, key, spec)):
                    continue
                if len(out) >= MOST:
                    request.cut = True
                    return out
                out.append((node, spec))
    return out


def _way(here: list[str], folder: str) -> tuple[int, int, str, str]:
    """From one folder to another: levels up, all levels, and how that is written."""
    there = folder.split("/")
    common = shared(here, there)
    ups, downs = len(here) - common, there[common:]
    return ups, ups + len(downs), "../" * ups + "".join(f"{part}/" for part in downs), folder


def _typed(text: str, ups: int, way: str, key: str, spec: SpecFacts) -> bool:
    """Whether what is typed may be the start of a way to name a spec, or some of its path or name."""
    if text.startswith("./") and ups:
        return False
    word = text.casefold().lstrip("./")
    return not word or word in f"{way}{key.rpartition('/')[2]}#{spec.name}".casefold()
