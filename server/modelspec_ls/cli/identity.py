"""What makes a finding the same finding in another run: for baselines, and for tools that compare runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from modelspec_ls.core.finding import Diagnostic
from modelspec_ls.workspace.document import Document


def identified(
    path: str, document: Document | None, diagnostics: Iterable[Diagnostic]
) -> Iterator[tuple[Diagnostic, str]]:
    """Findings with their identities: rule, file, and the place by path, so that lines may move and numbers change.

    What stands at no path is known by the text of its line; equal ones are counted.
    """
    seen: Counter[str] = Counter()
    for diagnostic in diagnostics:
        place = diagnostic.pointer
        if not place and document is not None:
            place = "line " + document.index.line_text(document.index.line_of(diagnostic.span.start)).strip()
        key = "\0".join((diagnostic.ident, path, str(diagnostic.document), place))
        number, seen[key] = seen[key], seen[key] + 1
        yield diagnostic, blake2b(f"{key}\0{number}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
