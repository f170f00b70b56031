"""What the Playgrounds and Services of a stream say about its models: the engine, its limits, a draft model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from modelspec_ls.knowledge import llmaz
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.syntax.data import to_data
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.kinds import Standing

from .reading import MOST_DEPTH, MOST_NODES

_LENGTH = re.compile(r"--max-model-len(?:=(\d{1,9}))?")


class Claim(NamedTuple):
    """One document that claims models."""

    number: int
    kind: str
    name: str
    models: tuple[tuple[str, str], ...]
    """Names of OpenModels with their roles, ``main`` where none is stated."""
    backend: str | None
    """As the Playground calls it; None in a Service, which brings its own containers."""
    stated: bool
    """Whether the backend is named; else it is the default."""
    length: int | None
    """Tokens of one sequence, where the arguments say so."""

    @property
    def label(self) -> str:
        """``Playground `chat```."""
        return f"{self.kind} `{self.name}`" if self.name else self.kind

    @property
    def framework(self) -> str | None:
        """The backend as a ModelSpec calls it."""
        words = vocabulary("framework")
        term = words.find(self.backend) if words and self.backend else None
        return term.value if term else self.backend

    def role_of(self, model: str) -> str | None:
        """The role in which a model is claimed, None where it is not."""
        return next((role for name, role in self.models if name == model), None)


def claims_of(file: Document) -> tuple[Claim, ...]:
    """The claims of a stream, in order."""
    return tuple(claim for claim in _claims(file) if claim.models)


def _claims(file: Document) -> Iterator[Claim]:
    for number, role in enumerate(file.roles):
        if role.standing is not Standing.CLAIM:
            continue
        data = to_data(file.tree.documents[number].root)
        if data.size > MOST_NODES or data.depth > MOST_DEPTH:
            continue
        spec = _map(_map(data.value).get("spec"))
        name = _text(_map(_map(data.value).get("metadata")).get("name")) or ""
        config = spec.get("backendRuntimeConfig")
        stated = _text(_map(config).get("backendName"))
        backend = (stated or llmaz.default_engine()) if role.kind == "Playground" else None
        length = _length(_map(config).get("args")) if backend == "vllm" else None
        yield Claim(number, role.kind or "", name, tuple(_models(spec)), backend, stated is not None, length)


def _models(spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if name := _text(_map(spec.get("modelClaim")).get("modelName")):
        yield name, "main"
    models = _map(spec.get("modelClaims")).get("models")
    for model in models if isinstance(models, list) else ():
        if name := _text(_map(model).get("name")):
            yield name, _text(_map(model).get("role")) or "main"


def _length(arguments: Any) -> int | None:
    words = [str(word) for word in arguments] if isinstance(arguments, list) else []
    for at, word in enumerate(words):
        match = _LENGTH.fullmatch(word)
        text = (match[1] or "".join(words[at + 1 : at + 2])) if match else ""
        if text.isascii() and text.isdecimal() and 0 < int(text[:10]) < 10**9:
            return int(text)
    return None


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
