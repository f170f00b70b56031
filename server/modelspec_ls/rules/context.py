"""What a rule may look at."""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Part, Place
from modelspec_ls.core.lazy import lazy
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.text import Span
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.schema.navigate import Schema, schema_for
from modelspec_ls.schema.validate import Problem, validate
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.hints import Hints
from modelspec_ls.spec.openmodel import OpenModelDeployment
from modelspec_ls.spec.view import SpecView
from modelspec_ls.syntax.data import Data, Survey, Traits, survey
from modelspec_ls.syntax.lookup import Found, find
from modelspec_ls.syntax.nodes import Document as SyntaxDocument
from modelspec_ls.syntax.nodes import Mapping, Tree, deref, key_text, span_of
from modelspec_ls.workspace.deployments import Known, deployment_of
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import SpecFacts, facts
from modelspec_ls.workspace.kinds import Role, Standing
from modelspec_ls.workspace.scopes import Scope

_NOUNS = {
    "ModelSpec": "a ModelSpec",
    "OpenModel": "an OpenModel",
    "Model": "a model",
    "Accelerator": "an accelerator",
    "ModelSpecPolicy": "a policy",
}


class FileContext:
    """One text, for rules about the file as a whole."""

    def __init__(self, file: Document, scope: Scope) -> None:
        self.file = file
        self.scope = scope

    @property
    def config(self) -> Config:
        """The settings that hold for the file."""
        return self.scope.config

    @property
    def catalogue(self) -> Catalogue:
        """The models and accelerators that the file's folder knows."""
        return self.scope.catalogue

    @property
    def tree(self) -> Tree:
        """The syntax tree."""
        return self.file.tree


class DocumentContext(FileContext):
    """One document of a stream, for all other rules."""

    def __init__(self, file: Document, scope: Scope, index: int, known: Known | None = None) -> None:
        super().__init__(file, scope)
        self.known = known
        """What is known beyond the text: the checkpoint on this machine, the specs that hints lead to."""
        self.document: SyntaxDocument = file.tree.documents[index]
        self.role: Role = file.roles[index]
        self.stated: dict[DocPath, str | None] = {}
        """What ``statements.stated`` has said of paths; several rules ask for the same ones."""
        self.unfinished: frozenset[DocPath] | None = None
        """What ``placeholder_value.places`` has said."""

    @property
    def kind(self) -> str:
        """The document kind whose schema applies."""
        return self.role.schema

    @property
    def noun(self) -> str:
        """The document in words, with its article."""
        return _NOUNS[self.kind]

    @property
    def is_spec(self) -> bool:
        """Whether the document is a ModelSpec."""
        return self.role.standing is Standing.SPEC

    @property
    def schema(self) -> Schema:
        """The schema of the document's kind."""
        return schema_for(self.kind)

    @lazy
    def deployment(self) -> Deployment:
        """What the document deploys, resolved against the knowledge base; holds the typed view and the hints."""
        return deployment_of(self.file, self.document.number, self.catalogue, self.known)

    @lazy
    def facts(self) -> SpecFacts:
        """What the document declares and refers to; nothing for one that is no ModelSpec."""
        number = self.document.number
        return next((f for f in facts(self.file) if f.document == number), SpecFacts(number))

    @property
    def open_model(self) -> OpenModelDeployment:
        """The same of an OpenModel, for rules that are asked about nothing else."""
        found = self.deployment
        assert isinstance(found, OpenModelDeployment)
        return found

    @lazy
    def view(self) -> SpecView:
        """The document's fields with their types checked."""
        return self.deployment.view

    @property
    def hints(self) -> Hints:
        """What the annotations say beyond the schema."""
        return self.deployment.hints

    @lazy
    def _survey(self) -> Survey:
        return survey(self.document.root, self.tree.text if self.tree.literal else None)

    @property
    def data(self) -> Data:
        """The document's value by YAML 1.2."""
        return self._survey.data

    @property
    def traits(self) -> Traits:
        """What is worth looking for in the document."""
        return self._survey.traits

    @lazy
    def too_large(self) -> bool:
        """Whether the document, its aliases written out, is beyond what may be walked."""
        limits = self.config.limits
        size = limits.max_alias_nodes if "*" in self.file.text else limits.max_nodes
        return self.data.size > size or self.data.depth > 2 * limits.max_depth

    @lazy
    def problems(self) -> tuple[Problem, ...]:
        """Schema errors; none for documents that the schema does not govern."""
        if not self.role.governed or self.too_large:
            return ()
        found = validate(self.kind, self.data.value)
        return tuple(self._once(found)) if "&" in self.file.text else found

    def _once(self, problems: tuple[Problem, ...]) -> Iterator[Problem]:
        """One of the problems that a node has at every place where an alias brings it in."""
        seen: set[tuple[object, ...]] = set()
        for problem in problems:
            found = self.find(problem.path)
            place: object = problem.path
            if found is not None:
                # A missing name is the mapping's own fault, everything else that of the pair which holds the value.
                place = id(deref(found.node) if problem.kind == "missing" else found.pair or found.node)
            if (place, problem.kind, problem.keyword) not in seen:
                yield problem
            seen.add((place, problem.kind, problem.keyword))

    def find(self, path: DocPath) -> Found | None:
        """The node at a path."""
        return self.view.find(path)

    def has_any(self, paths: tuple[DocPath, ...]) -> bool:
        """Whether something stands at one of some paths."""
        return self.view.has_any(paths)

    def at(self, path: DocPath, part: Part = "value") -> Place:
        """A place in this document."""
        return Place(self.document.number, path, part)

    def incomplete(self, path: DocPath) -> bool:
        """Whether a mapping may lack keys because text in it was dropped or is half typed."""
        tree = self.tree
        if not tree.repairs:
            return False
        found = find(self.document, path)
        if found is None or not isinstance(found.node, Mapping):
            return True
        node = found.node
        until = self._next_start(path, node.end)
        if tree.lost_in(Span(node.start, until)):
            return True
        return any(
            tree.tainted(span_of(p.key)) and key_text(p.key) not in self.schema.get("properties", {})
            for p in node.pairs
        )

    def _next_start(self, path: DocPath, end: int) -> int:
        """Where the text after a mapping starts: dropped lines up to there may have belonged to it."""
        while path:
            found = find(self.document, path[:-1])
            if found is not None and isinstance(found.node, Mapping):
                for pair in found.node.pairs:
                    if pair.key.start > end:
                        return pair.key.start
            path = path[:-1]
        return self.document.end
