"""``modelspec/rules``: every rule with its page, for a client's list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modelspec_ls.lsp import convert
from modelspec_ls.lsp.messages import own_params
from modelspec_ls.rules.registry import all_rules

if TYPE_CHECKING:
    from modelspec_ls.lsp.server import ModelSpecServer


def rules(_: ModelSpecServer, params: Any) -> dict[str, Any]:
    """Code, name, group, usual severity, what it asks for, and the page installed with the server."""
    own_params("modelspec/rules", params if params is not None else {})
    found = []
    for rule in (module.rule for module in all_rules()):
        page = convert.rule_page(rule.code, rule.name)
        row = {"code": rule.code, "name": rule.name, "category": rule.category, "severity": rule.severity.label}
        found.append({**row, "summary": rule.summary, "page": page.href if page else None})
    return {"rules": found}
