"""What files say stands in hovers and completion as text: no links, no pictures, no tags, no commands."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from modelspec_ls.core.config import Config
from modelspec_ls.core.markdown import code, prose
from modelspec_ls.ide.completion import complete
from modelspec_ls.ide.hover import hover
from modelspec_ls.lsp.plain import plain_text
from modelspec_ls.workspace.document import Document
from support.specs import spec
from support.workspace import opened

EVIL = "`x``` [click](command:evil) ![p](https://evil.example/p) <img src=x> </b> <https://evil.example>"
QUOTED = f"'{EVIL}'"
MARKS = st.text("`*_[]()<>!\\ \n#-+=|~a1:/.&;\"'", max_size=40)
READER = MarkdownIt("commonmark", {"html": True}).enable("table")


def tokens(markdown):
    for token in READER.parse(markdown):
        yield token
        yield from token.children or ()


def harmless(markdown):
    for token in tokens(markdown):
        assert token.type not in {"image", "html_inline", "html_block"}, markdown
        assert "evil" not in str(token.attrs), markdown


@given(MARKS, MARKS, MARKS)
def test_any_text_stays_text(first, second, third):
    text = f"{prose(first)} and {code(second)} and **{prose(third)}**"
    kinds = {token.type for token in tokens(f"x {text}")} | {token.type for token in tokens(text)}
    plain = {"paragraph_open", "inline", "paragraph_close", "text", "text_special", "softbreak"}
    assert kinds <= plain | {"code_inline", "strong_open", "strong_close"}


@given(MARKS.filter(str.strip))
def test_code_says_what_it_holds(text):
    shown = next(token.content for token in tokens(code(text)) if token.type == "code_inline")
    assert shown.strip() == " ".join(text.splitlines()).strip()


@pytest.mark.parametrize("text", ["`max_num_seqs` is 4, max_len 5 (2 x 3), 30 %.", "a-b: c, `d`: 1/2; e.g. f=g"])
def test_ordinary_messages_are_as_they_were(text):
    assert prose(text) == text
    assert plain_text(prose(f"[{EVIL}]")) == plain_text(f"\\[{prose(EVIL)}\\]")


POLICY = f"""\
apiVersion: modelspec-policy/v1alpha1
kind: ModelSpecPolicy
metadata: {{name: p}}
spec:
  rules:
    - name: r
      severity: error
      message: {QUOTED}
      description: {QUOTED}
      docs: command:evil
      require:
        metadata.name: {{oneOf: [{QUOTED}]}}
    - name: s
      severity: error
      message: {QUOTED}
      description: {QUOTED}
      require:
        metadata.labels.team: {{oneOf: [{QUOTED}]}}
        metadata.name: {{oneOf: [{QUOTED}]}}
"""
ROW = f"""\
id: {QUOTED}
aliases: [evil-model]
architecture: llama
family: {QUOTED}
license: {QUOTED}
parameters: 1000000000
layers: 16
hidden: 2048
heads: 16
kv_heads: 16
head_dim: 128
vocab: 32000
dtype: bf16
context: 4096
source: {QUOTED}
date: 2026-01-01
"""


def test_no_hover_and_no_completion_says_more_than_text(tmp_path):
    (tmp_path / ".modelspec/models").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".modelspec/models/m.yaml").write_text(ROW, encoding="utf-8")
    (tmp_path / "modelspec-policy.yaml").write_text(POLICY, encoding="utf-8")
    other = spec(name=QUOTED, id=QUOTED, task=QUOTED, type=QUOTED, framework=QUOTED)
    (tmp_path / "b.modelspec.yaml").write_text(other, encoding="utf-8")
    below = (
        "pipeline:\n  dependencies:\n    - {id: a, role: custom, specRef: ./b.modelspec.yaml}\n"
        f"    - {{id: b, role: {QUOTED}, specRef: {QUOTED}}}\n    - {{id: c, role: custom, specRef: 'name:{EVIL}'}}\n"
        f"    - {{id: {QUOTED}, role: custom, specRef: https://h/{EVIL.split(maxsplit=1)[0]}}}\n"
    )
    labels = f"labels: {{team: {QUOTED}, {QUOTED}: x}}\nannotations: {{modelspec/engine: {QUOTED}}}\n"
    texts = {
        "a": spec(below, labels, name="a", id="evil-model", count=QUOTED),
        "b": other,
        "c": spec(below, labels, name=QUOTED, id=QUOTED, type=QUOTED, task=QUOTED, framework=QUOTED),
    }
    documents = [
        *(Document((tmp_path / f"{name}.modelspec.yaml").as_uri(), text) for name, text in texts.items()),
        Document((tmp_path / "modelspec-policy.yaml").as_uri(), POLICY),
    ]
    snapshot = opened(*documents, roots=(tmp_path.as_posix(),), config=Config())
    said = []
    for document in documents:
        said += [found.markdown for at in range(len(document.text)) if (found := hover(snapshot, document.uri, at))]
    for document in documents[:3]:
        for line in document.text.splitlines(keepends=True):
            items = complete(snapshot, document.uri, document.text.index(line) + len(line.partition(": ")[0]) + 2).items
            said += [item.documentation for item in items if item.documentation]
    said = set(said)
    assert sum("evil" in text for text in said) > 20
    for text in said:
        harmless(text)


def test_a_policy_leads_to_web_pages_only():
    from modelspec_ls.workspace.policies import policy_at

    document = Document(Path("/w/modelspec-policy.yaml").as_uri(), POLICY)
    assert [rule.docs for rule in policy_at(document, 0).rules] == ["", ""]
