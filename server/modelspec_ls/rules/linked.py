"""What a rule across files may look at: the facts of one spec and the graph around it, never a text."""

from __future__ import annotations

from functools import cached_property

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Part, Place, Related
from modelspec_ls.core.path import DocPath
from modelspec_ls.workspace.facts import SpecFacts
from modelspec_ls.workspace.graph import Edge, Graph, Node
from modelspec_ls.workspace.references import shown


class LinkedContext:
    """One spec in its workspace."""

    def __init__(self, graph: Graph, node: Node, spec: SpecFacts, config: Config) -> None:
        self.graph = graph
        self.node = node
        self.spec = spec
        self.config = config

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The spec's dependencies with where they lead."""
        return self.graph.edges(self.node)

    @cached_property
    def resolved(self) -> tuple[tuple[Edge, SpecFacts], ...]:
        """The dependencies that lead to a spec whose text could be read, with that spec."""
        found = ((edge, edge.target.spec) for edge in self.edges if edge.target.node != self.node)
        return tuple((edge, spec) for edge, spec in found if spec is not None and not spec.broken)

    def at(self, path: DocPath, part: Part = "value") -> Place:
        """A place in this spec."""
        return Place(self.node.document, path, part)

    def environment(self, spec: SpecFacts) -> str:
        """Where a spec runs, in the words of this one's settings."""
        return self.config.environments.get(spec.environment, spec.environment)

    def stands(self, path: DocPath) -> bool:
        """Whether this spec says something at a path."""
        return path in self.spec.marks

    def there(self, node: Node, path: DocPath, message: str) -> Related:
        """A place in another spec, or in another document of this file."""
        facts, spec = self.graph.files[node.key], self.graph.spec(node)
        assert spec is not None
        return Related(spec.mark(path), message, facts.uri)

    def called(self, key: str) -> str:
        """A file as a reader of this one calls it."""
        return shown(key, self.node.key)

    def place(self, node: Node, path: DocPath) -> str:
        """``file:line`` of a place in another spec, for messages."""
        spec = self.graph.spec(node)
        assert spec is not None
        return f"{self.called(node.key)}:{spec.mark(path).line + 1}"
