"""``modelspec/dependencyGraph``: the graph for views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modelspec_ls.analysis import check_document
from modelspec_ls.core.finding import Severity
from modelspec_ls.ide.pipeline import load_from
from modelspec_ls.lsp import convert
from modelspec_ls.lsp.messages import own_params
from modelspec_ls.workspace.graph import Node
from modelspec_ls.workspace.picture import as_data, picture
from modelspec_ls.workspace.references import key_of

if TYPE_CHECKING:
    from modelspec_ls.core.text import Mark
    from modelspec_ls.lsp.server import ModelSpecServer


_MOST = 300
"""Most specs whose memory and findings are worked out for one answer: a request must not take seconds."""


def graph(server: ModelSpecServer, params: Any) -> dict[str, Any] | None:
    """The whole workspace, or with ``{uri, document?}`` what hangs together with one spec."""
    session, client = server.session, server.session.client
    given = own_params("modelspec/dependencyGraph", params if params is not None else {}, uri=str, document=int)
    uri = given.get("uri")
    snapshot = session.snapshot
    root: Node | None = None
    if uri is not None:
        opened = snapshot.document(uri)
        key = opened.key if opened is not None else key_of(uri)
        facts = snapshot.graph.files.get(key)
        if facts is None or not facts.specs:
            return None
        wanted = given.get("document")
        numbers = [spec.document for spec in facts.specs]
        root = Node(key, wanted if wanted in numbers else numbers[0])
    opened_by_key = {document.key: document for document in snapshot.documents.values()}

    def count(node: Node) -> tuple[int, int]:
        document = opened_by_key.get(node.key)
        if document is not None:
            found = check_document(snapshot, document.uri)
            levels = [d.severity for d in found if d.document == node.document]
        else:
            levels = server.reports.severities(node)
        return levels.count(Severity.ERROR), levels.count(Severity.WARNING)

    def place(mark: Mark) -> Any:
        return convert.mark_range(mark, client)

    return as_data(picture(snapshot.graph, root, load_from(snapshot), count, _MOST), place)
