"""The loop that commands share: paths and standard input become documents, one file after the other."""

from __future__ import annotations

import os
import posixpath
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from modelspec_ls.core.config import Config
from modelspec_ls.core.packed import packed
from modelspec_ls.core.records import record
from modelspec_ls.core.words import near
from modelspec_ls.workspace import references
from modelspec_ls.workspace.discover import Found, discover
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.files import FileFault, FileText, is_folder, is_there, read_stream

from .render.place import shown_path
from .render.source import safe
from .spread import aside

if TYPE_CHECKING:
    from modelspec_ls.knowledge.catalogue import Catalogue
    from modelspec_ls.workspace.snapshot import Snapshot

STDIN = "-"


@packed
@record
class Input:
    """A file to work on. ``fault`` says why there is no document; ``claimed``: the user named the file."""

    path: str
    key: str
    document: Document | None
    fault: FileFault | None
    claimed: bool


def inputs(paths: Sequence[str], stdin_name: str, config: Config) -> Iterator[Input]:
    """Yield what the paths name; ``-`` is standard input under the name ``stdin_name``."""
    if STDIN in paths:
        stream: BinaryIO | None = getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise click.UsageError("Standard input is closed; `-` needs it.")
        if stream.isatty():
            click.echo("note: reading standard input; end it with Ctrl-D (Windows: Ctrl-Z, Enter)", err=True)
        content = read_stream(stream, config.limits)
        yield _input(Found(stdin_name.replace(os.sep, "/"), content, claimed=True))
    for found in discover([path for path in paths if path != STDIN], config.limits):
        yield _input(found)


def inputs_aside(paths: Sequence[str], config: Config) -> Iterator[Input]:
    """The same for files and folders, read from now on while something else is done."""
    return _once(aside(lambda: inputs(paths, "", config)))


def _once(found: Iterable[Input]) -> Iterator[Input]:
    seen: set[str] = set()
    for source in found:
        if source.key not in seen:
            seen.add(source.key)
            yield source


def _input(found: Found) -> Input:
    key = key_of_path(found.path)
    if not isinstance(found.content, FileText):
        return Input(found.path, key, None, found.content, found.claimed)
    document = Document(references.uri_of(key), found.content.text, claimed=found.claimed, key=key)
    return Input(found.path, key, document, None, found.claimed)


def snapshot_of(source: Input, around: Snapshot) -> Snapshot:
    """The file in its surroundings: its scope, and the checkpoints that it names. This waits for the disk."""
    from modelspec_ls.workspace.deployments import looking_around

    document = source.document
    return looking_around(around.covering(document.uri), document) if document is not None else around


def roots_of(paths: Sequence[str]) -> tuple[str, ...]:
    """Where the paths of a run start in which a file names another: its folders, and the projects around."""
    from modelspec_ls.workspace.scopes import project_of

    folders = [key_of_path(path) for path in paths if is_folder(path)]
    files = [key_of_path(path) for path in paths if not is_folder(path)]
    projects = [root for place in (*folders, *map(posixpath.dirname, files)) if (root := project_of(place))]
    return tuple(dict.fromkeys([*folders, *projects]))


def catalogue_here() -> Catalogue:
    """The models and accelerators that the current folder knows."""
    from modelspec_ls.workspace.snapshot import Snapshot

    uri = uri_of("here")
    return Snapshot().covering(uri).scope(uri).catalogue


def policy_names(paths: Sequence[str]) -> frozenset[str]:
    """The names of all rules of policies that hold for some of the files that paths name."""
    from modelspec_ls.workspace.snapshot import Snapshot

    around, found = Snapshot(), set[str]()
    for source in inputs([path for path in paths if path != STDIN], "", Config()):
        if source.document is not None:
            around = around.covering(source.document.uri)
            policies = around.scope(source.document.uri).policies
            found |= policies.names if policies is not None else set()
    return frozenset(found)


def missing(paths: Sequence[str]) -> dict[str, str]:
    """The paths that do not exist, each with a message that names the nearest file that does."""
    out: dict[str, str] = {}
    for path in paths:
        try:
            if path != STDIN:
                os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            guess = _nearest(Path(path))
            hint = f"did you mean `{safe(guess.as_posix())}`?" if guess else "Check the path."
            out[path] = f"`{safe(path)}` does not exist{'; ' if guess else '. '}{hint}"
        except OSError:  # It is there, but not for us: reading it will say so.
            continue
    return out


def _nearest(path: Path) -> Path | None:
    """The path with its first wrong part replaced by a name that exists, if one is close."""
    wrong = next((p for p in reversed((path, *path.parents)) if not is_there(p)), path)
    try:
        names = sorted(entry.name for entry in wrong.parent.iterdir())
    except OSError:
        return None
    # A wrong or forgotten ending is the usual mistake, and further off than a slip of the keyboard.
    stems = [name for name in names if name.split(".", 1)[0] == wrong.name.split(".", 1)[0]]
    guess = near(wrong.name, names) or (stems[0] if len(stems) == 1 else None)
    if guess is None:
        return None
    whole = wrong.parent / guess / path.relative_to(wrong)
    return whole if is_there(whole) else wrong.parent / guess


def key_of_path(path: str) -> str:
    """The file's key in the graph."""
    return os.path.abspath(path).replace(os.sep, "/")  # noqa: PTH100  # Links stay as they are.


def uri_of(path: str) -> str:
    """The file's name in the protocol."""
    return references.uri_of(key_of_path(path))


def path_of(uri: str) -> str:
    """A URI or absolute path as a reader knows it: relative where it lies below the working folder."""
    path = references.parts_of(uri)[1] if uri.startswith("file:") else uri
    if os.name != "nt":
        return shown_path(path)
    path = path.lstrip("/")
    try:
        return Path(path).relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path
