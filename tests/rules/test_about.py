"""What a rule says that it is about holds: where none of it stands, the rule finds nothing."""

from __future__ import annotations

import json
import re
from functools import cache, reduce
from pathlib import Path

import pytest

from modelspec_ls.core.config import Config
from modelspec_ls.rules.context import DocumentContext
from modelspec_ls.rules.linked import LinkedContext
from modelspec_ls.rules.registry import all_rules, asked
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import file_facts
from modelspec_ls.workspace.graph import Graph, Node
from modelspec_ls.workspace.scopes import Scope
from support.specs import complete

ROOT = Path(__file__).resolve().parents[2]
ABOUT = [module for module in all_rules() if module.rule.about]
TEXTS = [
    *(path.read_text("utf-8") for path in sorted((ROOT / "examples").rglob("*.y*ml"))),
    *(
        complete(text)
        for module in all_rules()
        for text in re.findall(r"```yaml\n(.*?)```", module.documentation, re.DOTALL)
    ),
]


def without(value, path):
    """A copy of a mapping without what stands at a path."""
    if not isinstance(value, dict) or path[0] not in value:
        return value
    rest = {key: item for key, item in value.items() if key != path[0]}
    return rest if len(path) == 1 else {**rest, path[0]: without(value[path[0]], path[1:])}


def contexts(text):
    document = Document("x.modelspec.yaml", text, claimed=True)
    scope = Scope(Config())
    return [DocumentContext(document, scope, n) for n, role in enumerate(document.roles) if role.ours]


@cache
def values():
    """What all texts say."""
    return [context.data.value for text in TEXTS for context in contexts(text) if not context.too_large]


@cache
def stripped(sections):
    """All texts again without some sections, each once."""
    texts = {json.dumps(reduce(without, sections, value)) for value in values()}
    return [context for text in sorted(texts) for context in contexts(text)]


def linked(context, about):
    """The same document as rules across files see it."""
    document = context.file
    graph = Graph().with_files({document.key: file_facts(document)})
    for spec in graph.files[document.key].specs:
        if spec.document == context.document.number and not spec.broken:
            assert spec.marks.keys().isdisjoint(about)
            yield LinkedContext(graph, Node(document.key, spec.document), spec, Config())


@pytest.mark.parametrize("module", ABOUT, ids=lambda module: module.rule.name)
def test_a_rule_says_nothing_where_nothing_stands_that_it_is_about(module):
    looked = 0
    for context in stripped(module.rule.about):
        if context.role.governed and module.rule.concerns(context.kind):
            assert not context.has_any(module.rule.about)
            for asked_of in [context] if module.rule.scope == "document" else linked(context, module.rule.about):
                assert list(module.check(asked_of)) == []
                looked += 1
    assert looked >= (1 if "OpenModel" in module.rule.kinds else 10)


def test_every_rule_about_a_part_is_asked():
    documents = {m.rule.code for scope in ("document", "workspace") for m in asked(Config(), scope, "ModelSpec")}
    assert {module.rule.code for module in ABOUT} <= documents


def test_what_rules_across_files_are_about_is_kept_in_facts():
    text = complete(
        "metadata:\n  annotations: {modelspec/base-model: ./b.modelspec.yaml}\n"
        "spec:\n  pipeline:\n    dependencies:\n      - {id: a, role: custom, specRef: ./a.modelspec.yaml}\n"
    )
    (spec,) = file_facts(Document("x.modelspec.yaml", text)).specs
    for module in ABOUT:
        if module.rule.scope == "workspace":
            assert not spec.marks.keys().isdisjoint(module.rule.about), module.rule.name


def test_a_part_that_an_alias_brings_in_counts():
    text = (
        "x: &scaling {minReplicas: 3, maxReplicas: 1}\nkind: ModelSpec\nspec:\n  operations:\n    scaling: *scaling\n"
    )
    (context,) = contexts(text)
    assert context.has_any((("spec", "operations", "scaling", "minReplicas"),))
    assert not context.has_any((("spec", "operations", "serving"),))
