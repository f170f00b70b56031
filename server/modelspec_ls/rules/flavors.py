"""The estimate of each flavor of an OpenModel, as findings may rest on it."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from modelspec_ls.fit.adapt import device_of
from modelspec_ls.fit.estimate import evaluate
from modelspec_ls.fit.inputs import FitInput
from modelspec_ls.fit.report import FitReport
from modelspec_ls.knowledge.types import Accelerator
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.spec.openmodel import FlavorDeployment


@frozen
class JudgedFlavor:
    """A flavor with its estimate: of an ambiguous accelerator on the reading on which most fits."""

    flavor: FlavorDeployment
    given: FitInput
    report: FitReport
    accelerator: Accelerator
    type: str
    """The accelerator as written, with the size where it is ambiguous."""
    sure: bool
    """The accelerator is one that the flavor names for certain."""

    @property
    def model(self) -> str:
        """The model's short name."""
        return self.report.model.rpartition("/")[2]

    @property
    def weights_exceed(self) -> bool:
        """Whether the weights leave no room: no setting that an OpenModel does not have would change that."""
        per = self.report.per_device
        needs_cache = per.kv_need is None or per.kv_need.value > 0
        return self.report.verdict == "weights-exceed" and (self.report.exceeds == "memory" or needs_cache)


def judged_flavors(ctx: DocumentContext) -> tuple[JudgedFlavor, ...]:
    """The flavors whose memory can be judged; none where a hint that enters the estimate cannot be read."""
    if ctx.hints.problems:
        return ()
    return tuple(_judged(ctx))


def _judged(ctx: DocumentContext) -> Iterator[JudgedFlavor]:
    for flavor in ctx.open_model.flavors:
        given, reading = flavor.given, flavor.reading
        if given is None or reading is None or given.architecture is None or flavor.report is None:
            continue
        match, source = reading
        assert match.accelerator is not None
        accelerator, report, name = match.accelerator, flavor.report, source.text
        if match.ambiguous:
            accelerator = max(match.candidates, key=lambda c: c.memory_gb_marketed)
            given = evolve(given, device=device_of(accelerator))
            report = evaluate(given)
            name = f"{name} ({accelerator.memory_gb_marketed} GB)"
        yield JudgedFlavor(flavor, given, report, accelerator, name, not match.ambiguous)
