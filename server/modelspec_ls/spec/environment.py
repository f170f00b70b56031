"""Where a spec runs: the environment that its labels, or else its name, say."""

from __future__ import annotations

from collections.abc import Mapping

LABELS = ("environment", "env", "stage", "tier")
"""Labels that name an environment, the most usual first."""
_PRODUCTION = frozenset({"prod", "production", "live"})
_OTHERS = {
    "dev": "dev", "development": "dev", "sandbox": "dev", "local": "dev",
    "test": "test", "testing": "test", "qa": "test",
    "staging": "staging", "stage": "staging", "preprod": "staging", "pre-production": "staging", "uat": "staging",
}  # fmt: skip
PRODUCTION = "prod"


def environment_of(labels: Mapping[str, str], name: str) -> str:
    """``prod``, ``dev``, ``test`` or ``staging``; another word as it stands; empty where nothing is said.

    Without a label a name that ends in ``-prod`` or ``-production`` says production.
    """
    for label in LABELS:
        word = labels.get(label, "").strip().casefold()
        if word:
            return PRODUCTION if word in _PRODUCTION else _OTHERS.get(word, word)
    return PRODUCTION if name.endswith(("-prod", "-production")) else ""
