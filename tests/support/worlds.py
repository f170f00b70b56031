"""Workspaces drawn at random, whose specs refer to each other in all ways, and what may move in them."""

import posixpath
from functools import lru_cache
from unittest.mock import patch

from attrs import evolve, frozen
from hypothesis import strategies as st

from modelspec_ls.core.config import Limits
from modelspec_ls.core.text import apply_edits
from modelspec_ls.ide.move import move
from modelspec_ls.ide.rename import rename
from modelspec_ls.ide.results import Refusal
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.graph import Graph
from modelspec_ls.workspace.link import settle
from modelspec_ls.workspace.references import key_of, uri_of
from modelspec_ls.workspace.snapshot import Snapshot

ROOT = "/home/us/git/ws"
FILES = ("a", "b", "deps/c", "deps/deep/d", "team/e", "team/deps/c", "f f")
PLACES = (*FILES, "c", "gone", "deps/gone", "deps/deep/c", "team/c", "x/y/z", "A", "parts/c")
FOLDERS = ("deps", "deps/deep", "team", "team/deps", "parts", "parts/deps", "squad", "deps/parts")
NAMES = ("one", "two", "three", "a.b")
IDS = (*NAMES, "dep", "other", "dep-3")


@frozen
class World:
    """Texts by path, and the folders below the root that are projects of their own."""

    files: dict[str, str]
    projects: frozenset[str] = frozenset()

    def projects_of(self, keys):
        found = {}
        for place in {posixpath.dirname(key) for key in keys}:
            inside = (f"{ROOT}/{p}" for p in self.projects if f"{place}/".startswith(f"{ROOT}/{p}/"))
            found[place] = max(inside, key=len, default="")
        return found

    def snapshot(self):
        """The files open, with a graph of them; nothing is judged."""
        documents = {f"{ROOT}/{name}": _document(name, text) for name, text in self.files.items()}
        snapshot = Snapshot()
        for document in documents.values():
            snapshot = snapshot.with_document(document)
        with patch("modelspec_ls.workspace.link.projects_of", self.projects_of):
            return snapshot.with_graph(settle(Graph(roots=(ROOT,)), documents, Limits(), lambda _: True))

    def moved(self, renames, memory=()):
        """The world after a move, and what is remembered then."""
        pairs = {f"{ROOT}/{old}": f"{ROOT}/{new}" for old, new in renames.items()}
        found = move(self.snapshot(), pairs, memory, self.projects_of)
        files = {new_name(renames, name): text for name, text in self.edited(found.edits).items()}
        return World(files, frozenset(new_name(renames, p) for p in self.projects)), found.memory

    def renamed(self, name, at, new):
        """The world after renaming what stands at an offset of a file; the same where that is refused."""
        found = rename(self.snapshot(), uri_of(f"{ROOT}/{name}"), at, new)
        return self if isinstance(found, Refusal) else evolve(self, files=self.edited(found))

    def edited(self, edits):
        changes = {key_of(file.uri).removeprefix(f"{ROOT}/"): file.edits for file in edits}
        return {name: apply_edits(text, list(changes.get(name, ()))) for name, text in self.files.items()}

    def leads(self):
        """Where references lead, but those to nothing: by file, document and entry, with the document that is meant."""
        graph = self.snapshot().graph
        edges = [edge for node, _ in graph.nodes() for edge in graph.entries(node)]
        return {
            (*edge.source, edge.reference.index): (edge.target.key, edge.target.node and edge.target.node.document)
            for edge in edges
            if edge.target.outcome in {"spec", "no-fragment"}
        }


@lru_cache(maxsize=1000)
def _document(name, text):
    return Document(uri_of(f"{ROOT}/{name}"), text)


def new_name(renames, name):
    for old, new in renames.items():
        if name == old or name.startswith(f"{old}/"):
            return new + name[len(old) :]
    return name


def reverse(renames):
    return {new: old for old, new in reversed(renames.items())}


def _paths(base):
    """The ways to say the paths of specs in the file ``base``."""
    for target in (f"{place}.modelspec.yaml" for place in PLACES):
        relative = posixpath.relpath(target, posixpath.dirname(base) or ".")
        for path in {relative, f"./{relative}", f"/{target}", target, uri_of(f"{ROOT}/{target}")}:
            yield from (path, path, f"{path}#one")


@lru_cache
def _bases(base):
    """What somebody might write as the hint of a base or draft model: a model, or the path of its spec."""
    out = ["base-model: acme/llm", "draft-model: one"] * 20
    for path in sorted(_paths(base)):
        out += [f"base-model: '{path}'", f'base-model: "{path}"', f"draft-model: '{path};tokens=3'"]
        out += [f"draft-model: '{path} ; tokens=3 '"]
        out += [f"draft-model: '{path}', modelspec/base-model: 'deps/c.modelspec.yaml#one'"]
    return st.sampled_from(out)


@lru_cache
def _refs(base):
    """What somebody might write as a specRef in the file ``base``; drawn at once, as that is quick."""
    refs = [*NAMES, *(f"name:{name}" for name in NAMES)] * 9 + list(_paths(base))
    out = ["*ref"] * (len(refs) // 2)
    for ref in sorted(refs):
        out += [ref, f"'{ref}'", f'"{ref}"', f">-\n          {ref}", f"&ref '{ref}'", f"&ref {ref}"]
        out += [f'"{ref.replace("e", chr(92) + "x65", 1)}"  # {ref}', f"{ref}  # {ref}"]
        if "://" not in ref:
            out += [ref.replace("/", "//", 1), ref.replace("/", "\\", 1)]
    return st.sampled_from(out)


@st.composite
def texts(draw, path):
    documents = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2)):
        hints = "".join(f", annotations: {{modelspec/{hint}}}" for hint in draw(st.lists(_bases(path), max_size=1)))
        body = f"kind: ModelSpec\nmetadata: {{name: {name}{hints}}}  # one ./b\nspec:\n  pipeline:\n    dependencies:\n"
        for called, ref in draw(st.lists(st.tuples(st.sampled_from(IDS), _refs(path)), max_size=3)):
            said = "one" if ref == "*ref" and "&ref" not in body else ref
            body += f"      - id: {called}\n" + f"        specRef: {said}\n" * (called not in NAMES[:2])
        documents.append(body)
    return "---\n".join(documents).replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@st.composite
def worlds(draw):
    paths = [f"{name}.modelspec.yaml" for name in draw(st.lists(st.sampled_from(FILES), min_size=2, unique=True))]
    projects = draw(st.sampled_from([(), (), ("team",), ("team", "deps"), ("team", "team/deps")]))
    inside = {p for p in projects if any(path.startswith(f"{p}/") for path in paths)}
    return World({path: draw(texts(path)) for path in paths}, frozenset(inside))


@st.composite
def moves(draw, world):
    """Files or folders that get names that are free."""
    folders = {posixpath.dirname(path) for path in world.files} - {""}
    free = [(old, new) for old in sorted(folders) for new in FOLDERS] * 2
    free += [(old, f"{new}.modelspec.yaml") for old in sorted(world.files) for new in PLACES]
    taken = (*world.files, *world.projects)
    free = [(old, new) for old, new in free if not _meet(old, new) and not any(_inside(it, new) for it in taken)]
    renames = dict([draw(st.sampled_from(free))])
    if draw(st.booleans()):
        old, new = draw(st.sampled_from(free))
        if not any(_meet(one, other) for one in (old, new) for pair in renames.items() for other in pair):
            renames[old] = new
    return renames


def _inside(path, folder):
    return f"{path}/".startswith(f"{folder}/")


def _meet(one, other):
    return _inside(one, other) or _inside(other, one)
