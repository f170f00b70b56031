"""The snippets: valid for VS Code, equal to the examples, valid where they may stand, offered by completion."""

import json
import re
from pathlib import Path

import pytest
import yaml

from modelspec_ls.analysis import check_document
from modelspec_ls.core.finding import Severity
from modelspec_ls.core.text import TextEdit, apply_edits
from modelspec_ls.ide.completion import complete
from modelspec_ls.ide.completion.shapes import plain
from modelspec_ls.ide.completion.snippets import all_snippets
from modelspec_ls.knowledge.vocabularies import vocabulary
from modelspec_ls.schema import navigate
from modelspec_ls.schema.validate import fits
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.snapshot import Snapshot

ROOT = Path(__file__).parents[2]
SOURCE = json.loads((ROOT / "snippets" / "modelspec.json").read_text(encoding="utf-8"))
WHOLE = [s for s in all_snippets() if s.place is None]
SECTIONS = [s for s in all_snippets() if s.place is not None]
EXAMPLES = {f"modelspec-{p.name.removesuffix('.modelspec.yaml')}": p for p in (ROOT / "examples").glob("0*.yaml")}
# Beside the examples, so that references to other specs lead somewhere.
URI = (ROOT / "examples" / "new.modelspec.yaml").as_uri()
SCHEMA = navigate.schema_for("ModelSpec")

# What VS Code reads: `\` before `$`, `}` and itself; tab stops; placeholders; choices.
TOKEN = re.compile(
    r"(?P<escaped>\\[$}\\])|\$(?P<bare>\d+)"
    r"|\$\{(?P<number>\d+)(?::(?P<default>(?:\\.|[^\\$}])*)|\|(?P<choices>(?:\\.|[^\\|])+)\|)\}"
    r"|(?P<text>[^$}\\]+)",
    re.DOTALL,
)


def by_prefix(snippet):
    return snippet.prefix


def tokens(body):
    found, at = [], 0
    while at < len(body):
        match = TOKEN.match(body, at)
        assert match, f"VS Code cannot read {body[at : at + 40]!r}"
        found.append(match)
        at = match.end()
    return found


def choices(token):
    return [re.sub(r"\\(.)", r"\1", c) for c in re.split(r"(?<!\\),", token["choices"])]


def number(token):
    return int(token["bare"] or token["number"] or -1)


def expand(body, picks=None):
    """The text after tabbing through, with the default or the pick at each stop, repeated where it is mirrored."""
    values, out = dict(picks or {}), []
    for token in tokens(body):
        at = number(token)
        if token["choices"]:
            values.setdefault(at, choices(token)[0])
        elif token["default"] is not None:
            values.setdefault(at, re.sub(r"\\(.)", r"\1", token["default"]))
        out.append(values.get(at, "") if at >= 0 else re.sub(r"\\(.)", r"\1", token[0]))
    return "".join(out)


def findings(text):
    """The errors and warnings; information about an example is welcome."""
    found = check_document(Snapshot().with_document(Document(URI, text)), URI)
    return [d.message for d in found if d.severity <= Severity.WARNING]


def offers(text):
    offset = text.index("<|>")
    text = text.replace("<|>", "")
    snapshot = Snapshot().with_document(Document(URI, text))
    return text, {item.label: item for item in complete(snapshot, URI, offset).items}


def accept(text, label):
    text, items = offers(text)
    item = items[label]
    return apply_edits(text, [TextEdit(item.replace, item.plain), *item.extra_edits])


def at_place(snippet, body):
    """The smallest example with the section at its place."""
    spec = yaml.safe_load(EXAMPLES["modelspec-00-minimal"].read_text(encoding="utf-8"))
    *parents, last = snippet.place
    here = spec
    for key in parents:
        here = here.setdefault(key, {})
    value = yaml.safe_load(body)
    if isinstance(value, list):
        here[last] = value
    else:
        here.setdefault(last, {}).update(value)
    return yaml.safe_dump(spec, sort_keys=False)


def leaves(value, path=()):
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [leaf for i, inner in enumerate(value) for leaf in leaves(inner, (*path, i))]
    return [(path, value)]


def test_the_learning_path_is_complete():
    assert [s.prefix for s in WHOLE][:9] == sorted(EXAMPLES)
    assert [s.prefix for s in WHOLE][9:] == ["modelspec-vllm-serving", "modelspec-rag-pipeline"]


def test_prefixes_are_unique():
    prefixes = [row["prefix"] for row in SOURCE.values()]
    assert len(set(prefixes)) == len(prefixes)
    assert all(re.fullmatch(r"modelspec-[a-z0-9-]+", prefix) for prefix in prefixes)


@pytest.mark.parametrize("row", SOURCE.values(), ids=lambda row: row["prefix"])
def test_rows_hold_what_editors_need(row):
    assert set(row) - {"x-modelspec-place"} == {"prefix", "body", "description"}
    assert row["description"].endswith(".")
    for line in row["body"]:
        indent = len(line) - len(line.lstrip(" "))
        assert line == line.rstrip() and "\t" not in line and "\n" not in line and indent % 2 == 0


@pytest.mark.parametrize("snippet", all_snippets(), ids=by_prefix)
def test_tab_stops_are_numbered_without_gaps(snippet):
    stops = [number(t) for t in tokens(snippet.body) if number(t) >= 0]
    assert stops.count(0) <= 1
    first_seen = list(dict.fromkeys(stop for stop in stops if stop))
    assert first_seen == list(range(1, len(first_seen) + 1))


@pytest.mark.parametrize("snippet", all_snippets(), ids=by_prefix)
def test_mirrored_stops_agree(snippet):
    defaults = {}
    for token in tokens(snippet.body):
        if token["default"] is not None:
            assert defaults.setdefault(number(token), token["default"]) == token["default"]


@pytest.mark.parametrize("snippet", all_snippets(), ids=by_prefix)
def test_the_server_expands_as_the_editor_does(snippet):
    assert plain(snippet.body) == expand(snippet.body)
    assert isinstance(yaml.safe_load(plain(snippet.body)), (dict, list))


@pytest.mark.parametrize("prefix", sorted(EXAMPLES))
def test_defaults_give_the_example(prefix):
    snippet = next(s for s in WHOLE if s.prefix == prefix)
    assert yaml.safe_load(plain(snippet.body)) == yaml.safe_load(EXAMPLES[prefix].read_text(encoding="utf-8"))


@pytest.mark.parametrize("snippet", WHOLE, ids=by_prefix)
def test_whole_specs_have_no_finding(snippet):
    assert findings(plain(snippet.body) + "\n") == []


@pytest.mark.parametrize("snippet", SECTIONS, ids=by_prefix)
def test_sections_are_valid_at_their_place(snippet):
    assert navigate.at(SCHEMA, snippet.place) is not None
    assert findings(at_place(snippet, plain(snippet.body))) == []


@pytest.mark.parametrize("snippet", all_snippets(), ids=by_prefix)
def test_every_choice_is_a_value_of_its_field(snippet):
    base = snippet.place or ()
    for token in tokens(snippet.body):
        if not token["choices"]:
            continue
        picks = choices(token)
        assert len(set(picks)) == len(picks) > 1
        changed = set()
        for pick in picks:
            text = expand(snippet.body, {number(token): pick})
            before, after = leaves(yaml.safe_load(plain(snippet.body)), base), leaves(yaml.safe_load(text), base)
            changed |= {path for (path, old), (_, new) in zip(before, after, strict=True) if old != new}
        assert len(changed) == 1, token[0]
        schema = navigate.at(SCHEMA, changed.pop())
        words = vocabulary(str(navigate.notes(schema).get("vocabulary", "")))
        for pick in picks:
            assert fits(schema, pick if schema["type"] == "string" else yaml.safe_load(pick))
            if words:
                # Interface types may be joined by a plus.
                assert all(words.find(part) and words.find(part).value == part for part in pick.split("+")), pick


def test_an_empty_document_is_offered_the_whole_specs():
    _, items = offers("<|>")
    assert {s.prefix for s in WHOLE} <= set(items)
    for snippet in WHOLE:
        assert accept("<|>", snippet.prefix) == plain(snippet.body)
        assert items[snippet.prefix].snippet and items[snippet.prefix].insert == snippet.body


def test_a_document_with_keys_is_offered_none():
    _, items = offers("apiVersion: piqc.ai/v1alpha1\n<|>")
    assert {s.prefix for s in WHOLE} & set(items) == set()


def test_a_section_is_offered_at_its_place():
    _, items = offers("spec:\n  runtime:\n    <|>")
    assert {i for i in items if i.startswith("modelspec-")} == {
        "modelspec-batch",
        "modelspec-resources",
        "modelspec-environment",
    }
    assert yaml.safe_load(accept("spec:\n  runtime:\n    <|>", "modelspec-batch")) == {
        "spec": {"runtime": {"batch": {"maxBatchSize": 16, "maxSequenceLengthTokens": 4096}}}
    }


def test_a_section_is_not_offered_twice():
    _, items = offers("spec:\n  operations:\n    serving:\n      livenessProbe:\n        path: /health\n      <|>")
    assert "modelspec-probes" not in items


@pytest.mark.parametrize("step", [2, 3, 4])
@pytest.mark.parametrize("snippet", SECTIONS, ids=by_prefix)
def test_sections_keep_the_indentation_of_the_document(snippet, step):
    lines = [" " * (step * depth) + f"{key}:\n" for depth, key in enumerate(snippet.place)]
    text = "".join(lines) + " " * (step * len(snippet.place)) + "<|>"
    value = yaml.safe_load(accept(text, snippet.prefix))
    for key in snippet.place:
        value = value[key]
    assert value == yaml.safe_load(plain(snippet.body))


@pytest.mark.parametrize("step", [2, 4])
@pytest.mark.parametrize("rest", ["- <|>", "- id: first\n{pad}  role: custom\n{pad}<|>", "<|>\n{pad}- id: last"])
def test_list_items_are_offered_before_and_behind_others(step, rest):
    pad = " " * (3 * step)
    head = f"spec:\n{' ' * step}pipeline:\n{' ' * (2 * step)}dependencies:\n{pad}"
    text = accept(head + rest.format(pad=pad), "modelspec-guardrail")
    ids = [item["id"] for item in yaml.safe_load(text)["spec"]["pipeline"]["dependencies"]]
    assert "input-guardrail" in ids and len(ids) == 1 + rest.count("id: ")
