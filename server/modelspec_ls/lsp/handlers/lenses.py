"""Code lenses: the memory verdict, who uses a spec, what a pipeline needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from modelspec_ls.ide.flavors import flavor_lenses
from modelspec_ls.ide.memory import code_lenses
from modelspec_ls.ide.pipeline import lenses as pipeline_lenses
from modelspec_ls.ide.policy import lenses as policy_lenses
from modelspec_ls.ide.results import Lens
from modelspec_ls.lsp import convert
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

if TYPE_CHECKING:
    from modelspec_ls.lsp.server import ModelSpecServer


def _flavors(snapshot: Snapshot, document: Document) -> Iterator[Lens]:
    for number in document.model_numbers:
        yield from flavor_lenses(snapshot, document, number)


def lenses(server: ModelSpecServer, params: types.CodeLensParams) -> list[types.CodeLens] | None:
    """All lenses of a document, with those commands of the client that it says it has."""
    snapshot, client = server.session.snapshot, server.session.client
    document = snapshot.document(params.text_document.uri)
    if document is None:
        return None
    out: list[types.CodeLens] = []
    for lens in (
        *code_lenses(snapshot, document.uri),
        *_flavors(snapshot, document),
        *pipeline_lenses(snapshot, document.uri),
        *policy_lenses(snapshot, document.uri),
    ):
        where = convert.range_of(document, lens.span, client)
        # A lens without a command would never be shown; with an empty one it only informs.
        command = types.Command(lens.title, "")
        if lens.command in client.commands:
            places = [convert.location(place, client) for place in lens.places]
            command = types.Command(
                lens.title, lens.command, arguments=[document.uri, where.start, *([places] if places else [])]
            )
        out.append(types.CodeLens(where, command))
    return out
