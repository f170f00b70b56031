"""A table of verdicts, one for each value of what was varied. Figures are GiB per device."""

from __future__ import annotations

from collections.abc import Sequence

from modelspec_ls.cli.case import Case

from .source import cells, safe
from .style import TextStyle, verdict_color

_HEADS = ("verdict", "weights", "KV needed", "available", "free", "largest batch", "longest sequence")
_COST = ("devices needed", "USD/h for them")
_PRICED = "Sorted by the cost of one replica that fits; accelerators without a price are left out."
_NOTE = "GiB per device; * is the value without `--sweep`."


def render_sweep(by: str, cases: Sequence[Case], style: TextStyle) -> str:
    """One line for every value; ``*`` marks the one that is judged without a sweep."""
    priced = any(case.priced for case in cases)
    rows: list[tuple[str, ...]] = [(by, *_HEADS, *(_COST if priced else ()))]
    for case in cases:
        per, limits = case.report.per_device, case.report.limits
        sizes = (per.weights, per.kv_need, per.kv_available, per.free)
        ends = (limits.max_batch_size, limits.max_sequence_length)
        label, verdict = safe(case.label) + " *" * case.current, case.report.verdict
        rows.append(
            (
                label,
                verdict,
                *(f"{q.value:.1f}" if q else "-" for q in sizes),
                *(f"{n:,}" if n is not None else "-" for n in ends),
                *(_cost(case) if priced else ()),
            )
        )
    widths = [max(cells(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for i, row in enumerate(rows):
        cut = [
            f"{word:<{width}}" if n < 2 else f"{word:>{width}}"
            for n, (word, width) in enumerate(zip(row, widths, strict=True))
        ]
        cut[1] = style.paint(cut[1], verdict_color(row[1]) if i else None, bold=True)
        lines.append("  " + "  ".join(cut).rstrip())
    note = f"{_NOTE} {_PRICED}" if priced else _NOTE
    return "\n".join([*lines, "", f"  {note}", ""])


def _cost(case: Case) -> tuple[str, str]:
    """The fewest devices of this accelerator that hold one replica, and what they cost together in an hour."""
    for offer in case.offers:
        return str(offer.count), f"{offer.usd_per_hour or 0.0:,.2f}"
    return "-", "-"
