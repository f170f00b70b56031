"""Completion at every place a person can stand."""

from __future__ import annotations

from attrs import evolve

from modelspec_ls.analysis import judged
from modelspec_ls.ide.results import CompletionItem, Completions
from modelspec_ls.schema import navigate
from modelspec_ls.syntax.cursor import CursorContext, cursor_context
from modelspec_ls.syntax.lookup import child
from modelspec_ls.syntax.nodes import Mapping, Scalar
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.kinds import Standing
from modelspec_ls.workspace.snapshot import Snapshot

from .catalogue_values import MAX_MODELS
from .claims import claim_items
from .keys import key_items
from .policy import policy_keys, policy_values, suits, takes_values
from .request import Request
from .snippets import document_items, section_items
from .values import value_items


def complete(snapshot: Snapshot, uri: str, offset: int, *, snippets: bool = True) -> Completions:
    """What may be written at the offset, best first.

    Args:
        snapshot: the state to look at.
        uri: the document.
        offset: the cursor, in code points.
        snippets: whether the client can show tab stops; only the inserted text differs.
    """
    document = snapshot.document(uri)
    if document is None or document.oversized or document.is_settings:
        return Completions()
    ours = judged(document) or not document.text.strip()
    if not ours and not any(sign in document.text for sign in _SIGNS):
        return Completions()
    context = cursor_context(document.tree, document.index, offset)
    if context is None or not (ours or _may_become_ours(document, context)):
        return Completions()
    role = document.roles[min(context.document, len(document.roles) - 1)]
    # A half-typed kind makes a stranger of the document; its head can still be completed.
    head = context.path in {("kind",), ("apiVersion",)}
    head = head and (role.standing is Standing.STRANGER or not ours)
    request = Request(snapshot, document, context, snippets)
    if role.standing is Standing.CLAIM:
        return Completions(tuple(_numbered(list(claim_items(request)))))
    if role.kind and not role.governed and not head:
        return Completions()
    if request.is_policy:
        return Completions(tuple(_numbered(_policy_items(request))))
    in_list = context.braces or (context.after_dash and not context.present)
    if context.expecting == "value" or (in_list and navigate.main_type(request.here or {}) not in {"object", "None"}):
        items = value_items(request)
    else:
        snippets_here = () if request.is_row else (*section_items(request), *document_items(request))
        items = [*key_items(request), *snippets_here]
    return Completions(tuple(_numbered(items)), incomplete=request.cut or len(items) >= MAX_MODELS)


_SIGNS = ("piqc.ai/", "llmaz.io/", "metadata:")


def _policy_items(request: Request) -> list[CompletionItem]:
    """In a policy: what its schema says, and what it says of other schemas."""
    context, here = request.context, request.here or {}
    in_list = context.braces or (context.after_dash and not context.present)
    scalar = in_list and here.get("type") not in {"object", "array", None}
    if context.expecting == "value" or scalar or takes_values(request):
        found: dict[str, CompletionItem] = {}
        for item in (*policy_values(request), *value_items(request)):
            found.setdefault(item.label, item)
        return list(found.values())
    own = policy_keys(request)
    if own is not None:
        return own
    keys = [item for item in key_items(request) if suits(request, item.label)]
    return [*keys, *section_items(request), *document_items(request)]


def _numbered(items: list[CompletionItem]) -> list[CompletionItem]:
    """Sort texts that keep this order in every client."""
    return [evolve(item, sort=f"{i:04d}") for i, item in enumerate(items)]


def _may_become_ours(document: Document, context: CursorContext) -> bool:
    """Whether the cursor is at the kind of a document whose other keys look like a ModelSpec's."""
    if context.path != ("kind",) or context.expecting != "value":
        return False
    root = document.tree.documents[min(context.document, len(document.tree.documents) - 1)].root
    if not isinstance(root, Mapping):
        return False
    api = child(root, "apiVersion")
    if api is not None and isinstance(api.value, Scalar):
        return api.value.value.startswith(("piqc.ai/", "llmaz.io/"))
    return child(root, "metadata") is not None and child(root, "spec") is not None
