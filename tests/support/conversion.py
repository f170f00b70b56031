"""Conversions for tests, and the books on a round trip: what is gone or new, and whether a list says so."""

import re

from modelspec_ls.analysis import check_document
from modelspec_ls.convert.stream import Fault, convert
from modelspec_ls.core.config import Config
from modelspec_ls.knowledge.catalogue import BUILT_IN
from modelspec_ls.syntax.data import to_data
from modelspec_ls.workspace.document import Document

from .workspace import opened

OTHER = {"OpenModel": "ModelSpec", "ModelSpec": "OpenModel"}
_MODEL = ("spec", "identity", "model")
_HUB = ("spec", "source", "modelHub", "modelID")
_FLAVORS = ("spec", "inferenceConfig", "flavors")
_OF_FLAVORS = {
    ("spec", "runtime", "accelerator"),
    ("spec", "governance", "cost"),
    ("metadata", "annotations", "modelspec/tensor-parallel-size"),
    ("metadata", "annotations", "modelspec/pipeline-parallel-size"),
}
"""Where a ModelSpec says what a flavor says."""
_URI = (*_MODEL, "artifacts", "modelUri")


def document(text, name="x.yaml"):
    return Document(f"file:///ws/{name}", text, claimed=True)


def converted(text, kind, name="x.yaml", **options):
    """The result of a conversion that must succeed."""
    found = convert(document(text, name), kind, BUILT_IN, **options)
    assert not isinstance(found, Fault), found
    return found


def notes(found, kind=None):
    """``kind path`` of every note, or only the paths of one kind."""
    every = [(note.kind, ".".join(map(str, note.path))) for result in found.results for note in result.notes]
    return [path for k, path in every if k == kind] if kind else [f"{k} {path}" for k, path in every]


def data(text, number=0):
    return to_data(document(text).tree.documents[number].root).value


def findings(text, name="x.yaml", config=None):
    """``severity code pointer`` of what the checks say about a text."""
    own = document(text, name)
    found = check_document(opened(own, roots=("/ws",), config=config or Config()), own.uri)
    return [f"{d.severity.label} {d.code} {d.pointer}" for d in found]


def leaves(value, path=()):
    """The values that say something, by path."""
    if isinstance(value, dict):
        return {p: v for key, item in value.items() for p, v in leaves(item, (*path, key)).items()}
    if isinstance(value, list):
        return {p: v for key, item in enumerate(value) for p, v in leaves(item, (*path, key)).items()}
    return {} if value is None else {path: value}


def _same(path, a, b):
    """Whether two values are equal; quantities of resources may be numbers or texts."""
    return a == b or ("limits" in path and str(a) == str(b))


def _under(path, notes, *kinds):
    return [n for n in notes if n.kind in kinds and path[: len(n.path)] == n.path]


def unaccounted(text, kind):
    """What a round trip loses, changes or adds and no list says, and what a list says and is not so."""
    there = converted(text, kind)
    back = converted(there.text, OTHER[kind])
    out = []
    for one, two in zip(there.results, back.results, strict=True):
        out += _unaccounted(data(text, one.number), data(back.text, two.number), one.notes, two.notes)
    return out


def _unaccounted(before, after, first, second):
    out = []
    before, after = leaves(before), leaves(after)
    for path, value in before.items():
        if path in {("apiVersion",), ("kind",)}:
            continue
        comes_back = path in after and _same(path, after[path], value)
        lost = [n for n in _under(path, first, "lost") if n.path]
        changed = _under(path, first, "changed")
        if lost:
            found = {n.path for n in first if n.kind == "found"}
            looked_up = (path == _URI and _HUB in found) or (path[:3] in _OF_FLAVORS and _FLAVORS in found)
            if path in after and not _under(path, second, "found", "unknown") and not changed and not looked_up:
                out.append(("said to be lost, and is not", path, value, after[path]))
        elif changed:
            note = changed[0]
            where = note.to if note.to in after else path
            if note.kind == "changed" and after.get(where) not in (note.becomes, None) and path != where:
                out.append(("changed otherwise than said", path, value, after.get(where), note))
            if comes_back and not isinstance(note.becomes, list):
                out.append(("said to be changed, and is not", path, value, note))
        elif not comes_back and not _says_so(path, second):
            out.append(("gone, and no list says so", path, value, after.get(path)))
    out += [
        ("new, and no list says so", path, value)
        for path, value in after.items()
        if path not in before and not _explained(path, first, second)
    ]
    return out


def _says_so(path, second):
    return bool([n for n in _under(path, second, "found", "unknown") if n.path])


def _explained(path, first, second):
    """Whether a list says where a new value is from."""
    if _under(path, second, "found", "unknown") or any(n.to == path for n in (*first, *second)):
        return True
    # What the first list says was looked up comes back in the field of the other kind.
    found = {n.path for n in first if n.kind in {"found", "unknown"}}
    kept = {n.to for n in second if n.kind == "kept"}
    if _FLAVORS in found and path[:3] in _OF_FLAVORS:
        return True
    return path in kept or (path == _URI and _HUB in found) or path in found


_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_PROTOCOLS = {"gcs", "oss", "s3", "ollama", "host", "oci"}


def refused(model):
    """What llmaz's admission of OpenModels and the API server would say against one, by their own words."""
    name, spec = model["metadata"]["name"], model["spec"]
    if len(name) > 63 or not _LABEL.fullmatch(name):
        yield "name"
    labels = {"llmaz.io/model-family-name": spec["familyName"], **model["metadata"].get("labels", {})}
    if any(len(value) > 63 or not _LABEL_VALUE.fullmatch(value) for value in labels.values()):
        yield "labels"
    hub, uri = spec["source"].get("modelHub"), spec["source"].get("uri")
    if hub is None and uri is None:
        yield "source"
    if uri is not None:
        protocol, *rest = uri.split("://")
        protocol = protocol.lower()
        if len(rest) != 1 or protocol not in _PROTOCOLS:
            yield "protocol"
        elif "/" not in {"oss": rest[0].partition(".")[2], "s3": rest[0], "gcs": rest[0]}.get(protocol, "/"):
            yield "address"
    if hub is not None:
        if hub.get("name", "Huggingface") not in {"Huggingface", "ModelScope"}:
            yield "hub"
        patterns = hub.get("allowPatterns") or hub.get("ignorePatterns")
        if "filename" in hub and (hub.get("name") == "ModelScope" or patterns):
            yield "filename"
    if len(spec.get("inferenceConfig", {}).get("flavors", [])) > 8:
        yield "flavors"
