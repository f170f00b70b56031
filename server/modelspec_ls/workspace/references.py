"""What a ``specRef`` means, where it may lead, and how one file names another.

A file goes by its *key*: the absolute path with forward slashes of a ``file:`` URI, else the URI itself.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal
from urllib.parse import quote, unquote

from attrs import frozen

from modelspec_ls.core.words import LONGEST_NAME

_SCHEME = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]+://|(?:git|oci|docker|hf|s3|gs|https?|mailto|urn):|[\w.-]+@[\w.-]+:)")
_DRIVE = re.compile(r"/?[A-Za-z]:/")
_TEMPLATES = ("${", "{{", "{%", "$(", "<%")
SUFFIXES = (".yaml", ".yml", ".json")


@frozen
class SpecRef:
    """A ``specRef`` taken apart.

    ``kind``: ``path`` (relative, or ``rooted`` at the project), ``name`` (a ``metadata.name``), ``model`` (that of an
    OpenModel), ``external`` (a URI
    that is never fetched), ``template`` (something still has to fill it in) or ``empty``. ``fragment`` names one
    document of the file.
    """

    kind: Literal["path", "name", "model", "external", "template", "empty"]
    text: str
    fragment: str = ""
    rooted: bool = False

    @property
    def dotted(self) -> bool:
        """Whether the path says that it starts at its own file's folder."""
        return self.text.startswith(("./", "../")) or self.text in {".", ".."}


def is_template(text: str) -> bool:
    """Whether something still has to fill a text in."""
    return any(mark in text for mark in _TEMPLATES)


def parse_ref(text: str) -> SpecRef:
    """Take a ``specRef`` apart."""
    return _parse_ref(text) if len(text) <= LONGEST_NAME else _parse_ref.__wrapped__(text)


@lru_cache(maxsize=8192)
def _parse_ref(text: str) -> SpecRef:
    text = text.strip()
    if not text:
        return SpecRef("empty", "")
    if is_template(text):
        return SpecRef("template", text)
    if text.startswith("name:"):
        return SpecRef("name", text.removeprefix("name:").strip())
    if text.startswith("file:"):
        path, _, fragment = text.partition("#")
        return SpecRef("path", key_of(path), unquote(fragment))
    if _SCHEME.match(text):
        return SpecRef("external", text)
    path, _, fragment = text.replace("\\", "/").partition("#")
    if not fragment and "/" not in path and not path.lower().endswith(SUFFIXES) and path not in {".", ".."}:
        return SpecRef("name", path)
    return SpecRef("path", path, fragment, rooted=path.startswith("/") and not _DRIVE.match(path))


def candidates(base: str, ref: SpecRef, root: str) -> tuple[str, ...]:
    """The keys that a path may mean from the file ``base``: below its folder, then below its root, if it has one."""
    if ref.kind != "path":
        return ()
    if not ref.text:
        return (base,)
    if ref.dotted:
        # Most paths: they lead to one place.
        return (_join(posixpath.dirname(base), ref.text),)
    if _DRIVE.match(ref.text):
        path = ref.text.removeprefix("/")
        return (path[0].upper() + posixpath.normpath(path[1:]),)
    if ref.text.startswith("/") and not ref.rooted:
        # Written as the URI of a file.
        return (posixpath.normpath(ref.text),)
    out = [] if ref.rooted else [_join(posixpath.dirname(base), ref.text)]
    if root:
        out.append(_join(root, ref.text.lstrip("/")))
    if ref.rooted:
        out.append(posixpath.normpath(ref.text))
    return tuple(dict.fromkeys(out))


_PLAIN = re.compile(r"[A-Za-z0-9/_.~-]*")


def _join(folder: str, path: str) -> str:
    scheme, mark, rest = folder.partition("://")
    if not mark:
        return posixpath.normpath(posixpath.join(folder, path))
    return f"{scheme}://{posixpath.normpath(posixpath.join(rest, path))}"


@lru_cache(maxsize=4096)
def key_of(uri: str) -> str:
    """The key of a file by its URI, however the client escapes it."""
    if not uri.startswith("file:"):
        return uri
    host, path = parts_of(uri)
    if path[2:3] == ":" and re.match(r"/[A-Za-z]:", path):
        # A drive, by the letter that Python gives it. Some clients put a path of Windows in as it is.
        path = path[1].upper() + path[2:].replace("\\", "/")
    return f"//{host}{path}" if host else path


def folders_above(key: str) -> Iterator[str]:
    """The keys of the folders that a file or folder is in, innermost first."""
    while (above := posixpath.dirname(key)) != key:
        yield above
        key = above


def parts_of(uri: str) -> tuple[str, str]:
    """Host and path of a ``file:`` URI, whatever is in it: ``urlsplit`` refuses some. No host means this machine."""
    if uri.startswith("file:///") and _PLAIN.fullmatch(uri, len("file://")):
        return "", uri[len("file://") :]  # Most of them.
    rest = re.split(r"[?#]", uri[len("file:") :], maxsplit=1)[0]
    host, path = "", rest
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        path = slash + path
    # Names on disk need not be text: what is none survives as Python's file functions have it.
    return "" if host == "localhost" else host, unquote(path, errors="surrogateescape")


def uri_of(key: str) -> str:
    """A URI for a key, escaped as Python does it."""
    if "://" in key or not _is_path(key):
        return key
    if key.startswith("//"):
        return "file:" + quoted(key)
    if key.startswith("/"):
        return "file://" + quoted(key)
    return f"file:///{key[:2]}{quoted(key[2:])}"


def quoted(path: str) -> str:
    """A path as a part of a URI; what is no UTF-8 in it byte by byte."""
    if _PLAIN.fullmatch(path):
        return path  # Most names; quoting takes ten times as long to find that out.
    try:
        return quote(path, errors="surrogateescape")
    except UnicodeEncodeError:  # A client's half of a character, which no file has in its name.
        return quote(path, errors="surrogatepass")


def _is_path(key: str) -> bool:
    return key.startswith("/") or _DRIVE.match(key) is not None


def relative_ref(base: str, target: str) -> str | None:
    """How the file ``base`` refers to the file ``target`` (both keys): ``./x`` or ``../y/x``.

    None across schemes, hosts and drives.
    """
    if _start(base) != _start(target):
        return None
    path = posixpath.relpath(target, posixpath.dirname(base) or "/")
    return path if path.startswith("../") else f"./{path}"


def _start(key: str) -> str:
    """What no ``..`` leads out of: the drive of a path, the scheme and host of a URI."""
    if key.startswith("//"):
        return "//" + key[2:].partition("/")[0]
    if _is_path(key):
        return "" if key.startswith("/") else key[0]
    scheme, mark, rest = key.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if mark else key.partition(":")[0] + ":"


def shared(one: list[str], other: list[str]) -> int:
    """The number of parts with which two paths start alike."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def shown(key: str, base: str) -> str:
    """A file as a reader of the file ``base`` calls it: relative to its folder where both have one."""
    return posixpath.relpath(key, posixpath.dirname(base)) if key.startswith("/") and base.startswith("/") else key
