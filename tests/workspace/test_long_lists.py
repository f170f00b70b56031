"""Items of long lists are remembered by their text; what is told of them is the same as without."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelspec_ls.syntax import data
from modelspec_ls.syntax.data import MANY_ITEMS, survey, to_data
from modelspec_ls.syntax.parse import parse
from modelspec_ls.workspace import facts as facts_module
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.facts import file_facts

HEAD = "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\nmetadata:\n  name: x\nspec:\n  pipeline:\n    dependencies:\n"
ITEMS = (
    "      - id: a{}\n        role: llm\n        specRef: ./a.yaml\n",
    "      - id: a\n        role: llm\n",
    "      - {{id: a{}, role: reranker, interface: {{maxLatencyMs: 3}}}}\n",
    "      - id: é{}\n        interface:\n          inputType: text\n          maxLatencyMs: 20\n",
    "      - # é\n        id: a\n        required: no\n",
    "      -   id: a\n          role: llm\n",
    "      - id: |\n          a\n        role: llm\n",
    "      - id: a\n        role: >-\n\n          llm\n\n\n",
    '      - id: "a\n\n         b"\n        id: twice\n',
    "      - a\n",
    "      -\n",
    "      - [a, b]\n",
    "      - &x {{id: a}}\n",
    "      - *x\n",
    "      - id: a\n       role: wrong\n",
)
TAILS = (
    "",
    "      - id: |+\n          a\n\n\n",
    "      - id: |\n          a",
    "    postprocess:\n      steps: []\n",
    "'",
)


def told(text):
    """All that a reader of the text as a whole is told, with nothing remembered."""
    data._items.clear()
    facts_module._items.clear()
    return again(text)


def again(text):
    document = Document("file:///ws/x.modelspec.yaml", text)
    found = []
    for part in document.tree.documents:
        value = survey(part.root, document.tree.text if document.tree.literal else None)
        assert repr(value.data) == repr(to_data(part.root))
        found.append(value)
    return repr(found), repr(file_facts(document)), file_facts(document).specs[0].marks if found else None


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(ITEMS), max_size=6),
    st.sampled_from(("\n", "\r\n")),
    st.sampled_from(TAILS),
    st.integers(0, 40),
    st.sampled_from(("", "# a line more\n", "# é\n\n")),
)
def test_an_edit_changes_what_it_changes(items, newline, tail, at, more):
    usual = [ITEMS[0].format(n) for n in range(MANY_ITEMS)]
    some = [item.format(n) for n, item in enumerate(items)]
    for n, item in enumerate(some):
        usual.insert((at + 7 * n) % len(usual), item)
    before = (HEAD + "".join(ITEMS[1] for _ in range(MANY_ITEMS + 8)) + tail).replace("\n", newline)
    after = (more + HEAD + "".join(usual) + tail).replace("\n", newline)
    right = told(after)
    told(before)
    again((HEAD + "".join(usual)).replace("\n", newline))
    assert again(after) == right


@pytest.mark.parametrize("item", ["- a: 1\n  b: 2\n", "- [1, yes, ' ']\n", "- {a: 1, a: 2}\n"])
def test_what_is_worth_a_look_in_an_item_is_known_again(item):
    text = "x:\n" + item * (MANY_ITEMS + 1)
    root = parse(text).documents[0].root
    first = survey(root, text)
    assert survey(root, text) == first == survey(root)


def test_memory_is_bounded():
    for n in range(3):
        text = HEAD + "".join(f"      - id: n{n}-{i}\n" for i in range(5000))
        again(text)
    assert len(data._items) <= data._MOST_ITEMS
    assert len(facts_module._items) <= facts_module._MOST_ITEMS


@pytest.mark.parametrize("style", ["|", "|+", ">", ">+"])
@pytest.mark.parametrize("ends", [("", "\n"), ("\n\n\n", "\n"), ("\n\n# c\n", "\n")])
def test_a_block_scalar_ends_where_what_follows_says(style, ends):
    texts = [HEAD + ITEMS[1] * MANY_ITEMS + f"      - id: {style}\n          a{end}" for end in ends]
    right = [told(text) for text in texts]
    told(texts[0])
    assert [again(text) for text in texts] == right


def test_an_item_means_the_same_only_in_its_column():
    texts = [f"x:\n{' ' * n}- a:\n    b: 1\n" + f"{' ' * n}- 1\n" * MANY_ITEMS for n in (0, 2)]
    values = [to_data(parse(text).documents[0].root) for text in texts]
    assert values[0] != values[1]
    assert [survey(parse(text).documents[0].root, text).data for text in texts] == values
