"""The memory view: what it offers, and that applying it makes the file say what the view showed."""

from pathlib import Path

import pytest

from ide.ide_case import EXAMPLES
from modelspec_ls.core.text import apply_edits
from modelspec_ls.ide.memory_edit import PATHS, edited, edits_between
from modelspec_ls.ide.memory_view import fitting, view
from modelspec_ls.workspace.deployments import deployment_in
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

AROUND = Snapshot()
PATHS_OF_EXAMPLES = sorted(EXAMPLES.glob("*.modelspec.yaml"))
OVERRIDES = [
    {"sequence": 16384},
    {"batch": 64, "sequence": 2048},
    {"accelerator": "mi300x"},
    {"accelerator": "h200", "count": 2, "batch": 8},
    {"precision": "fp8", "kvCacheDtype": "fp8", "gpuMemoryUtilization": 0.8},
    {"engine": "sglang"},
    {"count": 8},
]


def document(text, uri="file:///specs/chat.modelspec.yaml"):
    return Document(uri, text, 1)


def example(name):
    return document((EXAMPLES / f"{name}.modelspec.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PATHS_OF_EXAMPLES, ids=lambda p: p.name)
@pytest.mark.parametrize("overrides", OVERRIDES, ids=str)
def test_applied_file_says_what_the_view_showed(path: Path, overrides):
    before = document(path.read_text(encoding="utf-8"))
    shown = view(AROUND, before, 0, overrides)
    changed, ignored = edited(AROUND, before, 0, overrides)
    text = apply_edits(before.text, edits_between(before.text, changed.text))
    after = document(text)
    assert not ignored and not shown["ignored"] and not after.tree.problems
    again = view(AROUND, after, 0, {})
    for key in ("label", "summary", "sentence", "parts", "budget", "facts"):
        assert again[key] == shown[key], key
    values = {control["key"]: control["value"] for control in again["controls"]}
    assert all(values[key] == value for key, value in overrides.items() if key != "accelerator")
    assert not again["changed"] and shown["changed"]
    assert text.count("#") == before.text.count("#"), "comments stay"


def test_every_control_can_be_set_to_every_value_it_offers():
    spec = example("08-full-production")
    for control in view(AROUND, spec, 0, {})["controls"]:
        assert control["key"] in PATHS
        offered = control.get("stops") or [option["value"] for option in control["options"]]
        assert control["value"] in offered
        for value in (offered[0], offered[len(offered) // 2], offered[-1]):
            shown = view(AROUND, spec, 0, {control["key"]: value})
            assert shown["ignored"] == [], (control["key"], value)
            now = next(c for c in shown["controls"] if c["key"] == control["key"])
            assert now["value"] == value and now["stated"] == control["stated"]


def test_another_count_gives_up_the_split_that_belonged_to_the_old_one():
    spec = example("08-full-production")
    changed, _ = edited(AROUND, spec, 0, {"count": 8})
    assert "tensor-parallel-size" not in changed.text and "count: 8" in changed.text
    same, _ = edited(AROUND, spec, 0, {"count": 4})
    assert same.text == spec.text


def test_another_maker_s_card_takes_its_maker_along():
    changed, _ = edited(AROUND, example("00-minimal"), 0, {"accelerator": "mi300x"})
    assert "vendor: amd" in changed.text and "type: mi300x" in changed.text


@pytest.mark.parametrize(
    "overrides",
    [{"count": 0}, {"count": True}, {"batch": "x"}, {"accelerator": "nonsense"}, {"precision": 3}, {"odd": 1},
     {"gpuMemoryUtilization": 1.5}, {"kvCacheDtype": "int3"}, {"engine": "unheard-of"}],
)  # fmt: skip
def test_what_nobody_could_mean_is_named_and_changes_nothing(overrides):
    spec = example("03-batching")
    changed, ignored = edited(AROUND, spec, 0, overrides)
    assert ignored == list(overrides) and changed.text == spec.text


@pytest.mark.parametrize("style", ["flow", "json", "crlf", "four"])
def test_other_styles_are_kept(style):
    flow = "kind: ModelSpec\nspec: {runtime: {accelerator: {vendor: nvidia, type: l4, count: 1}}}\n"
    json = '{"kind": "ModelSpec", "spec": {"runtime": {"accelerator": {"vendor": "nvidia", "type": "l4", "count": 1}}}}'
    four = "kind: ModelSpec\nspec:\n    runtime:\n        accelerator:\n            type: l4\n            count: 1\n"
    text = {"flow": flow, "json": json, "crlf": four.replace("\n", "\r\n"), "four": four}[style]
    uri = f"file:///a.modelspec.{'json' if style == 'json' else 'yaml'}"
    changed, ignored = edited(AROUND, document(text, uri), 0, {"batch": 4, "sequence": 2048, "count": 2})
    assert ignored == [] and not changed.tree.problems
    batch = deployment_in(AROUND, changed, 0).view
    assert batch.integer("spec", "runtime", "batch", "maxBatchSize").value == 4
    assert batch.integer("spec", "runtime", "batch", "maxSequenceLengthTokens").value == 2048
    assert batch.integer("spec", "runtime", "accelerator", "count").value == 2
    if style == "crlf":
        assert "\n" not in changed.text.replace("\r\n", "")


def test_the_second_spec_of_a_stream_is_changed_alone():
    text = example("00-minimal").text + "---\n" + example("03-batching").text
    stream = document(text)
    changed, _ = edited(AROUND, stream, 1, {"batch": 5})
    first, second = changed.text.split("---\n")
    assert first == text.split("---\n")[0] and "maxBatchSize: 5" in second


def test_offered_accelerators_hold_the_load():
    spec = example("08-full-production")
    rows = fitting(AROUND, spec, 0, {})
    assert [row for row in rows if row["current"]] and len(rows) > 5
    for row in rows[:8]:
        shown = view(AROUND, spec, 0, {"accelerator": row["value"], "count": row["count"]})
        assert shown["tone"] in {"good", "warning"}, row
        assert f"{row['count']} x {row['name']}" in shown["sentence"]


@pytest.mark.parametrize(
    "text", ["", "kind: ModelSpec", "kind: ModelSpec\nspec: [1", "kind: ModelSpec\nspec:\n  runtime:\n"]
)
def test_unfinished_specs_say_what_is_missing(text):
    shown = view(AROUND, document(text), 0, {"count": 2})
    assert shown["tone"] == "unknown" and shown["missing"] and shown["controls"] == []
    assert fitting(AROUND, document(text), 0, {}) == []
