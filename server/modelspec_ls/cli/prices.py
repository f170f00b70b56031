"""The price file of ``modelspec fit --prices``."""

from __future__ import annotations

import click

from modelspec_ls.core.config import Limits
from modelspec_ls.knowledge.prices import prices_of
from modelspec_ls.syntax.data import to_data
from modelspec_ls.syntax.parse import parse
from modelspec_ls.workspace.files import FileFault, read_text

from .render.source import safe

_SHOWN = 5


def read_prices(path: str) -> dict[str, float]:
    """USD per device and hour by accelerator id.

    Raises:
        click.BadParameter: the file cannot be read or says something that is no price.
    """
    limits = Limits()
    found = read_text(path, limits)
    if isinstance(found, FileFault):
        raise click.BadParameter(f"{safe(path)}: {found.message}")
    tree = parse(found.text, json=path.lower().endswith(".json"))
    if tree.problems:
        problem = tree.problems[0]
        line = found.text.count("\n", 0, problem.span.start) + 1
        raise click.BadParameter(f"{safe(path)}:{line}: {safe(problem.message)}")
    data = to_data(tree.documents[0].root) if tree.documents else None
    if data is not None and (data.depth > limits.max_depth or data.size > limits.max_alias_nodes):
        raise click.BadParameter(f"{safe(path)}: too deep or too large for a price table.")
    prices, problems = prices_of(data.value if data is not None else None)
    if problems:
        more = f" (and {len(problems) - _SHOWN} more)" if len(problems) > _SHOWN else ""
        raise click.BadParameter(f"{safe(path)}: {safe(' '.join(problems[:_SHOWN]))}{more}")
    return prices
