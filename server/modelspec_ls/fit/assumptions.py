"""What the estimate takes for granted, in words."""

from __future__ import annotations

from .inputs import Architecture, FitInput, Placement
from .kv_layers import element_bytes


def assumptions_of(given: FitInput, a: Architecture, place: Placement) -> list[str]:
    """One sentence for every input that was taken rather than stated."""
    notes: list[str] = []
    if not given.engine.stated:
        notes.append(f"Engine version not stated; {given.engine.label} assumed.")
    if given.gpu_memory_utilization is None and given.engine.value("gpu_memory_utilization") is not None:
        notes.append(f"Memory utilisation {given.engine.value('gpu_memory_utilization'):g}, the engine's default.")
    if given.tensor_parallel is None and given.count > 1:
        notes.append(f"Tensor parallel {place.tensor}, pipeline parallel {place.pipeline} taken from the count.")
    if given.sequence is None and a.context:
        notes.append(f"Sequence length not stated; the model's {a.context} tokens assumed.")
    if given.batch is None:
        notes.append("Batch size not stated; one sequence judged.")
    if given.kv_dtype in {None, "auto"} and a.kv is not None and a.kv.kind != "none":
        notes.append(f"KV cache in {element_bytes(None, given.weights):g} bytes per element.")
    if not given.device.exact:
        notes.append(f"Device memory estimated: {given.device.basis}.")
    if given.grade == "name":
        notes.append("Parameter count read from the name.")
    if given.max_num_seqs is None and given.engine.rule == "vllm":
        notes.append(f"Profile run with the defaults of {given.engine.label}.")
    return notes
