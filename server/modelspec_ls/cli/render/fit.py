"""Memory fit as text, JSON and a picture. Figures are GiB per device unless they say otherwise."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from attrs import frozen

from modelspec_ls.core.words import join, plural
from modelspec_ls.fit.inputs import FitInput
from modelspec_ls.fit.report import FitReport, Quantity, as_dict
from modelspec_ls.spec.deployment import Deployment

from .source import cells, safe
from .text import TextStyle

_COLORS = {"fits": "green", "tight": "yellow", "unknown": "bright_blue"}
_PARTS = (("weights", "blue", "█#"), ("KV cache", "magenta", "▓="), ("activations", "cyan", "▒+"),
          ("overhead", "yellow", "░-"), ("free", "green", "·."))  # fmt: skip
_SWEEP = ("verdict", "weights", "KV needed", "available", "free", "largest batch", "longest sequence")
_ROWS = ("capacity", "budget", "weights", "KV cache needed", "KV cache available", "activations", "overhead", "free")
_LABEL = 20


@frozen
class Case:
    """One ModelSpec with its judgement. ``swept``: the value a sweep gave, ``current``: it is what the spec says."""

    path: str
    name: str | None
    deployment: Deployment
    given: FitInput
    report: FitReport
    swept: str | int | None = None
    current: bool = False

    @property
    def label(self) -> str:
        """The swept value, else the name."""
        return f"{self.swept:,}" if isinstance(self.swept, int) else self.swept or self.name or self.path

    @property
    def devices(self) -> str:
        """``4 x NVIDIA H100 SXM 80GB``."""
        match = self.deployment.accelerator
        stated = self.deployment.view.text("spec", "runtime", "accelerator", "type").value
        card = match.accelerator.name if match and match.accelerator else stated or "accelerator not stated"
        return f"{self.deployment.count or '?'} x {card}"


def parts(case: Case) -> list[float]:
    """GiB of the bar's parts, in order; empty where no budget is known."""
    per = case.report.per_device
    if per.budget is None or per.weights is None:
        return []
    return [max(0.0, _gib(q)) for q in (per.weights, per.kv_need, per.activations, per.overhead, per.free)]


def _gib(quantity: Quantity | None) -> float:
    return quantity.value if quantity else 0.0


def sentence(case: Case) -> str:
    """Why the verdict is what it is, in numbers."""
    report, per = case.report, case.report.per_device
    if report.verdict == "unknown":
        return f"cannot be judged without {join(gap.fact for gap in report.missing)}."
    weights, need, there = _gib(per.weights), _gib(per.kv_need), max(0.0, _gib(per.kv_available))
    capacity, budget = _gib(per.capacity), _gib(per.budget)
    fixed = f"{weights:.1f} GiB of weights, {_gib(per.activations):.1f} of activations and "
    fixed += f"{_gib(per.overhead):.1f} of overhead"
    others = report.limits.min_count
    enough = f"; {plural(others, 'device')} would do" if others and others > case.given.count else ""
    if report.exceeds == "memory":
        return f"a device has to hold {weights:.1f} GiB of weights and has {capacity:.1f}{enough}."
    if report.exceeds == "budget":
        return f"{fixed} leave nothing of the {budget:.1f} GiB budget of a device for the cache{enough}."
    if not need:
        return f"{fixed} stay below the {budget:.1f} GiB budget of a device."
    batch = max(1, -(-(case.given.batch or 1) // report.data_parallel))
    one = batch == 1
    what = (
        f"{batch:,} sequence{'' if one else 's'} of {report.kv.sequence_tokens or 0:,} tokens need{'s' if one else ''} "
    )
    what += f"{need:.1f} GiB of KV cache per device and "
    static = case.given.engine.rule in {"static", "llama.cpp"}
    if need <= there:
        return f"{what}{there:.1f} GiB are there, which leaves {there - need:.1f}."
    what += f"only {there:.1f} GiB are there"
    if report.verdict == "sequence-exceeds":
        return f"{what}: {case.given.engine.name} {'runs out of memory' if static else 'refuses to start'}{enough}."
    if report.verdict == "batch-exceeds":
        then = "runs out of memory" if static else "queues or preempts the rest"
        return f"{what}: {report.limits.max_batch_size or 0:,} fit at once, {case.given.engine.name} {then}{enough}."
    return f"{what}, within what the estimate can tell or what is stated."


def render_heading(case: Case, style: TextStyle) -> str:
    """What is judged: name, file, model, engine, devices."""
    report, given = case.report, case.given
    sizes = (report.tensor_parallel, report.pipeline_parallel, report.data_parallel)
    spread = zip(("tensor", "pipeline", "data"), sizes, strict=True)
    how = ", ".join(f"{word} parallel {size}" for word, size in spread if size > 1)
    fmt = f" ({given.weights.name})" if given.weights else ""
    what = f"{report.model}{fmt} on {report.engine}, {case.devices}{f' ({how})' if how else ''}"
    title = style.paint(safe(case.name or "(no name)"), bold=True)
    return "\n".join([f"{title}  {safe(case.path)}", *_wrap(safe(what), style, "  "), ""])


def render_report(case: Case, style: TextStyle, *, explain: bool = False, plain: bool = False) -> str:
    """The whole breakdown. ``plain``: the bar in ASCII; ``explain``: where each number comes from."""
    report = case.report
    color = _COLORS.get(report.verdict, "bright_red")
    lines = _wrap(safe(f"{report.verdict}: {sentence(case)}"), style, "  ")
    lines[0] = lines[0].replace(report.verdict, style.paint(report.verdict, color, bold=True), 1)
    rows = _rows(report)
    if rows:
        lines += ["", style.paint(f"  {'GiB per device':<{_LABEL}}{'':>9}  {'band':<17}", bold=True).rstrip()]
    for label, quantity in rows:
        band = f"{quantity.low:.2f} to {quantity.high:.2f}" if quantity.high - quantity.low > 0.005 else ""
        lines.append(f"  {label:<{_LABEL}}{quantity.value:>9.2f}  {band:<17}  {quantity.exactness}")
    lines += _bar(case, style, plain=plain)
    sections = [("KV cache", _cache(report)), ("limits", _limits(report)), ("assumptions", list(report.assumptions))]
    sections.append(("missing", [f"{gap.fact}. {gap.how}" for gap in report.missing]))
    if explain:
        sections.append(("where from", _provenance(case, rows)))
    for head, texts in sections:
        for i, text in enumerate(texts):
            wrapped = _wrap(safe(text), style, " " * 15)
            lines += ["", f"  {style.paint(f'{head:<13}', bold=True)}{wrapped[0].lstrip()}"] if not i else [wrapped[0]]
            lines += wrapped[1:]
    return "\n".join([render_heading(case, style), *lines, ""])


def _wrap(text: str, style: TextStyle, indent: str) -> list[str]:
    room = max(40, min(style.width, 120))
    return textwrap.wrap(text, room, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _rows(report: FitReport) -> list[tuple[str, Quantity]]:
    per = report.per_device
    sizes = (per.capacity, per.budget, per.weights, per.kv_need, per.kv_available, per.activations, per.overhead)
    rows = zip(_ROWS, (*sizes, per.free), strict=True)
    return [(label, quantity) for label, quantity in rows if quantity is not None]


def _bar(case: Case, style: TextStyle, *, plain: bool) -> list[str]:
    sizes, budget = parts(case), case.report.per_device.budget
    if not sizes or budget is None:
        return []
    room, scale, total = max(20, min(60, style.width - 6)), max(budget.value, sum(sizes)), 0.0
    drawn, legend = "", []
    for size, (label, color, marks) in zip(sizes, _PARTS, strict=True):
        width = round((total + size) / scale * room) - round(total / scale * room)
        total += size
        drawn += style.paint(marks[plain] * width, color) if width else ""
        legend.append(f"{style.paint(marks[plain], color)} {label} {size / budget.value:.0%}")
    drawn += " " * (room - round(total / scale * room))
    over = [f"  {' ' * round(budget.value / scale * room)} ^ budget"] if total > budget.value * 1.01 else []
    return ["", f"  [{drawn}]", *over, "  " + "  ".join(legend)]


def _cache(report: FitReport) -> list[str]:
    kv, out = report.kv, []
    if kv.bytes_per_token is not None:
        out.append(
            f"{kv.bytes_per_token.value / 1024:,.6g} KiB per token over all devices ({kv.bytes_per_token.exactness})"
        )
    if kv.capacity_tokens is not None and kv.max_concurrency is not None:
        band = f"({kv.capacity_tokens_low or 0:,} to {kv.capacity_tokens_high or 0:,})"
        at_once = f"{kv.max_concurrency:,.1f} sequences of {kv.sequence_tokens or 0:,}"
        out.append(f"{kv.capacity_tokens:,} tokens fit {band}: {at_once}")
    return out


def _limits(report: FitReport) -> list[str]:
    limits = report.limits
    named = (("largest batch", limits.max_batch_size), ("longest sequence", limits.max_sequence_length),
             ("fewest devices", limits.min_count))  # fmt: skip
    found = [f"{label} {value:,}" for label, value in named if value is not None]
    return [", ".join(found)] if found else []


def _provenance(case: Case, rows: Iterable[tuple[str, Quantity]]) -> list[str]:
    report, model, match = case.report, case.deployment.model, case.deployment.accelerator
    out = [f"{label}: {quantity.why}" for label, quantity in rows]
    more = (("KV per token", report.kv.bytes_per_token), ("graphs", report.graphs_gib))
    out += [f"{label}: {quantity.why}" for label, quantity in more if quantity]
    for row in (model, match.accelerator if match else None):
        out += [f"{row.id}: {', '.join(row.sources)} ({row.date})"] if row else []
    return out


def render_sweep(by: str, cases: Sequence[Case], style: TextStyle) -> str:
    """One line for every value; ``*`` marks what the spec says."""
    rows: list[tuple[str, ...]] = [(by, *_SWEEP)]
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
            )
        )
    widths = [max(cells(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for i, row in enumerate(rows):
        cut = [
            f"{word:<{width}}" if n < 2 else f"{word:>{width}}"
            for n, (word, width) in enumerate(zip(row, widths, strict=True))
        ]
        cut[1] = style.paint(cut[1], _COLORS.get(row[1], "bright_red") if i else None, bold=True)
        lines.append("  " + "  ".join(cut).rstrip())
    return "\n".join([*lines, ""])


def entry(case: Case) -> dict[str, Any]:
    """One report in the shape that other tools rely on: keys are added, never renamed or removed."""
    deployment, plain = case.deployment, as_dict(case.report)
    shape = deployment.architecture
    stated = deployment.view.text("spec", "identity", "model", "id").value
    model = {"id": deployment.model.id if deployment.model else stated, "resolution": deployment.grade or "unknown"}
    kind = deployment.view.text("spec", "runtime", "accelerator", "type").value
    spread = {key: plain["devices"][key] for key in ("tensorParallel", "pipelineParallel")}
    out = {
        "path": case.path,
        "name": case.name,
        "verdict": plain.pop("verdict"),
        "model": {**model, "parameters": shape.parameters if shape else None},
        **plain,
        "devices": {"type": kind, "count": deployment.count, **spread},
    }
    return out if case.swept is None else {**out, "swept": case.swept}


def render_json(reports: Sequence[dict[str, Any]]) -> str:
    """The whole answer, in ASCII where standard output cannot carry more."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    return json.dumps({"reports": reports}, indent=2, ensure_ascii=not encoding.startswith("utf"))


def draw(cases: Iterable[Case], file: str) -> bool:
    """A picture with a bar for every case and a line where its budget ends; whether there was anything to draw."""
    shown = [(case, sizes) for case in cases if (sizes := parts(case))]
    if not shown:
        return False
    import_module("matplotlib").use("Agg")
    figure, axes = import_module("matplotlib.pyplot").subplots(
        figsize=(9, 1.6 + 0.4 * len(shown)), layout="constrained"
    )
    rows, left = range(len(shown)), [0.0] * len(shown)
    for n, (label, *_) in enumerate(_PARTS):
        axes.barh(
            rows, [sizes[n] for _, sizes in shown], left=left, label=label, color=f"C{n}", alpha=0.3 if n == 4 else 1
        )
        left = [start + sizes[n] for start, (_, sizes) in zip(left, shown, strict=True)]
    for row, (case, _) in enumerate(shown):
        budget = _gib(case.report.per_device.budget)
        axes.plot(
            [budget] * 2,
            [row - 0.45, row + 0.45],
            color="black",
            label=None if row else "budget",
        )
    most = max(_gib(case.report.per_device.budget) for case, _ in shown)
    axes.set_xlim(0, min(max(left), 2 * most) * 1.02)  # What is far over the budget runs off the picture.
    axes.set_yticks(rows, [f"{case.label}: {case.report.verdict}" for case, _ in shown])
    axes.invert_yaxis()
    axes.set_xlabel("GiB per device")
    figure.legend(loc="outside lower center", ncols=6)
    figure.savefig(file)
    return True
