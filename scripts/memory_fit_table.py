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

from fit_records import computed, input_of  # noqa: E402

from modelspec_ls.fit import evaluate  # noqa: E402

LOGS = ROOT / "tests" / "fit" / "data" / "logs.json"
PAGE = ROOT / "docs" / "memory-fit.md"
BEGIN, END = "<!-- Written by scripts/memory_fit_table.py. -->", "<!-- End of the written part. -->"
FIGURES = {
    "weights_gib": "weights, GiB",
    "activation_gib": "activations, GiB",
    "kv_gib": "KV cache, GiB",
    "kv_tokens": "KV cache, tokens",
    "kv_need_gib": "KV cache of the stated length, GiB",
}
ROLES = {
    "fitted": "constants come partly from these logs",
    "examined": "collected on 2026-11-25; formulas were corrected after a look at them",
    "new": "collected on 2026-11-26; looked at while formulas were corrected",
    "held-out": "a fixed third of those of 2026-11-26, compared once, at the end",
}
IN_SAMPLE = ("fitted", "examined", "new")


def compare(rows: list[dict[str, Any]]) -> tuple[list[str], dict[str, list[float]]]:
    """The table's lines, and the relative errors by figure."""
    lines: list[str] = []
    errors: dict[str, list[float]] = {figure: [] for figure in FIGURES}
    for row in rows:
        report = evaluate(input_of(row), limits=False)
        spread = [f"TP {row['tensor_parallel']}"] if row.get("tensor_parallel", 1) > 1 else []
        spread += [f"PP {row['pipeline_parallel']}"] if row.get("pipeline_parallel", 1) > 1 else []
        named = row["gpu"].removeprefix("NVIDIA ") + (" (inferred)" if row.get("inferred") else "")
        device = ", ".join([named, *spread])
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


def source(address: str) -> str:
    """A link named by repository or host."""
    site, _, rest = address.removeprefix("https://").partition("/")
    name = "/".join(rest.split("/")[:2]) if site == "github.com" else site
    return f"[{name}]({address})"


def accuracy(rows: list[dict[str, Any]]) -> list[str]:
    """Errors by role and figure."""
    out = ["| logs | figure | number | median error | 90th percentile |", "| --- | --- | ---: | ---: | ---: |"]
    groups = [(f"{role}: {meaning}", [row for row in rows if row["role"] == role]) for role, meaning in ROLES.items()]
    groups.append(("all but held-out", [row for row in rows if row["role"] in IN_SAMPLE]))
    groups.append(("all", rows))
    for label, chosen in groups:
        errors = compare(chosen)[1]
        first = next((figure for figure in errors if errors[figure]), None)
        for figure, values in errors.items():
            if values:
                name = label if figure == first else ""
                ninetieth = sorted(values)[round(0.9 * (len(values) - 1))]
                median = statistics.median(values)
                out.append(f"| {name} | {FIGURES[figure]} | {len(values)} | {median:.2%} | {ninetieth:.2%} |")
    return out


def coverage(rows: list[dict[str, Any]]) -> str:
    """How often the band of the cache holds what was reported, printed to two decimals."""
    inside = Counter[bool]()
    for row in rows:
        said, band = row["reported"].get("kv_gib"), evaluate(input_of(row), limits=False).per_device.kv_available
        if said is not None and band is not None:
            inside[band.low - 0.005 <= said <= band.high + 0.005] += 1
            continue
        kv, tokens = evaluate(input_of(row), limits=False).kv, row["reported"].get("kv_tokens")
        if tokens is not None and kv.capacity_tokens_low is not None and kv.capacity_tokens_high is not None:
            inside[kv.capacity_tokens_low <= tokens <= kv.capacity_tokens_high] += 1
    return f"The band of the cache holds what was reported in {inside[True]} of {inside.total()} logs."


def by_engine(rows: list[dict[str, Any]]) -> list[str]:
    """Errors of the cache and verdicts on refused starts by engine."""
    out = ["| engine | logs | cache figures | median error | 90th percentile | refused, of them called |"]
    out.append("| --- | ---: | ---: | ---: | ---: | --- |")
    for name in dict.fromkeys(row["engine"] for row in rows):
        chosen = [row for row in rows if row["engine"] == name]
        errors = compare(chosen)[1]
        values = sorted(errors["kv_tokens"] + errors["kv_gib"] + errors["kv_need_gib"])
        figures = ["-", "-"]
        if values:
            figures = [f"{x:.2%}" for x in (statistics.median(values), values[round(0.9 * (len(values) - 1))])]
        refused = [row for row in chosen if row["outcome"] == "refused"]
        called = sum(evaluate(input_of(row), limits=False).verdict not in {"fits", "tight"} for row in refused)
        cells = (name, str(len(chosen)), str(len(values)), *figures, f"{len(refused)}, {called}")
        out.append(f"| {' | '.join(cells)} |")
    return out


def verdicts(rows: list[dict[str, Any]]) -> str:
    """How the verdicts compare with what happened."""
    found = [(row, evaluate(input_of(row), limits=False).verdict) for row in rows]
    served = [verdict in {"fits", "tight"} for row, verdict in found if row["outcome"] == "served"]
    refused = [(row, verdict) for row, verdict in found if row["outcome"] == "refused"]
    wrong = sum(verdict == "fits" for _, verdict in refused)
    tight = sum(verdict == "tight" for _, verdict in refused)
    return (
        f"Of {len(served)} that served, {sum(served)} are judged `fits` or `tight`. Of {len(refused)} refused, "
        f"{len(refused) - tight - wrong} are judged not to fit, {tight} are `tight`, {wrong} judged to fit."
    )


def written(everything: list[dict[str, Any]], exclusions: dict[str, str]) -> str:
    """The part of the page between the marks."""
    rows = [row for row in everything if "excluded" not in row]
    lines, _ = compare(rows)
    first = f"{len(rows)} published start-ups. {verdicts(rows)} {coverage(rows)} Figures up to 0.1 are left out."
    missed = ["", "Known misses, counted above like all others:", ""]
    missed += [
        f"- {row['model'].rpartition('/')[2]}, {source(row['source'])}: {row['miss']}." for row in rows if "miss" in row
    ]
    missed += ["", "Left out, by rules that do not look at the error:", ""]
    for name, rule in exclusions.items():
        out = [row for row in everything if row.get("excluded") == name]
        whom = ", ".join(f"{row['model'].rpartition('/')[2]} ({source(row['source'])})" for row in out)
        missed.append(f"- {rule} {whom}.")
    head = ["", "| model | device | engine | figure | reported | computed | error | source |"]
    head.append("| --- | --- | --- | --- | ---: | ---: | ---: | --- |")
    return "\n".join([first, "", *accuracy(rows), "", *by_engine(rows), *missed, *head, *lines])


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
    logs = json.loads(LOGS.read_text(encoding="utf-8"))
    fresh = f"{before}{BEGIN}\n\n{written(logs['records'], logs['exclusions'])}\n\n{END}{after}"
    if "--check" in sys.argv[1:]:
        print("up to date" if fresh == page else f"{PAGE} is stale: run scripts/memory_fit_table.py")
        return int(fresh != page)
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
