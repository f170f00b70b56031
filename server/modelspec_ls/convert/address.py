"""Where weights are: ``modelUri`` of a ModelSpec and ``source`` of an OpenModel, each read and written."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from modelspec_ls.knowledge import llmaz

HUGGING_FACE = "Huggingface"
MODEL_SCOPE = "ModelScope"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_REPOSITORY = re.compile(
    r"(?P<id>[\w.-]+(?:/[\w.-]+)?)(?:[@:](?P<revision>refs/(?:pr|convert)/[\w.-]+|[^/\s@:]+))?(?:/(?P<path>\S*))?"
)
_PAGE = re.compile(
    r"(?:www\.)?(?P<host>huggingface\.co|hf\.co)/(?P<id>[\w.-]+/[\w.-]+?)"
    r"(?:/(?:tree|blob|resolve)/(?P<revision>[^/?#\s]+)(?:/(?P<path>[^?#\s]*))?)?/?(?:[?#]\S*)?"
)
_NOT_MODELS = ("datasets/", "spaces/", "docs/", "api/", "models/")
_FILE = re.compile(r"[^/]\.[A-Za-z][A-Za-z0-9]{1,11}")
_HUBS = {"hf": HUGGING_FACE, "huggingface": HUGGING_FACE, "modelscope": MODEL_SCOPE, "ms": MODEL_SCOPE}
_FROM_LLMAZ = {"gcs": "gs", "host": "file"}
"""Protocols of llmaz that a ModelSpec calls otherwise."""


class Hub(NamedTuple):
    """A repository on a hub, or one file in it."""

    id: str
    name: str = HUGGING_FACE
    revision: str | None = None
    filename: str | None = None


class Read(NamedTuple):
    """What an address means to llmaz: a repository, a URI of its own, or neither."""

    hub: Hub | None = None
    uri: str | None = None
    fault: str = ""
    """Why it is neither, or which part of it has no place."""


def read_model_uri(text: str) -> Read:
    """Read the ``modelUri`` of a ModelSpec."""
    text = text.strip()
    match = _SCHEME.fullmatch(text)
    if match is None:
        return _without_scheme(text)
    scheme, rest = match[1].lower(), match[2]
    if "://" in rest:
        return Read(fault="llmaz takes an address with one `://` only")
    if scheme in _HUBS:
        return _repository(_HUBS[scheme], _REPOSITORY.fullmatch(rest.removeprefix("models/")))
    if scheme in {"http", "https"}:
        page = None if any(f"/{word}" in f"/{rest}" for word in _NOT_MODELS) else _PAGE.fullmatch(rest)
        return _repository(HUGGING_FACE, page) if page else Read(fault=f"llmaz does not load from `{scheme}://`")
    protocol = scheme if scheme in llmaz.forms() else llmaz.protocol_meant(scheme)
    if protocol is None:
        return Read(fault=f"llmaz does not load from `{scheme}://`")
    fault = uri_fault(f"{protocol}://{rest}")
    return Read(fault=fault) if fault else Read(uri=f"{protocol}://{rest}")


def _without_scheme(text: str) -> Read:
    if text.startswith("/"):
        return Read(uri=f"host://{text}")
    if not text.startswith((".", "~")) and text.count("/") == 1 and (match := _REPOSITORY.fullmatch(text)):
        return _repository(HUGGING_FACE, match)
    return Read(fault="it is no address that llmaz can load from")


def _repository(hub: str, match: re.Match[str] | None) -> Read:
    if match is None:
        return Read(fault="it does not name a repository as `namespace/name`")
    path, revision = match["path"] or "", match["revision"]
    found = Hub(match["id"], hub, unquote(revision) if revision else None)
    if not path.strip("/"):
        return Read(found)
    if path.endswith("/") or not _FILE.search(path):
        return Read(found, fault=f"llmaz loads a repository or one file of it, not its folder `{path.strip('/')}`")
    if hub == MODEL_SCOPE:
        return Read(found, fault=f"llmaz loads whole repositories of ModelScope, not the file `{path}`")
    return Read(found._replace(filename=path))


def uri_fault(uri: str) -> str:
    """Why llmaz would refuse a ``source.uri``; empty where it takes it."""
    protocol, mark, address = uri.partition("://")
    if not mark or "://" in address:
        return "llmaz takes an address with one `://` only"
    name = protocol.lower()
    form = llmaz.forms().get(name)
    if form is None:
        return f"llmaz does not load from `{protocol}://`"
    bucket, slash, path = address.partition("/")
    if name == "oss" and ("." not in address or not address.partition(".")[2].partition("/")[1]):
        return f"llmaz needs `{form}`"
    if name in {"s3", "gcs"} and not (bucket and slash and path):
        return f"llmaz needs `{form}`"
    if name == "host" and not address.startswith("/"):
        return f"llmaz needs a whole path: `{form}`"
    return "" if address else "it names no place"


def sayable(hub: Hub) -> Hub | None:
    """As much of a repository as an address of a ModelSpec can say; None where that is nothing."""
    short = hub._replace(filename=None)
    for part in (hub, short, hub._replace(revision=None), short._replace(revision=None)):
        if read_model_uri(model_uri(part)).hub == part:
            return part
    return None


def model_uri(found: Hub | str) -> str:
    """The ``modelUri`` for a repository, or for a ``source.uri``, which stays as it is where its scheme is unknown."""
    if isinstance(found, str):
        protocol, mark, address = found.partition("://")
        name = protocol.lower()
        return f"{_FROM_LLMAZ.get(name, name)}://{address}" if mark and name in llmaz.forms() else found
    scheme = "modelscope" if found.name == MODEL_SCOPE else "hf"
    revision = f"@{quote(found.revision, safe='')}" if found.revision else ""
    return f"{scheme}://{found.id}{revision}{f'/{found.filename}' if found.filename else ''}"
