"""What a ModelSpec deploys, resolved against the knowledge base: model, accelerator, precision, engine, memory."""

from __future__ import annotations

from attrs import evolve, frozen

from modelspec_ls.core.config import EngineDefaults
from modelspec_ls.core.lazy import lazy
from modelspec_ls.core.path import DocPath
from modelspec_ls.fit.adapt import RecordedModel, architecture_of, device_of, format_of
from modelspec_ls.fit.checkpoint import CheckpointFacts
from modelspec_ls.fit.estimate import evaluate
from modelspec_ls.fit.inputs import Adapter, Architecture, Device, Draft, FitInput, Grade
from modelspec_ls.fit.report import FitReport
from modelspec_ls.knowledge import engines, precisions
from modelspec_ls.knowledge.accelerators import AcceleratorMatch
from modelspec_ls.knowledge.catalogue import BUILT_IN, Catalogue
from modelspec_ls.knowledge.engines import Engine, WeightFormat
from modelspec_ls.knowledge.match import Resolution
from modelspec_ls.knowledge.precisions import Precision
from modelspec_ls.knowledge.types import KvCache, Model
from modelspec_ls.knowledge.vocabularies import vocabulary

from .hints import Hints, read_hints, shape_of
from .lineage import NONE, Ancestor, Lineage, model_behind, names_spec
from .view import ACCELERATOR, ANNOTATIONS, BATCH, LABELS, MODEL, SpecView

_ENGINE_LABELS = ("runtime", "engine", "inference-engine", "serving", "framework")
_NO_DEFAULTS = EngineDefaults()
_NO_FORMAT = frozenset({"mixed", "auto"})


@frozen
class Source:
    """A statement that a conclusion rests on."""

    path: DocPath
    text: str


class Deployment:
    """The facts of one spec. Everything is worked out on demand and kept.

    ``catalogue``: as the spec's folder sees it. ``checkpoint``: what the model's files on disk say, where somebody
    has read them; it wins over the catalogue. ``lineage``: what the specs say that its hints lead to.
    """

    def __init__(
        self,
        view: SpecView,
        catalogue: Catalogue = BUILT_IN,
        checkpoint: CheckpointFacts | None = None,
        lineage: Lineage = NONE,
    ) -> None:
        self.view = view
        self.catalogue = catalogue
        self.checkpoint = checkpoint
        self.lineage = lineage

    @lazy
    def hints(self) -> Hints:
        """What the annotations say."""
        return read_hints(self.view)

    # ------------------------------------------------------------------ model
    @lazy
    def id_resolution(self) -> Resolution | None:
        """What ``model.id`` means."""
        text = self.view.text(*MODEL, "id").value
        return self.catalogue.resolve(text) if text else None

    @lazy
    def uri_resolution(self) -> Resolution | None:
        """What ``artifacts.modelUri`` means."""
        text = self.view.text(*MODEL, "artifacts", "modelUri").value
        return self.catalogue.resolve(text) if text else None

    @lazy
    def resolution(self) -> tuple[Resolution, Source] | None:
        """The model with the statement it was found by: base-model hint, then modelUri, then id."""
        if (base := self._by_base) is not None:
            return base
        uri, identity = self.uri_resolution, self.id_resolution
        uri_text = self.view.text(*MODEL, "artifacts", "modelUri").value or ""
        id_text = self.view.text(*MODEL, "id").value or ""
        if uri and uri.model:
            return uri, Source((*MODEL, "artifacts", "modelUri"), uri_text)
        if identity and identity.model:
            return identity, Source((*MODEL, "id"), id_text)
        if uri and uri.size_from_name:
            return uri, Source((*MODEL, "artifacts", "modelUri"), uri_text)
        return (identity, Source((*MODEL, "id"), id_text)) if identity else None

    @lazy
    def _by_base(self) -> tuple[Resolution, Source] | None:
        """The model that the base-model hint leads to, where the catalogue knows it."""
        hint = self.hints.base_model
        found = self.hinted("base-model", hint)[0] if hint else None
        return (found, Source((*ANNOTATIONS, "modelspec/base-model"), hint)) if hint and found and found.model else None

    def hinted(self, name: str, text: str) -> tuple[Resolution | None, Ancestor | None]:
        """What the text of a hint for a model means: an id, or the path of a spec that deploys one.

        The second is a spec whose own hints state the size of a model that no catalogue knows.
        """
        if names_spec(text):
            return model_behind(self.lineage.get(name, ()), self.catalogue)
        return self.catalogue.resolve(text), None

    @lazy
    def inherited(self) -> Architecture | None:
        """The numbers of a base model that no catalogue knows, as the hints of its own spec state them."""
        hint = self.hints.base_model
        stating = self.hinted("base-model", hint)[1] if hint and self.model is None else None
        return _stated(stating) if stating is not None else None

    @lazy
    def model(self) -> Model | None:
        """The catalogue's model."""
        return self.resolution[0].model if self.resolution else None

    @lazy
    def grade(self) -> Grade | None:
        """How sure the model is; None where nothing about its size is known."""
        if self.hints.parameters:
            return "declared"
        if self.checkpoint is not None:
            return "checkpoint"
        if self.inherited is not None:
            return "declared"
        if self.resolution is None:
            return None
        found = self.resolution[0]
        if found.model is not None:
            return "name" if found.grade == "repackaged" else "exact"
        return "name" if found.size_from_name else None

    @lazy
    def architecture(self) -> Architecture | None:
        """The numbers that memory depends on: declared ones win over the catalogue's."""
        known = architecture_of(self.model) if self.model else self.inherited
        if self.checkpoint is not None:
            known = self.checkpoint.over(known)
        stated = self.hints.parameters
        shape = self.hints.architecture
        if known is None and stated is None:
            size = self.resolution[0].size_from_name if self.resolution else None
            if size is None:
                return None
            known = Architecture(parameters=size)
        base = known or Architecture(parameters=stated.total if stated else 0)
        if stated is not None and (self.model is None or shape):
            base = evolve(base, parameters=stated.total)
        return _declared(base, shape) if shape else base

    @lazy
    def context(self) -> int | None:
        """The model's own context in tokens."""
        return self.architecture.context if self.architecture else None

    # ------------------------------------------------------------------ hardware
    @lazy
    def accelerator(self) -> AcceleratorMatch | None:
        """What ``accelerator.type`` means."""
        text = self.view.text(*ACCELERATOR, "type").value
        vendor = self.view.text(*ACCELERATOR, "vendor").value
        return self.catalogue.find_accelerator(text, vendor) if text else None

    @lazy
    def count(self) -> int | None:
        """Accelerators of one replica."""
        value = self.view.integer(*ACCELERATOR, "count").value
        return value if value is not None and value >= 1 else None

    # ------------------------------------------------------------------ precision
    @lazy
    def precision(self) -> Precision | None:
        """The stated precision, where it is one we know and says something."""
        text = self.view.text(*MODEL, "precision").value
        found = precisions.find(text) if text else None
        return None if found is None or found.name in _NO_FORMAT else found

    @lazy
    def weights(self) -> tuple[WeightFormat | None, bool]:
        """The format of the loaded weights, and whether it had to be assumed from the checkpoint or its name."""
        if self.precision is not None:
            return engines.weight_format(self.precision.name), False
        if self.checkpoint is not None and self.checkpoint.weights is not None:
            return self.checkpoint.weights, True
        stated = self.resolution[0].precision if self.resolution else None
        if stated and (found := engines.weight_format(stated)):
            return found, True
        return (format_of(self.model) if self.model else None), True

    # ------------------------------------------------------------------ engine
    @lazy
    def engine_source(self) -> Source | None:
        """The statement that names the engine: hint, then label, then framework."""
        if self.hints.engine:
            return Source((*ANNOTATIONS, "modelspec/engine"), self.hints.engine)
        words, labels = vocabulary("framework"), self.view.keys(*LABELS)
        for key in _ENGINE_LABELS if labels else ():
            field = self.view.text(*LABELS, key)
            term = words.find(field.value) if field.value and words else None
            # What runs around an engine, such as a platform, says nothing about the engine inside.
            if field.value and term and not term.facts.get("around"):
                return Source(field.path, field.value)
        field = self.view.text(*MODEL, "framework")
        return Source(field.path, field.value) if field.value else None

    @lazy
    def engine_name(self) -> str | None:
        """The engine's canonical name."""
        source = self.engine_source
        if source is None:
            return None
        words = vocabulary("framework")
        term = words.find(source.text) if words else None
        return term.value if term else source.text.casefold()

    @lazy
    def engine(self) -> Engine:
        """The engine's memory rules; those of a generic one where none are known."""
        name = self.engine_name
        version = self.hints.engine_version or self.engine_defaults.version
        found = engines.engine(name, version) if name else None
        return found or engines.generic_engine()

    @property
    def engine_defaults(self) -> EngineDefaults:
        """What the settings say of the engine."""
        return self.catalogue.engines.get(self.engine_name or "", _NO_DEFAULTS)

    # ------------------------------------------------------------------ memory
    @lazy
    def given(self) -> FitInput | None:
        """The input of the memory estimate; None where no accelerator or no model can be read at all."""
        match, count = self.accelerator, self.count
        if match is None or count is None:
            return None
        device = device_of(match.accelerator) if match.accelerator else Device(None, name="unknown accelerator")
        weights, assumed = self.weights
        batch = self.view.integer(*BATCH, "maxBatchSize").value
        sequence = self.view.integer(*BATCH, "maxSequenceLengthTokens").value
        hints = self.hints
        tensor, pipeline, data = self._parallel(count)
        return FitInput(
            architecture=self.architecture,
            device=device,
            engine=self.engine,
            model=self.model.id if self.model else (self.view.text(*MODEL, "id").value or "model"),
            grade=self.grade or "name",
            weights=weights,
            weights_assumed=assumed,
            measured_weight_bytes=hints.weights_bytes or self._measured(weights),
            kv_dtype=hints.kv_cache_dtype or self.engine_defaults.kv_cache_dtype,
            count=count,
            tensor_parallel=tensor,
            pipeline_parallel=pipeline,
            data_parallel=data,
            batch=batch if batch and batch > 0 else None,
            sequence=sequence if sequence and sequence > 0 else None,
            gpu_memory_utilization=hints.gpu_memory_utilization or self.engine_defaults.gpu_memory_utilization,
            draft=self._draft(),
            adapter=Adapter(hints.adapter.rank, hints.adapter.count) if hints.adapter else None,
        )

    def _measured(self, weights: WeightFormat | None) -> int | None:
        """Bytes of the weights as the files or a row of the workspace count them, where they are loaded as stored."""
        if self.checkpoint is not None:
            return self.checkpoint.measured_for(weights)
        model = self.model
        if not isinstance(model, RecordedModel) or not model.weight_bytes_exact or self.grade != "exact":
            return None
        alike = weights is None or model.stored is None or abs(weights.body_bits - model.stored.body_bits) < 1
        return model.weight_bytes if alike else None

    def _parallel(self, count: int) -> tuple[int | None, int | None, int]:
        """Hinted tensor, pipeline and data parallel sizes; not used where they do not divide the count."""
        hints = self.hints
        tensor, pipeline, data = hints.tensor_parallel, hints.pipeline_parallel, hints.data_parallel
        stated = (tensor or 1) * (pipeline or 1) * (data or 1)
        if count % stated:
            return None, None, 1
        if data is None and tensor is not None:
            # Devices that the model does not need as one group hold further copies of it.
            data = count // stated
        return tensor, pipeline, data or 1

    def _draft(self) -> Draft | None:
        name = self.hints.draft_model
        if not name:
            return None
        found, stating = self.hinted("draft-model", name)
        if found is not None and found.model is not None:
            return Draft(architecture_of(found.model), format_of(found.model), found.model.id)
        shape = _stated(stating) if stating is not None else None
        return Draft(shape, name=name) if shape is not None else None

    @lazy
    def report(self) -> FitReport | None:
        """The memory estimate."""
        return evaluate(self.given) if self.given is not None else None


def _stated(ancestor: Ancestor) -> Architecture | None:
    """A private model by its spec's hints; None where these cannot be read."""
    parameters, shape = shape_of(ancestor.parameter_count, ancestor.architecture)
    return _declared(Architecture(parameters=parameters.total), shape) if parameters is not None else None


def _declared(base: Architecture, shape: dict[str, int]) -> Architecture:
    """An architecture with declared numbers in place of the catalogue's."""
    layers = shape.get("layers", base.layers)
    heads = shape.get("heads", base.heads)
    kv_heads = shape.get("kv-heads", shape.get("heads", base.kv_heads))
    head_dim = shape.get("head-dim", base.head_dim)
    out = evolve(
        base,
        layers=layers,
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        context=shape.get("context", base.context),
        hidden=shape.get("hidden", base.hidden or ((heads or 0) * (head_dim or 0) or None)),
        intermediate=shape.get("intermediate", base.intermediate),
        vocab=shape.get("vocab", base.vocab),
    )
    if layers is None:
        return out
    window, windowed = shape.get("window"), shape.get("window-layers", 0) if shape.get("window") else 0
    rank = shape.get("kv-lora-rank")
    if rank is not None:
        width = rank + shape.get("rope-dim", 0)
        return evolve(out, kv=KvCache(kind="mla", layers_full=layers, elements_per_token_full=layers * width))
    if kv_heads is None or head_dim is None:
        return out
    each = 2 * kv_heads * head_dim
    full = layers - windowed
    return evolve(
        out,
        kv=KvCache(
            layers_full=full,
            elements_per_token_full=full * each,
            layers_sliding=windowed,
            elements_per_token_sliding=windowed * each,
            sliding_window=window,
        ),
    )
