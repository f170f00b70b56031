"""Values from the catalogue of models and accelerators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from modelspec_ls.ide.catalogue import (
    accelerator_line,
    accelerator_markdown,
    accelerator_names,
    model_line,
    model_markdown,
    model_names,
    model_task,
)
from modelspec_ls.ide.results import CompletionItem
from modelspec_ls.knowledge import accelerators, models, precisions
from modelspec_ls.knowledge.types import Accelerator, Model
from modelspec_ls.knowledge.vocabularies import vocabulary

from .request import Request

Provider = Callable[[Request], Iterator[CompletionItem]]
MAX_MODELS = 250
"""Most model names of one list; typing narrows it."""
MAX_PAGES = 30
"""Most offers of one list that come with their facts."""
_ACCELERATOR = ("spec", "runtime", "accelerator")


def _model(request: Request) -> Model | None:
    uri = request.text_value(*request.model, "artifacts", "modelUri")
    resolve = request.catalogue.resolve
    return (resolve(uri).model if uri else None) or resolve(request.text_value(*request.model, "id")).model


def _accelerator(request: Request) -> Accelerator | None:
    vendor = request.text_value(*_ACCELERATOR, "vendor") or None
    return request.catalogue.find_accelerator(request.text_value(*_ACCELERATOR, "type"), vendor).accelerator


def _models(request: Request) -> list[tuple[str, Model]]:
    """The models that what is typed may mean, each with a name to write."""
    typed = [word for word in request.typed.lower().replace("/", "-").split("-") if word]
    known = model_names(request.catalogue)
    return [(name, model) for name, model in known if all(w in f"{model.id} {name}".lower() for w in typed)]


def model_id(request: Request) -> Iterator[CompletionItem]:
    """Models of the family first; narrowed by what is typed."""
    family = request.text_value(*request.model, "family")
    names = _models(request)
    if family:
        same = {m.id for m in request.catalogue.models_of_family(family)}
        names.sort(key=lambda n: n[1].id not in same)
    for name, model in names[:MAX_MODELS]:
        documentation = model_markdown(model) if len(names) <= MAX_PAGES else ""
        yield request.value_item(name, detail=model_line(model), documentation=documentation, kind="module")


def hub_id(request: Request) -> Iterator[CompletionItem]:
    """Models by their whole id, narrowed by what is typed."""
    found = _models(request)
    for _, model in found[:MAX_MODELS]:
        documentation = model_markdown(model) if len(found) <= MAX_PAGES else ""
        yield request.value_item(model.id, detail=model_line(model), documentation=documentation, kind="module")


def family(request: Request) -> Iterator[CompletionItem]:
    """The chosen model's family, then all."""
    model = _model(request)
    if model is not None and model.family:
        yield request.value_item(model.family, detail=f"family of {model.id}")
        for alias in models.family_aliases(model.family):
            yield request.value_item(alias, detail=f"another spelling of {model.family}")
    seen: set[str] = set()
    for _, known in model_names(request.catalogue):
        if known.family and known.family not in seen:
            seen.add(known.family)
            yield request.value_item(known.family, detail=f"for example {known.id}")


def task(request: Request) -> Iterator[CompletionItem]:
    """The task the chosen model is made for; the vocabulary follows."""
    model = _model(request)
    if model is not None:
        yield request.value_item(model_task(model), kind="enum", detail=f"what {model.id} is made for")


def precision(request: Request) -> Iterator[CompletionItem]:
    """The checkpoint's own format, then what the accelerator runs; the vocabulary follows."""
    model, card = _model(request), _accelerator(request)
    if model is not None:
        native = precisions.find(model.quantization.method if model.quantization else model.native_dtype)
        if native is not None:
            yield request.value_item(native.name, kind="enum", detail=f"as {model.id} is stored")
    if card is not None:
        for known in precisions.all_precisions():
            support = precisions.supports(card, known)
            if support.level == "native":
                yield request.value_item(known.name, kind="enum", detail=known.description)


def accelerator_type(request: Request) -> Iterator[CompletionItem]:
    """Accelerators of the vendor."""
    words = vocabulary("vendor")
    vendor = request.text_value(*_ACCELERATOR, "vendor")
    term = words.find(vendor) if words else None
    names = accelerator_names(term.value if term else "", request.catalogue)
    names = names or accelerator_names("", request.catalogue)
    for number, (name, card) in enumerate(names):
        # The page for each of a hundred would make the list slow to show.
        page = accelerator_markdown(card) if number < MAX_PAGES else ""
        yield request.value_item(name, detail=accelerator_line(card), documentation=page, kind="module")


def count(request: Request) -> Iterator[CompletionItem]:
    """Device counts that divide the model's attention heads."""
    model = _model(request)
    heads = model.num_attention_heads if model else None
    for number in (1, 2, 4, 8, 16):
        if heads is None or heads % number == 0:
            detail = f"divides the {heads} attention heads" if heads else "usual value"
            yield request.value_item(number, kind="unit", detail=detail)


def sequence_length(request: Request) -> Iterator[CompletionItem]:
    """The usual lengths up to the model's context, and the context itself."""
    model = _model(request)
    context = model.context_tokens if model else None
    usual = [n for n in (8192, 4096, 16384, 32768, 65536, 131072, 2048) if context is None or n < context]
    for number in usual:
        yield request.value_item(number, kind="unit", detail="tokens")
    if context:
        yield request.value_item(context, kind="unit", detail=f"all that {model.id if model else ''} can take")


def model_uri(request: Request) -> Iterator[CompletionItem]:
    """The model on the Hub, then the schemes."""
    model = _model(request)
    weights = request.text_value(*request.model, "artifacts", "modelUri")
    if weights and request.context.path[-1] == "tokenizerUri":
        yield request.value_item(weights, detail="the same place as the weights")
    if model is not None:
        yield request.value_item(f"hf://{model.id}", detail="on the Hugging Face Hub")
    words = vocabulary("uriScheme")
    engine = request.text_value(*request.model, "framework").lower()
    if words is not None:
        ordered = sorted(words.terms, key=lambda t: bool(engine) and engine not in t.facts.get("acceptedBy", ()))
        for term in ordered:
            yield request.value_item(
                f"{term.value}://", detail=term.description, documentation=f"Form: `{term.facts.get('form', '')}`"
            )


def _natural(name: str) -> list[tuple[int, str]]:
    """Numbers inside a name by their size: ``p4d`` before ``p48``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def instance_type(request: Request) -> Iterator[CompletionItem]:
    """Machines that carry the chosen accelerator, those with the right count first."""
    cloud = request.text_value("spec", "governance", "cost", "pricingHints", "cloudProvider").lower()
    card = _accelerator(request)
    wanted = request.value(*_ACCELERATOR, "count")
    machines = card.instances if card else accelerators.all_instances()
    fitting = [m for m in machines if not cloud or m.cloud == cloud]
    for machine in sorted(fitting, key=lambda m: (m.count != wanted, m.count, _natural(m.type))):
        yield request.value_item(machine.type, detail=f"{machine.cloud}, {machine.count} of {machine.accelerator_id}")


def cloud(request: Request) -> Iterator[CompletionItem]:
    """Clouds that rent out the chosen accelerator; the vocabulary follows."""
    card = _accelerator(request)
    for name in dict.fromkeys(machine.cloud for machine in (card.instances if card else ())):
        yield request.value_item(name, kind="enum", detail=f"rents out {card.name if card else ''}")
