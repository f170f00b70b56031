"""A ModelSpec as an OpenModel of llmaz: identity, weights, accelerator and owner; how it runs stays behind."""

from __future__ import annotations

from typing import Any

from modelspec_ls.core.path import DocPath
from modelspec_ls.knowledge import kubernetes
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.spec.hints import PREFIX
from modelspec_ls.spec.openmodel import CONFIG, FAMILY, FLAVORS, HUB, MODEL_ID, SOURCE, URI
from modelspec_ls.spec.view import ACCELERATOR, ANNOTATIONS, LABELS, MODEL
from modelspec_ls.workspace.kinds import MODEL_API, MODEL_KIND

from . import identity, kept
from .accelerator import INSTANCE, PIPELINE, TENSOR, Device, flavor_of, read_flavor, resource
from .address import MODEL_SCOPE, Hub, Read, model_uri, read_model_uri
from .comments import FROM_CATALOGUE, NOT_STATED, Comments
from .flavors import kept_text, read_kept, restored
from .notes import Note
from .reading import MISSING, Reading
from .reasons import of_modelspec
from .write import Draft

_FAMILY_LABEL = "llmaz.io/model-family-name"
_URI: DocPath = (*MODEL, "artifacts", "modelUri")
_OWNER: DocPath = ("spec", "governance", "compliance", "governance", "owner")
_INSTANCE: DocPath = ("spec", "governance", "cost", "pricingHints", "instanceType")
_SIZES = {"tensor": f"{PREFIX}tensor-parallel-size", "pipeline": f"{PREFIX}pipeline-parallel-size"}
_OWNER_DEFAULT = "llmaz"


def to_openmodel(source: Reading, catalogue: Catalogue, name: str | None = None) -> tuple[Draft, list[Note]]:
    """Convert one document. ``name``: what the result is called, instead of its own name."""
    return _Conversion(source, catalogue).run(name)


class _Conversion:
    def __init__(self, source: Reading, catalogue: Catalogue) -> None:
        self.source = source
        self.catalogue = catalogue
        self.draft = Draft()
        self.notes: list[Note] = []
        self.annotations: dict[str, tuple[str, Comments]] = {}
        stated = source.mapping(*ANNOTATIONS)
        self.stated = {key: value for key, value in stated.items() if isinstance(value, str)}

    def run(self, name: str | None) -> tuple[Draft, list[Note]]:
        source, draft = self.source, self.draft
        draft.put(("apiVersion",), MODEL_API, source.take("apiVersion"))
        draft.put(("kind",), MODEL_KIND, source.take("kind"))
        self.name(name)
        self.labels()
        self.family()
        address = self.weights()
        self.model(address)
        self.flavors()
        self.owner()
        self.created()
        self.rest_of_annotations()
        # The author's own first.
        for key, (value, comments) in sorted(self.annotations.items(), key=lambda item: item[0] not in self.stated):
            draft.put((*ANNOTATIONS, key), value, comments)
        self.sections()
        for path, value in source.repeated():
            self.lost(path, value, "the key stands again further down, and the last one counts")
        for path, value in source.left():
            self.lost(path, value, of_modelspec(path, value))
        if source.comments_left:
            gone, all_of_them = source.comments_left, source.comments_at_first
            self.lost((), None, f"{gone} of {all_of_them} lines of comments belong to what is left out")
        return draft, self.notes

    # Notes

    def lost(self, path: DocPath, value: Any, reason: str) -> None:
        self.notes.append(Note("lost", path, value, reason))

    def changed(self, path: DocPath, value: Any, to: DocPath, becomes: Any, reason: str) -> None:
        self.notes.append(Note("changed", path, value, reason, to, becomes))

    def unknown(self, path: DocPath, placeholder: str, what: str) -> None:
        self.draft.put(path, placeholder, Comments((f"{NOT_STATED}ModelSpec: {what}.",)))
        self.notes.append(Note("unknown", path, placeholder, what))

    def keep(self, key: str, value: str, comments: Comments) -> None:
        """Put a value into an annotation of ours."""
        self.annotations[key] = (value, comments)
        path = kept.OF_MODELSPEC[key]
        self.notes.append(Note("kept", path, value, "an OpenModel has no field for it", (*ANNOTATIONS, key)))

    # Metadata

    def name(self, wanted: str | None) -> None:
        path: DocPath = ("metadata", "name")
        stated = self.source.text(*path)
        comments = self.source.take(*path) if stated else self.source.comments(*path)
        name = wanted or (kubernetes.name_slug(stated) if stated and kubernetes.name_fault(stated) else stated)
        if not name:
            self.unknown(path, "<name>", "a name of lower-case letters, digits and hyphens")
            return
        self.draft.put(path, name, comments)
        if stated is not None and name != stated:
            fault = kubernetes.name_fault(stated)
            reason = f"llmaz refuses the name ({fault})" if fault and not wanted else "as asked for"
            self.changed(path, stated, path, name, reason)

    def labels(self) -> None:
        for key, value in self.source.mapping(*LABELS).items():
            path = (*LABELS, key)
            if not isinstance(value, str):
                continue
            if key == _FAMILY_LABEL:
                self.source.take(*path)
                self.lost(path, value, "llmaz writes this label itself, from `familyName`")
                continue
            fault = kubernetes.key_fault(key) or kubernetes.label_fault(value)
            if fault is None:
                self.draft.put(path, value, self.source.take(*path))
            elif kubernetes.key_fault(key) is None and key not in self.stated:
                self.annotations[key] = (value, self.source.take(*path))
                reason = f"Kubernetes refuses the label ({fault})"
                self.changed(path, value, (*ANNOTATIONS, key), value, reason)
            else:
                self.source.take(*path)
                self.lost(path, value, f"Kubernetes refuses the label ({fault})")

    def rest_of_annotations(self) -> None:
        for key, value in self.stated.items():
            path = (*ANNOTATIONS, key)
            if self.source.taken(*path):
                continue
            fault = kubernetes.key_fault(key)
            if key in kept.OF_MODELSPEC:
                self.source.take(*path)
                self.lost(path, value, "the key is where the field of that name is kept")
            elif key in kept.OF_OPENMODEL:
                self.source.take(*path)
                self.lost(path, value, "the key is for a field of the OpenModel, which cannot be made of it here")
            elif fault is not None:
                self.source.take(*path)
                self.lost(path, value, f"Kubernetes refuses the key ({fault})")
            else:
                self.annotations[key] = (value, self.source.take(*path))

    # Model

    def family(self) -> None:
        path, to = (*MODEL, "family"), FAMILY
        stated = self.source.text(*path)
        fault = kubernetes.label_fault(stated) if stated else None
        family = kubernetes.label_slug(stated) if stated and fault else stated
        above = self.source.comments(*MODEL[:-1]).raised + self.source.comments(*MODEL).raised
        comments = above + (self.source.take(*path) if stated else Comments())
        if not family:
            self.unknown(to, "<family>", "the model's family, such as `llama3`")
            return
        self.draft.put(to, family, comments)
        if stated is not None and family != stated:
            self.changed(path, stated, to, family, f"it becomes a label, and Kubernetes refuses it ({fault})")

    def weights(self) -> str | None:
        """Write ``source``; returns the address as converting back would write it."""
        stated = self.source.text(*_URI)
        read = read_model_uri(stated) if stated else Read()
        back = model_uri(read.hub or read.uri or "") if read.hub or read.uri else None
        if stated is not None and back is not None and back != stated:
            self.changed(_URI, stated, SOURCE, back, read.fault or "this is the form that comes back")
        if back is None:
            back = self.from_catalogue(stated, read.fault)
        elif read.hub is not None:
            self.repository(read.hub, self.source.take(*_URI))
        else:
            self.draft.put(URI, read.uri, self.source.take(*_URI))
        return back

    def from_catalogue(self, stated: str | None, fault: str) -> str | None:
        """The repository of the model that the id names, where the address does not say."""
        if stated is not None:
            self.source.take(*_URI)
            self.lost(_URI, stated, fault)
        path = MODEL_ID
        text = self.source.text(*MODEL, "id")
        found = identity.repository(text, self.catalogue) if text and stated is None else None
        if found is None:
            self.unknown(path, "<namespace/name>", "where the weights are: a repository on a hub, or `uri` instead")
            return None
        self.draft.put(path, found, Comments((f"{FROM_CATALOGUE}the ModelSpec does not say where the weights are.",)))
        reason = f"the repository of `{text}` in the catalogue; weights of your own need another `source`"
        self.notes.append(Note("found", path, found, reason))
        return model_uri(Hub(found))

    def repository(self, hub: Hub, comments: Comments) -> None:
        to = HUB
        if hub.name == MODEL_SCOPE:
            self.draft.put((*to, "name"), hub.name)
        self.draft.put((*to, "modelID"), hub.id, comments)
        for key, value in (("filename", hub.filename), ("revision", hub.revision)):
            if value is not None:
                self.draft.put((*to, key), value)
        for key, annotation in (("allowPatterns", kept.ALLOW), ("ignorePatterns", kept.IGNORE)):
            text = self.stated.get(annotation)
            patterns = kept.read_list(text)
            # With a file name llmaz refuses patterns.
            if patterns is None or hub.filename or not all(isinstance(p, str) for p in patterns):
                continue
            if kept.written(patterns) == text:
                self.draft.put((*to, key), patterns, self.source.take(*ANNOTATIONS, annotation))

    def model(self, address: str | None) -> None:
        """What describes the model and has no field: kept in annotations, unless the address says as much."""
        says = {
            kept.MODEL_ID: identity.model_id(address) if address else None,
            kept.PRECISION: identity.precision(address, self.catalogue) if address else None,
        }
        for key, path in kept.OF_MODELSPEC.items():
            value = self.source.text(*path)
            if value is None:
                continue
            comments = self.source.take(*path)
            if says.get(key) != value:
                self.keep(key, value, comments)
            else:
                hub, uri = MODEL_ID, URI
                self.draft.comment(uri if self.draft.has(uri) else hub, comments.raised)

    # Accelerator

    def flavors(self) -> None:
        stated, comments = self.device()
        if stated is None:
            return
        key = resource(stated.vendor, stated.type, self.catalogue)
        own = flavor_of(stated, key)
        flavors = self.kept_flavors(stated, own) or [own]
        self.draft.put(FLAVORS, flavors)
        name = (*FLAVORS, 0, "name")
        if stated.type is None:
            self.unknown(name, "<accelerator>", "the accelerator's type, such as `a100-80gb`")
        for path, found in comments.items():
            at = (*FLAVORS, 0, *path)
            self.draft.comment(at if self.draft.has(at) else name, found)
        self.compare(stated, read_flavor(flavors[0], self.catalogue))

    def kept_flavors(self, stated: Device, own: dict[str, Any]) -> list[dict[str, Any]] | None:
        """The flavors that an annotation keeps, with the spec's accelerator as the first."""
        text = self.stated.get(kept.FLAVORS)
        found = read_kept(text) if text else None
        if text is None or found is None:
            return None
        path: DocPath = (*ANNOTATIONS, kept.FLAVORS)
        flavors, same = restored(found, stated, own, self.catalogue)
        self.draft.comment(FLAVORS, self.source.take(*path).raised)
        back = kept_text(flavors, read_flavor(flavors[0], self.catalogue), self.catalogue)
        if not same:
            self.changed(path, text, FLAVORS, flavors, "the first one follows `accelerator`, which says something else")
        elif back is None:
            self.lost(path, text, "it says nothing that `accelerator` does not say")
        elif back != text:
            self.changed(path, text, FLAVORS, flavors, "the same flavors, which come back in another spelling")
        return flavors

    def device(self) -> tuple[Device | None, dict[DocPath, Comments]]:
        """What the spec says of its accelerator, and the comments by their place in a flavor."""
        source = self.source
        texts = {name: source.text(*ACCELERATOR, name) for name in ("vendor", "type")}
        count = source.whole(*ACCELERATOR, "count")
        if not any(texts.values()) and count is None:
            return None, {}
        key = resource(texts["vendor"], texts["type"], self.catalogue)
        comments: dict[DocPath, Comments] = {}
        comments["name",] = source.take(*ACCELERATOR, "type") if texts["type"] else Comments()
        if key is not None and count is not None:
            both = source.take(*ACCELERATOR, "vendor").raised + source.take(*ACCELERATOR, "count")
            comments["limits", key] = both
        elif key is not None:
            source.take(*ACCELERATOR, "vendor")
            self.lost((*ACCELERATOR, "vendor"), texts["vendor"], "without `count` a flavor asks for nothing")
        sizes: dict[str, str | None] = {}
        for size, annotation in _SIZES.items():
            text = self.stated.get(annotation, "")
            whole = text.isascii() and text.isdecimal() and text[:1] != "0" and len(text) < 7
            if whole and (size == "tensor" or count is None or count % int(text) == 0):
                sizes[size] = text
                comments["params", TENSOR if size == "tensor" else PIPELINE] = source.take(*ANNOTATIONS, annotation)
        instance = source.text(*_INSTANCE)
        if instance is not None:
            comments["params", INSTANCE] = source.take(*_INSTANCE)
        device = Device(texts["vendor"], texts["type"], count, sizes.get("tensor"), sizes.get("pipeline"), instance)
        return device, comments

    def compare(self, stated: Device, back: Device) -> None:
        """Say what converting back would not bring back as it was."""
        for field in ("vendor", "type", "count"):
            path = (*ACCELERATOR, field)
            before, after = getattr(stated, field), getattr(back, field)
            if self.source.taken(*path) and before != after:
                self.changed(path, before, (*FLAVORS, 0), after, "this is what comes back")

    # The rest

    def owner(self) -> None:
        owner = self.source.text(*_OWNER)
        if owner is None:
            return
        self.draft.put(("spec", "ownedBy"), owner, self.source.take(*_OWNER))
        if owner == _OWNER_DEFAULT:
            self.lost(_OWNER, owner, "it is what llmaz assumes anyway, and does not come back")

    def created(self) -> None:
        text = self.stated.get(kept.CREATED)
        if text is not None and kept.TIME.fullmatch(text):
            self.draft.put(("spec", "createdAt"), text, self.source.take(*ANNOTATIONS, kept.CREATED))

    def sections(self) -> None:
        """The comments of sections that have a counterpart."""
        for path, to in (
            (("metadata",), ("metadata",)),
            (LABELS, LABELS),
            (ANNOTATIONS, ANNOTATIONS),
            (("spec",), ("spec",)),
            ((*MODEL, "artifacts"), SOURCE),
            (("spec", "runtime"), CONFIG),
            (ACCELERATOR, FLAVORS),
        ):
            if self.draft.has(to) and self.source.at(*path) is not MISSING:
                self.draft.comment(to, self.source.comments(*path))
