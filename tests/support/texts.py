"""Specs of any length, for sessions."""

from pathlib import Path

PRODUCTION = (Path(__file__).parents[2] / "examples/08-full-production.modelspec.yaml").read_text("utf-8")


def long_text(times):
    """A full spec several times over, each under a name of its own."""
    parts = (PRODUCTION.replace("  name: ", f"  name: n{n}-", 1) for n in range(times))
    return "---\n".join(parts)
