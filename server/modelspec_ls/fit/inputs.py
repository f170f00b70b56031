"""What the estimate is made from. Nothing here is read from a file; ``adapt`` makes it from catalogue rows."""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen

from modelspec_ls.knowledge.engines import Engine, WeightFormat, generic_engine
from modelspec_ls.knowledge.types import KvCache

from .ranges import Range

GIB = 2**30

Grade = Literal["exact", "declared", "checkpoint", "name"]
"""How the model was resolved: a catalogue row, annotations, files on disk, or only a size in its name."""


@frozen
class Architecture:
    """The numbers of a model that memory depends on. None: not known."""

    parameters: int
    """All weights, tied ones once."""
    layers: int | None = None
    hidden: int | None = None
    intermediate: int | None = None
    """Feed-forward width that one token passes through, routed experts left out."""
    heads: int | None = None
    kv_heads: int | None = None
    kv_heads_full: int | None = None
    """KV heads of the layers that see everything, where they differ."""
    head_dim: int | None = None
    rope_dim: int | None = None
    """Elements of a head that rotary embeddings turn."""
    rope_tables: int = 1
    """Rotary tables as long as the context."""
    vocab: int | None = None
    context: int | None = None
    """Longest sequence of the checkpoint, in tokens."""
    tied: bool | None = None
    """Embedding and lm_head are one tensor."""
    head: bool = True
    """There is an lm_head at all; encoders have none."""
    vision_parameters: int = 0
    vision_hidden: int = 0
    """Hidden size of the image encoder, where its images have no fixed size."""
    image_tokens: int = 0
    """Tokens of the largest image; 0: not known."""
    vision_states: float = 0
    """Hidden states of all patches that such an encoder holds at its peak."""
    video_images: int = 1
    """Largest images that a profiled video may hold."""
    vision_width: int = 0
    """Hidden size of an image encoder of any sort."""
    vision_layers: int = 0
    expert_parameters: int = 0
    """Routed experts of all layers together."""
    experts: int = 0
    experts_per_token: int = 0
    expert_width: int = 0
    """moe_intermediate_size."""
    moe_layers: int = 0
    latent_width: int = 0
    """Sum of the ranks of latent-attention down-projections, which every rank holds."""
    latent_copy: int = 0
    """Weights per layer of latent attention's up-projection of keys and values."""
    state_layers: int = 0
    """State-space and linear-attention layers."""
    state_bytes: float | None = None
    """Bytes per element of their state; None: as the model is calculated."""
    kv: KvCache | None = None
    encoder_tokens: int | None = None
    """Positions of an encoder's output, for encoder-decoder models."""
    sort: str = ""
    """model_type of the checkpoint."""


@frozen
class Device:
    """One accelerator as the engine sees it."""

    memory_gib: float | None
    """Total that the runtime reports, not the marketed figure."""
    name: str = "accelerator"
    basis: str = "stated"
    exact: bool = True
    """False where the total was derived from the driver's or the marketed figure."""
    memory_range: tuple[float, float] | None = None
    """Lowest and highest total, in GiB, that this device is seen with or may have."""
    vendor: str = "nvidia"
    compute_capability: float | None = None
    nvlink: bool = False

    @property
    def memory(self) -> Range:
        """GiB with its band; zero where it is not known."""
        value = self.memory_gib or 0.0
        low, high = self.memory_range or (value, value)
        return Range(value, min(low, value), max(high, value))


@frozen
class Draft:
    """A draft model for speculative decoding, on the same devices."""

    architecture: Architecture
    weights: WeightFormat | None = None
    name: str = "draft model"


@frozen
class Adapter:
    """LoRA adapters kept on the device next to the base weights."""

    rank: int = 16
    count: int = 1


@frozen
class FitInput:
    """One deployment. ``None`` means not stated."""

    architecture: Architecture | None
    device: Device
    engine: Engine = field(factory=generic_engine)
    model: str = "model"
    grade: Grade = "exact"
    weights: WeightFormat | None = None
    weights_assumed: bool = False
    """The precision is not stated; ``weights`` is the checkpoint's own."""
    measured_weight_bytes: int | None = None
    """Size of the checkpoint, all devices together; replaces parameters x width."""
    kv_dtype: str | None = None
    """auto, bf16, fp16, fp32, fp8 (and its variants), int8, int4, nvfp4."""
    count: int = 1
    tensor_parallel: int | None = None
    """None: all of ``count`` that pipeline and data parallelism leave, or layers split over devices."""
    pipeline_parallel: int | None = None
    data_parallel: int = 1
    batch: int | None = None
    """Sequences resident at once, over all data-parallel replicas."""
    sequence: int | None = None
    """Tokens of the longest sequence, prompt and output together."""
    gpu_memory_utilization: float | None = None
    """Fraction the engine may take; SGLang's mem_fraction_static, TensorRT-LLM's free_gpu_memory_fraction."""
    max_num_seqs: int | None = None
    max_num_batched_tokens: int | None = None
    offline: bool = False
    """The library is called directly instead of through the server."""
    eager: bool = False
    """No CUDA graphs."""
    draft: Draft | None = None
    adapter: Adapter | None = None


@frozen
class Placement:
    """How one replica is spread: devices = tensor x pipeline."""

    tensor: int
    pipeline: int
    data: int

    def stage(self, layers: int) -> int:
        """Layers on the fullest pipeline stage."""
        return -(-layers // self.pipeline)

    def share(self, layers: int) -> float:
        """Share of the layers on the fullest pipeline stage."""
        return self.stage(layers) / layers if layers else 1.0


def placement_of(given: FitInput) -> Placement:
    """Tensor, pipeline and data parallel sizes.

    Not stated, tensor = count / (pipeline x data), as the servers are commonly started; transformers and llama.cpp
    split layers over the devices instead.
    """
    data = max(1, given.data_parallel)
    pipeline = given.pipeline_parallel
    tensor = given.tensor_parallel
    devices = max(1, given.count // data)
    if given.engine.rule in {"static", "llama.cpp"} and tensor is None:
        return Placement(1, pipeline or devices, data)
    pipeline = max(1, pipeline or (devices // tensor if tensor and given.pipeline_parallel is None else 1) or 1)
    return Placement(tensor or max(1, devices // pipeline), pipeline, data)
