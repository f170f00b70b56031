"""Numbers with a band."""

from __future__ import annotations

from typing import NamedTuple


class Range(NamedTuple):
    """A value and the band it lies in: low <= value <= high."""

    value: float
    low: float
    high: float

    def plus(self, other: Range) -> Range:
        """The sum; bands add up."""
        return Range(self.value + other.value, self.low + other.low, self.high + other.high)

    def minus(self, other: Range) -> Range:
        """The difference, pessimistic at the low end."""
        return Range(self.value - other.value, self.low - other.high, self.high - other.low)

    def times(self, factor: float) -> Range:
        """Scaled by a factor that is not negative."""
        return Range(self.value * factor, self.low * factor, self.high * factor)


def exactly(value: float) -> Range:
    """A value without a band."""
    return Range(value, value, value)


def within(value: float, band: float) -> Range:
    """A value with a relative band."""
    return Range(value, value * (1 - band), value * (1 + band))


ZERO = Range(0.0, 0.0, 0.0)
