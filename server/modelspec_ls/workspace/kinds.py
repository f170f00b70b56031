"""Which documents are ours: by ``apiVersion`` and ``kind`` first, by file name second.

Files below ``.modelspec/`` are ours by their place.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from modelspec_ls.core.words import fold, near
from modelspec_ls.syntax.lookup import child
from modelspec_ls.syntax.nodes import Document, Mapping, Missing, Scalar, Tree, deref

API_VERSION = "piqc.ai/v1alpha1"
KIND = "ModelSpec"
SCAN_API = "modelspec.paralleliq.ai/v1"
MODEL_API = "llmaz.io/v1alpha1"
MODEL_KIND = "OpenModel"
CLAIM_GROUP = "inference.llmaz.io/"
CLAIM_KINDS = frozenset({"Playground", "Service"})
"""Kinds of llmaz that claim models by name."""
_SPECS = (".modelspec.yaml", ".modelspec.yml", ".modelspec.json")
_YAML = (".yaml", ".yml")
FOLDER = ".modelspec"
"""The folder with what holds for the specs beside and below it."""
POLICY_API = "modelspec-policy/v1alpha1"
POLICY_KIND = "ModelSpecPolicy"
POLICY_FILES = ("modelspec-policy.yaml", "modelspec-policy.yml")
"""Names of a policy that holds for the folder that it stands in."""
POLICY_FOLDER = "policies"
"""The folder below ``.modelspec`` with policies."""
_POLICIES = tuple(f"{before}{name}" for before in "/\\." for name in POLICY_FILES)
"""How paths of policies end."""
CATALOGUE_FOLDERS = {"models": "Model", "accelerators": "Accelerator"}
"""Its folders with rows of the catalogue, and the schema of each."""
SETTINGS_FILE = "modelspec.toml"
PROJECT_FILE = "pyproject.toml"
# A cheap look at a text before it is parsed: does it claim anywhere to be something that we read?
_CLAIM = re.compile(
    r"""^[ \t{,]*["']?kind["']?\s*:\s*["']?(?:ModelSpec(?:s|Policy)?|OpenModel)\b"""
    r"""|["']?apiVersion["']?\s*:\s*["']?(?:piqc\.ai|modelspec-policy|(?:inference\.)?llmaz\.io)/""",
    re.MULTILINE | re.IGNORECASE,
)
SIGNS = (b"modelspec", b"piqc.ai", b"llmaz.io", b"openmodel")
"""One of these stands, in lower case, in every text that claims to be something that we read."""


class Standing(Enum):
    """What a document is to us."""

    SPEC = "spec"
    """A ModelSpec, perhaps with mistakes in its head."""
    SCAN = "scan"
    """A PIQC scan result: same kind, another schema."""
    ROW = "row"
    """A model or an accelerator of a workspace's own catalogue."""
    NEIGHBOUR = "neighbour"
    """An OpenModel of llmaz, perhaps with mistakes in its head."""
    CLAIM = "claim"
    """A Playground or Service of llmaz: only what it says of models is read."""
    POLICY = "policy"
    """What an organisation asks of its documents."""
    STRANGER = "stranger"
    """In a ModelSpec file by name, but of another kind."""
    OTHER = "other"
    """Not ours; left in peace."""


class Role(NamedTuple):
    """A document's standing, with the head as it was read."""

    standing: Standing
    api_version: str | None
    kind: str | None
    schema: str = KIND
    """The schema that governs it, where one does."""

    @property
    def governed(self) -> bool:
        """Whether a schema judges it."""
        return self.standing in _GOVERNED

    @property
    def ours(self) -> bool:
        """Whether the document itself is judged."""
        return self.standing not in _FOREIGN

    @property
    def linked(self) -> bool:
        """Whether others refer to it by name, or it to others."""
        return self.standing in _LINKED


_GOVERNED = frozenset({Standing.SPEC, Standing.ROW, Standing.NEIGHBOUR, Standing.POLICY})
_FOREIGN = frozenset({Standing.OTHER, Standing.CLAIM})
_OF_LLMAZ = frozenset({Standing.NEIGHBOUR, Standing.CLAIM})
_LINKED = frozenset({Standing.SPEC, Standing.NEIGHBOUR, Standing.CLAIM})


def is_spec_name(uri: str) -> bool:
    """Whether the file's name says ModelSpec."""
    return uri.lower().endswith(_SPECS)


def row_kind(uri: str) -> str | None:
    """The schema of the rows in a file, by its URI or path; None for a file that holds no rows."""
    above, folder = _folders(uri)
    return CATALOGUE_FOLDERS.get(folder) if above == FOLDER and uri.endswith(_YAML) else None


def is_own_name(uri: str) -> bool:
    """Whether the file is ours by its name or place."""
    return is_spec_name(uri) or row_kind(uri) is not None or is_policy_name(uri)


def is_policy_name(uri: str) -> bool:
    """Whether the file's name or place says that it holds a policy."""
    uri = f"/{uri.lower()}"
    return uri.endswith(_POLICIES) or (_folders(uri) == (FOLDER, POLICY_FOLDER) and uri.endswith(_YAML))


def _folders(uri: str) -> tuple[str, str]:
    """The names of the folder above the one that a file stands in, and of that one; empty where there are none."""
    *_, above, folder, _ = ("", "", *uri.replace("\\", "/").rsplit("/", 3))
    return above, folder


def is_settings_name(uri: str) -> bool:
    """Whether the file's name says that it may hold settings."""
    return uri.rpartition("/")[2] in {SETTINGS_FILE, PROJECT_FILE}


def claims(text: str) -> bool:
    """Whether a text of any name looks as if it held a ModelSpec, a policy, or what llmaz reads."""
    return _CLAIM.search(text) is not None


def roles(uri: str, tree: Tree, *, claimed: bool, declared: bool = False) -> tuple[Role, ...]:
    """The standing of each document of a stream. ``declared``: the editor's language says ModelSpec."""
    if kind := row_kind(uri):
        # An empty document between two separators is no row.
        return tuple(
            Role(Standing.OTHER if d.number and isinstance(d.root, Missing) else Standing.ROW, None, None, kind)
            for d in tree.documents
        )
    named = declared or is_spec_name(uri)
    found = [_role(document, named=named, claimed=claimed) for document in tree.documents]
    if not is_spec_name(uri) and any(role.standing in _OF_LLMAZ for role in found):
        # What has no head is rather another object of the cluster.
        found = [r._replace(standing=Standing.OTHER) if _headless(r) else r for r in found]
    if is_policy_name(uri):
        found = [_in_policy_file(document, role) for document, role in zip(tree.documents, found, strict=True)]
    if any(role.linked for role in found):
        # Other kinds beside one of ours are somebody else's.
        found = [r._replace(standing=Standing.OTHER) if r.standing is Standing.STRANGER else r for r in found]
    return tuple(found)


def _in_policy_file(document: Document, role: Role) -> Role:
    """In a file of policies all is policy but what is plainly something else, and the void between two separators."""
    if role.kind is not None and role.standing not in {Standing.STRANGER, Standing.OTHER}:
        return role
    empty = document.number > 0 and isinstance(document.root, Missing)
    standing = Standing.OTHER if empty else Standing.POLICY
    return role._replace(standing=standing, schema=POLICY_KIND if standing is Standing.POLICY else role.schema)


def _role(document: Document, *, named: bool, claimed: bool) -> Role:
    root = deref(document.root)
    api, kind = _head(root, "apiVersion"), _head(root, "kind")
    folded = fold(kind or "")
    if folded in {"modelspec", "modelspecs"}:
        standing = Standing.SPEC
        if (api or "").startswith(SCAN_API) and kind == KIND:
            standing = Standing.SCAN
    elif folded == "modelspecpolicy" or (kind is None and (api or "").startswith("modelspec-policy/")):
        return Role(Standing.POLICY, api, kind, POLICY_KIND)
    elif (api or "").startswith("piqc.ai/"):
        standing = Standing.SPEC
    elif claimed_as := _of_llmaz(api, kind, folded):
        return claimed_as
    elif kind is None and api is None:
        body = isinstance(root, Mapping) and (child(root, "spec") is not None or child(root, "metadata") is not None)
        judged = named or (claimed and body)
        standing = (
            Standing.SPEC if judged and (document.number == 0 or not isinstance(root, Missing)) else Standing.OTHER
        )
    elif kind is None:
        standing = Standing.SPEC if named else Standing.OTHER
    else:
        standing = Standing.STRANGER if named else Standing.OTHER
    return Role(standing, api, kind)


def _headless(role: Role) -> bool:
    return role.standing is Standing.SPEC and role.kind is None and not (role.api_version or "").startswith("piqc.ai/")


def _of_llmaz(api: str | None, kind: str | None, folded: str) -> Role | None:
    """The role of an object of llmaz; None for anything else."""
    group = (api or "").partition("/")[0].lower()
    if folded == "openmodel":
        # The same word may be a kind of another group, which is none of our business.
        if api is None or "llmaz" in group or near(api, (MODEL_API,)):
            return Role(Standing.NEIGHBOUR, api, kind, MODEL_KIND)
        return Role(Standing.OTHER, api, kind)
    if group == "llmaz.io" and (kind is None or near(kind, (MODEL_KIND,)) or "openmodel".startswith(folded)):
        return Role(Standing.NEIGHBOUR, api, kind, MODEL_KIND)
    if (api or "").startswith(CLAIM_GROUP):
        return Role(Standing.CLAIM if kind in CLAIM_KINDS else Standing.OTHER, api, kind)
    return None


def _head(root: object, key: str) -> str | None:
    if not isinstance(root, Mapping):
        return None
    pair = child(root, key)
    if pair is None:
        return None
    value = deref(pair.value)
    return value.value if isinstance(value, Scalar) else None
