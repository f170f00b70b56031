"""ModelSpecs judged as they are, or as if some of their fields said something else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from modelspec_ls.core.path import DocPath
from modelspec_ls.fit import FitInput, Missing, device_of, evaluate
from modelspec_ls.fit.inputs import Device
from modelspec_ls.fit.limits import valid_counts
from modelspec_ls.fit.offers import Offer, offers_of
from modelspec_ls.ide.memory_request import override
from modelspec_ls.knowledge import accelerators, precisions
from modelspec_ls.knowledge.catalogue import BUILT_IN, Catalogue
from modelspec_ls.knowledge.support import starts_on
from modelspec_ls.knowledge.types import Accelerator
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.openmodel import FlavorDeployment
from modelspec_ls.spec.view import ACCELERATOR, ANNOTATIONS, BATCH, MODEL, Field, SpecView
from modelspec_ls.syntax.nodes import Document
from modelspec_ls.workspace.deployments import NOTHING, Known

from .case import Case

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

CHANGES = (*_PATHS, *_DIRECT)
"""What options may answer differently."""


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


@frozen
class Around:
    """What is known beyond the spec's text: the catalogue of its folder, its checkpoint, what its hints lead to."""

    catalogue: Catalogue = BUILT_IN
    known: Known = NOTHING

    @property
    def note(self) -> str:
        """Where the weights lie, or why they were not read."""
        found = self.known.reading
        if found is None or found.place is None or (found.facts is None and found.fault is None):
            return ""
        if found.facts is not None:
            return f"Weights as they lie in {found.place}."
        return f"The checkpoint at {found.place} was not read: {found.fault}"


def judge(
    path: str,
    document: Document,
    around: Around,
    options: Mapping[str, Any],
    swept: str | int | None = None,
    *,
    current: bool = False,
) -> Case:
    """Judge one ModelSpec with what the options change."""
    changes: dict[DocPath, Any] = {_PATHS[name]: value for name, value in options.items() if name in _PATHS}
    if "accelerator" in options:
        changes[_VENDOR] = None
    if options.get("count") != SpecView(document).integer(*_PATHS["count"]).value and "count" in options:
        changes[_TENSOR] = None  # It belongs to the stated count.
    reading = around.known.reading
    known = around.catalogue, reading.facts if reading is not None else None, around.known.lineage
    deployment = Deployment(WhatIf(document, changes), *known)
    assumed, gaps = dict(changes), list[Missing]()
    if deployment.accelerator is None:
        assumed[_PATHS["accelerator"]] = "not stated"
        gaps.append(Missing("the accelerator", "Set `spec.runtime.accelerator.type`, or pass `--accelerator`."))
    if deployment.count is None:
        assumed[_PATHS["count"]] = 1
        gaps.append(Missing("the number of devices", "Set `spec.runtime.accelerator.count`, or pass `--count`."))
    given = Deployment(WhatIf(document, assumed), *known).given if gaps else deployment.given
    assert given is not None
    given = evolve(given, **{_DIRECT[name]: value for name, value in options.items() if name in _DIRECT})
    if "precision" in options:
        given = evolve(given, measured_weight_bytes=None)
    report = evaluate(given)
    if gaps:
        rest = [gap for gap in report.missing if gap.fact != "the accelerator's memory" or deployment.accelerator]
        report = evolve(report, verdict="unknown", missing=(*gaps, *rest))
    report = evolve(report, missing=tuple(_guessed(gap, deployment) for gap in report.missing))
    notes = tuple(text for text in (_sizes(given, deployment), *_stated(deployment), around.note) if text)
    report = evolve(report, assumptions=(*notes, *report.assumptions))
    name = deployment.view.text("metadata", "name").value
    return Case(path, name, deployment, given, report, swept, current)


def judge_flavor(
    path: str,
    flavor: FlavorDeployment,
    around: Around,
    options: Mapping[str, Any],
    swept: str | int | None = None,
    *,
    current: bool = False,
) -> Case:
    """Judge one flavor of an OpenModel with what the options change."""
    gaps: list[Missing] = []
    match = flavor.accelerator
    if (match is None or match.accelerator is None) and "accelerator" not in options:
        how = "Name it in the flavor's `nodeSelector`, its `params.INSTANCE-TYPE` or its name, or pass `--accelerator`."
        gaps.append(Missing("the accelerator", how))
    if flavor.count is None and "count" not in options:
        gaps.append(Missing("the number of devices", "Claim accelerators in the flavor's `limits`, or pass `--count`."))
    device = device_of(match.accelerator) if match and match.accelerator else Device(None, name="unknown accelerator")
    given = flavor.given_on(device, flavor.count or 1)
    changes = {_OVERRIDES.get(name, name): value for name, value in options.items()}
    given, _ = override(given, changes, around.catalogue)
    if "precision" in options:
        given = evolve(given, measured_weight_bytes=None)
    report = evaluate(given)
    if gaps:
        rest = [gap for gap in report.missing if gap.fact != "the accelerator's memory"]
        report = evolve(report, verdict="unknown", missing=(*gaps, *rest))
    notes = tuple(text for text in (_read_from(flavor), *_stated(flavor), around.note) if text)
    report = evolve(report, assumptions=(*notes, *report.assumptions))
    name = flavor.view.text("metadata", "name").value
    return Case(path, name, flavor, given, report, swept, current, flavor=flavor.name)


_OVERRIDES = {"gpu_memory_utilization": "gpuMemoryUtilization", "kv_cache_dtype": "kvCacheDtype"}


def _read_from(flavor: FlavorDeployment) -> str:
    """Where the accelerator of a flavor was read from, which is nowhere said outright."""
    if flavor.reading is None:
        return ""
    match, source = flavor.reading
    sizes = f", which is sold with {' or '.join(map(str, match.sizes_gb))} GB; the least assumed" * match.ambiguous
    return f"Accelerator read from `{source.path[-1]}: {source.text}`{sizes}."


def _guessed(gap: Missing, deployment: Deployment) -> Missing:
    """The gap with the name that was probably meant."""
    text, guess, kind = None, None, "Model"
    if gap.fact == "the accelerator's memory":
        text = deployment.view.text(*_PATHS["accelerator"]).value
        guess = deployment.catalogue.suggest_accelerator(text) if text else None
        kind = "Accelerator"
    elif gap.fact.startswith("the model") and deployment.resolution and deployment.model is None:
        text = deployment.resolution[1].text
        guess = next(iter(deployment.resolution[0].suggestion), None)
    if text is None:
        return gap
    hint = f"; did you mean `{guess}`?" if guess else "."
    broken = deployment.catalogue.broken_for(kind, text)
    where = f" The row at line {broken.line} of {broken.path} has errors and is not used." if broken else ""
    return Missing(gap.fact, f"`{text}` is not in the catalogue{hint}{where} {gap.how}")


def _stated(deployment: Deployment) -> Iterator[str]:
    """What was taken from rows of the workspace's own, or from the spec of a base model."""
    if deployment.inherited is not None:
        yield f"The model's size and shape as the hints in `{deployment.hints.base_model}` state them."
    card = deployment.accelerator.accelerator if deployment.accelerator else None
    for row in (deployment.model, card):
        if row is not None and row.origin is not None:
            instead = ", in place of the built-in row" if row.origin.replaces else ""
            yield f"{row.id} as {row.origin.short} states it{instead}."


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


def with_offers(case: Case, prices: Mapping[str, float] | None) -> Case:
    """The case with the accelerators that would do.

    With prices: those that have one. Without: those of the same vendor that clouds rent.
    """
    vendor = case.given.device.vendor
    cards = [
        card
        for card in case.deployment.catalogue.all_accelerators
        if (card.id in prices if prices is not None else card.vendor == vendor and card.instances)
        and _starts(card, case.given)
    ]
    found = offers_of(case.given, [(card.id, device_of(card)) for card in cards], prices)
    return evolve(case, offers=tuple(found), priced=prices is not None)


def _starts(card: Accelerator, given: FitInput) -> bool:
    precision = precisions.find(given.weights.name) if given.weights else None
    return starts_on(given.engine.name, card, precision)


def priced_sweep(cases: Iterable[Case], prices: Mapping[str, float]) -> list[Case]:
    """Cases of a sweep over accelerators that have a price, with what a replica costs on each, cheapest first."""
    out = []
    for case in cases:
        name = str(case.swept)
        if name not in prices:
            continue
        match = case.deployment.accelerator
        card = match.accelerator if match else None
        device = [(name, case.given.device)] if card is not None and _starts(card, case.given) else []
        out.append(evolve(case, offers=tuple(offers_of(case.given, device, prices)), priced=True))
    return sorted(out, key=_cost)


def _cost(case: Case) -> tuple[bool, float, float]:
    offer: Offer | None = next(iter(case.offers), None)
    return (offer is None, (offer.usd_per_hour or 0.0) if offer else 0.0, case.given.device.memory_gib or 0.0)


Again = Callable[..., Case]
"""Judges the same thing under other options: ``judge`` or ``judge_flavor`` with their first arguments."""


def sweep_of(by: str, base: Case, again: Again, around: Around, options: Mapping[str, Any]) -> Iterator[Case]:
    """The same ModelSpec or flavor under other values of one option."""
    given, limits = base.given, base.report.limits
    own: Any = getattr(given, by, None)
    values: list[Any] = []
    if by == "accelerator":
        card = base.deployment.accelerator and base.deployment.accelerator.accelerator
        own = card.id if card else None
        values = [
            a.id for a in sorted(around.catalogue.all_accelerators, key=lambda a: accelerators.memory_gib(a).value)
        ]
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
        yield again({**options, by: value}, value, current=value == own)
