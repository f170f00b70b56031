"""Whether an engine starts on an accelerator."""

from __future__ import annotations

import pytest

from modelspec_ls.knowledge import accelerators, precisions
from modelspec_ls.knowledge.support import starts_on


@pytest.mark.parametrize(
    ("engine", "card", "precision", "starts"),
    [
        ("vllm", "nvidia-p4", "fp16", False),
        ("vllm", "nvidia-t4", "fp16", True),
        ("vllm", "nvidia-t4", "bf16", False),
        ("vllm", "nvidia-l4", "bf16", True),
        ("sglang", "nvidia-v100-sxm2-32gb", "fp16", False),
        ("tensorrt-llm", "amd-mi300x", "bf16", False),
        ("vllm", "amd-mi300x", "bf16", True),
        ("transformers", "nvidia-p4", "fp16", True),
        ("vllm", "nvidia-l4", None, True),
    ],
)
def test_starts_on(engine, card, precision, starts):
    found = accelerators.find(card).accelerator
    assert starts_on(engine, found, precisions.find(precision) if precision else None) is starts
