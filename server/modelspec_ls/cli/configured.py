"""Findings in the settings and policies that count for the files of a run."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from modelspec_ls.analysis import examine, unreadable
from modelspec_ls.core.finding import Diagnostic, Severity
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.files import FileText, read_text
from modelspec_ls.workspace.kinds import is_settings_name
from modelspec_ls.workspace.references import uri_of
from modelspec_ls.workspace.settings import read_settings_file
from modelspec_ls.workspace.snapshot import Snapshot

from .inputs import Input, path_of


def settings_findings(
    sources: Iterable[Input], around: Snapshot
) -> Iterator[tuple[str, Document | None, tuple[Diagnostic, ...]]]:
    """Path, text and findings of each settings or policy file with something wrong, unless it is a source.

    Without a text for a settings file that is not read.
    """
    listed = {source.key: source for source in sources}
    uris = {key: source.document.uri for key, source in listed.items() if source.document is not None}
    # One file of each folder tells which settings count there.
    folders = {posixpath.dirname(key): uri for key, uri in uris.items()}
    files = {file.path: None for uri in folders.values() if (file := around.scopes.settings_for(uri))}
    if around.scopes.shelf.files:
        for uri in uris.values():
            files |= {file.path: None for file in around.scope(uri).files}
    for path in files:
        if path in listed:
            continue
        read = read_settings_file if is_settings_name(path) else read_text
        content = read(path, around.config.limits)
        if isinstance(content, FileText):
            document = Document(uri_of(path), content.text, key=path)
            found = examine(document, around)
            if found.diagnostics:
                yield path_of(document.uri), document, found.diagnostics
        elif is_settings_name(path) and (finding := unreadable(content.message, Severity.WARNING, around.config)):
            yield path_of(path), None, (finding,)
