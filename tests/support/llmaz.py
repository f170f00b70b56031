"""Objects of llmaz for tests."""

from modelspec_ls.analysis import check_document
from modelspec_ls.core.config import Config

from .workspace import folder

HUB = "modelHub: {modelID: Qwen/Qwen3-8B, revision: 9c925d64d72725edaf899c6cb9c377fd0709d9c5}"


def open_model(source=HUB, *flavors, name="qwen3-8b", family="qwen3", metadata=""):
    """A small OpenModel. ``source`` and ``flavors`` are flow mappings without their braces."""
    below = "".join(f"      - {{{flavor}}}\n" for flavor in flavors)
    config = f"  inferenceConfig:\n    flavors:\n{below}" if flavors else ""
    return (
        "apiVersion: llmaz.io/v1alpha1\nkind: OpenModel\n"
        f"metadata:\n  name: {name}\n{metadata}"
        f"spec:\n  familyName: {family}\n  source: {{{source}}}\n{config}"
    )


def playground(claim, name="chat", kind="Playground"):
    """A Playground or Service; ``claim`` is the block below ``spec``."""
    lines = "".join(f"  {line}\n" for line in claim.splitlines())
    head = f"apiVersion: inference.llmaz.io/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n"
    return f"{head}spec:\n{lines}"


def claiming(model, *flavors):
    """A Playground that claims one model."""
    picked = "".join(f"\n    - {flavor}" for flavor in flavors)
    return playground(f"modelClaim:\n  modelName: {model}" + (f"\n  inferenceFlavors:{picked}" if flavors else ""))


def findings(files, name, config=None):
    """The findings of one of several files."""
    return check_document(folder(files, config=config or Config()), f"file:///ws/{name}")


def said(text, name="model.yaml", **beside):
    """``severity code pointer`` of each finding of a text; ``beside``: other files by stem."""
    files = {name: text, **{f"{stem}.yaml": other for stem, other in beside.items()}}
    return [f"{d.severity.label} {d.code} {d.pointer}".rstrip() for d in findings(files, name)]
