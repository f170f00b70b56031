"""``modelspec fit``: whether models fit the memory of their accelerators, and what would change that."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click
from attrs import evolve

from modelspec_ls.core.config import Config
from modelspec_ls.core.finding import Severity
from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import code_list
from modelspec_ls.fit import FitInput, Missing, device_of, evaluate
from modelspec_ls.fit.limits import valid_counts
from modelspec_ls.knowledge import accelerators
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.view import ACCELERATOR, ANNOTATIONS, BATCH, MODEL, Field, SpecView
from modelspec_ls.syntax.nodes import Document
from modelspec_ls.workspace.kinds import Standing

from .catalog import engine_option, fraction_option, name_option
from .check import FAILED, FOUND_ERRORS, _colored
from .inputs import STDIN, Input, inputs, missing
from .render.fit import Case, draw, entry, render_heading, render_json, render_report, render_sweep
from .render.text import TextStyle

_PATHS: dict[str, DocPath] = {
    "accelerator": (*ACCELERATOR, "type"),
    "count": (*ACCELERATOR, "count"),
    "batch": (*BATCH, "maxBatchSize"),
    "sequence": (*BATCH, "maxSequenceLengthTokens"),
    "precision": (*MODEL, "precision"),
    "engine": (*ANNOTATIONS, "modelspec/engine"),
}
_VENDOR: DocPath = (*ACCELERATOR, "vendor")
_TENSOR: DocPath = (*ANNOTATIONS, "modelspec/tensor-parallel-size")
_DIRECT = {"gpu_memory_utilization": "gpu_memory_utilization", "kv_cache_dtype": "kv_dtype"}
_MOST_DEVICES = 16


class WhatIf(SpecView):
    """A document with some fields answered differently; None: as if the field were not there."""

    def __init__(self, document: Document, changes: Mapping[DocPath, Any]) -> None:
        super().__init__(document)
        self.changes = changes

    def text(self, *path: str | int) -> Field[str]:
        """A changed text, else the document's."""
        if path not in self.changes:
            return super().text(*path)
        value = self.changes[path]
        return Field(path, value, "value" if value is not None else "missing")

    def number(self, *path: str | int) -> Field[float]:
        """A changed number, else the document's."""
        return Field(path, float(self.changes[path]), "value") if path in self.changes else super().number(*path)

    def keys(self, *path: str | int) -> tuple[str, ...]:
        """The document's keys and those of changed fields."""
        added = (str(changed[-1]) for changed in self.changes if changed[:-1] == path)
        return tuple(dict.fromkeys((*super().keys(*path), *added)))


def judge(
    path: str, document: Document, options: Mapping[str, Any], swept: str | int | None = None, *, current: bool = False
) -> Case:
    """Judge one ModelSpec with what the options change."""
    changes: dict[DocPath, Any] = {_PATHS[name]: value for name, value in options.items() if name in _PATHS}
    if "accelerator" in options:
        changes[_VENDOR] = None
    if options.get("count") != SpecView(document).integer(*_PATHS["count"]).value and "count" in options:
        changes[_TENSOR] = None  # It belongs to the stated count.
    deployment = Deployment(WhatIf(document, changes))
    assumed, gaps = dict(changes), list[Missing]()
    if deployment.accelerator is None:
        assumed[_PATHS["accelerator"]] = "not stated"
        gaps.append(Missing("the accelerator", "Set `spec.runtime.accelerator.type`, or pass `--accelerator`."))
    if deployment.count is None:
        assumed[_PATHS["count"]] = 1
        gaps.append(Missing("the number of devices", "Set `spec.runtime.accelerator.count`, or pass `--count`."))
    given = Deployment(WhatIf(document, assumed)).given if gaps else deployment.given
    assert given is not None
    given = evolve(given, **{_DIRECT[name]: value for name, value in options.items() if name in _DIRECT})
    if "precision" in options:
        given = evolve(given, measured_weight_bytes=None)
    report = evaluate(given)
    if gaps:
        rest = [gap for gap in report.missing if gap.fact != "the accelerator's memory" or deployment.accelerator]
        report = evolve(report, verdict="unknown", missing=(*gaps, *rest))
    report = evolve(report, missing=tuple(_guessed(gap, deployment) for gap in report.missing))
    if notes := _sizes(given, deployment):
        report = evolve(report, assumptions=(notes, *report.assumptions))
    name = deployment.view.text("metadata", "name").value
    return Case(path, name, deployment, given, report, swept, current)


def _guessed(gap: Missing, deployment: Deployment) -> Missing:
    """The gap with the name that was probably meant."""
    text, guess = None, None
    if gap.fact == "the accelerator's memory":
        text = deployment.view.text(*_PATHS["accelerator"]).value
        guess = accelerators.suggestion(text) if text else None
    elif gap.fact.startswith("the model") and deployment.resolution and deployment.model is None:
        text = deployment.resolution[1].text
        guess = next(iter(deployment.resolution[0].suggestion), None)
    if text is None:
        return gap
    hint = f"; did you mean `{guess}`?" if guess else "."
    return Missing(gap.fact, f"`{text}` is not in the catalogue{hint} {gap.how}")


def _sizes(given: FitInput, deployment: Deployment) -> str:
    """What an accelerator name of several sizes was taken for, with the verdict on the others."""
    match = deployment.accelerator
    if match is None or match.accelerator is None or not match.ambiguous:
        return ""
    least = match.accelerator.memory_gb_marketed
    others = {card.memory_gb_marketed: card for card in match.candidates if card.memory_gb_marketed != least}
    verdicts = [
        f"with {size} GB: {evaluate(evolve(given, device=device_of(others[size])), limits=False).verdict}"
        for size in sorted(others)
    ]
    text = deployment.view.text(*_PATHS["accelerator"]).value
    return (
        f"`{text}` is sold with {' or '.join(map(str, match.sizes_gb))} GB; {least} GB assumed; {', '.join(verdicts)}."
    )


def sweep_of(by: str, base: Case, document: Document, options: Mapping[str, Any]) -> Iterator[Case]:
    """The same ModelSpec under other values of one option."""
    given, limits = base.given, base.report.limits
    own: Any = getattr(given, by, None)
    values: list[Any] = []
    if by == "accelerator":
        card = base.deployment.accelerator and base.deployment.accelerator.accelerator
        own = card.id if card else None
        values = [a.id for a in sorted(accelerators.all_accelerators(), key=lambda a: accelerators.memory_gib(a).value)]
    elif by == "count":
        shape = given.architecture
        fitting = valid_counts(shape, given) if shape else iter((1, 2, 4, 8, 16))
        values = [n for n in fitting if n <= _MOST_DEVICES] + [limits.min_count]
    elif by == "batch":
        values = [1 << n for n in range(11)] + [limits.max_batch_size]
    else:
        longest = given.architecture.context if given.architecture else None
        values = [1 << n for n in range(10, 18)] + [limits.max_sequence_length, longest]
        values = [n for n in values if n and (not longest or n <= longest)]
    if by != "accelerator":
        values = sorted({n for n in (*values, own) if n})
    for value in values:
        yield judge(base.path, document, {**options, by: value}, value, current=value == own)


def _checked(_ctx: click.Context, param: click.Parameter, value: str | None) -> str | float | None:
    """An option's value, if it means something."""
    if param.name == "engine":
        return engine_option(value)
    if param.name == "gpu_memory_utilization":
        return fraction_option(value)
    if param.name != "plot" or value is None:
        return name_option(param.name or "", value)
    if not value.lower().endswith((".svg", ".png")):
        raise click.BadParameter(f"a picture ends in .svg or .png, `{value}` does not.")
    if importlib.util.find_spec("matplotlib") is None:
        raise click.BadParameter("needs matplotlib: pip install 'modelspec-language-server[plot]'.")
    return value


@click.command(short_help="Tell whether models fit the memory of their accelerators.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--accelerator", metavar="TYPE", callback=_checked, help="What if it ran on this type.")
@click.option("--count", type=click.IntRange(1), help="What if it had this many devices.")
@click.option("--batch", type=click.IntRange(1), help="What if this many sequences ran at once.")
@click.option("--sequence", type=click.IntRange(1), help="What if sequences had this many tokens.")
@click.option("--precision", metavar="NAME", callback=_checked, help="What if the weights were in this format.")
@click.option("--engine", metavar="NAME[==VERSION]", callback=_checked, help="What if this engine served it.")
@click.option("--gpu-memory-utilization", metavar="SHARE", callback=_checked, help="Such as 0.9 or 90%.")
@click.option("--kv-cache-dtype", metavar="TYPE", callback=_checked, help="Such as auto, bf16 or fp8.")
@click.option("--sweep", type=click.Choice(["accelerator", "count", "batch", "sequence"]), help="A table of verdicts.")
@click.option("--plot", metavar="FILE", callback=_checked, help="Draw an .svg or .png; needs matplotlib.")
@click.option("--explain", is_flag=True, help="Say where every number comes from.")
@click.option("--stdin-filename", metavar="NAME", help="The name that the text read by `-` goes by.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print reports.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Whether to colour text.")
@click.pass_context
def fit(ctx: click.Context, /, *, paths: tuple[str, ...], **options: Any) -> None:
    """Say for ModelSpec files, and those in folders, whether the model fits its accelerators. `-` reads standard input.

    \b
    modelspec fit                                    all ModelSpec files below this folder
    modelspec fit a.modelspec.yaml --count 2         what if it had two devices
    modelspec fit a.modelspec.yaml --sweep batch     verdicts for other batch sizes
    modelspec fit --format json -                    standard input, as JSON

    Exit status: 0 everything fits or cannot be judged, 1 something does not fit, 2 wrong usage or a path that
    cannot be read.
    """  # noqa: D301  # Click wants the control character, not a backslash.
    by, form, paths = options["sweep"], options["form"], paths or (".",)
    if options["stdin_filename"] is not None and STDIN not in paths:
        raise click.UsageError("`--stdin-filename` names what `-` reads; add `-` to the paths.")
    changes = {name: options[name] for name in (*_PATHS, *_DIRECT) if options[name] is not None}
    style = TextStyle(color=form == "text" and _colored(options["color"]))
    plain = not (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
    gone = missing(paths)
    for message in gone.values():
        click.echo(f"modelspec fit: {message}", err=True)
    rest, failed, shown, verdicts = [p for p in paths if p not in gone], bool(gone), list[Case](), list[str]()
    for source in inputs(rest, options["stdin_filename"] or "stdin.modelspec.yaml", Config()):
        if source.fault is not None:
            failed = failed or source.fault.severity is Severity.ERROR
            click.echo(f"modelspec fit: {source.path}: {source.fault.message}", err=True)
        for document in _specs(source):
            base = judge(source.path, document, changes)
            verdicts.append(base.report.verdict)
            cases = list(sweep_of(by, base, document, changes)) if by else [base]
            shown += cases
            if form == "text" and by:
                click.echo(f"{render_heading(base, style)}\n{render_sweep(by, cases, style)}", color=style.color)
            elif form == "text":
                click.echo(render_report(base, style, explain=options["explain"], plain=plain), color=style.color)
    if form == "json":
        click.echo(render_json([entry(case) for case in shown]))
    elif not verdicts and rest:
        click.echo(f"No ModelSpec found under {code_list(rest)}.", err=True)
    if options["plot"] and not draw(shown, options["plot"]):
        click.echo("Nothing to draw: no budget is known.", err=True)
    bad = any(verdict not in {"fits", "tight", "unknown"} for verdict in verdicts)
    ctx.exit(FAILED if failed else FOUND_ERRORS if bad else 0)


def _specs(source: Input) -> list[Document]:
    document = source.document
    if document is None:
        return []
    found = zip(document.tree.documents, document.roles, strict=True)
    return [node for node, role in found if role.standing is Standing.SPEC]
