"""Bounds on what a policy may cost, so that no file of any origin can stall the tool."""

from __future__ import annotations

from attrs import define

MOST_RULES = 1_000
"""Rules of one file; further ones are not in force."""
MOST_FIELDS = 100
"""Fields of one requirement or selector."""
MOST_EXTENDED = 32
"""Files that one policy brings in by ``extends``, directly and indirectly."""
LONGEST_PATTERN = 500
"""Characters of a ``matches``."""
LONGEST_MATCHED = 4_096
"""Characters of a text that is matched; a longer one matches nothing."""
LONGEST_EXPRESSION = 2_000
"""Characters of an ``expression``."""
EXPRESSION_SECONDS = 0.05
"""Processor time that all expressions together may take for one document."""
STEPS = 60_000
"""Steps of matching and comparing for one document: about half a second. Fifty rules take some 1,000 of them."""


class Exhausted(Exception):
    """A document's budget is used up."""


@define
class Budget:
    """Steps left for one document. Counted, not timed, so that every machine gives the same verdict."""

    left: int = STEPS

    def spend(self, steps: int = 1) -> None:
        """Use some.

        Raises:
            Exhausted: there are none left.
        """
        self.left -= steps
        if self.left < 0:
            raise Exhausted
