"""What is sent is cut to what the client said it can do."""

from attrs import evolve
from lsprotocol import types

from modelspec_ls.core.finding import Diagnostic, Fix, RelatedSpan, Severity
from modelspec_ls.core.text import Mark, Span, TextEdit
from modelspec_ls.ide.results import CodeAction, CompletionItem, Completions, Hover
from modelspec_ls.lsp import convert
from modelspec_ls.lsp.capabilities import ClientFeatures
from modelspec_ls.lsp.convert_completion import completions
from modelspec_ls.workspace.document import Document

BARE = ClientFeatures()
FULL = ClientFeatures(
    vscode=True,
    snippets=True,
    insert_replace=True,
    label_details=True,
    preselect=True,
    deprecated_tag=True,
    insert_as_is=True,
    markdown_completion=True,
    markdown_hover=True,
    related_information=True,
    code_description=True,
    diagnostic_data=True,
    code_action_preferred=True,
    document_changes=True,
)
DOCUMENT = Document("file:///a", "a: 1\n  '🤖': frame\n", 4)
ITEM = CompletionItem(
    label="framework",
    kind="field",
    insert="framework:\n    ${1:name}",
    plain="framework:\n    name",
    prefix=Span(12, 14),
    replace=Span(12, 17),
    sort="01",
    snippet=True,
    filter="fr",
    detail="text",
    description="required",
    documentation="The **name**.",
    preselect=True,
    deprecated=True,
    extra_edits=(TextEdit(Span(0, 1), "b"),),
    retrigger=True,
)


def rng(line, start, end):
    return types.Range(types.Position(line, start), types.Position(line, end))


def one(client, item=ITEM):
    (found,) = completions(DOCUMENT, Completions((item,)), client).items
    return found


def test_completion_for_a_full_client():
    assert one(FULL) == types.CompletionItem(
        "framework",
        label_details=types.CompletionItemLabelDetails(description="required"),
        kind=types.CompletionItemKind.Field,
        tags=[types.CompletionItemTag.Deprecated],
        detail="text",
        documentation=types.MarkupContent(types.MarkupKind.Markdown, "The **name**."),
        preselect=True,
        sort_text="01",
        filter_text="fr",
        insert_text_format=types.InsertTextFormat.Snippet,
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.InsertReplaceEdit(ITEM.insert, rng(1, 8, 10), rng(1, 8, 13)),
        additional_text_edits=[types.TextEdit(rng(0, 0, 1), "b")],
        command=types.Command("Suggest", "editor.action.triggerSuggest"),
    )


def test_completion_for_a_bare_client():
    assert one(BARE) == types.CompletionItem(
        "framework",
        kind=types.CompletionItemKind.Field,
        detail="text",
        documentation=types.MarkupContent(types.MarkupKind.PlainText, "The name."),
        sort_text="01",
        filter_text="fr",
        text_edit=types.TextEdit(rng(1, 8, 10), ITEM.plain),
        additional_text_edits=[types.TextEdit(rng(0, 0, 1), "b")],
    )
    assert one(evolve(BARE, deprecated_flag=True)).deprecated
    assert one(BARE, evolve(ITEM, detail="")).detail == "required"
    assert one(evolve(BARE, encoding="utf-32")).text_edit.range == rng(1, 7, 9)
    assert one(evolve(BARE, encoding="utf-8")).text_edit.range == rng(1, 10, 12)
    assert one(evolve(BARE, snippets=True)).text_edit.new_text == ITEM.insert
    # Some indent the lines of a snippet by themselves.
    indenting = evolve(BARE, snippets=True, indents_snippets=True, insert_as_is=True)
    assert one(indenting).text_edit.new_text == "framework:\n  ${1:name}"
    assert one(indenting).insert_text_mode is None


def test_diagnostic(monkeypatch, tmp_path):
    found = Diagnostic(
        "MS201",
        "some-rule",
        "schema",
        Severity.WARNING,
        "Wrong.",
        Span(0, 1),
        "/a",
        0,
        (RelatedSpan(Span(12, 17), "here"), RelatedSpan(Span(0, 0), "there", "file:///other", Mark(3, 1, 2))),
        (Fix("Repair", ()),),
    )
    bare = convert.diagnostic(DOCUMENT, found, BARE)
    assert bare == types.Diagnostic(
        rng(0, 0, 1), "Wrong.", severity=types.DiagnosticSeverity.Warning, code="MS201", source="modelspec"
    )
    monkeypatch.setattr(convert, "find_file", lambda folder, name: tmp_path / folder / name)
    full = convert.diagnostic(DOCUMENT, found, FULL)
    assert full.code_description.href == (tmp_path / "docs/rules/MS201-some-rule.md").as_uri()
    assert full.data == {"code": "MS201", "fixes": 1}
    assert [r.location for r in full.related_information] == [
        types.Location("file:///a", rng(1, 8, 13)),
        types.Location("file:///other", rng(3, 1, 2)),
    ]


def test_hover():
    assert convert.hover(DOCUMENT, None, FULL) is None
    found = Hover(Span(12, 17), "`frame` is **old**")
    assert convert.hover(DOCUMENT, found, FULL).contents.value == found.markdown
    plain = convert.hover(DOCUMENT, found, BARE)
    assert plain.contents == types.MarkupContent(types.MarkupKind.PlainText, "frame is old")
    assert plain.range == rng(1, 8, 13)


def test_code_action():
    action = CodeAction("Rename", (TextEdit(Span(12, 17), "x"),), True, codes=("MS201",), span=Span(12, 17))
    given = [
        types.Diagnostic(rng(1, 8, 13), "m", code="MS201", source="modelspec"),
        types.Diagnostic(rng(1, 8, 13), "m", code="MS201", source="other"),
        types.Diagnostic(rng(0, 0, 1), "m", code="MS201", source="modelspec"),
    ]
    full = convert.code_action(DOCUMENT, action, given, FULL)
    assert full.diagnostics == given[:1]
    assert full.is_preferred
    assert full.edit.document_changes[0].text_document.version == 4
    bare = convert.code_action(DOCUMENT, evolve(action, codes=()), given, BARE)
    assert bare.diagnostics is None and bare.is_preferred is None
    assert bare.edit.changes == {"file:///a": [types.TextEdit(rng(1, 8, 13), "x")]}


def test_positions_outside_the_text():
    assert convert.offset(DOCUMENT, types.Position(0, 99), BARE) == 4
    assert convert.offset(DOCUMENT, types.Position(99, 0), BARE) == len(DOCUMENT.text)
    backwards = types.Range(types.Position(0, 3), types.Position(0, 1))
    assert convert.span(DOCUMENT, backwards, BARE) == Span(1, 3)
