"""Hints that name the spec of a base or draft model: what the features say and do at them."""

import pytest
from ide_case import Case

from modelspec_ls.analysis import check_document, resolve_fix
from modelspec_ls.core.text import apply_edits
from modelspec_ls.ide.hover import hover
from modelspec_ls.ide.links import document_links
from modelspec_ls.ide.navigation import definition, references
from modelspec_ls.ide.pipeline import lenses
from modelspec_ls.ide.rename import prepare_rename, rename
from modelspec_ls.workspace.document import Document
from support.workspace import folder

ROOT = "/home/us/git/ws"
BASE = "kind: ModelSpec\nmetadata:\n  name: one\n---\nkind: ModelSpec\nmetadata:\n  name: two\n"
HEIR = "kind: ModelSpec\nmetadata:\n  name: heir\n  annotations:\n    modelspec/{}\n"
HINTS = [
    "base-model: ./b.yaml#two", "base-model: './b.yaml#two'", 'base-model: "/b.yaml#two"', "base-model: b.yaml#two",
    f"base-model: file://{ROOT}/b.yaml#two", "draft-model: ./b.yaml#two;tokens=5", "draft-model: b.yaml#two;tokens=5",
    "draft-model: 'b.yaml#two ; tokens=5 '",
]  # fmt: skip


def uri(name):
    return f"file://{ROOT}/{name}"


def world(hint):
    return {"a.yaml": HEIR.format(hint), "b.yaml": BASE}


@pytest.mark.parametrize("hint", HINTS)
def test_the_hint_leads_to_the_spec_and_back(hint):
    files = world(hint)
    snapshot, at = folder(files, ROOT), files["a.yaml"].index("two")
    (found,) = definition(snapshot, uri("a.yaml"), at)
    assert (found.uri, found.mark.line) == (uri("b.yaml"), 6)
    back = references(snapshot, uri("b.yaml"), BASE.index("two"), declaration=False)
    assert [(one.uri, one.mark.line) for one in back] == [(uri("a.yaml"), 4)]
    assert references(snapshot, uri("a.yaml"), at, declaration=False) == back
    assert "**two**" in hover(snapshot, uri("a.yaml"), at).markdown
    assert [(link.target, link.tooltip) for link in document_links(snapshot, uri("a.yaml"))] == [
        (uri("b.yaml"), "Open the spec")
    ]
    assert [(lens.title, lens.span.start) for lens in lenses(snapshot, uri("b.yaml"))] == [
        ("Base or draft of 1 spec", BASE.index("two"))
    ]


def renamed(files, name, at, new):
    out = dict(files)
    for file in rename(folder(files, ROOT), uri(name), at, new):
        key = file.uri.removeprefix(f"file://{ROOT}/")
        out[key] = apply_edits(files[key], list(file.edits))
    return out


@pytest.mark.parametrize("hint", HINTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_renaming_from_either_side_and_back(hint, end):
    files = {name: text.replace("\n", end) for name, text in world(hint).items()}
    at = {name: text.index("two") for name, text in files.items()}
    new = {name: text.replace("two", "zwei-é") for name, text in files.items()}
    span, text = prepare_rename(folder(files, ROOT), uri("a.yaml"), at["a.yaml"])
    assert (files["a.yaml"][span.start : span.end], text) == ("two", "two")
    for name in files:
        assert renamed(files, name, at[name], "zwei-é") == new
        assert renamed(new, name, at[name], "two") == files


@pytest.mark.parametrize("hint", ["base-model", "draft-model"])
def test_specs_are_offered_after_models(hint):
    other = Document("file:///specs/deps/b.modelspec.yaml", "kind: ModelSpec\nmetadata:\n  name: b\n")
    case = Case(
        f"kind: ModelSpec\nmetadata:\n  name: heir\n  annotations:\n    modelspec/{hint}: <|>\n",
        "file:///specs/a.modelspec.yaml",
        other,
    )
    labels = case.labels()
    assert labels[-1] == "./deps/b.modelspec.yaml"
    assert "/" in labels[0]
    assert f"modelspec/{hint}: ./deps/b.modelspec.yaml\n" in case.accept("./deps/b.modelspec.yaml")


def test_a_name_that_a_hint_cannot_say():
    refusal = rename(folder(world("draft-model: ./b.yaml#two;tokens=5"), ROOT), uri("b.yaml"), BASE.index("two"), "t;w")
    assert refusal.message == "`t;w` cannot stand in a hint of a.yaml: what follows `;` there is no part of a name."


def test_no_fix_writes_what_a_hint_cannot_say():
    """What follows `;` in the hint of a draft is no part of the path."""
    for hint, offered in (("draft-model: ./ab.yaml", []), ("base-model: ./ab.yaml", ["Refer to `./a;b.yaml`"])):
        found = check_document(folder({**world(hint), "a;b.yaml": BASE}, ROOT), uri("a.yaml"))
        titles = [fix.title for d in found if d.code == "MS174" for fix in d.fixes]
        assert [title for title in titles if ";" in title] == offered


@pytest.mark.parametrize("hint", ["base-model: ./gone", "draft-model: ./gone.modelspec.yaml#small;tokens=5"])
def test_a_missing_spec_is_made(hint):
    files = {"a.yaml": HEIR.format(hint)}
    snapshot = folder(files, ROOT)
    (found,) = [d for d in check_document(snapshot, uri("a.yaml")) if d.code == "MS174"]
    (fix,) = found.fixes
    (made,) = fix.creates
    assert (fix.title, made.uri) == ("Create `./gone.modelspec.yaml`", uri("gone.modelspec.yaml"))
    document = snapshot.document(uri("a.yaml"))
    after = {"a.yaml": apply_edits(document.text, list(resolve_fix(document, fix))), "gone.modelspec.yaml": made.text}
    assert f"name: {'small' if 'small' in hint else 'gone'}" in made.text
    assert [d for d in check_document(folder(after, ROOT), uri("a.yaml")) if d.code == "MS174"] == []
