"""Whether the address of an artifact names one version of it, or whatever is there on the day."""

from __future__ import annotations

import re

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(/{0,2})(.*)")
"""An address: scheme, slashes, rest."""
_HUB = re.compile(r"(?:models/)?([\w.-]+/[\w.-]+)(?:[@:]([^/\s]+))?(?:/[^\s]*)?")
_BARE = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(?:@[\w.-]+)?")
BRANCHES = frozenset({"main", "master", "head", "latest"})
_STORES = frozenset({"s3", "gs", "gcs", "az", "abfs", "abfss", "as", "oss"})
_VERSION = re.compile(
    r"^\d+(?:\.\d+)*$|(?:^|[-_.@=])(?:v\d+|rev\w*|version\w*|(?:step|epoch|checkpoint|ckpt|build|run)[-_]?\d+|"
    r"\d{4}-?\d{2}(?:-?\d{2})?|(?=[0-9a-f]*\d)[0-9a-f]{7,64})(?=[-_.@]|$)",
    re.IGNORECASE,
)


def moving(uri: str, *, production: bool) -> tuple[str, str | None]:
    """The repository or place, and what makes it move; None where it is fixed or nothing is known."""
    match = SCHEME.fullmatch(uri)
    if match is None:
        return _hub(uri) if _BARE.fullmatch(uri) else (uri, None)
    scheme, rest = match[1].lower(), match[3]
    if scheme == "hf":
        return _hub(rest)
    if scheme.partition("+")[0] == "oci":
        return _image(rest)
    if scheme in _STORES:
        return rest.rstrip("/"), _path(rest, production=production)
    return rest, None


def _hub(rest: str) -> tuple[str, str | None]:
    match = _HUB.fullmatch(rest)
    if match is None:
        return rest, None
    revision = match[2] or "main"
    moving = f"follows the moving `{revision}`; pin a commit (`@<commit>`)" if revision.lower() in BRANCHES else None
    return match[1].lower(), moving


def _image(rest: str) -> tuple[str, str | None]:
    name, _, digest = rest.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2] or "latest"
    if digest or tag.lower() not in BRANCHES:
        return rest, None
    return rest, f"follows the moving tag `{tag}`; pin a digest (`@sha256:…`)"


def _path(rest: str, *, production: bool) -> str | None:
    parts = [part for part in rest.partition("/")[2].split("/") if part]
    moving = next((part for part in parts if part.lower() in {"latest", "current"}), None)
    if moving:
        return f"goes by `{moving}`, which is replaced in place; name a version"
    if production and parts and not any(_VERSION.search(part) for part in parts):
        return "has no part that looks like a version, and the spec says production; add one, such as `v1`"
    return None
