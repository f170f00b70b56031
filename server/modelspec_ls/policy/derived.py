"""Values that are worked out of a document, each only when a rule reads it. What is not known is None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from modelspec_ls.core.path import DocPath
from modelspec_ls.knowledge import precisions
from modelspec_ls.spec.deployment import Deployment
from modelspec_ls.spec.loading import load_seconds
from modelspec_ls.spec.pinning import moving
from modelspec_ls.spec.view import MODEL, SCALING

from .fields import DERIVED

_DEPENDENCIES: DocPath = ("spec", "pipeline", "dependencies")
_EXCEEDING = frozenset({"batch-exceeds", "sequence-exceeds", "weights-exceed"})


class DerivedValues:
    """The derived values of one document."""

    def __init__(self, deployment: Deployment) -> None:
        self._facts = deployment
        self._found: dict[str, Any] = {}
        self._ways: Mapping[str, Callable[[], Any]] = {
            "environment": lambda: deployment.view.environment or None,
            "engine": lambda: deployment.engine_name,
            "model.parameters": lambda: deployment.architecture and int(deployment.architecture.parameters),
            "model.context": lambda: deployment.context,
            "verdict": self._verdict,
            "fits": lambda: None if (verdict := self.get("verdict")) is None else verdict not in _EXCEEDING,
            "weightsGiB": lambda: self._gib("weights"),
            "kvGiB": lambda: self._gib("kv_need"),
            "budgetGiB": lambda: self._gib("budget"),
            "minAccelerators": lambda: self._devices("minReplicas"),
            "maxAccelerators": lambda: self._devices("maxReplicas"),
            "loadSeconds": lambda: load_seconds(deployment) if self._read() else None,
            "pinned": self._pinned,
            "dependencies": lambda: deployment.view.length(*_DEPENDENCIES),
        }

    def get(self, name: str, prices: Mapping[str, float] | None = None) -> Any:
        """The value of that name. ``prices``: USD per device and hour by accelerator, which costs depend on."""
        if name in {"hourlyUsdAtMin", "hourlyUsdAtMax"}:
            return self._cost(name, prices or {})
        if name not in self._found:
            way = self._ways.get(name)
            self._found[name] = way() if way is not None else None
        return self._found[name]

    def tree(self, names: frozenset[str], prices: Mapping[str, float]) -> dict[str, Any]:
        """Those of some names that are known, as expressions see them."""
        out: dict[str, Any] = {}
        for name in DERIVED:
            value = self.get(name, prices) if name in names else None
            if value is not None:
                holder, _, last = name.rpartition(".")
                (out.setdefault(holder, {}) if holder else out)[last] = value
        return out

    def _read(self) -> bool:
        """Whether all that is stated and enters the estimate can be read."""
        field = self._facts.view.text(*MODEL, "precision")
        unknown = field.value is not None and precisions.find(field.value) is None
        return not self._facts.hints.problems and field.state != "invalid" and not unknown

    def _sure(self) -> bool:
        match = self._facts.accelerator
        return match is not None and match.accelerator is not None and not match.ambiguous and self._read()

    def _verdict(self) -> str | None:
        report = self._facts.report if self._sure() else None
        return None if report is None or report.verdict == "unknown" else report.verdict

    def _gib(self, part: str) -> float | None:
        report = self._facts.report if self._sure() else None
        quantity = getattr(report.per_device, part) if report is not None else None
        return None if quantity is None else round(quantity.value, 2)

    def _devices(self, bound: str) -> int | None:
        replicas = self._facts.view.integer(*SCALING, bound).value
        count = self._facts.count
        return None if replicas is None or replicas < 0 or count is None else replicas * count

    def _cost(self, name: str, prices: Mapping[str, float]) -> float | None:
        match = self._facts.accelerator
        devices = self.get("minAccelerators" if name == "hourlyUsdAtMin" else "maxAccelerators")
        if devices is None or match is None or match.accelerator is None or match.ambiguous:
            return None
        price = prices.get(match.accelerator.id)
        return None if price is None else round(devices * price, 4)

    def _pinned(self) -> bool | None:
        texts = [self._facts.view.text(*MODEL, "artifacts", key).value for key in ("modelUri", "tokenizerUri")]
        if texts[0] is None:
            return None
        return all(moving(text, production=True)[1] is None for text in texts if text is not None)
