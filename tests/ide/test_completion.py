"""Completion at every place a person can stand."""

from __future__ import annotations

import pytest
from ide_case import Case, accepted, example_texts

from modelspec_ls.ide.completion import complete
from modelspec_ls.syntax.lookup import find, walk
from modelspec_ls.syntax.nodes import Mapping, Scalar, key_text
from modelspec_ls.syntax.parse import parse
from modelspec_ls.workspace.document import Document

ACCELERATOR = "spec:\n  runtime:\n    accelerator:\n"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("<|>", "apiVersion"),
        ("ap<|>", "apiVersion"),
        ("apiVersion: piqc.ai/v1alpha1\n<|>", "kind"),
        ("kind: ModelSpec\nspec:\n  <|>", "identity"),
        ("kind: ModelSpec\nspec:\n  identity:\n    model: {}\n  <|>\n", "runtime"),
        ("kind: ModelSpec\nspec:\n  runtime:\n    <|>\n", "accelerator"),
        (ACCELERATOR + "      <|>", "vendor"),
        (ACCELERATOR + "      vendor: nvidia\n      <|>", "type"),
        (ACCELERATOR + "      vendor: nvidia\n      <|>\n      count: 1\n", "type"),
        (ACCELERATOR + "      vendor: nvidia\n      ty<|>\n      count: 1\n  operations: {}\n", "type"),
        (ACCELERATOR + "      vendor: nvidia # why\n      <|>", "type"),
        ("spec:\n  pipeline:\n    dependencies:\n      - <|>", "id"),
        ("spec:\n  pipeline:\n    dependencies:\n      -<|>", "id"),
        ("spec:\n  pipeline:\n    dependencies:\n      - id: a\n        <|>", "role"),
        ("spec:\n  pipeline:\n    dependencies:\n      - id: a\n        role: input\n      <|>", "id"),
        ("spec:\n  pipeline:\n    dependencies:\n    - id: a\n      <|>", "role"),
        ("spec: {runtime: {acc<|>}}", "accelerator"),
        ("spec: {runtime: {<|>", "accelerator"),
        ("spec: {runtime: {accelerator: {vendor: nvidia, <|>}}}", "type"),
        ("kind: ModelSpec\nmetadata: {name: a}\n---\nkind: ModelSpec\n<|>", "apiVersion"),
        ("\ufeffkind: ModelSpec\r\nspec:\r\n  <|>\r\n", "identity"),
        ("spec:\n    runtime:\n        accelerator:\n            <|>\n", "vendor"),
        ("metadata:\n  name: \U0001f600\nspec:\n  runtime:\n    acc<|>\n", "accelerator"),
    ],
)
def test_first_key(text, first):
    assert Case(text).labels()[0] == first


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("apiVersion: <|>", ["piqc.ai/v1alpha1"]),
        ("kind:<|>", ["ModelSpec"]),
        ("spec:\n  operations:\n    serving:\n      protocol: <|>\n", ["http", "grpc"]),
        ("spec:\n  operations:\n    scaling:\n      strategy: re<|>\n", ["reactive", "predictive", "manual"]),
        ("spec:\n  operations:\n    observability:\n      tracing:\n        enabled: <|>\n", ["true", "false"]),
        ('spec: {operations: {serving: {protocol: "<|>"}}}', ["http", "grpc"]),
    ],
)
def test_closed_values(text, values):
    assert Case(text).labels() == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("spec:\n  identity:\n    model:\n      task: <|>", "chat-completion"),
        ("spec:\n  identity:\n    model:\n      framework: <|>", "vllm"),
        ("spec:\n  identity:\n    model:\n      precision: b<|>", "bf16"),
        (ACCELERATOR + "      vendor: <|>", "nvidia"),
        ("spec:\n  operations:\n    observability:\n      logging:\n        level: <|>", "info"),
        (
            "spec:\n  identity:\n    model:\n      framework: sglang\n  operations:\n    serving:\n      port: <|>",
            "30000",
        ),
        (
            "spec:\n  identity: {model: {framework: vllm}}\n  operations: {serving: {readinessProbe: {path: <|>}}}\n",
            "/health",
        ),
        ("metadata:\n  labels:\n    environment: <|>", "prod"),
        ('metadata:\n  annotations:\n    modelspec/kv-cache-dtype: "<|>"', "fp8"),
        ("spec:\n  pipeline:\n    preprocess:\n      steps:\n        - name: a\n          type: <|>", "pii_redaction"),
    ],
)
def test_open_values(text, value):
    assert value in Case(text).labels()


@pytest.mark.parametrize(
    "text",
    [
        "spec:\n  runtime: # <|>",
        "metadata:\n  description: |\n    some <|>\n",
        "kind: Service\nspec:\n  <|>\n",
        "metadata:\n  description: 'two\n    lines <|>'\n",
    ],
)
def test_nothing_is_offered(text):
    assert Case(text).items() == ()


@pytest.mark.parametrize("key", ["'k'", '"k"'])
def test_nothing_goes_on_behind_a_closed_quote(key):
    head = "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\nmetadata:\n"
    assert Case(f"{head}  labels: {{team: 'a b', {key}<|>: x}}\n").items() == ()


def test_other_yaml_files_are_left_in_peace():
    assert Case("foo:\n  <|>\n", "file:///specs/compose.yaml").items() == ()


def test_a_field_brings_its_shape():
    case = Case("kind: ModelSpec\nspec:\n  runtime:\n    acc<|>\n")
    item = case.items()[0]
    assert item.insert == "accelerator:\n      vendor: $1\n      type: $2\n      count: $3"
    assert case.accept("accelerator", snippets=False).endswith(
        "    accelerator:\n      vendor:\n      type:\n      count:\n"
    )


def test_indentation_of_the_file_is_kept():
    case = Case("kind: ModelSpec\nspec:\n    runtime:\n        acc<|>\n")
    assert case.items()[0].insert.split("\n")[1] == "            vendor: $1"


def test_an_empty_line_moves_to_its_column():
    text = Case("kind: ModelSpec\nspec:\n  runtime:\n    batch: {}\n     <|>\n").accept("accelerator")
    assert "\n    accelerator:\n      vendor:" in text


def test_existing_colon_is_kept():
    case = Case(ACCELERATOR + "      ven<|>: nvidia\n")
    assert case.accept("vendor") == ACCELERATOR + "      vendor: nvidia\n"


JSON = "file:///specs/chat.modelspec.json"
YAML = "file:///specs/chat.modelspec.yaml"
PLAIN = "file:///specs/foo.yaml"
SERVING = "spec:\n  operations:\n    serving:\n"
PREPROCESS = "spec:\n  pipeline:\n    preprocess:\n"
RUNTIME = "spec:\n  identity: {}\n  <>\n    accelerator:\n      vendor: nvidia\n"


@pytest.mark.parametrize(
    ("uri", "text", "label", "after"),
    [
        # Inside auto-closed quotes.
        (JSON, '{"<|>"}', "apiVersion", '{"apiVersion": "piqc.ai/v1alpha1"}'),
        (JSON, '{"kind": "<|>"}', "ModelSpec", '{"kind": "ModelSpec"}'),
        (JSON, '{"kind": "Mo<|>del"}', "ModelSpec", '{"kind": "ModelSpec"}'),
        (YAML, SERVING + '      protocol: "<|>"\n', "http", SERVING + '      protocol: "http"\n'),
        (YAML, SERVING + "      protocol: 'h<|>'\n", "http", SERVING + "      protocol: 'http'\n"),
        (YAML, '"ki<|>"\n', "kind", "kind: ModelSpec\n"),
        # Above the key's own children.
        (YAML, RUNTIME.replace("<>", "ru<|>"), "runtime", RUNTIME.replace("<>", "runtime:")),
        (YAML, RUNTIME.replace("<>", "<|>"), "runtime", RUNTIME.replace("<>", "runtime:")),
        (YAML, "kind: ModelSpec\ns<|>\n  identity: {}\n", "spec", "kind: ModelSpec\nspec:\n  identity: {}\n"),
        (YAML, "kind: ModelSpec\n<|>\n  identity: {}\n", "spec", "kind: ModelSpec\nspec:\n  identity: {}\n"),
        (YAML, PREPROCESS + "      st<|>\n      - name: a\n", "steps", PREPROCESS + "      steps:\n      - name: a\n"),
        (
            YAML,
            PREPROCESS + "      st<|>\n        - name: a\n",
            "steps",
            PREPROCESS + "      steps:\n        - name: a\n",
        ),
        # Before a colon.
        (YAML, "<|>: x\n", "kind", "kind: x\n"),
        (YAML, "ki<|>: x\n", "kind", "kind: x\n"),
        (YAML, ACCELERATOR + "      <|>: x\n", "vendor", ACCELERATOR + "      vendor: x\n"),
        (YAML, "spec: {runtime: {accelerator: {<|>: x}}}", "vendor", "spec: {runtime: {accelerator: {vendor: x}}}"),
        # Items of flow lists.
        (
            JSON,
            '{"spec": {"pipeline": {"dependencies": [<|>]}}}',
            "{…}",
            '{"spec": {"pipeline": {"dependencies": [{"id": "", "role": "input"}]}}}',
        ),
        (
            JSON,
            '{"spec": {"pipeline": {"dependencies": [\n  <|>\n  {"id": "a"}]}}}',
            "{…}",
            '{"spec": {"pipeline": {"dependencies": [\n  {"id": "", "role": "input"},\n  {"id": "a"}]}}}',
        ),
        (
            YAML,
            "spec:\n  pipeline:\n    dependencies: [<|>]\n",
            "{…}",
            "spec:\n  pipeline:\n    dependencies: [{id: , role: input}]\n",
        ),
        # A dash without its space.
        (
            YAML,
            "spec:\n  pipeline:\n    dependencies:\n      -<|>\n",
            "id",
            "spec:\n  pipeline:\n    dependencies:\n      - id:\n        role: input\n",
        ),
        # What is no string is never quoted.
        (YAML, ACCELERATOR + "      count: '<|>\n", "4", ACCELERATOR + "      count: 4\n"),
        (YAML, ACCELERATOR + "      count: '<|>'\n", "4", ACCELERATOR + "      count: 4\n"),
        (YAML, ACCELERATOR + '      count: "<|>"\n', "4", ACCELERATOR + "      count: 4\n"),
        # A key of a free map.
        (
            JSON,
            '{"spec": {"runtime": {"environment": {"variables": {"VL<|>": "a"}}}}}',
            "VLLM_LOGGING_LEVEL",
            '{"spec": {"runtime": {"environment": {"variables": {"VLLM_LOGGING_LEVEL": "a"}}}}}',
        ),
        # A tab for indentation.
        (YAML, "metadata:\n\t<|>", "name", "metadata:\n  name:"),
        (YAML, "metadata:\n\t<|>\nspec: {}\n", "name", "metadata:\n  name:\nspec: {}\n"),
        (YAML, "spec:\n  operations:\n\t<|>\n", "scaling", "spec:\n  operations:\n    scaling:\n\n"),
        # A kind that is not typed yet.
        (PLAIN, "kind: Mod<|>\nmetadata: {}\nspec: {}\n", "ModelSpec", "kind: ModelSpec\nmetadata: {}\nspec: {}\n"),
        (
            PLAIN,
            "apiVersion: piqc.ai/v1alpha1\nkind: Mod<|>\n",
            "ModelSpec",
            "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\n",
        ),
    ],
)
def test_accepted(uri, text, label, after):
    assert Case(text, uri).accept(label) == after


@pytest.mark.parametrize("text", ["ki<|>: x\n", "<|>: x\n", RUNTIME.replace("<>", "ru<|>")])
def test_no_snippet_where_only_a_key_fits(text):
    assert not [item.label for item in Case(text).items() if item.kind == "snippet"]


def test_a_section_after_a_dash_without_space():
    case = Case(PREPROCESS + "      steps:\n        -<|>\n")
    item = next(i for i in case.items() if i.kind == "snippet")
    tree = parse(accepted(case.text, item))
    assert not tree.problems


@pytest.mark.parametrize(
    ("uri", "text", "never"),
    [
        (YAML, "spec:\n  operations:\n    scaling:\n      st<|>rategy: reactive\n", "warmPool"),
        (YAML, "spec:\n  operations:\n    scaling:\n      st<|>rategy: {}\n", "strategy"),
        (YAML, RUNTIME.replace("<>", "ru<|>"), "identity"),
        (YAML, "metadata:\n\t<|>\nspec: {}\n", "spec"),
        (YAML, "kind: ModelSpec\n...\n<|>", "metadata"),
        (YAML, PREPROCESS + "      steps:\n      <|>\n      - name: a\n", "steps"),
        (PLAIN, "apiVersion: apps/v1\nkind: Mod<|>\nmetadata: {}\nspec: {}\n", "ModelSpec"),
        (PLAIN, "kind: Mod\nmetadata: {}\nspec:\n  <|>\n", "identity"),
    ],
)
def test_never_offered(uri, text, never):
    assert never not in Case(text, uri).labels()


@pytest.mark.parametrize(
    ("text", "label"),
    [("apiVersion: <|>", "piqc.ai/v1alpha1"), ("apiVersion: a\n<|>", "kind"), ("kind: <|>", "ModelSpec")],
)
def test_the_one_likely_offer_is_preselected(text, label):
    assert [item.label for item in Case(text).items() if item.preselect] == [label]


def test_instance_types_are_sorted_naturally():
    head = ACCELERATOR + "      vendor: nvidia\n      type: a10g\n      count: 1\n"
    labels = Case(head + "  governance: {cost: {pricingHints: {cloudProvider: aws, instanceType: <|>}}}\n").labels()
    assert labels.index("g5.2xlarge") < labels.index("g5.16xlarge")


def test_json_brings_quotes_and_commas():
    text = '{\n  "kind": "ModelSpec",\n  "metadata": {"name": "a"},\n  <|>\n  "spec": {}\n}'
    case = Case(text, "file:///specs/chat.modelspec.json")
    assert case.accept("apiVersion") == text.replace("<|>", '"apiVersion": "piqc.ai/v1alpha1",')
    text = '{\n  "kind": "ModelSpec"\n  <|>\n}'
    case = Case(text, "file:///specs/chat.modelspec.json")
    assert case.accept("apiVersion") == '{\n  "kind": "ModelSpec",\n  "apiVersion": "piqc.ai/v1alpha1"\n}'


def test_references_to_other_specs():
    other = Document(
        "file:///specs/deps/embedder.modelspec.yaml",
        "kind: ModelSpec\nmetadata:\n  name: embedder\n  labels: {squad: search}\n",
    )
    head = "spec:\n  pipeline:\n    dependencies:\n      - id: embedder\n        specRef: <|>\n"
    assert Case(head, "file:///specs/chat.modelspec.yaml", other).labels()[0] == "./deps/embedder.modelspec.yaml"
    head = "spec:\n  pipeline:\n    dependencies:\n      - id: <|>\n"
    assert "embedder" in Case(head, "file:///specs/chat.modelspec.yaml", other).labels()
    labels = Case("metadata:\n  labels:\n    sq<|>\n", "file:///specs/chat.modelspec.yaml", other).labels()
    assert "squad" in labels


ENTRY = "spec:\n  pipeline:\n    dependencies:\n      - id: x\n        specRef: {}\n"


def other(place, name):
    return Document(f"file:///specs/{place}", f"kind: ModelSpec\nmetadata:\n  name: {name}\n")


def test_made_up_references_only_where_no_spec_is_known():
    text, uri = ENTRY.format("<|>"), "file:///specs/chat.modelspec.yaml"
    alone, beside = Case(text, uri), Case(text, uri, other("deps/embedder.modelspec.yaml", "embedder"))
    assert [item.detail for item in alone.items()].count("example") > 0
    assert all(item.detail != "example" for item in beside.items())


def test_references_by_path_and_name_nearest_first():
    two = Document(
        "file:///specs/prod/two.modelspec.yaml", "kind: ModelSpec\nmetadata: {name: one}\n---\nkind: ModelSpec\n"
        "metadata: {name: two}\n",
    )  # fmt: skip
    others = (
        other("base/embedder.modelspec.yaml", "embedder"),
        other("prod/deps/reranker.modelspec.yaml", "reranker"),
        other("prod/embedder.modelspec.yaml", "embedder"),
        two,
    )
    text = ENTRY.format("<|>") + "---\nkind: ModelSpec\nmetadata: {name: below}\n"
    labels = Case(text, "file:///specs/prod/chat.modelspec.yaml", *others).labels()
    assert labels[:10] == [
        "#below",
        "./embedder.modelspec.yaml",
        "./two.modelspec.yaml#one",
        "./two.modelspec.yaml#two",
        "./deps/reranker.modelspec.yaml",
        "../base/embedder.modelspec.yaml",
        "below",
        "embedder",
        "one",
        "two",
    ]
    assert labels[10] == "reranker"  # Names lead to the nearest only, so `embedder` is offered once.
    assert labels.count("embedder") == 1


def test_references_among_very_many_specs():
    others = [other(f"team-{n % 10}/model-{n}.modelspec.yaml", f"model-{n}") for n in range(400)]

    def found(typed):
        case = Case(ENTRY.format(f"{typed}<|>"), "file:///specs/team-3/chat.modelspec.yaml", *others)
        return complete(case.snapshot, case.document.uri, case.offset)

    everything = found("")
    assert everything.incomplete and len(everything.items) <= 250
    assert everything.items[0].label == "./model-103.modelspec.yaml"
    assert {item.label for item in found("model-398").items} >= {"../team-8/model-398.modelspec.yaml", "model-398"}
    assert not found("../team-8/model-398").incomplete
    assert all(
        item.label.startswith("./") or item.kind == "reference" for item in found("./").items if item.kind != "value"
    )


PLACES = [(name, text) for name, text in example_texts() if name[:2] in {"00", "06", "08"} or name[0] == "e"]


@pytest.mark.parametrize(("name", "text"), PLACES, ids=[name for name, _ in PLACES])
def test_accepting_any_key_anywhere_leaves_a_sound_document(name, text):
    """At every key (its line emptied, or half of it typed): every offer parses and its key is where it belongs."""
    document = parse(text).documents[0]
    for path, node, pair in walk(document):
        if pair is None or not isinstance(pair.key, Scalar):
            continue
        start, end = pair.key.start, max(node.end, pair.colon)
        line_end = text.find("\n", end)
        rest = text[line_end if line_end >= 0 else len(text) :]
        for typed in ("", pair.key.value[:2]):
            case = Case(f"{text[:start]}{typed}<|>{rest}")
            for item in case.items():
                if item.kind == "snippet":
                    continue
                changed = accepted(case.text, item)
                tree = parse(changed)
                where = f"{item.label} at {path} in {name}"
                assert not tree.problems, (where, tree.problems[0].message, item.insert)
                found = find(tree.documents[0], path[:-1])
                assert found is not None and isinstance(found.node, Mapping), where
                assert item.label in {key_text(p.key) for p in found.node.pairs}, where


def test_every_key_is_offered_where_it_stands():
    """The author's own key is among the offers, and first once two characters are typed."""
    first = total = 0
    for name, text in PLACES:
        for path, _node, pair in walk(parse(text).documents[0]):
            free = {"labels", "annotations", "variables"} & set(path[:-1])
            if pair is None or free or not isinstance(pair.key, Scalar):
                continue
            key = pair.key.value
            case = Case(f"{text[: pair.key.start]}{key[:2]}<|>")
            labels = [label for label in case.labels() if label.lower().startswith(key[:2].lower())]
            assert key in labels, (name, path)
            total += 1
            first += labels[:1] == [key]
    assert first >= 0.97 * total


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (
            "kind: ModelSpec\nspec:\n  runtime:\n    accelerator: <|>\n    batch: {}\n",
            "    accelerator: \n      vendor:\n      type:\n      count:\n    batch: {}\n",
        ),
        (
            "kind: ModelSpec\nspec:\n  pipeline:\n    dependencies: <|>\n",
            "    dependencies: \n      - id:\n        role: input\n",
        ),
    ],
)
def test_a_section_is_offered_behind_its_key(text, after):
    case = Case(text)
    (item,) = case.items()
    changed = accepted(case.text, item)
    assert changed.endswith(after)
    assert not parse(changed).problems


def test_nothing_behind_a_key_that_has_its_section():
    assert Case("kind: ModelSpec\nspec:\n  runtime: <|>\n    batch: {}\n").items() == ()
    assert Case("kind: ModelSpec\nspec:\n  pipeline:\n    dependencies: <|>\n    - id: a\n").items() == ()
