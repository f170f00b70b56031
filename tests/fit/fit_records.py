"""Published start-up logs as inputs of the estimate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from modelspec_ls.fit import Adapter, Device, FitInput, FitReport, architecture_of
from modelspec_ls.knowledge import models
from modelspec_ls.knowledge.engines import engine, weight_format

_DATA = Path(__file__).parent / "data" / "logs.json"


def records() -> list[dict[str, Any]]:
    return json.loads(_DATA.read_text(encoding="utf-8"))["records"]


def exclusions() -> dict[str, str]:
    """Why a record may be left out, by the name of the rule."""
    return json.loads(_DATA.read_text(encoding="utf-8"))["exclusions"]


def input_of(row: dict[str, Any]) -> FitInput:
    model = models.get(row["model"])
    assert model is not None, row["model"]
    tensor, pipeline = row.get("tensor_parallel", 1), row.get("pipeline_parallel", 1)
    device = Device(
        row["total_gib"],
        row["gpu"],
        vendor=row.get("vendor", "nvidia"),
        compute_capability=row["compute_capability"],
        nvlink=row.get("nvlink", False),
    )
    chosen = engine(row["engine"], row["version"])
    fmt = weight_format(row["weights"])
    assert chosen is not None and fmt is not None
    return FitInput(
        architecture_of(model),
        device,
        chosen,
        model=model.id,
        weights=fmt,
        kv_dtype=row.get("kv_dtype"),
        count=tensor * pipeline,
        tensor_parallel=tensor,
        pipeline_parallel=pipeline,
        sequence=row["sequence"],
        gpu_memory_utilization=row["utilization"],
        max_num_seqs=row.get("max_num_seqs"),
        max_num_batched_tokens=row.get("max_num_batched_tokens"),
        eager=row.get("eager", False),
        batch=row.get("batch"),
        adapter=Adapter(**row["lora"]) if "lora" in row else None,
    )


def computed(report: FitReport, figure: str) -> float | None:
    """The estimate of a figure that engines print."""
    per = report.per_device
    quantity = {
        "weights_gib": per.weights,
        "activation_gib": per.activations,
        "kv_gib": per.kv_available,
        "kv_need_gib": per.kv_need,
    }.get(figure)
    if figure == "kv_tokens":
        return report.kv.capacity_tokens
    return quantity.value if quantity else None
