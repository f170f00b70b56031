"""What a person sees."""

import re
from textwrap import dedent

from modelspec_ls.cli.render.style import TextStyle
from modelspec_ls.cli.render.text import render_file, render_summary
from modelspec_ls.core.finding import Diagnostic, Fix, RelatedSpan, Severity
from modelspec_ls.core.text import Mark, Span
from modelspec_ls.workspace.document import Document

PLAIN = TextStyle(color=False, width=60)


def at(text: str, token: str, nth: int = 0) -> Span:
    start = [m.start() for m in re.finditer(re.escape(token), text)][nth]
    return Span(start, start + len(token))


def diagnostic(span: Span, message: str = "Message.", severity=Severity.ERROR, **more) -> Diagnostic:
    return Diagnostic("MS103", "wrong-type", "schema", severity, message, span, "/spec", 0, **more)


def rendered(text: str, *diagnostics: Diagnostic, style: TextStyle = PLAIN, path: str = "a/x.modelspec.yaml") -> str:
    return "\n".join(render_file(path, Document("file:///a/x.modelspec.yaml", text), diagnostics, style))


def expected(text: str) -> str:
    return dedent(text).strip("\n") + "\n"


def test_the_whole_form():
    text = "\n" * 8 + "spec:\n  count: 1\n  count: two\n"
    found = diagnostic(
        at(text, "two"),
        "`spec.count` must be a whole number, got the text `two`.",
        related=(RelatedSpan(at(text, "count"), "first set here"),),
        fixes=(Fix("Write a number", ()), Fix("Delete `count`", ())),
    )
    assert rendered(text, found) == expected(
        """
        error[MS103] wrong-type: `spec.count` must be a whole number, got the text `two`.
          --> a/x.modelspec.yaml:11:10
           |
        11 |   count: two
           |          ^^^
           = note: line 10, `count: 1`: first set here
           = help: Write a number  (fix)
           = help: Delete `count`  (fix)
        """
    )


def test_several_lines_several_findings_and_the_end_of_the_text():
    text = "spec:\r\n  a: [1,\r\n  2]\r\n"
    found = [
        diagnostic(Span(at(text, "[1").start, at(text, "2]").end), severity=Severity.WARNING),
        diagnostic(Span(len(text), len(text)), severity=Severity.HINT),
    ]
    assert rendered(text, *found) == expected(
        """
        warning[MS103] wrong-type: Message.
         --> a/x.modelspec.yaml:2:6
          |
        2 |   a: [1,
          |      ^^^

        hint[MS103] wrong-type: Message.
         --> a/x.modelspec.yaml:4:1
          |
        4 |
          | ^
        """
    )


def test_narrow_terminal():
    text = f"a: {'x' * 50} here {'y' * 50}"
    assert rendered(text, diagnostic(at(text, "here")), style=TextStyle(color=False, width=40)) == expected(
        """
        error[MS103] wrong-type: Message.
         --> a/x.modelspec.yaml:1:55
          |
        1 | …xxxxxxxx here yyyyyyyyyyyyyyyyyyyy…
          |           ^^^^
        """
    )


def test_byte_order_mark_is_not_a_column():
    assert "x.modelspec.yaml:1:4\n" in rendered("\ufeffa: 1", diagnostic(Span(4, 5)))


def test_user_text_never_reaches_the_terminal_raw():
    text = "\x1b]0;title\x07: \u202e[bold]x\x9b2J"
    found = diagnostic(
        Span(0, 3),
        "got `\x1b[2J\n`",
        related=(RelatedSpan(Span(0, 1), "\x1b[1m"),),
        fixes=(Fix("Delete \x1b[0m", ()),),
    )
    out = rendered(text, found, path="\x1b[5m\n.yaml")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out)
    assert "[bold]x" in out and out.count("\n") == 7
    colored = rendered(text, found, path="\x1b.yaml", style=TextStyle(color=True, width=60))
    assert not re.search("\x1b(?!\\[[0-9;]*m)", colored)
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == rendered(text, found, path="\x1b.yaml")


def test_a_note_in_another_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    related = (
        RelatedSpan(Span(0, 0), "see here", (tmp_path / "b c.yaml").as_uri(), Mark(1, 0, 1)),
        RelatedSpan(Span(0, 0), "gone", (tmp_path / "gone.yaml").as_uri()),
    )
    lines = rendered("a: 1\n", diagnostic(Span(0, 1), related=related)).splitlines()
    assert lines[-2:] == ["  = note: b c.yaml:2:1: see here", "  = note: gone.yaml: gone"]


def test_unreadable_file_has_no_source():
    found = Diagnostic("MS005", "unreadable-file", "syntax", Severity.ERROR, "Broken.", Span(0, 0), "", 0)
    assert render_file("a.yaml", None, [found], PLAIN) == ["error[MS005] unreadable-file: Broken.\n  --> a.yaml\n"]


def test_summary():
    none = dict.fromkeys(Severity, 0)
    assert render_summary(13, none, PLAIN) == "Checked 13 files: no problems"
    some = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.INFORMATION: 3, Severity.HINT: 0}
    assert render_summary(1, some, PLAIN) == "Checked 1 file: 2 errors, 1 warning, 3 information"


def test_credentials_are_not_repeated_on_any_line():
    text = "a: {token: hunter2hunter, b: 1}\n"
    secret = Diagnostic(
        "MS607", "plaintext-secret", "serving", Severity.ERROR, "Secret.", at(text, "hunter2hunter"), "", 0
    )
    other = diagnostic(at(text, "1"), related=(RelatedSpan(at(text, "token"), "see"),))
    shown = rendered(text, secret, other)
    assert "hunter2" not in shown
    assert shown.count("{token: *************, b: 1}") == 3
