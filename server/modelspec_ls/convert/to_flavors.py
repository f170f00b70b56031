"""``runtime.accelerator`` of a ModelSpec, with hints and machine type, as the flavors of an OpenModel."""

from __future__ import annotations

from typing import Any

from modelspec_ls.core.path import DocPath
from modelspec_ls.spec.openmodel import FLAVORS
from modelspec_ls.spec.view import ACCELERATOR, ANNOTATIONS

from . import kept
from .accelerator import HINTS, INSTANCE, MACHINE, PIPELINE, TENSOR, Device, flavor_of, read_flavor, resource, whole
from .comments import Comments
from .conversion import Conversion
from .flavors import kept_text, read_kept, restored
from .notes import Note


def write_flavors(c: Conversion) -> None:
    """Write ``inferenceConfig``, where the spec says anything of its accelerator."""
    stated, comments = _device(c)
    if stated is None:
        # Nothing contradicts the flavors that an annotation keeps.
        text = c.stated.get(kept.FLAVORS)
        found = read_kept(text) if text else None
        if found is not None:
            c.draft.put(FLAVORS, found, c.source.take(*ANNOTATIONS, kept.FLAVORS).raised)
            c.notes.append(Note("found", FLAVORS, found, f"from `{kept.FLAVORS}`, as the spec states no accelerator"))
            _compare_kept(c, found)
        return
    key = resource(stated.vendor, stated.type, c.catalogue)
    own = flavor_of(stated, key)
    flavors = _kept_flavors(c, stated, own) or [own]
    c.draft.put(FLAVORS, flavors)
    name = (*FLAVORS, 0, "name")
    if stated.type is None:
        c.unknown(name, "<accelerator>", "the accelerator's type, such as `a100-80gb`")
    for path, lines in comments.items():
        at = (*FLAVORS, 0, *path)
        c.draft.comment(at if c.draft.has(at) else name, lines)
    _compare(c, stated, read_flavor(flavors[0], c.catalogue))


def _kept_flavors(c: Conversion, stated: Device, own: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The flavors that an annotation keeps, with the spec's accelerator as the first."""
    text = c.stated.get(kept.FLAVORS)
    found = read_kept(text) if text else None
    if text is None or found is None:
        return None
    path: DocPath = (*ANNOTATIONS, kept.FLAVORS)
    flavors, same = restored(found, stated, own, c.catalogue)
    c.draft.comment(FLAVORS, c.source.take(*path).raised)
    if same:
        _compare_kept(c, flavors)
    else:
        c.changed(path, text, FLAVORS, flavors, "the first one follows `accelerator`, which says something else")
    return flavors


def _compare_kept(c: Conversion, flavors: list[dict[str, Any]]) -> None:
    """Say where converting back would write the annotation otherwise, or not at all."""
    path: DocPath = (*ANNOTATIONS, kept.FLAVORS)
    text = c.stated[kept.FLAVORS]
    back = kept_text(flavors, read_flavor(flavors[0], c.catalogue), c.catalogue)
    if back is None:
        c.lost(path, text, "it says nothing that `accelerator` does not say")
    elif back != text:
        c.changed(path, text, FLAVORS, flavors, "the same flavors, which come back in another spelling")


def _device(c: Conversion) -> tuple[Device | None, dict[DocPath, Comments]]:
    """What the spec says of its accelerator, and the comments by their place in a flavor."""
    source = c.source
    texts = {name: source.text(*ACCELERATOR, name) for name in ("vendor", "type")}
    count = source.whole(*ACCELERATOR, "count")
    if not any(texts.values()) and count is None:
        return None, {}
    key = resource(texts["vendor"], texts["type"], c.catalogue)
    comments: dict[DocPath, Comments] = {}
    comments["name",] = source.take(*ACCELERATOR, "type") if texts["type"] else Comments()
    if key is not None and count is not None:
        both = source.take(*ACCELERATOR, "vendor").raised + source.take(*ACCELERATOR, "count")
        comments["limits", key] = both
    elif key is not None:
        source.take(*ACCELERATOR, "vendor")
        c.lost((*ACCELERATOR, "vendor"), texts["vendor"], "without `count` a flavor asks for nothing")
    sizes: dict[str, str] = {}
    for parameter, hint in HINTS.items():
        text = c.stated.get(hint, "")
        # Stages that do not divide the devices are none.
        if whole(text) and (parameter == TENSOR or count is None or count % int(text) == 0):
            sizes[parameter] = text
            comments["params", parameter] = source.take(*ANNOTATIONS, hint)
    instance = source.text(*MACHINE)
    if instance is not None:
        comments["params", INSTANCE] = source.take(*MACHINE)
    device = Device(texts["vendor"], texts["type"], count, sizes.get(TENSOR), sizes.get(PIPELINE), instance)
    return device, comments


def _compare(c: Conversion, stated: Device, back: Device) -> None:
    """Say what converting back would not bring back as it was."""
    for field in ("vendor", "type", "count"):
        path = (*ACCELERATOR, field)
        before, after = getattr(stated, field), getattr(back, field)
        if c.source.taken(*path) and before != after:
            c.changed(path, before, (*FLAVORS, 0), after, "this is what comes back")
