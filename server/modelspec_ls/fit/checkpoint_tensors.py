"""What the tensor list of a checkpoint says: parameters, bytes that are loaded, and the format they are packed in.

Packed tensors are counted as the weights they stand for: names and types follow the writers of each format
(AutoAWQ, GPTQModel, bitsandbytes, compressed-tensors, NVIDIA ModelOpt, MLX, gpt-oss).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from attrs import field, frozen

from modelspec_ls.knowledge.engines import WeightFormat, weight_format

# Scales, zero points and lookup tables beside packed weights: they stand for no weights of their own.
_BESIDE = re.compile(
    r"(?:\.(?:qzeros|scales|biases|g_idx|qscales|SCB|weight_format|absmax|quant_map|nested_absmax|nested_quant_map"
    r"|weight_scale_inv|weight_scale_2|(?:weight|input|output|activation|kv|[kqv]|prob_output|(?:weight|input)_global)_scale"
    r"|weight_shape|weight_zero_point|weight_g_idx|quant_state\.[a-z0-9_]+)"
    r"|_(?:scales|scale_inv|weight_scale|input_scale|weight_scale_2))$"
)
# Constants that older checkpoints stored with the weights; no engine loads them.
_BUFFERS = re.compile(r"(?:rotary_emb\.inv_freq|position_ids|\.masked_bias|rope_freqs\.weight|num_batches_tracked)$")
_CAUSAL_MASK = re.compile(r"\.(?:attn|attention)\.bias$")
_EXPERTS = re.compile(r"\.experts\.|_exps\.(?:weight|bias)$")
_VISION = re.compile(
    r"^(?:model\.)?(?:vision_tower|vision_model|visual|vision_encoder|multi_modal_projector|mm_projector|patch_merger)\b"
)
_HEAD = re.compile(r"(?:^|\.)(?:lm_head|embed_out|output_layer|proj_out|output)\.(?:weight|qweight|weight_packed)$")
_NUMBERED = re.compile(r"\.\d+\.")
_LAYER = re.compile(r"^(?:model\.)?(?:language_model\.)?(?:model\.)?layers\.(\d{1,5})\.")
_PLAIN = {"BF16": "bf16", "F16": "fp16", "F32": "fp32", "F8_E4M3": "fp8", "F8_E5M2": "fp8"}
_METHODS = {"awq": "awq-int4", "mxfp4": "mxfp4", "fbgemm_fp8": "fp8-fbgemm"}


class Tensor(NamedTuple):
    """One stored tensor: ``elements`` as stored, of type ``dtype`` in the file's own words."""

    name: str
    dtype: str
    elements: int
    bytes: int


@frozen
class TensorFacts:
    """What a tensor list adds up to."""

    tensors: int
    """How many there are."""
    stored_bytes: int
    """Bytes of all of them."""
    loaded_bytes: int
    """Bytes of those that an engine loads: no constants, no second copy of tied embeddings, no layers for drafting."""
    parameters: int
    """Weights that are loaded; packed ones unpacked, tied ones once."""
    expert_parameters: int
    vision_parameters: int
    has_head: bool
    """There is an lm_head tensor."""
    packed_outside_experts: bool
    packed: int
    """Weights in packed tensors."""
    dtypes: Mapping[str, int] = field(factory=dict)
    """Bytes by stored type."""
    main_dtype: str | None = None
    """The type of most bytes among the weights that are not the embedding table."""


@frozen
class Packing:
    """How config.json says the weights are packed."""

    method: str = ""
    bits: int | None = None
    floating: bool = False
    group: int | None = None
    block: bool = False
    activations: bool = False
    dynamic: bool = False
    """Some body layers are left in 16 bits."""


def packing_of(config: Mapping[str, Any]) -> Packing:
    """Read ``quantization_config``, or MLX's ``quantization``, or ModelOpt's file of its own."""
    text = config.get("text_config")
    inner = text if isinstance(text, Mapping) else {}
    q = config.get("quantization_config") or inner.get("quantization_config") or config.get("compression_config")
    if not isinstance(q, Mapping):
        mlx = config.get("quantization")
        if isinstance(mlx, Mapping) and isinstance(mlx.get("quant_algo"), str):
            return _modelopt(mlx)
        return (
            Packing("mlx", _bits(mlx.get("bits")), group=_bits(mlx.get("group_size")))
            if isinstance(mlx, Mapping)
            else Packing()
        )
    method = q.get("quant_method", q.get("quant_type"))
    method = method.lower() if isinstance(method, str) else ""
    if method == "modelopt":
        return _modelopt(q)
    if method == "compressed-tensors" or "config_groups" in q:
        groups = q.get("config_groups")
        first = next((g for g in groups.values() if isinstance(g, Mapping)), {}) if isinstance(groups, Mapping) else {}
        weights = first.get("weights")
        w: Mapping[str, Any] = weights if isinstance(weights, Mapping) else {}
        return Packing(
            "compressed-tensors",
            _bits(w.get("num_bits")),
            floating=w.get("type") == "float",
            group=_bits(w.get("group_size")),
            block=w.get("strategy") == "block",
            activations=isinstance(first.get("input_activations"), Mapping),
        )
    if method == "bitsandbytes" or "load_in_4bit" in q:
        skipped = q.get("llm_int8_skip_modules")
        dynamic = isinstance(skipped, list) and sum(isinstance(s, str) and "layers." in s for s in skipped) > 0
        return Packing("bitsandbytes", 4 if q.get("load_in_4bit") is True else 8, dynamic=dynamic)
    if method in {"gptq", "awq"}:
        return Packing(method, _bits(q.get("bits", q.get("w_bit"))) or 4, group=_bits(q.get("group_size")))
    if method == "fp8":
        return Packing(method, 8, floating=True, block=isinstance(q.get("weight_block_size"), list))
    return Packing(method, _bits(q.get("bits")))


def _modelopt(q: Mapping[str, Any]) -> Packing:
    algorithm = str(q.get("quant_algo", ""))[:40].upper()
    return Packing("modelopt", 4 if "FP4" in algorithm or "INT4" in algorithm else 8, floating="FP" in algorithm)


def _bits(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 1024 else None


def count(
    tensors: Sequence[Tensor], packing: Packing, *, tied: bool | None, layers: int | None, drafting: int
) -> TensorFacts:
    """Add up a tensor list. ``drafting``: layers after the last that predict further tokens and are left out."""
    dtypes: Counter[str] = Counter()
    main: Counter[str] = Counter()
    stored = loaded = parameters = experts = vision = packed_total = 0
    has_head = outside = False
    names = {t.name for t in tensors if t.name.endswith((".weight_scale", ".absmax", ".scales", ".scale", ".SCB"))}
    for t in tensors:
        stored += t.bytes
        dtypes[t.dtype] += t.bytes
        if _is_buffer(t) or _is_draft(t.name, layers, drafting):
            continue
        if _HEAD.search(t.name) and not _NUMBERED.search(t.name):
            if tied:
                continue
            has_head = True
        loaded += t.bytes
        if _BESIDE.search(t.name) or t.dtype == "F8_E8M0":
            continue
        weights = t.elements * _factor(t, packing, names)
        if weights != t.elements or t.dtype in {"F8_E4M3", "F8_E5M2", "I8", "F4"}:
            packed_total += weights
            outside = outside or not _EXPERTS.search(t.name)
        parameters += weights
        if _EXPERTS.search(t.name):
            experts += weights
        elif _VISION.search(t.name):
            vision += weights
        if "embed" not in t.name and not _HEAD.search(t.name):
            main[t.dtype] += t.bytes
    most = (main or dtypes).most_common(1)
    return TensorFacts(
        tensors=len(tensors),
        stored_bytes=stored,
        loaded_bytes=loaded,
        parameters=parameters,
        expert_parameters=experts,
        vision_parameters=vision,
        has_head=has_head,
        packed_outside_experts=outside,
        packed=packed_total,
        dtypes=dict(dtypes),
        main_dtype=most[0][0] if most else None,
    )


def _is_buffer(t: Tensor) -> bool:
    # Causal masks of GPT-2 and GPT-NeoX are context x context; real biases are as wide as the model.
    return bool(_BUFFERS.search(t.name)) or bool(
        _CAUSAL_MASK.search(t.name) and (t.dtype in {"U8", "BOOL"} or t.elements >= 2**20)
    )


def _is_draft(name: str, layers: int | None, drafting: int) -> bool:
    if name.startswith(("mtp.", "model.mtp.")):
        return True
    found = _LAYER.match(name) if drafting and layers else None
    return bool(found and layers and int(found.group(1)) >= layers)


def _factor(t: Tensor, packing: Packing, scaled: set[str]) -> int:
    """Weights that one stored element stands for."""
    name, bits = t.name, packing.bits or 4
    if t.dtype in {"I32", "U32"} and (name.endswith((".qweight", ".weight_packed")) or packing.method == "mlx"):
        return max(1, 32 // bits)
    if t.dtype == "I64" and name.endswith(".weight_packed"):
        return max(1, 64 // bits)
    if t.dtype != "U8":
        return 1
    stem = name.removesuffix("_packed")
    beside = {f"{stem}_scale", f"{stem}.absmax"} & scaled
    return 2 if name.endswith(("_blocks", ".weight_packed")) or beside else 1


def format_of(facts: TensorFacts, packing: Packing, *, measured: bool) -> WeightFormat | None:
    """The format of the weights; from their real size where no row of the format table stands for it."""
    name = _name_of(facts, packing)
    known = weight_format(name) if name else None
    if known is not None or not measured or not facts.parameters:
        return known
    return measured_format(name or (facts.main_dtype or "unknown").lower(), facts)


def measured_format(name: str, facts: TensorFacts) -> WeightFormat:
    """A format as wide as this checkpoint is on average."""
    bits = facts.loaded_bytes * 8 / max(1, facts.parameters)
    return WeightFormat(name, bits, bits, "all", 0.01, (), "size of the checkpoint's tensors", "")


def _name_of(facts: TensorFacts, p: Packing) -> str | None:
    method, bits = p.method, p.bits
    only_experts = facts.expert_parameters > 0 and not facts.packed_outside_experts
    if method in _METHODS and (method != "awq" or bits == 4):
        return _METHODS[method]
    if method == "fp8":
        return "fp8-block" if p.block else "fp8"
    if method == "gptq":
        return f"gptq-int{bits}"
    if method == "bitsandbytes":
        return "int8" if bits == 8 else "bnb-nf4-dynamic" if p.dynamic else "bnb-nf4"
    if method in {"compressed-tensors", "modelopt"}:
        if p.floating:
            wide = "fp8-block" if p.block else "fp8"
            return wide if bits == 8 else "mxfp4" if p.group == 32 else "nvfp4"
        if bits == 4:
            return "int4-experts" if only_experts else "int4"
        return ("int8" if p.activations else "int8-weight-only") if bits == 8 else f"int{bits}"
    if method:
        return f"{method}-int{bits}" if bits else method
    return _PLAIN.get(facts.main_dtype or "")
