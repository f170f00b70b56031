"""Another precision for the weights, with what it does to the memory."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from modelspec_ls.analysis import resolve_fix
from modelspec_ls.core.finding import Fix, Place, SetValue
from modelspec_ls.fit.estimate import evaluate
from modelspec_ls.fit.inputs import FitInput
from modelspec_ls.ide.results import CodeAction
from modelspec_ls.knowledge import engines, precisions
from modelspec_ls.knowledge.support import starts_on
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.view import MODEL
from modelspec_ls.workspace.deployments import deployment_in

from .where import Where

_OFFERED = ("bf16", "fp16", "fp8", "int8", "int4")


def precisions_to(where: Where) -> Iterator[CodeAction]:
    """Offers on ``precision``: what else the weights could be in."""
    path = (*MODEL, "precision")
    if where.path != path:
        return
    deployment = deployment_in(where.snapshot, where.document, where.part.number)
    now = deployment.precision
    for name in _OFFERED:
        wanted = precisions.find(name)
        if wanted is None or now is None or wanted.name == now.name:
            continue
        match = deployment.accelerator
        card = match.accelerator if match else None
        if card is not None and deployment.engine_name and not starts_on(deployment.engine_name, card, wanted):
            continue
        operation = SetValue(Place(where.part.number, path), name)
        edits = resolve_fix(where.document, Fix("", (operation,)))
        if edits:
            yield CodeAction(f"Convert to {name}{_effect(deployment, name)}", edits, kind="refactor.rewrite")


def _effect(deployment: Deployment, name: str) -> str:
    """`` (weights 16.4 → 8.2 GiB per device, fits)``; empty where it is not known."""
    given, form = deployment.given, engines.weight_format(name)
    if given is None or form is None or deployment.report is None:
        return ""
    before = deployment.report.per_device.weights
    changed: FitInput = evolve(given, weights=form, weights_assumed=False, measured_weight_bytes=None)
    after = evaluate(changed)
    if before is None or after.per_device.weights is None:
        return ""
    weights = f"weights {before.value:.1f} → {after.per_device.weights.value:.1f} GiB per device"
    return f" ({weights}, {after.verdict.replace('-', ' ')})"
