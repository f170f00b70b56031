"""What a hover says, and in which order."""

from __future__ import annotations

import pytest
from ide_case import Case

from modelspec_ls.ide.hover import hover

HOVERED = "spec:\n  runtime:\n    accelerator:\n      vendor: nvidia\n      type: a100-80gb\n      count: 1\n"
MODEL = "  identity: {model: {id: qwen3-8b, family: qwen3, task: chat-completion, framework: vllm}}\n"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("metadata:\n  annotations:\n    modelspec/<|>kv-cache-dtype: fp8\n", ["modelspec/kv-cache-dtype", "fp8"]),
        ("metadata:\n  labels:\n    <|>tier: critical\n", ["how much it matters", "`standard`"]),
        (
            HOVERED + "  governance: {cost: {pricingHints: {cloudProvider: aws, instanceType: p4d<|>e.24xlarge}}}\n",
            ["p4de.24xlarge", "Cloud: `aws`", "Accelerators: 8 of"],
        ),
        (
            HOVERED.replace("accelerator", "acc<|>elerator") + MODEL,
            ["GiB", "**spec.runtime.accelerator**"],
        ),
    ],
)
def test_hover_says_in_order(text, parts):
    case = Case("kind: ModelSpec\n" + text)
    found = hover(case.snapshot, case.document.uri, case.offset)
    assert found is not None
    places = [found.markdown.find(part) for part in parts]
    assert -1 not in places, found.markdown
    assert places == sorted(places), found.markdown


def test_no_memory_table_on_broken_text():
    case = Case("kind: ModelSpec\n" + HOVERED.replace("accelerator", "acc<|>elerator") + MODEL + "  operations\n")
    found = hover(case.snapshot, case.document.uri, case.offset)
    assert found is not None
    assert "GiB" not in found.markdown
