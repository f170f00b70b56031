"""Memory fit as a picture, by matplotlib where that is installed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from io import BytesIO

from modelspec_ls.cli.case import PARTS, Case, gib
from modelspec_ls.cli.writing import write


def draw(cases: Iterable[Case], file: str) -> bool:
    """A picture with a bar for every case and a line where its budget ends; whether there was anything to draw."""
    shown = [(case, sizes) for case in cases if (sizes := case.parts)]
    if not shown:
        return False
    import_module("matplotlib").use("Agg")
    figure, axes = import_module("matplotlib.pyplot").subplots(
        figsize=(9, 1.6 + 0.4 * len(shown)), layout="constrained"
    )
    rows, left = range(len(shown)), [0.0] * len(shown)
    for n, label in enumerate(PARTS):
        axes.barh(
            rows, [sizes[n] for _, sizes in shown], left=left, label=label, color=f"C{n}", alpha=0.3 if n == 4 else 1
        )
        left = [start + sizes[n] for start, (_, sizes) in zip(left, shown, strict=True)]
    for row, (case, _) in enumerate(shown):
        budget = gib(case.report.per_device.budget)
        axes.plot(
            [budget] * 2,
            [row - 0.45, row + 0.45],
            color="black",
            label=None if row else "budget",
        )
    most = max(gib(case.report.per_device.budget) for case, _ in shown)
    axes.set_xlim(0, min(max(left), 2 * most) * 1.02)  # What is far over the budget runs off the picture.
    axes.set_yticks(rows, [f"{case.label}: {case.report.verdict}" for case, _ in shown])
    axes.invert_yaxis()
    axes.set_xlabel("GiB per device")
    figure.legend(loc="outside lower center", ncols=6)
    picture = BytesIO()
    figure.savefig(picture, format=file.rpartition(".")[2].lower())
    write(file, picture.getvalue())
    return True
