"""An OpenModel of llmaz as a ModelSpec; what only a Playground says is taken from those in the same stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modelspec_ls.core.path import DocPath
from modelspec_ls.core.words import join
from modelspec_ls.knowledge.catalogue import Catalogue
from modelspec_ls.spec.hints import PREFIX
from modelspec_ls.spec.openmodel import CONFIG, FAMILY, FLAVORS, HUB, SOURCE
from modelspec_ls.spec.openmodel import URI as SOURCE_URI
from modelspec_ls.spec.view import ANNOTATIONS, BATCH, LABELS, MODEL
from modelspec_ls.workspace.kinds import API_VERSION, KIND, MODEL_KIND

from . import identity, kept
from .accelerator import HINTS, INSTANCE, MACHINE
from .address import HUGGING_FACE, MODEL_SCOPE, Hub, model_uri, read_model_uri, sayable
from .claims import Claim
from .comments import Comments
from .conversion import Conversion
from .from_flavors import read_flavors
from .notes import Note
from .reading import MISSING, Reading
from .reasons import of_openmodel
from .write import Draft

_FAMILY_LABEL = "llmaz.io/model-family-name"
_URI: DocPath = (*MODEL, "artifacts", "modelUri")
_COMPLIANCE: DocPath = ("spec", "governance", "compliance", "governance")
_ENGINE = f"{PREFIX}engine"
_DRAFT = f"{PREFIX}draft-model"
_OWNER_DEFAULT = "llmaz"
_ARTIFACTS: DocPath = (*MODEL, "artifacts")
_SECTIONS = ((SOURCE, _ARTIFACTS), (HUB, _ARTIFACTS), (CONFIG, ("spec", "runtime")))


class _Claimed(Conversion):
    """With what the other documents of the stream say of the model."""

    def __init__(
        self, source: Reading, catalogue: Catalogue, claims: Sequence[Claim], others: Mapping[str, str]
    ) -> None:
        super().__init__(MODEL_KIND, source, catalogue)
        own = source.text("metadata", "name")
        self.claims = [(claim, role) for claim in claims if own and (role := claim.role_of(own))]
        self.others = others


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
    c = _Claimed(source, catalogue, claims, others or {})
    c.head(API_VERSION, KIND)
    _metadata(c, name)
    _model(c)
    read_flavors(c)
    _batch(c)
    _governance(c)
    _created(c)
    _draft_model(c)
    c.rest_of_annotations(lambda key: _fault_of_annotation(c, key))
    return c.finish(_SECTIONS, of_openmodel)


def _fault_of_annotation(c: Conversion, key: str) -> str | None:
    if key in kept.OF_OPENMODEL or key in kept.OF_MODELSPEC or key in c.annotations:
        return "the key is where the field of that name is kept"
    return "in an OpenModel the parameters of a flavor say it" if key in HINTS.values() else None


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


def _restored(c: _Claimed, key: str) -> tuple[str, Comments] | None:
    """A field of a ModelSpec that an annotation keeps."""
    text = c.stated.get(key)
    if text is None or not text.strip():
        return None
    return text, c.source.take(*ANNOTATIONS, key)


def _metadata(c: _Claimed, wanted: str | None) -> None:
    path: DocPath = ("metadata", "name")
    stated = c.source.text(*path)
    comments = c.source.take(*path) if stated else c.source.comments(*path)
    if wanted or stated:
        c.draft.put(path, wanted or stated, comments)
    else:
        c.unknown(path, "<name>", "a name")
    if wanted and stated is not None and wanted != stated:
        c.notes.append(Note("changed", path, stated, "as asked for", path, wanted))
    for key in (kept.VERSION, kept.DESCRIPTION):
        if found := _restored(c, key):
            c.draft.put(kept.OF_MODELSPEC[key], *found)
    for key, value in c.source.mapping(*LABELS).items():
        path = (*LABELS, key)
        if not isinstance(value, str):
            continue
        written = c.source.take(*path)
        if key == _FAMILY_LABEL:
            c.lost(path, value, "llmaz writes this label itself, from `familyName`")
        else:
            c.draft.put(path, value, written)


def _model(c: _Claimed) -> None:
    source, draft = c.source, c.draft
    address = address_of(source)
    usual = identity.model_id(address) if address else None
    _field(c, kept.MODEL_ID, usual, "by the name in `source`")
    if not draft.has(kept.OF_MODELSPEC[kept.MODEL_ID]):
        c.unknown(kept.OF_MODELSPEC[kept.MODEL_ID], "<model-id>", "the model's id")
    family = source.text(*FAMILY)
    if family is not None:
        draft.put((*MODEL, "family"), family, source.take(*FAMILY))
    else:
        c.unknown((*MODEL, "family"), "<family>", "the model's family")
    _task(c, address)
    _framework(c, address)
    precision = identity.precision(address, c.catalogue) if address else None
    _field(c, kept.PRECISION, precision, "by the name of the weights")
    _artifacts(c, address)


def _field(c: _Claimed, key: str, usual: str | None, how: str) -> None:
    """A field that an annotation may keep; else what the address says."""
    path, stated = kept.OF_MODELSPEC[key], _restored(c, key)
    if stated is not None:
        c.draft.put(path, *stated)
        if stated[0] == usual:
            c.lost((*ANNOTATIONS, key), usual, "it says what `source` says")
    elif usual is not None:
        c.found(path, usual, how)


def _task(c: _Claimed, address: str | None) -> None:
    path, stated = kept.OF_MODELSPEC[kept.TASK], _restored(c, kept.TASK)
    if stated is not None:
        c.draft.put(path, *stated)
    elif address and (task := identity.task(address, c.catalogue)):
        c.found(path, task, "what the catalogue says that the model was made for")
    else:
        c.unknown(path, "<task>", "what callers use the model for, such as chat-completion")


def _framework(c: _Claimed, address: str | None) -> None:
    """The engine: by the Playgrounds that claim the model, then by annotation."""
    path = kept.OF_MODELSPEC[kept.FRAMEWORK]
    claims = [claim for claim, _ in c.claims if claim.framework]
    names = list(dict.fromkeys(claim.framework for claim in claims if claim.framework))
    stated = _restored(c, kept.FRAMEWORK)
    if len(names) == 1:
        how = "runs it" if claims[0].stated else "runs it, with the backend that llmaz takes by default"
        c.found(path, names[0], f"{claims[0].label} {how}")
        if stated is not None and stated[0] != names[0]:
            c.lost((*ANNOTATIONS, kept.FRAMEWORK), stated[0], f"{claims[0].label} runs it on `{names[0]}`")
    elif stated is not None:
        c.draft.put(path, *stated)
    elif len(names) > 1:
        c.unknown(path, "<framework>", f"one engine; the stream runs it on {join(names)}")
    elif engine := c.stated.get(_ENGINE, "").partition("==")[0].strip():
        c.found(path, engine, f"by the annotation `{_ENGINE}`")
    elif address and address.startswith("ollama://"):
        c.found(path, "ollama", "nothing else loads from `ollama://`")
    else:
        c.unknown(path, "<framework>", "the engine that serves it, such as vllm")


def _artifacts(c: _Claimed, address: str | None) -> None:
    source = c.source
    hub = source.mapping(*HUB)
    if hub:
        _repository(c, address)
    elif address is not None:
        stated = source.text(*SOURCE_URI) or ""
        c.draft.put(_URI, address, source.take(*SOURCE_URI))
        back = read_model_uri(address).uri
        if back is not None and back != stated:
            c.notes.append(Note("changed", SOURCE_URI, stated, "this is what comes back", _URI, back))
    if hub and source.text(*SOURCE_URI):
        c.lost(SOURCE_URI, source.text(*SOURCE_URI), "llmaz ignores it beside `modelHub`")
        source.take(*SOURCE_URI)
    if found := _restored(c, kept.TOKENIZER):
        c.draft.put(kept.OF_MODELSPEC[kept.TOKENIZER], *found)


def _repository(c: _Claimed, address: str | None) -> None:
    source = c.source
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
            c.lost((*HUB, key), value, "no address of a ModelSpec can say it")
        elif key == "name" and value == HUGGING_FACE:
            c.lost((*HUB, key), value, "it is what llmaz assumes anyway")
    if address is not None:
        c.draft.put(_URI, address, comments)
    for key, annotation in (("allowPatterns", kept.ALLOW), ("ignorePatterns", kept.IGNORE)):
        patterns = source.at(*HUB, key)
        if patterns is not MISSING and (said is None or said.filename):
            source.take(*HUB, key)
            reason = "without a repository it says nothing" if said is None else "llmaz refuses it beside `filename`"
            c.lost((*HUB, key), patterns, reason)
            continue
        if isinstance(patterns, list) and patterns and all(isinstance(p, str) for p in patterns):
            c.keep(annotation, (*HUB, key), patterns, source.take(*HUB, key).raised)


def _batch(c: _Claimed) -> None:
    """The longest sequence: vLLM needs it, and a Playground may say it."""
    path = (*BATCH, "maxSequenceLengthTokens")
    stated = {claim.length: claim for claim, role in c.claims if claim.length and role == "main"}
    framework = c.draft.value(kept.OF_MODELSPEC[kept.FRAMEWORK])
    if len(stated) == 1 and framework == "vllm":
        ((length, claim),) = stated.items()
        c.found(path, length, f"{claim.label} says `--max-model-len`")
    elif framework == "vllm":
        c.unknown(path, "<tokens>", "the longest sequence, prompt and answer together, which vLLM must know")


def _governance(c: _Claimed) -> None:
    source = c.source
    owner = source.text("spec", "ownedBy")
    if owner == _OWNER_DEFAULT:
        source.take("spec", "ownedBy")
        c.lost(("spec", "ownedBy"), owner, "it is what llmaz assumes anyway, and owns nothing")
    elif owner is not None:
        c.draft.put((*_COMPLIANCE, "owner"), owner, source.take("spec", "ownedBy"))
    machine = source.text(*FLAVORS, 0, "params", INSTANCE)
    if machine is not None:
        c.draft.put(MACHINE, machine, source.comments(*FLAVORS, 0, "params", INSTANCE))


def _created(c: _Claimed) -> None:
    path: DocPath = ("spec", "createdAt")
    text = c.source.text(*path)
    if text is not None and kept.TIME.fullmatch(text):
        c.keep(kept.CREATED, path, text, c.source.take(*path))


def _draft_model(c: _Claimed) -> None:
    """The draft model of a Playground that has this one for its main model."""
    for claim, role in c.claims:
        names = [name for name, other in claim.models if other == "draft"]
        if role != "main" or len(names) != 1 or _DRAFT in c.stated or _DRAFT in c.annotations:
            continue
        address = c.others.get(names[0])
        path = (*ANNOTATIONS, _DRAFT)
        if address is None:
            c.lost((), None, f"{claim.label} drafts with `{names[0]}`, which is not in the file")
            continue
        read = read_model_uri(address).hub
        value = read.id if read is not None else identity.model_id(address) or names[0]
        c.annotations[_DRAFT] = (value, Comments())
        c.notes.append(Note("found", path, value, f"{claim.label} drafts with `{names[0]}`"))
