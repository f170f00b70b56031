"""Where a spec runs: the environment that its labels, or else its name, say."""

from __future__ import annotations

from collections.abc import Mapping

from modelspec_ls.knowledge import conventions

PRODUCTION = "prod"


def environment_of(labels: Mapping[str, str], name: str) -> str:
    """``prod``, ``dev``, ``test`` or ``staging``; another word as it stands; empty where nothing is said.

    Without a label a name that ends in ``-prod`` or ``-production`` says production. ``tier: critical`` is no
    environment, ``tier: prod`` is one.
    """
    known = conventions.environments()
    for label in conventions.ordered("environment", "labels"):
        word = labels.get(label, "").strip().casefold()
        if word:
            return known.get(word, word)
    for label in conventions.ordered("environment", "otherLabels"):
        word = labels.get(label, "").strip().casefold()
        if word in known:
            return known[word]
    return PRODUCTION if name.endswith(conventions.ordered("environment", "nameEndings")) else ""
