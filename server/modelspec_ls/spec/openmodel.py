"""What an OpenModel of llmaz deploys: one deployment per flavor, resolved against the knowledge base.

The engine is chosen by the Playground or Service that claims the model; unless a hint or the file says otherwise, the
default of llmaz is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from attrs import evolve

from modelspec_ls.core.path import DocPath
from modelspec_ls.fit.adapt import device_of
from modelspec_ls.fit.checkpoint import CheckpointFacts
from modelspec_ls.fit.inputs import Device, FitInput
from modelspec_ls.knowledge import llmaz
from modelspec_ls.knowledge.accelerators import AcceleratorMatch, instance
from modelspec_ls.knowledge.catalogue import BUILT_IN, Catalogue
from modelspec_ls.knowledge.llmaz import Resource
from modelspec_ls.knowledge.match import Resolution
from modelspec_ls.knowledge.precisions import Precision
from modelspec_ls.knowledge.quantities import devices
from modelspec_ls.syntax.nodes import Missing, Scalar, deref

from .deployment import Deployment, Source
from .lineage import NONE, Lineage
from .view import ANNOTATIONS, SpecView

SOURCE: DocPath = ("spec", "source")
HUB: DocPath = (*SOURCE, "modelHub")
MODEL_ID: DocPath = (*HUB, "modelID")
FILENAME: DocPath = (*HUB, "filename")
URI: DocPath = (*SOURCE, "uri")
FAMILY: DocPath = ("spec", "familyName")
CONFIG: DocPath = ("spec", "inferenceConfig")
FLAVORS: DocPath = (*CONFIG, "flavors")

_GPU_MEMORY = "karpenter.k8s.aws/instance-gpu-memory"
_MIB_PER_GB = 1000
_PARTS = re.compile(r"[-_.]+")
_COUNTED = re.compile(r"(.*?[a-z]\d+[a-z]*)x\d+")
_LONGEST_NAME = 120


class OpenModelDeployment(Deployment):
    """The model of an OpenModel, and its flavors. By itself it has no accelerator."""

    @cached_property
    def flavors(self) -> tuple[FlavorDeployment, ...]:
        """What each flavor deploys, in their order."""
        count = self.view.length(*FLAVORS)
        known = self.catalogue, self.checkpoint, self.lineage
        return tuple(FlavorDeployment(self.view, n, *known) for n in range(count))

    @cached_property
    def origin(self) -> Source | None:
        """The statement that says which model it is: the hub's id, else the address."""
        for path in (MODEL_ID, URI):
            text = self.view.text(*path).value
            if text:
                return Source(path, text)
        return None

    @cached_property
    def id_resolution(self) -> Resolution | None:
        """What ``modelID`` means, with what ``filename`` says of the weights."""
        text, file = self.view.text(*MODEL_ID).value, self.view.text(*FILENAME).value
        if not text:
            return None
        found = self.catalogue.resolve(text)
        named = self.catalogue.resolve(file.rpartition("/")[2]) if file else None
        if named is None or not named.precision:
            return found
        return evolve(found, precision=named.precision, bits=named.bits, format=named.format or found.format)

    @cached_property
    def uri_resolution(self) -> Resolution | None:
        """What ``uri`` means."""
        text = self.view.text(*URI).value
        return self.catalogue.resolve(text) if text else None

    @cached_property
    def resolution(self) -> tuple[Resolution, Source] | None:
        """The model with the statement it was found by: base-model hint, else the source."""
        if (base := self._by_base) is not None:
            return base
        origin = self.origin
        resolution = self.id_resolution if origin and origin.path == MODEL_ID else self.uri_resolution
        return (resolution, origin) if resolution and origin else None

    @property
    def accelerator(self) -> AcceleratorMatch | None:
        """None: a model by itself runs nowhere."""
        return None

    @property
    def count(self) -> int | None:
        """None: a model by itself runs nowhere."""
        return None

    @property
    def precision(self) -> Precision | None:
        """None: an OpenModel has no field for it."""
        return None

    @cached_property
    def gguf(self) -> bool:
        """Whether the weights are a GGUF file, as far as the source says."""
        file, found = self.view.text(*FILENAME).value, self.resolution
        return bool(file and file.lower().endswith(".gguf")) or bool(found and found[0].format == "gguf")

    @cached_property
    def engine_source(self) -> Source | None:
        """The statement that names the engine: a hint, else what only one engine loads."""
        if self.hints.engine:
            return Source((*ANNOTATIONS, "modelspec/engine"), self.hints.engine)
        if self.gguf and self.origin:
            return Source(self.origin.path, "llama.cpp")
        if self.origin and self.origin.text.lower().startswith("ollama://"):
            return Source(self.origin.path, "ollama")
        return None

    @cached_property
    def engine_name(self) -> str | None:
        """The engine's canonical name; the default of llmaz where nothing says otherwise."""
        return super().engine_name or llmaz.default_engine()


class FlavorDeployment(OpenModelDeployment):
    """The model on one flavor."""

    def __init__(
        self,
        view: SpecView,
        index: int,
        catalogue: Catalogue = BUILT_IN,
        checkpoint: CheckpointFacts | None = None,
        lineage: Lineage = NONE,
    ) -> None:
        super().__init__(view, catalogue, checkpoint, lineage)
        self.index = index
        self.path: DocPath = (*FLAVORS, index)

    @property
    def name(self) -> str:
        """The flavor's name; empty where it has none."""
        return self.view.text(*self.path, "name").value or ""

    @property
    def title(self) -> str:
        """The flavor in words."""
        return f"flavor `{self.name}`" if self.name else f"flavor {self.index + 1}"

    # ------------------------------------------------------------------ hardware
    @cached_property
    def resource(self) -> Resource | None:
        """The accelerator resource among the limits; None without one, or where there are several."""
        found = [r for key in self.view.keys(*self.path, "limits") if (r := llmaz.resource(key)) is not None]
        return found[0] if len(found) == 1 else None

    @property
    def limit_path(self) -> DocPath:
        """Where the number of accelerators stands."""
        return (*self.path, "limits", self.resource.name) if self.resource else (*self.path, "limits")

    @cached_property
    def limit(self) -> int | None:
        """Accelerators of one pod; None where that cannot be read."""
        found = self.view.find(self.limit_path) if self.resource else None
        node = deref(found.node) if found else None
        if node is None or isinstance(node, Missing) or not isinstance(node, Scalar):
            return None
        return devices(node.value.strip())

    def parameter(self, name: str) -> int | None:
        """A parallel size among the parameters; None where it is not stated or no positive whole number."""
        text = self.view.text(*self.path, "params", name).value
        return int(text) if text and re.fullmatch(r"0*[1-9]\d{0,4}", text.strip()) else None

    @cached_property
    def tensor(self) -> int | None:
        """Devices that share every layer: as stated, else all of one pod."""
        return self.parameter("TP") or self.limit

    @cached_property
    def pipeline(self) -> int:
        """Groups of devices that each hold some layers."""
        return self.parameter("PP") or 1

    @cached_property
    def count(self) -> int | None:
        """Accelerators that hold the model, all pods of a replica together."""
        return self.tensor * self.pipeline if self.tensor and self.limit else None

    @cached_property
    def reading(self) -> tuple[AcceleratorMatch, Source] | None:
        """The accelerator with the statement that it was read from: node labels, machine type, the flavor's name."""
        vendor = self.resource.vendor if self.resource and not self.resource.slice else None
        if vendor is None:
            return None
        for match, source in self._statements(vendor):
            if match.accelerator is not None:
                # What contradicts the resource is no reading at all.
                return (match, source) if match.accelerator.vendor == vendor else None
        return None

    def _statements(self, vendor: str) -> Iterator[tuple[AcceleratorMatch, Source]]:
        selector = (*self.path, "nodeSelector")
        for label in llmaz.node_labels("accelerator"):
            text = self.view.text(*selector, label).value
            if text:
                yield self._sized(self.catalogue.find_accelerator(text, vendor)), Source((*selector, label), text)
        machines = [(*selector, label) for label in llmaz.node_labels("machine")]
        for path in (*machines, (*self.path, "params", "INSTANCE-TYPE")):
            text = self.view.text(*path).value
            known = instance(None, text) if text else None
            card = self.catalogue.accelerator(known.accelerator_id) if known else None
            if text and card is not None:
                yield AcceleratorMatch(card, (card,)), Source(path, text)
        if self.name and len(self.name) <= _LONGEST_NAME:
            yield self._named(vendor), Source((*self.path, "name"), self.name)

    def _sized(self, match: AcceleratorMatch) -> AcceleratorMatch:
        """A card of several sizes, settled by the memory that Karpenter states in MiB."""
        text = self.view.text(*self.path, "nodeSelector", _GPU_MEMORY).value
        if not match.ambiguous or not text or not text.isdecimal():
            return match
        near = min(match.candidates, key=lambda c: abs(c.memory_gb_marketed - int(text) / _MIB_PER_GB))
        return AcceleratorMatch(near, (near,))

    def _named(self, vendor: str) -> AcceleratorMatch:
        """The accelerator that the flavor's name holds: all of it, else the longest part that is one."""
        name = self.name.lower()
        parts = [part for part in _PARTS.split(name) if part]
        spans = [(end - start, "-".join(parts[start:end])) for start in range(len(parts))
                 for end in range(start + 1, len(parts) + 1)]  # fmt: skip
        for length in range(len(parts), 0, -1):
            found: dict[str, AcceleratorMatch] = {}
            for word in (name,) if length == len(parts) else (w for size, w in spans if size == length):
                counted = _COUNTED.fullmatch(word)
                for spelling in (word, counted[1]) if counted else (word,):
                    match = self.catalogue.find_accelerator(spelling, vendor)
                    if match.accelerator is not None and any(c.isdigit() for c in spelling):
                        found.setdefault(match.accelerator.id, match)
                        break
            if found:
                return next(iter(found.values())) if len(found) == 1 else AcceleratorMatch(None)
        return AcceleratorMatch(None)

    @cached_property
    def accelerator(self) -> AcceleratorMatch | None:
        """What the flavor runs on."""
        return self.reading[0] if self.reading else None

    # ------------------------------------------------------------------ memory
    @cached_property
    def given(self) -> FitInput | None:
        """The input of the memory estimate; None where no accelerator, or not their number, can be read."""
        match, count = self.accelerator, self.count
        if match is None or match.accelerator is None or count is None:
            return None
        return self.given_on(device_of(match.accelerator), count)

    def given_on(self, device: Device, count: int) -> FitInput:
        """The same on another accelerator, or on as many others."""
        weights, assumed = self.weights
        origin = self.origin
        return FitInput(
            architecture=self.architecture,
            device=device,
            engine=self.engine,
            model=self.model.id if self.model else (origin.text if origin else "model"),
            grade=self.grade or "name",
            weights=weights,
            weights_assumed=assumed,
            measured_weight_bytes=self.hints.weights_bytes or self._measured(weights),
            kv_dtype=self.hints.kv_cache_dtype or self.engine_defaults.kv_cache_dtype,
            count=count,
            tensor_parallel=self.tensor if count == self.count else None,
            pipeline_parallel=self.pipeline,
            gpu_memory_utilization=self.hints.gpu_memory_utilization or self.engine_defaults.gpu_memory_utilization,
            draft=self._draft(),
        )
