"""``modelspec rule`` and ``modelspec explain``: what a rule looks for, and what a finding means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from modelspec_ls.core.config import Config
from modelspec_ls.core.words import near

from .render.place import position
from .render.source import as_json, safe
from .render.style import TextStyle, colored, linked

if TYPE_CHECKING:
    from modelspec_ls.core.finding import Diagnostic
    from modelspec_ls.rules.registry import RuleModule
    from modelspec_ls.workspace.document import Document

_NOTHING = 1
_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print.")
_COLOR = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Whether text is coloured."
)
_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d+)(?::(?P<column>\d+))?:?")


@click.command(short_help="Show what a rule looks for.")
@click.argument("name", required=False)
@click.option("--all", "listing", is_flag=True, help="List all rules.")
@_FORMAT
@_COLOR
def rule(*, name: str | None, listing: bool, form: str, color: str) -> None:
    """Show the page of a rule by its code or name; list the rules of a group, or all.

    \b
    modelspec rule MS301
    modelspec rule probe-path-unknown
    modelspec rule scaling                a group
    modelspec rule --all

    Exit status: 0, or 2 for a name that no rule has.
    """  # noqa: D301  # Click wants the control character, not a backslash.
    from modelspec_ls.rules.registry import all_rules, matches

    if (name is None) is not listing:
        raise click.UsageError("Name a rule or a group, or list all with --all.")
    modules = list(all_rules())
    found = [m for m in modules if name is None or matches(m.rule, name)]
    if not found:
        known = [word for m in modules for word in (m.rule.name, m.rule.code, m.rule.category)]
        guess = near(name or "", known)
        hint = f"did you mean `{guess}`?" if guess else "`modelspec rule --all` lists them."
        raise click.UsageError(f"There is no rule `{safe(name or '')}`; {hint}")
    style = TextStyle(color=form == "text" and colored(color))
    if form == "json":
        click.echo(as_json([_row(module) for module in found]))
    elif len(found) == 1 and not listing:
        click.echo(page(found[0], style), color=style.color)
    else:
        width = max(len(m.rule.name) for m in found)
        for module in found:
            fact = module.rule
            label = f"{fact.code}  {fact.name:<{width}}  {fact.severity.label:<11}"
            click.echo(f"{style.paint(label, bold=True)}  {fact.summary}", color=style.color)


def _row(module: RuleModule) -> dict[str, object]:
    fact = module.rule
    return {
        "code": fact.code,
        "name": fact.name,
        "category": fact.category,
        "severity": fact.severity.label,
        "summary": fact.summary,
        "fixable": fact.fixable,
        "since": fact.since,
        "documentation": module.documentation.strip(),
    }


def page(module: RuleModule, style: TextStyle) -> str:
    """A rule's page on a terminal: its Markdown with headings that stand out."""
    fact = module.rule
    facts = f"{fact.severity.label} by default · group {fact.category} · since {fact.since}"
    fix = " · offers a fix" if fact.fixable else ""
    head = [style.paint(f"{fact.name} ({fact.code})", bold=True), f"{facts}{fix}", ""]
    lines = module.documentation.strip().split("\n")
    body = (style.paint(ln.removeprefix("## "), "cyan", bold=True) if ln.startswith("## ") else ln for ln in lines)
    return "\n".join([*head, *body])


@click.command(short_help="Explain a finding.")
@click.argument("finding")
@_COLOR
@click.pass_context
def explain(ctx: click.Context, *, finding: str, color: str) -> None:
    """Explain a FINDING by its place, FILE:LINE or FILE:LINE:COLUMN as `check` prints it, or by its rule.

    \b
    modelspec explain specs/chat.modelspec.yaml:18
    modelspec explain MS301

    Exit status: 0, 1 nothing was found at that place, 2 wrong usage or a file that cannot be read.
    """  # noqa: D301  # Click wants the control character, not a backslash.
    from modelspec_ls.rules.registry import all_rules

    style = TextStyle(color=colored(color), links=linked(color=colored(color)))
    modules = {word: m for m in all_rules() for word in (m.rule.code, m.rule.name)}
    module = modules.get(finding) or modules.get(finding.upper())
    if module is not None:
        click.echo(page(module, style), color=style.color)
        return
    place = _PLACE.fullmatch(finding)
    if place is None:
        raise click.UsageError(
            f"`{safe(finding)}` is neither a rule nor a place; write FILE:LINE, as `modelspec check` prints it."
        )
    ctx.exit(_explain_place(place["path"], int(place["line"]), int(place["column"] or 0), modules, style))


def _explain_place(path: str, line: int, column: int, modules: dict[str, RuleModule], style: TextStyle) -> int:
    from .contents import Contents
    from .gather import Gathered
    from .inputs import inputs, missing
    from .render.text import render_file

    for message in missing([path]).values():
        raise click.UsageError(message)
    config, count = Config(), 0
    contents = Contents.under(config, [path])
    for result in Gathered(contents.noting(inputs([path], "", config)), [path], contents).all():
        for found in result.diagnostics:
            if not _stands(result.document, found, line, column):
                continue
            count += 1
            (words,) = render_file(result.path, result.document, (found,), style)
            click.echo(words, color=style.color)
            if found.code in modules:
                click.echo(_sections(modules[found.code], style), color=style.color)
            click.echo(f"To keep it quiet here:  # modelspec-ignore: {safe(found.ident)} the reason\n")
    if not count:
        click.echo(f"Nothing is found at {safe(path)}:{line}{f':{column}' if column else ''}.", err=True)
        return _NOTHING
    return 0


def _stands(document: Document | None, found: Diagnostic, line: int, column: int) -> bool:
    """Whether a finding stands at a place, from 1; column 0 is the whole line."""
    start, end = (position(document, at, "utf-32") for at in found.span)
    if not start.line < line <= end.line + 1:
        return False
    last = max(end.character, start.character + 1)
    return not column or start.line != end.line or start.character < column <= last


def _sections(module: RuleModule, style: TextStyle) -> str:
    """The sections that say what and why; examples are for the page."""
    text = module.documentation.strip()
    wanted = re.findall(r"^## (What it checks|Why it matters)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    parts = [f"{style.paint(title, 'cyan', bold=True)}\n\n{body.strip()}\n" for title, body in wanted]
    return "\n".join([*parts, f"With examples: modelspec rule {module.rule.code}"])
