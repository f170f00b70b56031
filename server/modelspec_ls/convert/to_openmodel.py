"""A ModelSpec as an OpenModel of llmaz: identity, weights, accelerator and owner; how it runs stays behind."""

from __future__ import annotations

from modelspec_ls.core.path import DocPath
from modelspec_ls.knowledge import kubernetes
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.spec.openmodel import CONFIG, FAMILY, FLAVORS, HUB, MODEL_ID, SOURCE, URI
from modelspec_ls.spec.view import ACCELERATOR, ANNOTATIONS, LABELS, MODEL
from modelspec_ls.workspace.kinds import KIND, MODEL_API, MODEL_KIND

from . import identity, kept
from .accelerator import HINTS
from .address import MODEL_SCOPE, Hub, Read, model_uri, read_model_uri
from .comments import FROM_CATALOGUE, Comments
from .conversion import Conversion
from .notes import Note
from .reading import Reading
from .reasons import of_modelspec
from .to_flavors import write_flavors
from .write import Draft

_FAMILY_LABEL = "llmaz.io/model-family-name"
_URI: DocPath = (*MODEL, "artifacts", "modelUri")
_OWNER: DocPath = ("spec", "governance", "compliance", "governance", "owner")
_OWNER_DEFAULT = "llmaz"
_SECTIONS = (((*MODEL, "artifacts"), SOURCE), (("spec", "runtime"), CONFIG), (ACCELERATOR, FLAVORS))


def to_openmodel(source: Reading, catalogue: Catalogue, name: str | None = None) -> tuple[Draft, list[Note]]:
    """Convert one document. ``name``: what the result is called, instead of its own name."""
    c = Conversion(KIND, source, catalogue)
    c.head(MODEL_API, MODEL_KIND)
    _name(c, name)
    _labels(c)
    _family(c)
    _model(c, _weights(c))
    write_flavors(c)
    _owner(c)
    _created(c)
    c.rest_of_annotations(_fault_of_annotation)
    return c.finish(_SECTIONS, of_modelspec)


def _fault_of_annotation(key: str) -> str | None:
    if key in kept.OF_MODELSPEC:
        return "the key is where the field of that name is kept"
    if key in kept.OF_OPENMODEL:
        return "the key is for a field of the OpenModel, which cannot be made of it here"
    if key in HINTS.values():
        return "it is no size that a flavor with these devices can have"
    fault = kubernetes.key_fault(key)
    return f"Kubernetes refuses the key ({fault})" if fault else None


def _name(c: Conversion, wanted: str | None) -> None:
    path: DocPath = ("metadata", "name")
    stated = c.source.text(*path)
    comments = c.source.take(*path) if stated else c.source.comments(*path)
    name = wanted or (kubernetes.name_slug(stated) if stated and kubernetes.name_fault(stated) else stated)
    if not name:
        c.unknown(path, "<name>", "a name of lower-case letters, digits and hyphens")
        return
    c.draft.put(path, name, comments)
    if stated is not None and name != stated:
        fault = kubernetes.name_fault(stated)
        reason = f"llmaz refuses the name ({fault})" if fault and not wanted else "as asked for"
        c.changed(path, stated, path, name, reason)


def _labels(c: Conversion) -> None:
    for key, value in c.source.mapping(*LABELS).items():
        path = (*LABELS, key)
        if not isinstance(value, str):
            continue
        if key == _FAMILY_LABEL:
            c.source.take(*path)
            c.lost(path, value, "llmaz writes this label itself, from `familyName`")
            continue
        fault = kubernetes.key_fault(key) or kubernetes.label_fault(value)
        if fault is None:
            c.draft.put(path, value, c.source.take(*path))
        elif kubernetes.key_fault(key) is None and key not in c.stated:
            c.annotations[key] = (value, c.source.take(*path))
            reason = f"Kubernetes refuses the label ({fault})"
            c.changed(path, value, (*ANNOTATIONS, key), value, reason)
        else:
            c.source.take(*path)
            c.lost(path, value, f"Kubernetes refuses the label ({fault})")


def _family(c: Conversion) -> None:
    path, to = (*MODEL, "family"), FAMILY
    stated = c.source.text(*path)
    fault = kubernetes.label_fault(stated) if stated else None
    family = kubernetes.label_slug(stated) if stated and fault else stated
    above = c.source.comments(*MODEL[:-1]).raised + c.source.comments(*MODEL).raised
    comments = above + (c.source.take(*path) if stated else Comments())
    if not family:
        c.unknown(to, "<family>", "the model's family, such as `llama3`")
        return
    c.draft.put(to, family, comments)
    if stated is not None and family != stated:
        c.changed(path, stated, to, family, f"it becomes a label, and Kubernetes refuses it ({fault})")


def _weights(c: Conversion) -> str | None:
    """Write ``source``; returns the address as converting back would write it."""
    stated = c.source.text(*_URI)
    read = read_model_uri(stated) if stated else Read()
    back = model_uri(read.hub or read.uri or "") if read.hub or read.uri else None
    if stated is not None and back is not None and back != stated:
        c.changed(_URI, stated, SOURCE, back, read.fault or "this is the form that comes back")
    if back is None:
        back = _from_catalogue(c, stated, read.fault)
    elif read.hub is not None:
        _repository(c, read.hub, c.source.take(*_URI))
    else:
        c.draft.put(URI, read.uri, c.source.take(*_URI))
    return back


def _from_catalogue(c: Conversion, stated: str | None, fault: str) -> str | None:
    """The repository of the model that the id names, where the address does not say."""
    if stated is not None:
        c.source.take(*_URI)
        c.lost(_URI, stated, fault)
    path = MODEL_ID
    text = c.source.text(*MODEL, "id")
    found = identity.repository(text, c.catalogue) if text and stated is None else None
    if found is None:
        c.unknown(path, "<namespace/name>", "where the weights are: a repository on a hub, or `uri` instead")
        return None
    c.draft.put(path, found, Comments((f"{FROM_CATALOGUE}the ModelSpec does not say where the weights are.",)))
    reason = f"the repository of `{text}` in the catalogue; weights of your own need another `source`"
    c.notes.append(Note("found", path, found, reason))
    return model_uri(Hub(found))


def _repository(c: Conversion, hub: Hub, comments: Comments) -> None:
    to = HUB
    if hub.name == MODEL_SCOPE:
        c.draft.put((*to, "name"), hub.name)
    c.draft.put((*to, "modelID"), hub.id, comments)
    for key, value in (("filename", hub.filename), ("revision", hub.revision)):
        if value is not None:
            c.draft.put((*to, key), value)
    for key, annotation in (("allowPatterns", kept.ALLOW), ("ignorePatterns", kept.IGNORE)):
        text = c.stated.get(annotation)
        patterns = kept.read_list(text)
        # With a file name llmaz refuses patterns.
        if patterns is None or hub.filename or not all(isinstance(p, str) for p in patterns):
            continue
        if kept.written(patterns) == text:
            c.draft.put((*to, key), patterns, c.source.take(*ANNOTATIONS, annotation))


def _model(c: Conversion, address: str | None) -> None:
    """What describes the model and has no field: kept in annotations, unless the address says as much."""
    says = {
        kept.MODEL_ID: identity.model_id(address) if address else None,
        kept.PRECISION: identity.precision(address, c.catalogue) if address else None,
    }
    for key, path in kept.OF_MODELSPEC.items():
        value = c.source.text(*path)
        if value is None:
            continue
        comments = c.source.take(*path)
        if says.get(key) != value:
            c.keep(key, path, value, comments)
        else:
            hub, uri = MODEL_ID, URI
            c.draft.comment(uri if c.draft.has(uri) else hub, comments.raised)


def _owner(c: Conversion) -> None:
    owner = c.source.text(*_OWNER)
    if owner is None:
        return
    c.draft.put(("spec", "ownedBy"), owner, c.source.take(*_OWNER))
    if owner == _OWNER_DEFAULT:
        c.lost(_OWNER, owner, "it is what llmaz assumes anyway, and does not come back")


def _created(c: Conversion) -> None:
    text = c.stated.get(kept.CREATED)
    if text is not None and kept.TIME.fullmatch(text):
        c.draft.put(("spec", "createdAt"), text, c.source.take(*ANNOTATIONS, kept.CREATED))
