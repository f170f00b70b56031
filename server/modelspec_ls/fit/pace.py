"""How fast a deployment can be at best: from memory bandwidth and arithmetic alone. Bounds, not predictions.

A decode step reads the weights that a token uses once::

    seconds per token >= active weight bytes / (devices x bandwidth)

Prompt processing, KV cache, communication and kernel overhead only make it slower. Embedding tables count as read,
which overstates the bound by their share of the weights (a few percent).
"""

from __future__ import annotations

from attrs import frozen


@frozen
class Pace:
    """What the bounds are made from."""

    active_bytes: float
    """Weights that one token uses, in bytes, on all devices together."""
    active_parameters: float
    devices: int
    """Devices that work on one token at the same time."""
    bandwidth: float
    """Memory bandwidth of one device, in bytes per second."""
    tflops: float | None = None
    """Dense tensor rate of one device in TFLOPS, at the width of the calculation."""

    @property
    def token_seconds(self) -> float:
        """The shortest possible decode step of one sequence, in seconds."""
        return self.active_bytes / (self.devices * self.bandwidth)

    def tokens_per_second(self, batch: int) -> float:
        """The most output tokens per second of one replica at a batch: each step serves the whole batch."""
        by_memory = batch / self.token_seconds
        if self.tflops is None:
            return by_memory
        by_arithmetic = self.devices * self.tflops * 10**12 / (2 * self.active_parameters)
        return min(by_memory, by_arithmetic)

    def cost_floor(self, batch: int, usd_per_device_hour: float) -> float:
        """The least that 1,000 output tokens can cost, in USD."""
        hourly = usd_per_device_hour * self.devices
        return hourly / (self.tokens_per_second(batch) * 3600) * 1000
