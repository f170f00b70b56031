"""Values for the fields of an OpenModel of llmaz."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from modelspec_ls.ide.catalogue import (
    accelerator_line,
    accelerator_markdown,
    accelerator_names,
    model_line,
    model_markdown,
    model_names,
)
from modelspec_ls.ide.results import CompletionItem
from modelspec_ls.knowledge import accelerators, kubernetes, llmaz, models
from modelspec_ls.knowledge.types import Accelerator, Model
from modelspec_ls.spec.openmodel import FAMILY, HUB, MODEL_ID, URI
from modelspec_ls.workspace.entries import HINTS
from modelspec_ls.workspace.facts import NAME

from .catalogue_values import MAX_MODELS, MAX_PAGES
from .request import Request
from .spec_refs import model_specs

Provider = Callable[[Request], Iterator[CompletionItem]]
_QUANTISATIONS = ("q4_k_m", "q5_k_m", "q8_0", "q6_k")
_LENGTH_OF_A_FLAVOR = 4


def open_model_values(request: Request) -> Iterator[CompletionItem]:
    """What may stand at the field at the cursor, beyond its closed values and examples."""
    path = request.context.path
    provider = _PROVIDERS.get(path)
    if provider is None and path[:3] == ("spec", "inferenceConfig", "flavors") and len(path) > _LENGTH_OF_A_FLAVOR:
        provider = _OF_FLAVOR.get(str(path[_LENGTH_OF_A_FLAVOR]))
    if provider is not None:
        yield from provider(request)


def _model(request: Request) -> Model | None:
    text = request.text_value(*MODEL_ID) or request.text_value(*URI)
    return request.catalogue.resolve(text).model if text else None


def _name(request: Request) -> Iterator[CompletionItem]:
    for path in (MODEL_ID, URI):
        text = request.text_value(*path)
        slug = kubernetes.name_slug(text.rstrip("/").rpartition("/")[2])
        if slug:
            yield request.value_item(slug, detail="from the model")
    stem = kubernetes.name_slug(request.document.uri.rsplit("/", 1)[-1].split(".", 1)[0])
    if stem:
        yield request.value_item(stem, detail="from the file's name")


def _family(request: Request) -> Iterator[CompletionItem]:
    model = _model(request)
    if model is not None and model.family:
        yield request.value_item(model.family, detail=f"family of {model.id}")
        for alias in models.family_aliases(model.family):
            yield request.value_item(alias, detail=f"another spelling of {model.family}")
    for family in models.families():
        yield request.value_item(family)


def _model_id(request: Request) -> Iterator[CompletionItem]:
    """Repositories of the family first; narrowed by what is typed."""
    family = request.text_value(*FAMILY)
    typed = [word for word in request.typed.lower().replace("/", "-").split("-") if word]
    known = {model.id: model for _, model in model_names(request.catalogue) if "/" in model.id}
    found = [model for model in known.values() if all(word in model.id.lower() for word in typed)]
    if family:
        same = {m.id for m in request.catalogue.models_of_family(family)}
        found.sort(key=lambda m: m.id not in same)
    for model in found[:MAX_MODELS]:
        page = model_markdown(model) if len(found) <= MAX_PAGES else ""
        yield request.value_item(model.id, detail=model_line(model), documentation=page, kind="module")


def _filename(request: Request) -> Iterator[CompletionItem]:
    repository = request.text_value(*MODEL_ID).rpartition("/")[2]
    base = repository.lower().removesuffix("-gguf")
    if base and base != repository.lower():
        for quantisation in _QUANTISATIONS:
            yield request.value_item(f"{base}-{quantisation}.gguf", detail="a usual name in GGUF repositories")


def _uri(request: Request) -> Iterator[CompletionItem]:
    for protocol in llmaz.protocols():
        form = llmaz.forms()[protocol.name]
        start = "host:///" if protocol.name == "host" else f"{protocol.name}://"
        yield request.value_item(start, detail=protocol.description, documentation=f"Form: `{form}`")


def _vendor(request: Request) -> str:
    flavor = request.context.path[:_LENGTH_OF_A_FLAVOR]
    for resource in llmaz.offered("resources"):
        if request.value(*flavor, "limits", resource.name) is not None:
            found = llmaz.resource(resource.name)
            return found.vendor if found else ""
    return ""


def _cards(request: Request) -> Iterator[tuple[str, Accelerator]]:
    vendor = _vendor(request)
    yield from accelerator_names(vendor, request.catalogue) or accelerator_names("", request.catalogue)


def _accelerator(request: Request) -> Iterator[CompletionItem]:
    """Accelerators of the maker that the limits name."""
    for number, (name, card) in enumerate(_cards(request)):
        page = accelerator_markdown(card) if number < MAX_PAGES else ""
        yield request.value_item(name, detail=accelerator_line(card), documentation=page, kind="module")


def _machine(request: Request) -> Iterator[CompletionItem]:
    for machine in sorted(accelerators.all_instances(), key=lambda m: (m.cloud, m.count, m.type)):
        yield request.value_item(machine.type, detail=f"{machine.cloud}, {machine.count} of {machine.accelerator_id}")


def _limit(request: Request) -> Iterator[CompletionItem]:
    model = _model(request)
    heads = model.num_attention_heads if model else None
    for number in (1, 2, 4, 8):
        detail = f"divides the {heads} attention heads" if heads and heads % number == 0 else "usual value"
        yield request.value_item(number, kind="unit", detail=detail)


def _selector(request: Request) -> Iterator[CompletionItem]:
    label = str(request.context.path[-1])
    if label in llmaz.node_labels("machine"):
        yield from _machine(request)
        return
    seen: set[str] = set()
    for _, card in _cards(request):
        for value in _label_values(label, card):
            if value not in seen:
                seen.add(value)
                yield request.value_item(value, detail=accelerator_line(card), kind="module")


def _label_values(label: str, card: Accelerator) -> Iterator[str]:
    """What a node label says of an accelerator."""
    if label == "nvidia.com/gpu.product":
        yield from (card.gpu_product_label,) if card.gpu_product_label else ()
    elif label == "cloud.google.com/gke-accelerator":
        yield from (name for name in (card.id, *card.aliases) if name.startswith("nvidia-"))
    else:
        yield from card.aliases[:1]


def _parameter(request: Request) -> Iterator[CompletionItem]:
    name = request.context.path[-1]
    if name == "INSTANCE-TYPE":
        yield from _machine(request)
    elif name in {"TP", "PP"}:
        for item in _limit(request):
            yield request.value_item(item.label, kind="unit", detail=item.detail)


_PROVIDERS: dict[tuple[str | int, ...], Provider] = {
    NAME: _name,
    FAMILY: _family,
    MODEL_ID: _model_id,
    (*HUB, "filename"): _filename,
    URI: _uri,
    **dict.fromkeys(HINTS, model_specs),
}
_OF_FLAVOR: dict[str, Provider] = {
    "name": _accelerator,
    "limits": _limit,
    "nodeSelector": _selector,
    "params": _parameter,
}
