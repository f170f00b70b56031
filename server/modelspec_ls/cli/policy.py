"""``modelspec policy``: the tests kept in policies, and the rules that hold for a place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click
from attrs import frozen

from modelspec_ls.core.config import Config
from modelspec_ls.core.words import near, plural

from .render.source import as_json, safe
from .render.style import TextStyle, colored

if TYPE_CHECKING:
    from modelspec_ls.policy.bundle import Active
    from modelspec_ls.policy.model import Case
    from modelspec_ls.workspace.document import Document
    from modelspec_ls.workspace.files import FileFault
    from modelspec_ls.workspace.scopes import Scope

_FOUND = 1
_FAILED = 2
_COLOR = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Whether text is coloured."
)


@click.group(short_help="Test policies, and list the rules that hold.")
def policy() -> None:
    """Test policies, and list their rules.

    \b
    modelspec policy test                     the tests in all policies below this folder
    modelspec policy test platform/           those of one folder
    modelspec policy list specs/chat.modelspec.yaml   the rules that hold for a spec
    """  # noqa: D301  # Click wants the control character, not a backslash.


@policy.command(short_help="Run the tests that policies hold.")
@click.argument("paths", nargs=-1, type=click.Path())
@_COLOR
@click.option("-q", "--quiet", is_flag=True, help="Only tests that fail.")
@click.pass_context
def test(ctx: click.Context, /, *, paths: tuple[str, ...], color: str, quiet: bool) -> None:
    """Run `spec.tests` of policies: each names the rules that must find something in a document, and no other may.

    Exit status: 0 all tests pass, 1 some do not, or a policy has mistakes, 2 wrong usage, no tests, or a file that
    cannot be read.
    """
    from .inputs import inputs, missing

    paths = paths or (".",)
    style = TextStyle(color=colored(color))
    for message in missing(paths).values():
        raise click.UsageError(message)
    passed = failed = mistakes = unread = 0
    for source in inputs(paths, "", Config()):
        if source.document is None:
            continue
        results, faulty = _run(source.document)
        shown = [r for r in results if not quiet or r.lines]
        if shown or faulty:
            click.echo(style.paint(safe(source.path), bold=True))
        for result in shown:
            _print(result, style)
        if faulty:
            click.echo(
                f"  {plural(faulty, 'mistake')} in this policy; `modelspec check {safe(source.path)}` tells them"
            )
        mistakes += faulty
        unread += sum(result.unread for result in results)
        failed += sum(bool(result.lines) for result in results)
        passed += sum(not result.lines for result in results)
    if not passed + failed and not mistakes:
        click.echo("No tests found. A policy holds them under `spec.tests`.", err=True)
        ctx.exit(_FAILED)
    click.echo(f"{plural(passed + failed, 'test')}: {passed} passed, {failed} failed")
    ctx.exit(_FAILED if unread else _FOUND if failed or mistakes else 0)


@frozen
class _Result:
    """A test with what differs; nothing where it passes. ``unread``: its document cannot be read."""

    name: str
    lines: tuple[str, ...] = ()
    unread: bool = False


def _print(result: _Result, style: TextStyle) -> None:
    word = style.paint("FAIL", "bright_red", bold=True) if result.lines else style.paint("ok  ", "green", bold=True)
    click.echo(f"  {word}  {safe(result.name)}", color=style.color)
    for line in result.lines:
        color = "bright_red" if line.startswith("-") else "yellow"
        click.echo(f"        {style.paint(safe(line), color)}", color=style.color)


def _run(document: Document) -> tuple[list[_Result], int]:
    """The tests of all policies in a text, and the number of mistakes in them."""
    import posixpath

    from attrs import evolve

    from modelspec_ls.analysis import examine
    from modelspec_ls.core.finding import Severity
    from modelspec_ls.workspace.policies import policy_file_of
    from modelspec_ls.workspace.snapshot import Snapshot

    file = policy_file_of(document)
    if not file.policies:
        return [], 0
    around = Snapshot().covering(document.uri)
    around = around.with_scopes(around.scopes.with_document(document))
    found = examine(document, around).diagnostics
    scope = around.scope(document.uri)
    own = around.scopes.shelf.group(file.path, posixpath.dirname(file.path))
    alone = evolve(scope, groups=(own,))
    results = [_judged(case, alone, document) for _, policy, _ in file.policies for case in policy.cases]
    return results, sum(d.severity is Severity.ERROR for d in found)


def _judged(case: Case, scope: Scope, document: Document) -> _Result:
    from modelspec_ls.policy.wording import message
    from modelspec_ls.rules.context import DocumentContext
    from modelspec_ls.rules.policies import said_of
    from modelspec_ls.workspace.document import Document as Text

    subject = _subject(case, document)
    if not isinstance(subject, Text):
        return _Result(case.name, (f"- `{case.file}` cannot be read: {subject.message}",), unread=True)
    found: dict[str, str] = {}
    for number, role in enumerate(subject.roles):
        if role.governed:
            said, seen = said_of(DocumentContext(subject, scope, number), case.today)
            for outcome in said:
                if not outcome.holds:
                    found.setdefault(outcome.active.rule.name, message(outcome, seen))
    assert scope.policies is not None
    return _Result(case.name, tuple(_difference(case, found, {a.rule.name for a in scope.policies.rules})))


def _difference(case: Case, found: dict[str, str], known: set[str]) -> Iterator[str]:
    for name in case.expect:
        if name not in known:
            guess = near(name, known)
            yield f"- {name}: no rule in force has this name" + (f"; did you mean `{guess}`?" if guess else "")
        elif name not in found:
            yield f"- {name}: expected, but it finds nothing"
    for name, text in found.items():
        if name not in case.expect:
            yield f"+ {name}: not expected, but it says: {text}"


def _subject(case: Case, document: Document) -> Document | FileFault:
    """The document of a test: its file, or what it writes out."""
    import posixpath

    from modelspec_ls.core.config import Limits
    from modelspec_ls.workspace.document import Document as Text
    from modelspec_ls.workspace.files import FileText, read_text
    from modelspec_ls.workspace.kinds import API_VERSION, KIND
    from modelspec_ls.workspace.references import key_of, uri_of

    folder = posixpath.dirname(key_of(document.uri))
    if case.document is None:
        path = posixpath.normpath(posixpath.join(folder, case.file))
        content = read_text(path, Limits())
        return Text(uri_of(path), content.text, claimed=True) if isinstance(content, FileText) else content
    head = {} if "kind" in case.document else {"apiVersion": API_VERSION, "kind": KIND}
    text = json.dumps({**head, **case.document}, default=str)
    return Text(uri_of(f"{folder}/test.modelspec.json"), text, claimed=True)


@policy.command("list", short_help="List the rules that hold for a file or folder.")
@click.argument("path", default=".", type=click.Path())
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print.")
@_COLOR
@click.pass_context
def listing(ctx: click.Context, /, *, path: str, form: str, color: str) -> None:
    """List the rules of all policies that hold for a PATH, with the policy and the documents they are about.

    Exit status: 0, 1 no policy holds there, 2 wrong usage.
    """
    from modelspec_ls.workspace.files import is_folder
    from modelspec_ls.workspace.snapshot import Snapshot

    from .inputs import missing, uri_of

    for message in missing([path]).values():
        raise click.UsageError(message)
    uri = uri_of(f"{path}/any.modelspec.yaml" if is_folder(path) else path)
    policies = Snapshot().covering(uri).scope(uri).policies
    rules: Sequence[Active] = policies.rules if policies is not None else ()
    if form == "json":
        click.echo(as_json([_row(active) for active in rules]))
    else:
        style = TextStyle(color=colored(color))
        for active in rules:
            row = _row(active)
            head = style.paint(f"{safe(str(row['name']))}", bold=True)
            click.echo(f"{head}  {row['severity']}  {safe(str(row['policy']))}", color=style.color)
            click.echo(f"    {safe(str(row['about']))}")
            click.echo(f"    {safe(str(row['place']))}")
    if not rules:
        click.echo(f"No policy holds for {safe(path)}.", err=True)
        ctx.exit(_FOUND)


def _row(active: Active) -> dict[str, object]:
    from modelspec_ls.policy.wording import selection

    from .inputs import path_of

    return {
        "name": active.rule.name,
        "severity": active.severity.label,
        "policy": active.source.name,
        "about": selection(active.rule),
        "description": active.rule.description,
        "docs": active.rule.docs,
        "place": f"{path_of(active.source.path)}:{active.mark.line + 1}",
    }
