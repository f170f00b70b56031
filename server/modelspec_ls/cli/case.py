"""One judged ModelSpec, or flavor of an OpenModel, as commands hand it to what prints or draws it."""

from __future__ import annotations

from attrs import frozen

from modelspec_ls.fit.inputs import FitInput
from modelspec_ls.fit.offers import Offer
from modelspec_ls.fit.report import FitReport, Quantity
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.openmodel import FlavorDeployment

PARTS = ("weights", "KV cache", "activations", "overhead", "free")
"""What the memory of a device is spent on, in the order of the bar."""


@frozen
class Case:
    """One ModelSpec, or one flavor of an OpenModel, with its judgement.

    ``swept``: the value a sweep gave; ``current``: it is what the spec says; ``offers``: other accelerators that would
    do, best first; in a sweep over accelerators with prices, the fewest devices of the swept one.
    """

    path: str
    name: str | None
    deployment: Deployment
    given: FitInput
    report: FitReport
    swept: str | int | None = None
    current: bool = False
    offers: tuple[Offer, ...] = ()
    priced: bool = False
    """``offers`` go by price, not by size."""
    flavor: str | None = None
    """The name of the flavor; None for a ModelSpec."""

    @property
    def label(self) -> str:
        """The swept value, else the name."""
        return f"{self.swept:,}" if isinstance(self.swept, int) else self.swept or self.name or self.path

    @property
    def devices(self) -> str:
        """``4 x NVIDIA H100 SXM 80GB``."""
        match = self.deployment.accelerator
        stated = self.stated_type
        card = match.accelerator.name if match and match.accelerator else stated or "accelerator not stated"
        return f"{self.deployment.count or '?'} x {card}"

    @property
    def stated_type(self) -> str | None:
        """The accelerator as the file names it."""
        if isinstance(self.deployment, FlavorDeployment):
            return self.deployment.reading[1].text if self.deployment.reading else None
        return self.deployment.view.text("spec", "runtime", "accelerator", "type").value

    @property
    def parts(self) -> tuple[float, ...]:
        """GiB of each of ``PARTS``; empty where no budget is known."""
        per = self.report.per_device
        if per.budget is None or per.weights is None:
            return ()
        return tuple(max(0.0, gib(q)) for q in (per.weights, per.kv_need, per.activations, per.overhead, per.free))


def gib(quantity: Quantity | None) -> float:
    """The value, 0 for none."""
    return quantity.value if quantity else 0.0
