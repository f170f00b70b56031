"""``modelspec/memoryFit``: the estimate as plain data, with other numbers than the file's where asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from modelspec_ls.fit.adapt import device_of
from modelspec_ls.fit.estimate import evaluate
from modelspec_ls.fit.inputs import FitInput
from modelspec_ls.fit.report import as_dict
from modelspec_ls.knowledge import engines, precisions
from modelspec_ls.knowledge.catalogue import BUILT_IN, Catalogue
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.openmodel import FlavorDeployment
from modelspec_ls.workspace.deployments import deployment_in, flavors_in
from modelspec_ls.workspace.kinds import Standing
from modelspec_ls.workspace.snapshot import Snapshot

from .flavors import flavor_headline
from .memory import headline

_NUMBERS = frozenset({"count", "batch", "sequence"})


def memory_fit(snapshot: Snapshot, uri: str, overrides: Mapping[str, Any]) -> dict[str, Any] | None:
    """One report per spec of a document, and one per flavor of an OpenModel (``flavor``: its name).

    ``overrides`` may hold ``accelerator``, ``precision``, ``engine``, ``kvCacheDtype`` (names) and ``count``,
    ``batch``, ``sequence`` (whole numbers), ``gpuMemoryUtilization`` (a fraction). What cannot be read is named
    under ``ignored`` and left as the file says.
    """
    document = snapshot.document(uri)
    if document is None:
        return None
    reports: list[dict[str, Any]] = []
    catalogue = snapshot.scope(uri).catalogue
    for number, role in enumerate(document.roles):
        if role.standing is Standing.SPEC:
            reports.append(_report(deployment_in(snapshot, document, number), overrides, catalogue))
        found = flavors_in(snapshot, document, number) if role.standing is Standing.NEIGHBOUR else ()
        reports += [_of_flavor(flavor, overrides, catalogue) for flavor in found]
    return {"uri": uri, "version": document.version, "reports": reports}


def _of_flavor(flavor: FlavorDeployment, overrides: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    out = {**_report(flavor, overrides, catalogue), "flavor": flavor.name}
    if flavor.given is None or {"sequence", "batch"} & set(overrides):
        return out
    return {**out, **flavor_headline(flavor, evaluate(override(flavor.given, overrides, catalogue)[0]))}


def _report(deployment: Deployment, overrides: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    given = deployment.given
    name = deployment.view.text("metadata", "name").value
    if given is None:
        return {"name": name, "verdict": "unknown", "ignored": [], **headline(deployment.report)}
    changed, ignored = override(given, overrides, catalogue)
    estimate = evaluate(changed)
    report = {**as_dict(estimate), **headline(estimate)}
    report["name"] = name
    report["model"] = {"id": changed.model, "resolution": deployment.grade or "unknown"}
    report["devices"] = {"type": changed.device.name, "count": changed.count, **report["devices"]}
    report["ignored"] = ignored
    return report


def override(
    given: FitInput, overrides: Mapping[str, Any], catalogue: Catalogue = BUILT_IN
) -> tuple[FitInput, list[str]]:
    """The input with other numbers, and the names of those that cannot be read."""
    ignored: list[str] = []
    for key, value in overrides.items():
        changed = _one(given, key, value, catalogue)
        if changed is None:
            ignored.append(key)
        else:
            given = changed
    return given, ignored


def _one(given: FitInput, key: str, value: Any, catalogue: Catalogue) -> FitInput | None:
    if key in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            return None
        if key == "count":
            # A stated tensor-parallel size belongs to the stated count.
            return evolve(given, count=value, tensor_parallel=None)
        return evolve(given, batch=value) if key == "batch" else evolve(given, sequence=value)
    if key == "gpuMemoryUtilization":
        fraction = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 1
        return evolve(given, gpu_memory_utilization=float(value)) if fraction else None
    if not isinstance(value, str):
        return None
    if key == "accelerator":
        card = catalogue.find_accelerator(value).accelerator
        return evolve(given, device=device_of(card)) if card else None
    if key == "precision":
        found = precisions.find(value)
        weights = engines.weight_format(found.name) if found else None
        return evolve(given, weights=weights, weights_assumed=False) if weights else None
    if key == "engine":
        engine = engines.engine_of_hint(value)
        return evolve(given, engine=engine) if engine else None
    if key == "kvCacheDtype":
        return evolve(given, kv_dtype=value) if value in precisions.kv_types() else None
    return None
