"""The results as a page: medians, 95th percentiles and ratios."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import Any

_CHECK = "modelspec check"
_BASE = "PyYAML + jsonschema"
_SINGLE = frozenset(
    {"start to first answer", "start to first diagnostics", "keystroke, processor time", "peak memory MB"}
)


def page(results: dict[str, Any], notes: str) -> str:
    """The whole page. ``notes``: what is said below the tables."""
    found = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    load, cores = results["load"] or 0, int(results["machine"].split()[0])
    busy = (
        f"\n\n**The machine was, or had just been, busy with other work: {load:.0f} processes wanted to run when it "
        "began. What computes is hit harder by that than what waits.**"
        if load > cores
        else ""
    )
    return f"""# Performance

Made by `make bench` on {results["date"]}: {results["machine"]}. {found}.
The programs took turns in one run, so ratios say more than times.{busy}

{tables(results)}

{notes}"""


def tables(results: dict[str, Any]) -> str:
    """All tables."""
    makers = (
        ("servers", _servers),
        ("servers", _counts),
        ("check", _check),
        ("workspace", _workspace),
        ("policies", _policies),
    )
    return "\n\n".join(make(results[part]) for part, make in makers if results.get(part))


def _servers(rows: list[dict[str, Any]]) -> str:
    """Where two figures stand they are median and 95th percentile; the ratio is of those, ours to the other."""
    out = ["## In the editor", "", "Milliseconds at the client, median / 95th percentile; memory in MB.", ""]
    names = list(rows[0]["samples"])
    head = ["", *(f"{name}, {row['lines']:,} lines" for row in rows for name in names)]
    if len(names) == 2:
        head = ["", *(h for row in rows for h in (*(f"{n}, {row['lines']:,} lines" for n in names), "ratio"))]
    out += [_line(head), _line(["---"] * len(head))]
    for label in rows[0]["samples"][names[0]]:
        cells = [label]
        for row in rows:
            values = [row["samples"][name].get(label) for name in names]
            cells += [_pair(label, v) for v in values]
            if len(names) == 2:
                cells.append(_ratio(label, *values))
        out.append(_line(cells))
    return "\n".join(out)


def _counts(rows: list[dict[str, Any]]) -> str:
    """Positions and error answers."""
    names = list(rows[0]["counts"])
    out = ["Positions in answers, and error answers to requests (all of which are valid):", ""]
    labels = list(rows[0]["counts"][names[0]])
    out += [_line(["", *labels]), _line(["---"] * (len(labels) + 1))]
    for name in names:
        out.append(_line([name, *(f"{sum(row['counts'][name][label] for row in rows):,}" for label in labels)]))
    return "\n".join(out)


def _check(rows: list[dict[str, Any]]) -> str:
    out = ["## On the command line", ""]
    out.append("Whole processes, medians. The ratio is the first program's time to this one's.")
    out += ["", _line(["files", "program", "s", "processor s", "peak MB", "times as fast"]), _line(["---"] * 6)]
    for row in rows:
        base = row["programs"].get(_BASE, {}).get("s")
        for name, values in row["programs"].items():
            times = [b / s for b, s in zip(base or [], values["s"], strict=False)]
            cells = [f"{row['files']:,}", name, f"{statistics.median(values['s']):.2f}"]
            cells += [_median(values.get("cpu s"), 2), _median(values.get("peak MB"), 0), _median(times, 1)]
            out.append(_line(cells))
    return "\n".join(out)


def _workspace(rows: list[dict[str, Any]]) -> str:
    out = ["## Large workspaces", ""]
    out += [
        "Specs with three references each: opened for the first time while somebody types, and again. Then an edit of",
        "one that 500 others depend on, which are not open, until the findings of all these are with the client.",
        "",
    ]
    head = ["files", "all specs known, s", "after a restart, s", "keystroke meanwhile, ms", "peak memory, MB"]
    head.append("edit with 500 dependants, ms")
    out += [_line(head), _line(["---"] * len(head))]
    for row in rows:
        typing = row["keystroke ms"]
        cells = [f"{row['files']:,}", f"{row['all known s']:.1f}", f"{row['again s']:.1f}"]
        pairs = [_pair("", values) if values else "-" for values in (typing, row.get("dependants ms"))]
        out.append(_line([*cells, pairs[0], _median([row["peak MB"]], 0), pairs[1]]))
    return "\n".join(out)


def _policies(rows: list[dict[str, Any]]) -> str:
    out = [
        "## Policies",
        "",
        "Text to findings for one spec of 140 lines, without the wire; median / 95th percentile.",
        "",
    ]
    out += [_line(["[policies](policy.md)", "ms"]), _line(["---"] * 2)]
    return "\n".join(out + [_line([name, _pair("", values)]) for name, values in rows[0].items()])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _pair(label: str, values: list[float] | None) -> str:
    if not values:
        return "-"
    if label in _SINGLE:
        return f"{statistics.median(values):.0f}"
    return f"{statistics.median(values):.1f} / {_high(values):.1f}"


def _ratio(label: str, own: list[float] | None, other: list[float] | None) -> str:
    if not own or not other:
        return "-"
    middle = statistics.median(own) / statistics.median(other)
    return f"{middle:.2f}" if label in _SINGLE else f"{middle:.2f} / {_high(own) / _high(other):.2f}"


def _high(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)]


def _median(values: list[float | None] | list[float] | None, digits: int) -> str:
    known = [v for v in values or [] if v is not None]
    return f"{statistics.median(known):.{digits}f}" if known else "-"
