"""A file must be readable as text.

## What it checks

That a file named on the command line, or a `*.modelspec.*` file in a folder, can be read: it exists, is
a regular file, may be read, is UTF-8 (or UTF-16 or UTF-32 with a byte order mark), is no binary and is
not larger than 4 MiB. A linked folder that leads back to itself is reported once, as information.

## Why it matters

A file that is skipped without a word looks like a file without mistakes.

## Good

A text file in UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelspec_ls.core.finding import Finding, Severity
from modelspec_ls.rules.context import FileContext
from modelspec_ls.rules.meta import Rule

META = Rule("MS005", "unreadable-file", "syntax", Severity.ERROR, "A file must be readable as text", scope="file")


def check(ctx: FileContext) -> Iterator[Finding]:
    """Nothing is left to say about a text: whoever reads the file reports what kept it from being read."""
    del ctx
    yield from ()
