"""Values that depend on the rest of the document or the workspace, one provider per field."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from modelspec_ls.ide.results import CompletionItem
from modelspec_ls.knowledge.vocabularies import Term, vocabulary
from modelspec_ls.workspace.entries import HINTS

from . import catalogue_values as catalogue
from .open_model_values import open_model_values
from .request import Request
from .row_values import row_values
from .spec_refs import model_specs, spec_ids, spec_refs

Provider = Callable[[Request], Iterator[CompletionItem]]


def field_values(request: Request) -> Iterator[CompletionItem]:
    """The offers of the provider of the field at the cursor, if it has one."""
    if request.is_row:
        yield from row_values(request)
        return
    if request.is_open_model:
        yield from open_model_values(request)
        return
    if request.is_policy:
        return
    names = [part for part in request.context.path if isinstance(part, str)]
    for length in (3, 2, 1):
        provider = _PROVIDERS.get(".".join(names[-length:]))
        if provider is not None:
            yield from provider(request)
            return


def _engine(request: Request) -> Term | None:
    words = vocabulary("framework")
    return words.find(request.text_value(*request.model, "framework")) if words else None


def _port(request: Request) -> Iterator[CompletionItem]:
    engine = _engine(request)
    grpc = request.text_value("spec", "operations", "serving", "protocol") == "grpc"
    if engine is not None:
        for name in ("grpcPort", "port") if grpc else ("port", "grpcPort"):
            if port := engine.facts.get(name):
                what = "gRPC port" if name == "grpcPort" else "default port"
                yield request.value_item(port, kind="unit", detail=f"{what} of {engine.value}")
    words = vocabulary("framework")
    assert words is not None
    for term in words.terms:
        if (port := term.facts.get("port")) and term.facts.get("verified") is not False:
            yield request.value_item(port, kind="unit", detail=f"default port of {term.value}")


def _metrics_port(request: Request) -> Iterator[CompletionItem]:
    engine = _engine(request)
    serving = request.value("spec", "operations", "serving", "port")
    if engine is not None and engine.facts.get("metricsOnServingPort") and isinstance(serving, int):
        yield request.value_item(serving, kind="unit", detail=f"{engine.value} serves metrics on its serving port")
    if engine is not None and (port := engine.facts.get("metricsPort")):
        yield request.value_item(port, kind="unit", detail=f"metrics port of {engine.value}")
    yield request.value_item(9090, kind="unit", detail="common for a metrics sidecar")


def _probe(which: str) -> Provider:
    def provide(request: Request) -> Iterator[CompletionItem]:
        engine = _engine(request)
        paths = engine.facts.get(which, ()) if engine else ()
        for path in paths:
            yield request.value_item(path, detail=f"answered by {engine.value if engine else ''}")
        for path in ("/health", "/ready", "/live"):
            yield request.value_item(path, detail="common path")

    return provide


def _numbers(*values: int, detail: str = "usual value") -> Provider:
    def provide(request: Request) -> Iterator[CompletionItem]:
        for value in values:
            yield request.value_item(value, kind="unit", detail=detail)

    return provide


def _name(request: Request) -> Iterator[CompletionItem]:
    """A spec's name: the file's own, as Kubernetes would take it."""
    stem = request.document.uri.rsplit("/", 1)[-1].split(".", 1)[0].lower().replace("_", "-").lstrip("0123456789-")
    if stem and stem.isascii():
        yield request.value_item(stem, detail="from the file's name")
    if model := request.text_value(*request.model, "id"):
        slug = "".join(c if c.isalnum() or c == "-" else "-" for c in model.rsplit("/", 1)[-1].lower())
        yield request.value_item(slug, detail="from the model's id")


_PROVIDERS: dict[str, Provider] = {
    "model.id": catalogue.model_id,
    "model.family": catalogue.family,
    "model.task": catalogue.task,
    "model.precision": catalogue.precision,
    "artifacts.modelUri": catalogue.model_uri,
    "artifacts.tokenizerUri": catalogue.model_uri,
    "accelerator.type": catalogue.accelerator_type,
    "accelerator.count": catalogue.count,
    "maxSequenceLengthTokens": catalogue.sequence_length,
    "pricingHints.instanceType": catalogue.instance_type,
    "pricingHints.cloudProvider": catalogue.cloud,
    "dependencies.specRef": spec_refs,
    "dependencies.id": spec_ids,
    **{f"annotations.{path[-1]}": model_specs for path in HINTS},
    "metadata.name": _name,
    "serving.port": _port,
    "metrics.port": _metrics_port,
    "readinessProbe.path": _probe("readinessPaths"),
    "livenessProbe.path": _probe("livenessPaths"),
    "maxBatchSize": _numbers(32, 8, 16, 64, 128, 256, detail="sequences at once"),
    "maxConcurrency": _numbers(64, 32, 128, 256, detail="requests per replica"),
}
