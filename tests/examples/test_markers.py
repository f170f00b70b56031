"""The markers themselves: a wrong one must not pass."""

import pytest

from modelspec_ls.analysis import check_text
from modelspec_ls.workspace.document import Document
from modelspec_ls.workspace.scopes import Scope
from support.markers import Marker, check, parse_markers, with_markers

TEXT = """\
apiVersion: piqc.ai/v1alpha1
kind: ModelSpec
metadata:
  name: example
  title: Example
spec: 5
"""
TITLE = "# ^^^^^ error[unknown-field]: `title` is not a field"
SPEC = "#     ^ error[wrong-type]: must be a mapping"


def marked(title=TITLE, spec=SPEC):
    return TEXT.replace("title: Example\n", f"title: Example\n{title}\n").replace("spec: 5\n", f"spec: 5\n{spec}\n")


def problems(text):
    document = Document("file:///example.modelspec.yaml", text)
    return check(text, check_text(document, Scope()), document.index)


def test_parse():
    assert parse_markers(marked(f"{TITLE}\n  # <- warning[other-rule]: words")) == (
        Marker(4, 2, 7, "error", "unknown-field", "`title` is not a field"),
        Marker(4, 2, None, "warning", "other-rule", "words"),
        Marker(7, 6, 7, "error", "wrong-type", "must be a mapping"),
    )


def test_right_markers_pass():
    assert problems(marked()) == []
    assert problems(marked(title=TITLE.replace("^^^^^", "<-"))) == []


@pytest.mark.parametrize(
    "wrong",
    [
        TITLE.replace("^^^^^", "^^^^"),
        TITLE.replace("# ^", "#  ^"),
        TITLE.replace("error", "warning"),
        TITLE.replace("unknown-field", "wrong-type"),
        TITLE.replace("`title`", "`name`"),
    ],
)
def test_wrong_markers_fail_on_both_sides(wrong):
    missing, left = problems(marked(title=wrong))
    assert missing.startswith("line 5: no marker for\n# ^^^^^ error[unknown-field]: `title` is not")
    assert left == f"line 5: no finding for\n{wrong}"


def test_each_marker_stands_for_one_finding():
    assert problems(TEXT) and problems(marked(title=f"{TITLE}\n{TITLE}"))


@pytest.mark.parametrize("line", ["# ^^^ error: no rule", "# ^^^ fatal[x]: no such severity", "# <- error[x]"])
def test_what_looks_like_a_marker_must_be_one(line):
    with pytest.raises(ValueError, match="line 6: not a marker"):
        parse_markers(marked(title=line))


def test_markers_written_for_findings_are_right():
    document = Document("file:///example.modelspec.yaml", TEXT)
    assert problems(with_markers(TEXT, check_text(document, Scope()), document.index)) == []
