"""An OpenModel of llmaz as a ModelSpec; what only a Playground says is taken from those in the same stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import join
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.spec.hints import PREFIX
from modelspec_ls.spec.openmodel import CONFIG, FAMILY, FLAVORS, HUB, SOURCE
from modelspec_ls.spec.openmodel import URI as SOURCE_URI
from modelspec_ls.spec.view import ACCELERATOR, ANNOTATIONS, BATCH, LABELS, MODEL
from modelspec_ls.workspace.kinds import API_VERSION, KIND

from . import identity, kept
from .accelerator import INSTANCE, PIPELINE, TENSOR, Device, is_device, read_flavor
from .address import HUGGING_FACE, MODEL_SCOPE, Hub, model_uri, read_model_uri, sayable
from .claims import Claim
from .comments import NOT_STATED, Comments
from .flavors import kept_text
from .notes import Note
from .reading import MISSING, Reading
from .reasons import of_openmodel
from .write import Draft

_FAMILY_LABEL = "llmaz.io/model-family-name"
_URI: DocPath = (*MODEL, "artifacts", "modelUri")
_COMPLIANCE: DocPath = ("spec", "governance", "compliance", "governance")
_INSTANCE: DocPath = ("spec", "governance", "cost", "pricingHints", "instanceType")
_ENGINE = f"{PREFIX}engine"
_DRAFT = f"{PREFIX}draft-model"
_TENSOR = f"{PREFIX}tensor-parallel-size"
_PIPELINE = f"{PREFIX}pipeline-parallel-size"
_OWNER_DEFAULT = "llmaz"


def to_modelspec(
    source: Reading,
    catalogue: Catalogue,
    claims: Sequence[Claim] = (),
    others: Mapping[str, str] | None = None,
    name: str | None = None,
) -> tuple[Draft, list[Note]]:
    """Convert one document.

    Args:
        source: the OpenModel.
        catalogue: models and accelerators as the document's folder knows them.
        claims: what Playgrounds and Services of the stream say.
        others: the addresses of the stream's OpenModels by name, for draft models.
        name: what the result is called, instead of its own name.
    """
    return _Conversion(source, catalogue, claims, others or {}).run(name)


def address_of(source: Reading) -> str | None:
    """Where an OpenModel has its weights from, as ``modelUri``; None where it does not say, or in no usable form."""
    if source.mapping(*HUB):
        hub = _hub_of(source)
        said = sayable(hub) if hub is not None else None
        return model_uri(said) if said is not None else None
    uri = source.text(*SOURCE_URI)
    return model_uri(uri) if uri else None


def _hub_of(source: Reading) -> Hub | None:
    model = source.text(*HUB, "modelID")
    if model is None:
        return None
    name = MODEL_SCOPE if source.text(*HUB, "name") == MODEL_SCOPE else HUGGING_FACE
    return Hub(model, name, source.text(*HUB, "revision"), source.text(*HUB, "filename"))


class _Conversion:
    def __init__(
        self, source: Reading, catalogue: Catalogue, claims: Sequence[Claim], others: Mapping[str, str]
    ) -> None:
        self.source = source
        self.catalogue = catalogue
        self.others = others
        self.draft = Draft()
        self.notes: list[Note] = []
        self.annotations: dict[str, tuple[str, Comments]] = {}
        stated = source.mapping(*ANNOTATIONS)
        self.stated = {key: value for key, value in stated.items() if isinstance(value, str)}
        own = source.text("metadata", "name")
        self.claims = [(claim, role) for claim in claims if own and (role := claim.role_of(own))]

    def run(self, name: str | None) -> tuple[Draft, list[Note]]:
        source, draft = self.source, self.draft
        draft.put(("apiVersion",), API_VERSION, source.take("apiVersion"))
        draft.put(("kind",), KIND, source.take("kind"))
        self.metadata(name)
        self.model()
        self.accelerator()
        self.batch()
        self.governance()
        self.created()
        self.draft_model()
        self.rest_of_annotations()
        # The author's own first.
        for key, (value, comments) in sorted(self.annotations.items(), key=lambda item: item[0] not in self.stated):
            draft.put((*ANNOTATIONS, key), value, comments)
        self.sections()
        for path, value in source.repeated():
            self.lost(path, value, "the key stands again further down, and the last one counts")
        for path, value in source.left():
            self.lost(path, value, of_openmodel(path, value))
        if source.comments_left:
            gone, all_of_them = source.comments_left, source.comments_at_first
            self.lost((), None, f"{gone} of {all_of_them} lines of comments belong to what is left out")
        return draft, self.notes

    # Notes

    def lost(self, path: DocPath, value: Any, reason: str) -> None:
        self.notes.append(Note("lost", path, value, reason))

    def found(self, path: DocPath, value: Any, reason: str) -> None:
        self.draft.put(path, value)
        self.notes.append(Note("found", path, value, reason))

    def unknown(self, path: DocPath, placeholder: str, what: str) -> None:
        self.draft.put(path, placeholder, Comments((f"{NOT_STATED}OpenModel: {what}.",)))
        self.notes.append(Note("unknown", path, placeholder, what))

    def keep(self, key: str, path: DocPath, value: Any, comments: Comments) -> None:
        self.annotations[key] = (kept.written(value), comments)
        self.notes.append(Note("kept", path, value, "a ModelSpec has no field for it", (*ANNOTATIONS, key)))

    def restored(self, key: str) -> tuple[str, Comments] | None:
        """A field of a ModelSpec that an annotation keeps."""
        text = self.stated.get(key)
        if text is None or not text.strip():
            return None
        return text, self.source.take(*ANNOTATIONS, key)

    # Metadata

    def metadata(self, wanted: str | None) -> None:
        path: DocPath = ("metadata", "name")
        stated = self.source.text(*path)
        comments = self.source.take(*path) if stated else self.source.comments(*path)
        if wanted or stated:
            self.draft.put(path, wanted or stated, comments)
        else:
            self.unknown(path, "<name>", "a name")
        if wanted and stated is not None and wanted != stated:
            self.notes.append(Note("changed", path, stated, "as asked for", path, wanted))
        for key in (kept.VERSION, kept.DESCRIPTION):
            if found := self.restored(key):
                self.draft.put(kept.OF_MODELSPEC[key], *found)
        for key, value in self.source.mapping(*LABELS).items():
            path = (*LABELS, key)
            if not isinstance(value, str):
                continue
            written = self.source.take(*path)
            if key == _FAMILY_LABEL:
                self.lost(path, value, "llmaz writes this label itself, from `familyName`")
            else:
                self.draft.put(path, value, written)

    def rest_of_annotations(self) -> None:
        for key, value in self.stated.items():
            path = (*ANNOTATIONS, key)
            if self.source.taken(*path):
                continue
            if key in kept.OF_OPENMODEL or key in self.annotations:
                self.source.take(*path)
                self.lost(path, value, "the key is where the field of that name is kept")
            elif key in {_TENSOR, _PIPELINE}:
                self.source.take(*path)
                self.lost(path, value, "in an OpenModel the parameters of a flavor say it")
            else:
                self.annotations[key] = (value, self.source.take(*path))

    # Model

    def model(self) -> None:
        source, draft = self.source, self.draft
        address = address_of(source)
        usual = identity.model_id(address) if address else None
        self.field(kept.MODEL_ID, usual, "by the name in `source`")
        if usual is None and kept.MODEL_ID not in self.stated:
            self.unknown(kept.OF_MODELSPEC[kept.MODEL_ID], "<model-id>", "the model's id")
        family = source.text(*FAMILY)
        if family is not None:
            draft.put((*MODEL, "family"), family, source.take(*FAMILY))
        else:
            self.unknown((*MODEL, "family"), "<family>", "the model's family")
        self.task(address)
        self.framework(address)
        precision = identity.precision(address, self.catalogue) if address else None
        self.field(kept.PRECISION, precision, "by the name of the weights")
        self.artifacts(address)

    def field(self, key: str, usual: str | None, how: str) -> None:
        """A field that an annotation may keep; else what the address says."""
        path, stated = kept.OF_MODELSPEC[key], self.restored(key)
        if stated is not None:
            self.draft.put(path, *stated)
            if stated[0] == usual:
                self.lost((*ANNOTATIONS, key), usual, "it says what `source` says")
        elif usual is not None:
            self.found(path, usual, how)

    def task(self, address: str | None) -> None:
        path, stated = kept.OF_MODELSPEC[kept.TASK], self.restored(kept.TASK)
        if stated is not None:
            self.draft.put(path, *stated)
        elif address and (task := identity.task(address, self.catalogue)):
            self.found(path, task, "what the catalogue says that the model was made for")
        else:
            self.unknown(path, "<task>", "what callers use the model for, such as chat-completion")

    def framework(self, address: str | None) -> None:
        """The engine: by the Playgrounds that claim the model, then by annotation."""
        path = kept.OF_MODELSPEC[kept.FRAMEWORK]
        claims = [claim for claim, _ in self.claims if claim.framework]
        names = list(dict.fromkeys(claim.framework for claim in claims if claim.framework))
        stated = self.restored(kept.FRAMEWORK)
        if len(names) == 1:
            how = "runs it" if claims[0].stated else "runs it, with the backend that llmaz takes by default"
            self.found(path, names[0], f"{claims[0].label} {how}")
            if stated is not None and stated[0] != names[0]:
                self.lost((*ANNOTATIONS, kept.FRAMEWORK), stated[0], f"{claims[0].label} runs it on `{names[0]}`")
        elif stated is not None:
            self.draft.put(path, *stated)
        elif len(names) > 1:
            self.unknown(path, "<framework>", f"one engine; the stream runs it on {join(names)}")
        elif engine := self.stated.get(_ENGINE, "").partition("==")[0].strip():
            self.found(path, engine, f"by the annotation `{_ENGINE}`")
        elif address and address.startswith("ollama://"):
            self.found(path, "ollama", "nothing else loads from `ollama://`")
        else:
            self.unknown(path, "<framework>", "the engine that serves it, such as vllm")

    def artifacts(self, address: str | None) -> None:
        source = self.source
        hub = source.mapping(*HUB)
        if hub:
            self.repository(address)
        elif address is not None:
            stated = source.text(*SOURCE_URI) or ""
            self.draft.put(_URI, address, source.take(*SOURCE_URI))
            back = read_model_uri(address).uri
            if back is not None and back != stated:
                self.notes.append(Note("changed", SOURCE_URI, stated, "this is what comes back", _URI, back))
        if hub and source.text(*SOURCE_URI):
            self.lost(SOURCE_URI, source.text(*SOURCE_URI), "llmaz ignores it beside `modelHub`")
            source.take(*SOURCE_URI)
        if found := self.restored(kept.TOKENIZER):
            self.draft.put(kept.OF_MODELSPEC[kept.TOKENIZER], *found)

    def repository(self, address: str | None) -> None:
        source = self.source
        hub = _hub_of(source)
        said = sayable(hub) if hub is not None else None
        comments = Comments()
        for key in ("name", "modelID", "filename", "revision"):
            value = source.text(*HUB, key)
            if value is None or (key == "name" and value not in {HUGGING_FACE, MODEL_SCOPE}):
                continue
            found = source.take(*HUB, key)
            comments += found if key == "modelID" else found.raised
            if said is None or getattr(said, {"modelID": "id"}.get(key, key)) != value:
                self.lost((*HUB, key), value, "no address of a ModelSpec can say it")
            elif key == "name" and value == HUGGING_FACE:
                self.lost((*HUB, key), value, "it is what llmaz assumes anyway")
        if address is not None:
            self.draft.put(_URI, address, comments)
        for key, annotation in (("allowPatterns", kept.ALLOW), ("ignorePatterns", kept.IGNORE)):
            patterns = source.at(*HUB, key)
            if patterns is not MISSING and (said is None or said.filename):
                source.take(*HUB, key)
                reason = (
                    "without a repository it says nothing" if said is None else "llmaz refuses it beside `filename`"
                )
                self.lost((*HUB, key), patterns, reason)
                continue
            if isinstance(patterns, list) and patterns and all(isinstance(p, str) for p in patterns):
                self.keep(annotation, (*HUB, key), patterns, source.take(*HUB, key).raised)

    # Accelerator

    def accelerator(self) -> None:
        source = self.source
        flavors = source.at(*FLAVORS)
        first = flavors[0] if isinstance(flavors, list) and flavors and isinstance(flavors[0], dict) else None
        device = read_flavor(first, self.catalogue) if first is not None else Device()
        if first is not None:
            self.parallel(device)
        self.vendor(device, first)
        self.type(device)
        self.count(device, first)
        if first is None:
            return
        text = kept_text(flavors, device, self.catalogue)
        self.draft.comment(ACCELERATOR, source.take(*FLAVORS).raised)
        if text is not None:
            more = len(flavors) - 1
            reason = "a ModelSpec has one accelerator, the first" if more else "a ModelSpec has less to say of hardware"
            self.annotations[kept.FLAVORS] = (text, Comments())
            self.notes.append(Note("kept", FLAVORS, flavors, reason, (*ANNOTATIONS, kept.FLAVORS)))

    def vendor(self, device: Device, first: Any) -> None:
        path = (*ACCELERATOR, "vendor")
        if device.vendor is None:
            self.unknown(path, "<vendor>", "the accelerator's maker, such as nvidia")
        elif first is not None and device.count is None:
            self.found(path, device.vendor, "the maker of the accelerator that the flavor names")
        else:
            self.draft.put(path, device.vendor)

    def type(self, device: Device) -> None:
        path = (*ACCELERATOR, "type")
        if device.type is None:
            self.unknown(path, "<accelerator>", "the accelerator's type, such as `a100-80gb`")
        elif device.source:
            self.found(path, device.type, device.source)
        else:
            self.draft.put(path, device.type, self.source.take(*FLAVORS, 0, "name"))

    def count(self, device: Device, first: Any) -> None:
        path = (*ACCELERATOR, "count")
        if device.count is None:
            self.unknown(path, "<count>", "how many accelerators one replica has")
            return
        comments = Comments()
        if isinstance(first, dict):
            for key in self.source.mapping(*FLAVORS, 0, "limits"):
                if is_device(key):
                    comments += self.source.take(*FLAVORS, 0, "limits", key)
        self.draft.put(path, device.count, comments)

    def parallel(self, device: Device) -> None:
        """Sizes of groups as the hints that a ModelSpec has for them, and the machine type."""
        for key, size, hint in ((TENSOR, device.tensor, _TENSOR), (PIPELINE, device.pipeline, _PIPELINE)):
            if size is not None:
                self.annotations[hint] = (size, self.source.take(*FLAVORS, 0, "params", key))

    # The rest

    def batch(self) -> None:
        """The longest sequence: vLLM needs it, and a Playground may say it."""
        path = (*BATCH, "maxSequenceLengthTokens")
        stated = {claim.length: claim for claim, role in self.claims if claim.length and role == "main"}
        framework = self.draft.value(kept.OF_MODELSPEC[kept.FRAMEWORK])
        if len(stated) == 1 and framework == "vllm":
            ((length, claim),) = stated.items()
            self.found(path, length, f"{claim.label} says `--max-model-len`")
        elif framework == "vllm":
            self.unknown(path, "<tokens>", "the longest sequence, prompt and answer together, which vLLM must know")

    def governance(self) -> None:
        source = self.source
        owner = source.text("spec", "ownedBy")
        if owner == _OWNER_DEFAULT:
            source.take("spec", "ownedBy")
            self.lost(("spec", "ownedBy"), owner, "it is what llmaz assumes anyway, and owns nothing")
        elif owner is not None:
            self.draft.put((*_COMPLIANCE, "owner"), owner, source.take("spec", "ownedBy"))
        machine = source.text(*FLAVORS, 0, "params", INSTANCE)
        if machine is not None:
            self.draft.put(_INSTANCE, machine, source.comments(*FLAVORS, 0, "params", INSTANCE))

    def created(self) -> None:
        path: DocPath = ("spec", "createdAt")
        text = self.source.text(*path)
        if text is not None and kept.TIME.fullmatch(text):
            self.keep(kept.CREATED, path, text, self.source.take(*path))

    def draft_model(self) -> None:
        """The draft model of a Playground that has this one for its main model."""
        for claim, role in self.claims:
            names = [name for name, other in claim.models if other == "draft"]
            if role != "main" or len(names) != 1 or _DRAFT in self.stated or _DRAFT in self.annotations:
                continue
            address = self.others.get(names[0])
            path = (*ANNOTATIONS, _DRAFT)
            if address is None:
                self.lost((), None, f"{claim.label} drafts with `{names[0]}`, which is not in the file")
                continue
            read = read_model_uri(address).hub
            value = read.id if read is not None else identity.model_id(address) or names[0]
            self.annotations[_DRAFT] = (value, Comments())
            self.notes.append(Note("found", path, value, f"{claim.label} drafts with `{names[0]}`"))

    def sections(self) -> None:
        """The comments of sections that have a counterpart."""
        for path, to in (
            (("metadata",), ("metadata",)),
            (LABELS, LABELS),
            (ANNOTATIONS, ANNOTATIONS),
            (("spec",), ("spec",)),
            (SOURCE, (*MODEL, "artifacts")),
            (HUB, (*MODEL, "artifacts")),
            (CONFIG, ("spec", "runtime")),
            (FLAVORS, ACCELERATOR),
        ):
            if self.draft.has(to) and self.source.at(*path) is not MISSING:
                self.draft.comment(to, self.source.comments(*path))
