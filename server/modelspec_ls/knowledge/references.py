"""Where a reference to a model keeps the model's name: hub ids, web pages, object stores, file paths, tags."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from modelspec_ls.core.words import LONGEST_NAME
from modelspec_ls.resources import load_package_json

from . import packaging

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.IGNORECASE | re.DOTALL)
_HUB_PAGE = re.compile(
    r"(?:www\.)?(?:huggingface\.co|hf\.co|modelscope\.cn|hf-mirror\.com)/(?:models/)?", re.IGNORECASE
)
_HUBS = frozenset({"hf", "huggingface", "modelscope", "ms"})
# Schemes whose first part names a machine, a bucket or a claim, never a model.
_STORES = frozenset({"s3", "gs", "gcs", "az", "abfs", "abfss", "as", "oss", "pvc", "hdfs", "webhdfs", "https", "http"})
_SHARD = re.compile(r"[-_.]\d{3,6}-of-\d{3,6}$")

# Versions, dates and hashes stand beside a model's name in paths.
_VERSION = re.compile(r"[-_.]?v?\d+(?:[._-]\d+)*(?:[-_.]?(?:rc|alpha|beta|final|dev)\d*)?$")
_HASH = re.compile(r"[0-9a-f]{7,64}")


class Reference(NamedTuple):
    """A model's name inside a reference."""

    name: str
    """Repository or file name, or a short name; empty when nothing in the reference looks like one."""
    owner: str | None = None
    """The part before the name: organisation or folder."""
    hub: bool = False
    """``owner`` is an organisation on a hub."""
    tag: str | None = None
    """After a colon, unless it is a version: ``8b-instruct-q4_K_M``."""
    packing: tuple[str, ...] = ()
    """Other parts that may say how the weights are packed: a file in the repository, a folder named awq."""


def parse(text: str) -> Reference:
    """Find the name in ``hf://org/name@rev/file``, ``s3://bucket/name/v3``, ``org/name``, ``name:tag`` and so on."""
    text = text[:LONGEST_NAME]
    text = text.strip().strip("/") if text.strip().count("/") == 1 else text.strip()
    if "://" in text and (match := _SCHEME.fullmatch(text)):
        scheme, rest = match.group(1).lower(), match.group(2)
        if page := _HUB_PAGE.match(rest):
            return _hub(rest[page.end() :])
        if scheme in _HUBS:
            return _hub(rest.removeprefix("models/"))
        rest = re.split(r"[?#]", rest, maxsplit=1)[0]
        if scheme in _STORES:
            rest = rest.partition("/")[2]
        return _path(rest)
    if text.startswith("models:/"):
        return _path(text.removeprefix("models:/"))
    if "." in text and (page := _HUB_PAGE.match(text)):
        return _hub(text[page.end() :])
    if text.startswith(("/", ".", "~")) or text.count("/") > 1:
        return _path(text)
    return _hub(text)


def _hub(rest: str) -> Reference:
    parts = [part for part in rest.split("/") if part]
    if not parts:
        return Reference("")
    if len(parts) == 1:
        name, tag = _split_tag(parts[0])
        return Reference(_without_extension(name), tag=tag, packing=_gguf(name))
    name, tag = _split_tag(parts[1])
    files = tuple(_without_extension(part) for part in parts[2:] if not _beside(part))
    return Reference(name, parts[0], hub=True, tag=tag, packing=(*files, *_gguf(parts[-1])))


def _path(rest: str) -> Reference:
    parts = [part for part in re.split(r"[/\\]", rest) if part not in {"", ".", "..", "~"}]
    packing: list[str] = []
    for index in range(len(parts) - 1, -1, -1):
        if parts[index].startswith("models--") and parts[index].count("--") == 2:
            # A folder of the hub's cache: models--org--name.
            _, owner, name = parts[index].split("--")
            return Reference(name, owner, hub=True, packing=tuple(packing))
        name, tag = _split_tag(parts[index])
        packing += _gguf(name)
        name = _without_extension(name)
        if _beside(name):
            continue
        if _only_packing(name):
            packing.append(name)
            continue
        return Reference(name, parts[index - 1] if index else None, tag=tag, packing=tuple(packing))
    return Reference("", packing=tuple(packing))


def _split_tag(part: str) -> tuple[str, str | None]:
    name = part.partition("@")[0]
    name, _, tag = name.partition(":")
    return name, tag if tag and not _beside(tag) else None


def _gguf(name: str) -> tuple[str, ...]:
    return ("gguf",) if name.lower().endswith(".gguf") else ()


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(load_package_json("knowledge/data/packagings.json")[kind])


@cache
def _extensions() -> tuple[str, ...]:
    return tuple(sorted(_words("extensions")))


def _without_extension(name: str) -> str:
    lower = name.lower()
    if lower.endswith(_extensions()):
        name = name[: -len(next(e for e in _extensions() if lower.endswith(e)))]
    return _SHARD.sub("", name)


def _beside(part: str) -> bool:
    word = _without_extension(part).lower()
    if word.startswith("tokenizer") or (_HASH.fullmatch(word) and not word.isalpha()):
        return True
    word = _VERSION.sub("", word)
    return not word or word in _words("places")


def _only_packing(name: str) -> bool:
    return packaging.read(name).base == ""
