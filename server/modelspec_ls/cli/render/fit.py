"""Memory fit as text and JSON. Figures are GiB per device unless they say otherwise."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from modelspec_ls.cli.case import PARTS, Case, gib
from modelspec_ls.core.words import join, plural
from modelspec_ls.fit.assess import TIGHT
from modelspec_ls.fit.report import FitReport, Quantity, as_dict

from .source import as_json, safe
from .style import TextStyle, verdict_color

_MARKS = (("blue", "█#"), ("magenta", "▓="), ("cyan", "▒+"), ("yellow", "░-"), ("green", "·."))
_ROWS = ("capacity", "budget", "weights", "KV cache needed", "KV cache available", "activations", "overhead", "free")
_LABEL = 20
_OFFERS = 10
_MODEL_ID = ("spec", "identity", "model", "id")


def sentence(case: Case) -> str:
    """Why the verdict is what it is, in numbers."""
    report, per = case.report, case.report.per_device
    if report.verdict == "unknown":
        return f"cannot be judged without {join(gap.fact for gap in report.missing)}."
    weights, need, there = gib(per.weights), gib(per.kv_need), max(0.0, gib(per.kv_available))
    capacity, budget = gib(per.capacity), gib(per.budget)
    fixed = f"{weights:.1f} GiB of weights, {gib(per.activations):.1f} of activations and "
    fixed += f"{gib(per.overhead):.1f} of overhead"
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
        left = f"{what}{there:.1f} GiB are available, which leaves {there - need:.1f}"
        least = max(0.0, per.kv_available.low if per.kv_available else 0.0)
        if report.verdict != "tight":
            return f"{left}."
        if need > least:
            return f"{left}; but it may be as little as {least:.1f}, so the start is not certain."
        return f"{left}, less than {TIGHT:.0%} of the budget."
    what += f"only {there:.1f} GiB are available"
    if report.verdict == "sequence-exceeds":
        return f"{what}: {case.given.engine.name} {'runs out of memory' if static else 'refuses to start'}{enough}."
    if report.verdict == "batch-exceeds":
        then = "runs out of memory" if static else "queues or preempts the rest"
        fit = report.limits.max_batch_size or 0
        if not fit:
            return f"{what}: it is not certain that even one fits{enough}."
        return f"{what}: {fit:,} fit at once, {case.given.engine.name} {then}{enough}."
    most = per.kv_available.high if per.kv_available else 0.0
    if need <= most:
        return f"{what}, though it may be up to {most:.1f}: the start is not certain{enough}."
    return f"{what}; no length is stated, and a shorter one may do{enough}."


def render_heading(case: Case, style: TextStyle) -> str:
    """What is judged: name, file, model, engine, devices."""
    report, given = case.report, case.given
    sizes = (report.tensor_parallel, report.pipeline_parallel, report.data_parallel)
    spread = zip(("tensor", "pipeline", "data"), sizes, strict=True)
    how = ", ".join(f"{word} parallel {size}" for word, size in spread if size > 1)
    fmt = f" ({given.weights.name})" if given.weights else ""
    what = f"{report.model}{fmt} on {report.engine}, {case.devices}{f' ({how})' if how else ''}"
    flavor = f", flavor {case.flavor or '(no name)'}" if case.flavor is not None else ""
    title = style.paint(safe(f"{case.name or '(no name)'}{flavor}"), bold=True)
    return "\n".join([f"{title}  {safe(case.path)}", *_wrap(safe(what), style, "  "), ""])


def render_report(case: Case, style: TextStyle, *, explain: bool = False, plain: bool = False) -> str:
    """The whole breakdown. ``plain``: the bar in ASCII; ``explain``: where each number comes from."""
    report = case.report
    color = verdict_color(report.verdict)
    lines = _wrap(safe(f"{report.verdict}: {sentence(case)}"), style, "  ")
    lines[0] = lines[0].replace(report.verdict, style.paint(report.verdict, color, bold=True), 1)
    rows = _rows(report)
    if rows:
        lines += ["", style.paint(f"  {'GiB per device':<{_LABEL}}{'':>9}  {'band':<17}", bold=True).rstrip()]
    for label, quantity in rows:
        band = f"{quantity.low:.2f} to {quantity.high:.2f}" if quantity.high - quantity.low > 0.005 else ""
        lines.append(f"  {label:<{_LABEL}}{quantity.value:>9.2f}  {band:<17}  {quantity.exactness}")
    lines += _bar(case, style, plain=plain)
    sections = [
        ("KV cache", _cache(report)),
        ("limits", [*_limits(report), *_offers(case)]),
        ("assumptions", list(report.assumptions)),
    ]
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
    sizes, budget = case.parts, case.report.per_device.budget
    if not sizes or budget is None:
        return []
    room, scale, total = max(20, min(60, style.width - 6)), max(budget.value, sum(sizes)), 0.0
    drawn, legend = "", []
    for size, label, (color, marks) in zip(sizes, PARTS, _MARKS, strict=True):
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
        if not (kv.capacity_tokens_high or kv.capacity_tokens):
            return [*out, "no room for a single token"]
        band = f"({kv.capacity_tokens_low or 0:,} to {kv.capacity_tokens_high or 0:,})"
        at_once = f"{kv.max_concurrency:,.1f} sequences of {kv.sequence_tokens or 0:,} tokens"
        out.append(f"{kv.capacity_tokens:,} tokens fit {band}: {at_once}")
    return out


def _limits(report: FitReport) -> list[str]:
    limits = report.limits
    named = (
        ("largest batch", limits.max_batch_size, " at this length"),
        ("longest sequence", limits.max_sequence_length, " at this batch"),
        ("fewest devices", limits.min_count, ""),
    )
    found = [f"{label} {value:,}{when}" for label, value, when in named if value is not None]
    return [", ".join(found)] if found else []


def _offers(case: Case) -> list[str]:
    """The best accelerators in the whole catalogue, or among those with a price."""
    if not case.offers:
        return ["none of the accelerators with a price holds it"] if case.priced else []
    named = [
        f"{offer.count} x {offer.accelerator} "
        + (f"at {offer.usd_per_hour:,.2f} USD/h" if offer.usd_per_hour is not None else f"({offer.memory_gib:.0f} GiB)")
        for offer in case.offers[:3]
    ]
    return [f"{'cheapest' if case.priced else 'smallest'} that would do: {', '.join(named)}"]


def _provenance(case: Case, rows: Iterable[tuple[str, Quantity]]) -> list[str]:
    report, model, match = case.report, case.deployment.model, case.deployment.accelerator
    out = [f"{label}: {quantity.why}" for label, quantity in rows]
    more = (("KV per token", report.kv.bytes_per_token), ("graphs", report.graphs_gib))
    out += [f"{label}: {quantity.why}" for label, quantity in more if quantity]
    for row in (model, match.accelerator if match else None):
        out += [f"{row.id}: {', '.join(row.sources)} ({row.date})"] if row else []
    return out


def entry(case: Case) -> dict[str, Any]:
    """One report in the shape that other tools rely on: keys are added, never renamed or removed."""
    deployment, plain = case.deployment, as_dict(case.report)
    shape = deployment.architecture
    stated = case.given.model if case.flavor is not None else deployment.view.text(*_MODEL_ID).value
    model = {"id": deployment.model.id if deployment.model else stated, "resolution": deployment.grade or "unknown"}
    kind = case.stated_type
    spread = {key: plain["devices"][key] for key in ("tensorParallel", "pipelineParallel")}
    out = {
        "path": case.path,
        "name": case.name,
        **({"flavor": case.flavor} if case.flavor is not None else {}),
        "verdict": plain.pop("verdict"),
        "model": {**model, "parameters": shape.parameters if shape else None},
        **plain,
        "devices": {"type": kind, "count": deployment.count, **spread},
    }
    offers = [
        {"accelerator": o.accelerator, "count": o.count, "usdPerHour": o.usd_per_hour and round(o.usd_per_hour, 4)}
        for o in case.offers[:_OFFERS]
    ]
    if case.swept is None:
        return {**out, "offers": offers}
    return {**out, "swept": case.swept, **({"offers": offers} if case.priced else {})}


def render_json(reports: Sequence[dict[str, Any]]) -> str:
    """The whole answer, in ASCII where standard output cannot carry more."""
    return as_json({"reports": reports})
