"""Write the table of docs/memory-fit.md: the estimate against what engines printed at start-up.

The logs are those of the tests, tests/fit/data/logs.json. ``--check`` writes nothing and exits with 1 when the
page is stale.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "server"), str(ROOT / "tests" / "fit")]

from fit_records import input_of  # noqa: E402

from modelspec_ls.fit import FitReport, evaluate  # noqa: E402

LOGS = ROOT / "tests" / "fit" / "data" / "logs.json"
PAGE = ROOT / "docs" / "memory-fit.md"
BEGIN, END = "<!-- Written by scripts/memory_fit_table.py. -->", "<!-- End of the written part. -->"
FIGURES = {
    "weights_gib": "weights, GiB",
    "activation_gib": "activations, GiB",
    "kv_gib": "KV cache, GiB",
    "kv_tokens": "KV cache, tokens",
}


def computed(report: FitReport, figure: str) -> float | None:
    """The estimate of a figure that engines print."""
    per = report.per_device
    quantity = {"weights_gib": per.weights, "activation_gib": per.activations, "kv_gib": per.kv_available}.get(figure)
    if figure == "kv_tokens":
        return report.kv.capacity_tokens
    return quantity.value if quantity else None


def compare(rows: list[dict[str, Any]]) -> tuple[list[str], dict[str, list[float]]]:
    """The table's lines, and the relative errors by figure."""
    lines: list[str] = []
    errors: dict[str, list[float]] = {figure: [] for figure in FIGURES}
    for row in rows:
        report = evaluate(input_of(row), limits=False)
        spread = [f"TP {row['tensor_parallel']}"] if row.get("tensor_parallel", 1) > 1 else []
        spread += [f"PP {row['pipeline_parallel']}"] if row.get("pipeline_parallel", 1) > 1 else []
        device = ", ".join([row["gpu"].removeprefix("NVIDIA "), *spread])
        weights = row["weights"] + (f", {row['kv_dtype']} KV" if row.get("kv_dtype") else "")
        for figure, label in FIGURES.items():
            reported, found = row["reported"].get(figure), computed(report, figure)
            if reported is None or found is None or reported <= 0.1:
                continue
            error = found / reported - 1
            errors[figure].append(abs(error))
            number = "{:,.0f}" if figure == "kv_tokens" else "{:,.2f}"
            cells = (
                f"{row['model'].rpartition('/')[2]} ({weights})",
                device,
                f"{row['engine']} {row['version']}",
                label,
                number.format(reported),
                number.format(found),
                f"{error:+.1%}",
                source(row["source"]),
            )
            lines.append(f"| {' | '.join(cells)} |")
    return lines, errors


def source(text: str) -> str:
    """A link where there is an address, else the log line to search for."""
    address, _, rest = text.partition(" ")
    if not address.startswith("http"):
        _, found, line = text.partition("found by its log line: ")
        return f"log line `{line}`" if found else text.replace("|", "/")
    name = "/".join(address.split("/")[3:5]) or address
    return f"[{name}]({address}){' ' + rest.replace('|', '/') if rest else ''}"


def written(rows: list[dict[str, Any]]) -> str:
    """The part of the page between the marks."""
    lines, errors = compare(rows)
    verdicts = [(row["outcome"], evaluate(input_of(row), limits=False).fits) for row in rows]
    served = [fits for outcome, fits in verdicts if outcome == "served"]
    refused = [not fits for outcome, fits in verdicts if outcome == "refused"]
    engines = ", ".join(f"{count} of {name}" for name, count in Counter(row["engine"] for row in rows).items())
    summary = (
        f"{len(rows)} published start-ups, {engines}. Of {len(served)} that served, {sum(served)} are judged to fit; "
    )
    summary += f"of {len(refused)} that were refused, {sum(refused)} are judged not to. Figures up to 0.1 are left out."
    out = [
        summary,
        "",
        "| figure | logs | median error | 90th percentile |",
        "| --- | ---: | ---: | ---: |",
    ]
    for figure, values in errors.items():
        if values:
            ninetieth = sorted(values)[round(0.9 * (len(values) - 1))]
            out.append(f"| {FIGURES[figure]} | {len(values)} | {statistics.median(values):.2%} | {ninetieth:.2%} |")
    head = ["", "| model | device | engine | figure | reported | computed | error | source |"]
    head.append("| --- | --- | --- | --- | ---: | ---: | ---: | --- |")
    return "\n".join([*out, *head, *lines])


def main() -> int:
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        print(f"{PAGE} lacks the marks {BEGIN} and {END}")
        return 1
    if not LOGS.exists():
        print(f"{LOGS} is missing; the table is left as it is")
        return 0
    rows = json.loads(LOGS.read_text(encoding="utf-8"))["records"]
    fresh = f"{before}{BEGIN}\n\n{written(rows)}\n\n{END}{after}"
    if "--check" in sys.argv[1:]:
        print("up to date" if fresh == page else f"{PAGE} is stale: run scripts/memory_fit_table.py")
        return int(fresh != page)
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
