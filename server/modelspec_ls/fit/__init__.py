"""Whether a model fits the memory of its accelerators: numbers in, a report out. Pure: no files, no YAML.

May import: core and knowledge.
Units: GiB is 2^30 bytes, tokens, and bytes where a name says so; figures are per device unless a name says total.
"""

from .adapt import architecture_of, device_of, format_of
from .estimate import evaluate, what_if
from .inputs import Adapter, Architecture, Device, Draft, FitInput
from .report import FitReport, Limits, Missing, PerDevice, Quantity, Verdict, as_dict

__all__ = [
    "Adapter",
    "Architecture",
    "Device",
    "Draft",
    "FitInput",
    "FitReport",
    "Limits",
    "Missing",
    "PerDevice",
    "Quantity",
    "Verdict",
    "architecture_of",
    "as_dict",
    "device_of",
    "evaluate",
    "format_of",
    "what_if",
]
