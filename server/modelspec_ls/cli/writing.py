"""Files that commands write, in one step: whoever reads one that was there finds the old text or the new, no part."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import click

from .render.source import safe

_AWAY = "a link leads to it from this folder, and it lies elsewhere; name it by its own path"


class CannotWriteError(Exception):
    """Why a file was not written, in words that go on after a colon. ``exists``: it is there and must not be."""

    def __init__(self, reason: str, *, exists: bool = False) -> None:
        super().__init__(reason)
        self.exists = exists


def target(path: str | os.PathLike[str]) -> Path:
    """The file that a path stands for, links followed.

    Raises:
        CannotWriteError: the path lies in this folder, and a link leads out of it.
    """
    real, here = Path(os.path.realpath(path)), Path.cwd()
    # `Path.resolve` would follow the very link that is asked about.
    if Path(os.path.abspath(path)).is_relative_to(here) and not real.is_relative_to(here.resolve()):  # noqa: PTH100
        raise CannotWriteError(_AWAY)
    return real


def write(path: str | os.PathLike[str], content: str | bytes, *, replace: bool = True) -> None:
    """Write a whole file, text as UTF-8. Links and permissions stay; ``replace``: it may be there already.

    Raises:
        CannotWriteError: it was not written. A file that was there is as it was.
    """
    # Half a character, which an escape may have made, is written as its escape.
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    if not replace and os.path.lexists(path):
        raise CannotWriteError("it exists", exists=True)
    try:
        if (stream := _stream(path)) is not None:
            with os.fdopen(os.dup(stream), "wb") as file:
                file.write(data)
        elif _in_place(path):
            Path(path).write_bytes(data)
        else:
            _exchange(target(path), data, replace=replace)
    except FileExistsError:
        raise CannotWriteError("it exists", exists=True) from None
    except OSError as error:
        raise CannotWriteError(error.strerror or str(error)) from None


def write_as_asked(path: str, text: str, *, replace: bool = True) -> None:
    """Write the file that the command line names.

    Raises:
        click.UsageError: it was not written; says why.
    """
    try:
        write(path, text, replace=replace)
    except CannotWriteError as fault:
        if fault.exists:
            message = f"`{safe(path)}` exists; choose another name, or replace it with --force."
            raise click.UsageError(message) from None
        raise click.UsageError(f"`{safe(path)}` cannot be written: {fault}.") from None


def _stream(path: str | os.PathLike[str]) -> int | None:
    """The output of this process that a path stands for: others may have written there, and will go on."""
    for stream in (1, 2):
        try:
            if os.path.samestat(Path(path).stat(), os.fstat(stream)):
                return stream
        except OSError:
            continue
    return None


def _in_place(path: str | os.PathLike[str]) -> bool:
    """Whether a path stands for something else than a file, such as ``/dev/stdout`` or a pipe."""
    try:
        return not stat.S_ISREG(Path(path).stat().st_mode)
    except FileNotFoundError:
        return False


def _exchange(real: Path, data: bytes, *, replace: bool) -> None:
    made = not replace or not real.exists()
    if made:
        # A place of its own first: it has the permissions of a new file, and nobody else comes between.
        os.close(os.open(real, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{real.name[:100]}.", dir=real.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            temporary.chmod(real.stat().st_mode & 0o7777)
            temporary.replace(real)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except BaseException:
        if made:
            real.unlink(missing_ok=True)
        raise
